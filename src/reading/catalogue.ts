/**
 * Policy bundles, found on the `policies` topic by digest and compiled once, when they are first asked for: the topic keeps
 * every bundle that ever was. A bundle that does not compile, or whose
 * sources do not have the digest that it claims, is `invalid`; one that is not signed by a key that is asked for is never compiled;
 * one that is not there yet is asked for again.
 */

import type { PolicyCatalogue } from "../core/engine/decide/context.ts";
import type { BudgetRoot } from "../core/model/ids.ts";
import type { PolicySourceText } from "../core/model/records.ts";
import type { Offset } from "../core/model/units.ts";
import type { CompiledPolicySet } from "../core/policy/compiled.ts";
import type { Log } from "../ports/log/log.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { signatureFault, type Trust } from "./bundle-signature.ts";
import { bundleOf, compileSources, POLICIES_AT } from "./bundles.ts";

export class LogCatalogue implements PolicyCatalogue {
	readonly #log: Log;
	readonly #budgetRoot: BudgetRoot;
	readonly #telemetry: Telemetry;
	/** Empty: no signature is asked for. */
	readonly #trust: Trust;
	readonly #known = new Map<string, CompiledPolicySet | "invalid">();
	/** Of which no bundle came that is signed as it must be. */
	readonly #unsigned = new Set<string>();
	/** Not compiled yet, in the order in which they came. */
	readonly #sources = new Map<string, (readonly PolicySourceText[])[]>();
	#next: Offset = 0;
	#loading: Promise<void> | null = null;

	constructor(parts: { log: Log; budgetRoot: BudgetRoot; telemetry: Telemetry; trust?: Trust }) {
		this.#log = parts.log;
		this.#budgetRoot = parts.budgetRoot;
		this.#telemetry = parts.telemetry;
		this.#trust = parts.trust ?? [];
	}

	get(digest: string): CompiledPolicySet | "invalid" | "unsigned" | null {
		for (const sources of this.#sources.get(digest) ?? []) this.#compile(digest, sources);
		this.#sources.delete(digest);
		return this.#known.get(digest) ?? (this.#unsigned.has(digest) ? "unsigned" : null);
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
		const why = signatureFault(bundle, this.#trust);
		if (why !== null) {
			this.#unsigned.add(digest);
			this.#telemetry.error("policy.bundle.unsigned", { digest, why });
			return;
		}
		this.#sources.set(digest, [...(this.#sources.get(digest) ?? []), sources]);
	}

	#compile(digest: string, sources: readonly PolicySourceText[]): void {
		const known = this.#known.get(digest);
		// A bundle that is good stays: a bad one under the same digest, however it came there, must not take it away.
		if (known !== undefined && known !== "invalid") return;
		const compiled = compileSources(sources, digest, this.#budgetRoot);
		if (!compiled.ok) this.#telemetry.error("policy.bundle.invalid", { digest, why: compiled.error[0]?.message ?? "" });
		this.#known.set(digest, compiled.ok ? compiled.value : "invalid");
	}
}
