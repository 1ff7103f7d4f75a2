/**
 * What can be said of a ledger from its entries alone, one after the other, each before it is folded.
 *
 * A1  Stream time never falls, and state digests are true.
 * A2  Every input is answered once, in the order of its topic (input-order.ts).
 * A3  Every call is decided once, and has one final verdict; what is repeated is what was decided (verdicts.ts).
 * A4  No enforced limit is over its maximum at an admission, counted again (recount.ts).
 * A5  It says what must have been published of it (derived.ts).
 * A6  It was decided by processors that follow each other, each of one version (semantics-order.ts).
 */
import type { PolicyCatalogue } from "../engine/decide/context.ts";
import type { Folded } from "../ledger/fold.ts";
import type { LedgerEntry } from "../model/entries.ts";
import type { EpochMs, Offset } from "../model/units.ts";
import type { CompiledPolicySet } from "../policy/compiled.ts";
import { DIGEST_EVERY } from "../state/digest.ts";
import type { State } from "../state/state.ts";
import { Derived } from "./derived.ts";
import type { FindingCode } from "./finding.ts";
import { InputOrder, type PassedOver } from "./input-order.ts";
import { Recount } from "./recount.ts";
import { SemanticsOrder } from "./semantics-order.ts";
import { Verdicts } from "./verdicts.ts";

/** `what` is the end of a sentence that begins with the entry. */
export type EntryFound = (code: FindingCode, what: string) => void;

export class LedgerChecks {
	readonly derived = new Derived();
	readonly inputs: InputOrder;
	/** Offsets without an entry, to be looked at: they may hold no record. */
	readonly passedOver: PassedOver[] = [];
	readonly #catalogue: PolicyCatalogue;
	readonly #folded: Folded;
	readonly #recount = new Recount();
	readonly #semantics = new SemanticsOrder();
	readonly #verdicts = new Verdicts();
	#streamTime: EpochMs = 0;
	readonly #forgotten: { readonly table: "accounts" | "calls"; readonly key: string }[] = [];

	/** Begins with the fold. */
	constructor(folded: Folded, partition: number, catalogue: PolicyCatalogue) {
		this.#catalogue = catalogue;
		this.#folded = folded;
		this.inputs = new InputOrder(partition);
		this.#watch(folded.state, "accounts");
		this.#watch(folded.state, "calls");
	}

	get admissions(): number {
		return this.#recount.admissions;
	}

	/** A claim: who decides behind it may be another version. */
	claim(): void {
		this.#semantics.claim();
	}

	/** A valid entry at `offset` of the ledger, which is not folded yet. */
	take(entry: LedgerEntry, offset: Offset, found: EntryFound): void {
		const { state, tree } = this.#folded;
		for (const { table, key } of this.#forgotten.splice(0)) this.#forget(table, key);
		const policyDigest = state.policy.digest;
		const isDigestDue = entry.seq % DIGEST_EVERY === 0;
		// Brought along by the fold: what the state was where the entry before it carried one.
		const expected = isDigestDue ? state.digests.next(state) : "";
		if (entry.stateDigest !== expected)
			found("ledger.digest", `carries the state digest ${shown(entry.stateDigest)} where ${shown(expected)} is due`);
		if (entry.at < this.#streamTime)
			found("ledger.time", `is decided at ${entry.at}, and the entry before it at ${this.#streamTime}`);
		this.#streamTime = entry.at;
		const semantics = this.#semantics.take(entry.semantics);
		if (semantics !== null) found("ledger.semantics", semantics);
		const passed = this.inputs.take(entry, offset, (what) => found("input.order", what));
		if (passed !== null) this.passedOver.push(passed);
		this.#verdicts.take(entry, (what) => found("verdict.contradicts", what));
		this.#recount.take(entry, this.#policies(policyDigest), (what) => found("budget.overspent", what));
		// One that carries a digest where none is due makes a checkpoint, too.
		this.derived.expect(entry, entry.stateDigest === "" ? "" : tree.root(), policyDigest);
	}

	#policies(digest: string): CompiledPolicySet | "unknown" | null {
		if (digest === "") return null;
		const policies = this.#catalogue.get(digest);
		return policies === null || typeof policies === "string" ? "unknown" : policies;
	}

	/** What the fold forgets need not be remembered here. */
	#watch(state: State, table: "accounts" | "calls"): void {
		state[table].onDelete = (key) => this.#forgotten.push({ table, key });
	}

	#forget(table: "accounts" | "calls", key: string): void {
		if (table === "accounts") this.#recount.forgetAccounts(key);
		// An id that is used again in the step that forgets it is another call.
		else if (!this.#folded.state.calls.has(key)) {
			this.#verdicts.forget(key);
			this.#recount.forgetCall(key);
		}
	}
}

const shown = (digest: string): string => (digest === "" ? "none" : digest.slice(0, 12));
