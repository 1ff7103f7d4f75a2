/**
 * What must have been published of a ledger: violations, checkpoints and dead letters follow from its entries, the same however often they
 * are sent.
 *
 * D1  What was published follows from a valid entry, and says what that entry says.
 * D2  What follows from an entry was published, if anything was that is published after it: violations and dead letters go out in the order
 *     of the ledger, each checkpoint behind all that follows from the entries before it. What is still on its way is no fault.
 */
import { sha256Latin1 } from "../base/digest.ts";
import { encodeDerived } from "../codec/encode.ts";
import { checkpointOf } from "../ledger/projections/checkpoints.ts";
import { deadLetterOf } from "../ledger/projections/dead-letters.ts";
import { violationsOf } from "../ledger/projections/violations.ts";
import type { LedgerEntry } from "../model/entries.ts";
import type { CheckpointCreated, DeadLetter, DerivedRecord, ViolationDetected } from "../model/records.ts";

/** What an entry has to publish. */
export type Consequence = ViolationDetected | CheckpointCreated | DeadLetter;

type Kind = Consequence["type"];

interface Expected {
	/** Of the record. */
	readonly digest: string;
	/** Of the entry that it follows from. */
	readonly seq: number;
}

export interface Unpublished {
	readonly name: string;
	readonly seq: number;
	readonly kind: Kind;
	/** It may be on its way. */
	readonly isPending: boolean;
}

export class Derived {
	readonly #expected = new Map<string, Expected>();
	readonly #unseen = new Map<string, Kind>();
	/** The last entry of which something was published, by kind. */
	readonly #last: Record<Kind, number> = { "violation.detected": -1, "checkpoint.created": -1, "record.dead": -1 };

	/** `root` of the leaves before the entry, where it carries a state digest; `policyDigest` in force when it was decided. */
	expect(entry: LedgerEntry, root: string, policyDigest: string): void {
		const { seq } = entry;
		for (const violation of violationsOf(entry)) this.#add(violation, seq);
		const checkpoint = checkpointOf(entry, root, policyDigest);
		if (checkpoint !== null) this.#add(checkpoint, seq);
		const letter = deadLetterOf(entry);
		if (letter !== null) this.#add(letter, seq);
	}

	#add(record: Consequence, seq: number): void {
		const name = nameOf(record);
		this.#expected.set(name, { digest: digestOf(record), seq });
		this.#unseen.set(name, record.type);
	}

	/** Null where it follows from the ledger. `differs`: its entry says otherwise; `unfounded`: there is no such entry. */
	fault(record: Consequence): "differs" | "unfounded" | null {
		const name = nameOf(record);
		const expected = this.#expected.get(name);
		if (expected === undefined) return "unfounded";
		this.#unseen.delete(name);
		this.#last[record.type] = Math.max(this.#last[record.type], expected.seq);
		return expected.digest === digestOf(record) ? null : "differs";
	}

	/** What was not published, in the order of the ledger. */
	*unpublished(): Generator<Unpublished> {
		const checkpoint = this.#last["checkpoint.created"];
		for (const [name, kind] of this.#unseen) {
			const { seq } = this.#expected.get(name) as Expected;
			yield { name, seq, kind, isPending: seq > this.#last[kind] && seq >= checkpoint };
		}
	}
}

/** Where each kind is published. */
export const DERIVED_ON: Readonly<Record<Kind, string>> = {
	"violation.detected": "violations",
	"checkpoint.created": "checkpoints",
	"record.dead": "dead-letters",
};

/** One of these; null for any other record. */
export const consequenceOf = (record: DerivedRecord): Consequence | null =>
	record.type === "violation.detected" || record.type === "checkpoint.created" || record.type === "record.dead"
		? record
		: null;

export const nameOf = (record: Consequence): string =>
	record.type === "record.dead" ? `${record.type} ${record.topic}-${record.offset}` : `${record.type} ${record.id}`;

const digestOf = (record: Consequence): string => sha256Latin1(encodeDerived(record));
