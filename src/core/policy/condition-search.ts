/**
 * Which rules of `conditions` fire on one call.
 *
 * C1  Doubt fires: a test of `when` that may hold counts as one that does, and a test of `require` must hold for certain.
 * C2  A rule that fires for certain says so, with the place that decided it; one that fires in doubt says which argument is.
 * C3  The work for one call is bounded: what is left undecided then is `rule.failed`, by a count and not by a clock.
 */
import type { FoundValue } from "../arguments/reading.ts";
import { isScalar, scalarText } from "../arguments/vector.ts";
import { pointerOf } from "../base/json-pointer.ts";
import { TOO_MUCH } from "./call-work.ts";
import type { CallView } from "./compiled.ts";
import { failed } from "./rule-search.ts";
import type { CompiledConditionRule, CompiledTest, FiredRule } from "./rules.ts";
import { type SelectedReading, ValueTests } from "./value-tests.ts";

/** What a test says of a call: where it holds or does not, the value that decided it; `missing`: nothing is there to tell. */
type Finding =
	| { readonly is: "yes" | "no"; readonly found: FoundValue | null; readonly ofKeys: boolean }
	| { readonly is: "missing" | "unreadable" };

/** What is asked of a rule. */
type Asked = Pick<CompiledConditionRule, "when" | "require" | "fired">;

export class ConditionSearch {
	readonly #values: ValueTests;

	/** `tests` are those that it will be asked about. */
	constructor(tests: readonly CompiledTest[]) {
		this.#values = new ValueTests(tests);
	}

	/** Asked of the rules one after the other, about one call. */
	begin(call: CallView): void {
		this.#values.begin(call);
	}

	/** Does each of the tests hold for every value, and for certain? */
	hold(tests: readonly CompiledTest[]): boolean {
		try {
			return !this.#values.isSpent && tests.every((test) => this.#holdsForAll(test).is === "yes");
		} catch {
			return false;
		}
	}

	/** Null: the rule does not fire. */
	ask(rule: Asked): FiredRule | null {
		try {
			if (this.#values.isSpent) return failed({ rule }, TOO_MUCH);
			return this.#ask(rule);
		} catch {
			return failed({ rule }, this.#values.isSpent ? TOO_MUCH : "could not be evaluated");
		}
	}

	#ask({ when, require, fired }: Asked): FiredRule | null {
		let doubt: FiredRule | null = null;
		let decided: Finding | null = null;
		for (const test of when) {
			const finding = this.#holdsForSome(test);
			if (finding.is === "no") return null;
			if (finding.is === "yes") decided ??= finding;
			else doubt ??= test.doubts[finding.is];
		}
		if (require.length === 0) return doubt ?? told(fired, decided);
		let doubtOfRequired: FiredRule | null = null;
		let broken: Finding | null = null;
		for (const test of require) {
			const finding = this.#holdsForAll(test);
			if (finding.is === "no") broken ??= finding;
			else if (finding.is !== "yes") doubtOfRequired ??= test.doubts[finding.is];
		}
		if (broken !== null) return doubt ?? told(fired, broken);
		return doubtOfRequired === null ? null : (doubt ?? doubtOfRequired);
	}

	#holdsForSome(test: CompiledTest): Finding {
		const readings = this.#values.read(test.selectors);
		const { predicate } = test;
		if (predicate.kind === "present") return presence(predicate.wanted, readings);
		let isUnreadable = false;
		for (const each of this.#values.answers(predicate, readings, true)) {
			if (each.answer === "yes") return { is: "yes", found: each.found, ofKeys: each.ofKeys };
			if (each.answer === "unreadable") isUnreadable = true;
		}
		if (isUnreadable) return { is: "unreadable" };
		return test.missing === "match" && isMissing(readings) ? { is: "missing" } : NOWHERE;
	}

	#holdsForAll(test: CompiledTest): Finding {
		const readings = this.#values.read(test.selectors);
		const { predicate, missing } = test;
		const hasDouble = readings.some(({ values }) => values.hasDouble);
		if (predicate.kind === "present") {
			const finding = presence(predicate.wanted, readings);
			if (predicate.wanted && isMissing(readings)) return { is: "missing" };
			return finding.is === "yes" && hasDouble ? { is: "unreadable" } : finding;
		}
		let isUnreadable = hasDouble;
		for (const each of this.#values.answers(predicate, readings, false)) {
			if (each.answer === "no") return { is: "no", found: each.found, ofKeys: each.ofKeys };
			if (each.answer === "unreadable") isUnreadable = true;
		}
		if (missing === "match" && isMissing(readings)) return { is: "missing" };
		return isUnreadable ? { is: "unreadable" } : EVERYWHERE;
	}
}

const NOWHERE: Finding = { is: "no", found: null, ofKeys: false };
const EVERYWHERE: Finding = { is: "yes", found: null, ofKeys: false };

/** Where nothing is there at all, or a part of what is there lacks it. */
const isMissing = (readings: readonly SelectedReading[]): boolean =>
	readings.every(({ values }) => !values.isGiven) || readings.some(({ values }) => values.isGiven && values.hasGap);

function presence(wanted: boolean, readings: readonly SelectedReading[]): Finding {
	const given = readings.find(({ values }) => values.isGiven);
	const found = given?.values.values[0] ?? null;
	return { is: (given !== undefined) === wanted ? "yes" : "no", found, ofKeys: given?.selector.ofKeys ?? false };
}

/** With the place that decided it. */
function told(fired: FiredRule, finding: Finding | null): FiredRule {
	if (finding === null || !("found" in finding) || finding.found === null) return fired;
	const { steps, value } = finding.found;
	const pointer = `${finding.ofKeys ? "#key" : ""}${pointerOf(steps)}`;
	const end = isScalar(value) ? scalarText(value).length : 0;
	return { ...fired, reason: { rule: fired.reason.rule, span: { pointer, start: 0, end } } };
}
