/** Counts of decisions, as `dev` and `demo` show them while they run and at the end. */
import { grouped } from "../../core/base/count-text.ts";
import type { Verdict } from "../../core/model/entries.ts";
import type { ReasonReading } from "../../core/model/readings.ts";

export interface Tallied {
	readonly verdict: Verdict;
	readonly rules: readonly ReasonReading[];
}

export class Tally {
	readonly #verdicts: Record<Verdict, number> = { allow: 0, deny: 0, hold: 0 };
	/** By verdict, policy/rule or code. */
	readonly #rules = new Map<string, { verdict: string; rule: string; code: string; severity: string; calls: number }>();

	add(of: Tallied): void {
		this.#verdicts[of.verdict] += 1;
		for (const rule of of.rules) {
			const verdict = rule.mode === "audit" ? "audit" : of.verdict;
			const name = rule.policy === "" ? "-" : `${rule.policy}/${rule.rule}`;
			const key = `${verdict} ${name} ${rule.code}`;
			const row = this.#rules.get(key) ?? { verdict, rule: name, code: rule.code, severity: rule.severity, calls: 0 };
			row.calls += 1;
			this.#rules.set(key, row);
		}
	}

	get total(): number {
		return this.#verdicts.allow + this.#verdicts.deny + this.#verdicts.hold;
	}

	get verdicts(): Readonly<Record<Verdict, number>> {
		return this.#verdicts;
	}

	/** By rule, the most frequent first. */
	rows(): readonly { verdict: string; rule: string; code: string; severity: string; calls: number }[] {
		return [...this.#rules.values()].sort((a, b) => b.calls - a.calls || (a.rule < b.rule ? -1 : 1));
	}

	/** `1,264 calls  allow 1,080  deny 150  hold 34`. */
	line(): string {
		const { allow, deny, hold } = this.#verdicts;
		return `${grouped(this.total)} calls  allow ${grouped(allow)}  deny ${grouped(deny)}  hold ${grouped(hold)}`;
	}
}
