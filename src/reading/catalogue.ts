/**
 * Policy bundles, found on the `policies` topic by digest and compiled once, when they are first asked for: the topic keeps
 * every bundle that ever was. A bundle that does not compile, or whose
 * sources do not have the digest that it claims, is `invalid`; one that is not signed by a key that is asked for is never compiled;
 * one that is not there yet is asked for again.
 */

import type { Problem } from "../core/base/errors.ts";
import type { Result } from "../core/base/result.ts";
import type { PolicyCatalogue } from "../core/engine/decide/context.ts";
import type { BudgetRoot } from "../core/model/ids.ts";
import type { PolicySourceText } from "../core/model/records.ts";
import type { Offset } from "../core/model/units.ts";
import type { CompiledPolicySet } from "../core/policy/compiled.ts";
import { type Log, POLICIES_AT } from "../ports/log/log.ts";
import type { PolicyCompiler } from "../ports/policy-compiler.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { type PolicyKeys, signatureFault } from "./bundle-signature.ts";
import { bundleOf, claimedBy, compileSources } from "./bundles.ts";

export class LogCatalogue implements PolicyCatalogue {
	readonly #log: Log;
	readonly #budgetRoot: BudgetRoot;
	readonly #telemetry: Telemetry;
	/** Empty: no signature is asked for. */
	readonly #policyKeys: PolicyKeys;
	readonly #compiler: PolicyCompiler | null;
	readonly #known = new Map<string, CompiledPolicySet | "invalid">();
	/** What good sets were compiled from. */
	readonly #texts = new Map<string, readonly PolicySourceText[]>();
	/** Of which no bundle came that is signed as it must be. */
	readonly #unsigned = new Set<string>();
	/** Not compiled yet, in the order in which they came. */
	readonly #sources = new Map<string, (readonly PolicySourceText[])[]>();
	readonly #preparing = new Map<string, Promise<void>>();
	/** What the compiler could not be asked about. */
	readonly #failed = new Set<string>();
	#next: Offset = 0;
	#loading: Promise<void> | null = null;

	constructor(parts: {
		log: Log;
		budgetRoot: BudgetRoot;
		telemetry: Telemetry;
		policyKeys?: PolicyKeys;
		compiler?: PolicyCompiler;
	}) {
		this.#log = parts.log;
		this.#budgetRoot = parts.budgetRoot;
		this.#telemetry = parts.telemetry;
		this.#policyKeys = parts.policyKeys ?? [];
		this.#compiler = parts.compiler ?? null;
	}

	get(digest: string): CompiledPolicySet | "invalid" | "unsigned" | null {
		for (const sources of this.#sources.get(digest) ?? []) this.#compile(digest, sources);
		this.#sources.delete(digest);
		return this.#known.get(digest) ?? (this.#unsigned.has(digest) ? "unsigned" : null);
	}

	/** Is a set of this digest compiled, and good? */
	isGood(digest: string): boolean {
		const known = this.#known.get(digest);
		return known !== undefined && known !== "invalid";
	}

	/** What a good set was compiled from. */
	sourcesOf(digest: string): readonly PolicySourceText[] {
		return this.#texts.get(digest) ?? [];
	}

	/** Is anything there of this digest, good or not, compiled or not? */
	isThere(digest: string): boolean {
		return this.#sources.has(digest) || this.#known.has(digest) || this.#unsigned.has(digest);
	}

	/** Would `get` have to compile what `prepare` can? */
	isUnprepared(digest: string): boolean {
		return this.#compiler !== null && this.#sources.has(digest) && !this.isGood(digest) && !this.#failed.has(digest);
	}

	/** Compiles what is there of this digest beside what the process does meanwhile, so that `get` need not. Never rejects. */
	async prepare(digest: string): Promise<void> {
		const underWay = this.#preparing.get(digest) ?? this.#prepare(digest).finally(() => this.#preparing.delete(digest));
		this.#preparing.set(digest, underWay);
		await underWay;
	}

	async #prepare(digest: string): Promise<void> {
		const compiler = this.#compiler;
		while (compiler !== null && this.isUnprepared(digest)) {
			const waiting = this.#sources.get(digest) as (readonly PolicySourceText[])[];
			const [sources = []] = waiting;
			try {
				const compiled = await compiler.compile(sources, this.#budgetRoot);
				this.#file(digest, sources, claimedBy(compiled, digest));
			} catch (thrown) {
				// Then `get` compiles it, and who decides waits for that.
				this.#failed.add(digest);
				this.#telemetry.warn("policy.compiler.failed", { digest, why: (thrown as Error).message });
				return;
			}
			if (waiting[0] === sources) waiting.shift();
			if (waiting.length === 0 && this.#sources.get(digest) === waiting) this.#sources.delete(digest);
		}
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
		// A topic that was recreated is read again. What is known of a digest is true whichever topic it came from.
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
		const bundle = bundleOf(value);
		if (bundle === null) return;
		const { digest, sources } = bundle;
		const why = signatureFault(bundle, this.#policyKeys);
		if (why !== null) {
			this.#unsigned.add(digest);
			this.#telemetry.error("policy.bundle.unsigned", { digest, why });
			return;
		}
		const waiting = this.#sources.get(digest);
		if (waiting === undefined) this.#sources.set(digest, [sources]);
		else waiting.push(sources);
	}

	#compile(digest: string, sources: readonly PolicySourceText[]): void {
		if (!this.isGood(digest)) this.#file(digest, sources, compileSources(sources, digest, this.#budgetRoot));
	}

	#file(
		digest: string,
		sources: readonly PolicySourceText[],
		compiled: Result<CompiledPolicySet, readonly Problem[]>,
	): void {
		// A bundle that is good stays: a bad one under the same digest, however it came there, must not take it away.
		if (this.isGood(digest)) return;
		if (compiled.ok) this.#texts.set(digest, sources);
		else this.#telemetry.error("policy.bundle.invalid", { digest, why: compiled.error[0]?.message ?? "" });
		this.#known.set(digest, compiled.ok ? compiled.value : "invalid");
	}
}
