/**
 * Policy bundles, found on the `policies` topic by digest and compiled once, when they are first asked for: the topic keeps
 * every bundle that ever was. A bundle that does not compile, or whose
 * sources do not have the digest that it claims, is `invalid`; one that is not there yet is asked for again.
 */
import { decodeDerived } from "../core/codec/decode.ts";
import type { PolicyCatalogue } from "../core/engine/decide.ts";
import type { BudgetRoot } from "../core/model/ids.ts";
import type { PolicySourceText } from "../core/model/records.ts";
import type { Offset } from "../core/model/units.ts";
import { compilePolicies } from "../core/policy/compile.ts";
import type { CompiledPolicySet } from "../core/policy/compiled.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";
import type { Telemetry } from "../ports/telemetry.ts";

/** Bundles lie in partition 0: they are few, and every processor reads all of them. */
export const POLICIES_AT = { topic: TOPICS.policies, partition: 0 } as const;

export class LogCatalogue implements PolicyCatalogue {
	readonly #log: Log;
	readonly #budgetRoot: BudgetRoot;
	readonly #telemetry: Telemetry;
	readonly #known = new Map<string, CompiledPolicySet | "invalid">();
	/** Not compiled yet, in the order in which they came. */
	readonly #sources = new Map<string, (readonly PolicySourceText[])[]>();
	#next: Offset = 0;
	#loading: Promise<void> | null = null;

	constructor(of: { log: Log; budgetRoot: BudgetRoot; telemetry: Telemetry }) {
		this.#log = of.log;
		this.#budgetRoot = of.budgetRoot;
		this.#telemetry = of.telemetry;
	}

	get(digest: string): CompiledPolicySet | "invalid" | null {
		for (const sources of this.#sources.get(digest) ?? []) this.#compile(digest, sources);
		this.#sources.delete(digest);
		return this.#known.get(digest) ?? null;
	}

	/** Reads what the topic has gained since the last time. */
	async refresh(): Promise<void> {
		this.#loading ??= this.#readOn().finally(() => {
			this.#loading = null;
		});
		await this.#loading;
	}

	/** The next offset of the topic to read. */
	get next(): Offset {
		return this.#next;
	}

	async #readOn(): Promise<void> {
		const { begin, end } = await this.#log.bounds(POLICIES_AT);
		// A topic that was made anew is read anew. What is known of a digest is true whichever topic it came from.
		this.#next = this.#next > end ? begin : Math.max(this.#next, begin);
		for (;;) {
			const records = await this.#log.read(POLICIES_AT, this.#next);
			const last = records.at(-1);
			if (last === undefined) return;
			this.#next = last.offset + 1;
			for (const record of records) this.#take(record.value);
		}
	}

	#take(value: Uint8Array): void {
		const bundle = decodeDerived(value);
		if (!bundle.ok || bundle.value.type !== "policy.bundle") return;
		const { digest, sources } = bundle.value;
		this.#sources.set(digest, [...(this.#sources.get(digest) ?? []), sources]);
	}

	#compile(digest: string, sources: readonly PolicySourceText[]): void {
		const known = this.#known.get(digest);
		// A bundle that is good stays: a bad one under the same digest, however it came there, must not take it away.
		if (known !== undefined && known !== "invalid") return;
		const compiled = compilePolicies(sources, { budgetRoot: this.#budgetRoot });
		if (compiled.ok && compiled.value.digest === digest) {
			this.#known.set(digest, compiled.value);
			return;
		}
		const why = compiled.ok
			? `its sources have the digest ${compiled.value.digest}`
			: (compiled.error[0]?.message ?? "");
		this.#telemetry.error("policy.bundle.invalid", { digest, why });
		this.#known.set(digest, "invalid");
	}
}
