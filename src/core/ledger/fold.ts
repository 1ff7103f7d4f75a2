/**
 * Reading a ledger: each record is judged by the validity rule, valid entries are folded into state and tree, all else is
 * skipped. Restore, replay, audit and the checkers of the tests read through this one fold.
 */

import { type Problem, problem } from "../base/errors.ts";
import { err, ok, type Result } from "../base/result.ts";
import { decodeDerived, decodeEntry, type RecordFault } from "../codec/decode.ts";
import { evolve } from "../engine/evolve/evolve.ts";
import { CompactRange } from "../merkle/compact-range.ts";
import { durationText } from "../model/duration.ts";
import { type LedgerEntry, SEMANTICS } from "../model/entries.ts";
import type { InputTopic } from "../model/inputs.ts";
import type { Layout } from "../model/layout.ts";
import type { EpochMs, Offset } from "../model/units.ts";
import { emptyState, type State, type StateOptions } from "../state/state.ts";
import { emptyHead, judgeRecord, type LedgerHead } from "./validity.ts";

/** A record of `decisions/p` as any adapter hands it over. */
export interface LedgerRecord {
	readonly offset: Offset;
	readonly headers: Readonly<Record<string, string>>;
	readonly value: Uint8Array;
	/** Why the log could not read it, where that is so. */
	readonly unreadable?: string;
}

/** Where a fold stands. */
export interface Folded {
	readonly state: State;
	/** Merkle tree over the leaves so far. */
	readonly tree: CompactRange;
	head: LedgerHead;
	/** Id of the ledger's first claim, which names the ledger; null before it. */
	origin: string | null;
	/** The log's time of the last record consumed of each input topic; 0 before the first, -1 where it was passed over. */
	readonly causeTimes: Record<InputTopic, EpochMs>;
	/** Records that the rule passed over. */
	voids: number;
}

/** `isDigested: false`: for readers that need no digest of the state, and are done sooner. */
export const beginFold = (layout: Layout, partition: number, options?: StateOptions): Folded => ({
	state: emptyState(layout, partition, options),
	tree: new CompactRange(),
	head: emptyHead,
	origin: null,
	causeTimes: { intents: 0, control: 0 },
	voids: 0,
});

export type FoldedRecord<Entry = LedgerEntry> =
	| { readonly kind: "claim"; readonly layout: Layout }
	| { readonly kind: "entry"; readonly entry: Entry }
	| { readonly kind: "void" };

/** Folds one record. A valid entry that cannot be read, or comes from another version, ends the fold with a problem. */
export function foldRecord(folded: Folded, record: LedgerRecord): Result<FoldedRecord, Problem> {
	const read = takeRecord(folded, record, decodeEntry);
	if (read.ok && read.value.kind === "entry") foldEntry(folded, read.value.entry, record.value);
	return read;
}

/**
 * The same, but for a valid entry's effect on state and tree: whoever asks looks at it first, as far as `readEntry` reads it, and folds it
 * then (`foldEntry`).
 */
export function takeRecord<Entry extends Pick<LedgerEntry, "seq" | "semantics">>(
	folded: Folded,
	record: LedgerRecord,
	readEntry: (value: Uint8Array) => Result<Entry, RecordFault>,
): Result<FoldedRecord<Entry>, Problem> {
	// Whether it counts is said in what cannot be read.
	if (record.unreadable !== undefined)
		return err(problem("ASSENT_LEDGER_INVALID", `offset ${record.offset} cannot be read: ${record.unreadable}`, LOST));
	const judged = judgeRecord(folded.head, record.headers);
	if (judged.kind === "void") {
		folded.head = judged.head;
		folded.voids += 1;
		return ok({ kind: "void" });
	}
	if (judged.kind === "claim") {
		const claim = decodeDerived(record.value);
		if (!claim.ok) return err(unread(`the claim at offset ${record.offset}`, claim.error));
		if (claim.value.type !== "claim") {
			const why = `the claim at offset ${record.offset} holds a ${claim.value.type}`;
			return err(problem("ASSENT_LEDGER_INVALID", why, LOST));
		}
		folded.head = judged.head;
		folded.origin ??= judged.head.claim;
		return ok({ kind: "claim", layout: claim.value.layout });
	}
	const entry = readEntry(record.value);
	if (!entry.ok) return err(unreadEntry(record, entry.error));
	if (entry.value.semantics > SEMANTICS) {
		return err(
			problem(
				"ASSENT_LEDGER_VERSION",
				`the entry at offset ${record.offset} has semantics ${entry.value.semantics}, this version knows up to ${SEMANTICS}`,
				UPGRADE,
			),
		);
	}
	if (entry.value.seq !== folded.state.nextSeq) {
		return err(
			problem(
				"ASSENT_LEDGER_INVALID",
				`the entry at offset ${record.offset} says seq ${entry.value.seq} where ${folded.state.nextSeq} is due`,
				"keep a copy of the log, let nothing write to it, and restore a backup",
			),
		);
	}
	folded.head = judged.head;
	return ok({ kind: "entry", entry: entry.value });
}

/** Of a valid entry that cannot be read. */
export const unreadEntry = ({ offset }: LedgerRecord, fault: RecordFault): Problem =>
	unread(`the entry at offset ${offset}`, fault);

/** A schema that this version does not know is another version's; whatever else cannot be read is damaged. */
const unread = (record: string, { message, unknownSchema }: RecordFault): Problem =>
	unknownSchema
		? problem("ASSENT_LEDGER_VERSION", `${record} comes from another version: ${message}`, VERSION)
		: problem("ASSENT_LEDGER_INVALID", `${record} cannot be read: ${message}`, LOST);

/** What one valid entry does to a fold; `leaf` is the entry as stored. */
export function foldEntry(folded: Folded, entry: LedgerEntry, leaf: Uint8Array): void {
	folded.tree.append(leaf);
	foldState(folded, entry);
}

/** What it does to the state alone, for whoever asks for no root. */
export function foldState(folded: Folded, entry: LedgerEntry): void {
	evolve(folded.state, entry);
	folded.causeTimes[entry.cause.topic] = entry.causeTime;
	if (entry.kind === "inputs.skipped") folded.causeTimes[entry.topic] = -1;
}

const LOST = "restore the ledger from a backup; only processors may write `decisions`";

/** Bytes of an unknown schema do not say which version wrote them: a newer one, or one from before the first release. */
const VERSION = "run the version of assent that wrote it, or begin another log: name it with `--log`";

const UPGRADE = "run a version of assent at least as new as the one that wrote it";

/** Two layouts that are not the same make two ledgers. Null when they agree, else what differs. */
export function layoutDifference(ours: Layout, theirs: Layout): string | null {
	const written = (layout: Layout): Readonly<Record<string, string>> => ({
		"layout.partitions": String(layout.partitions),
		"layout.budgetRoot": layout.budgetRoot,
		"layout.dedupe": durationText(layout.dedupeMs),
		"layout.session": durationText(layout.sessionMs),
	});
	const here = written(ours);
	const differing = Object.entries(written(theirs)).find(([key, value]) => here[key] !== value);
	if (differing === undefined) return null;
	const [key, value] = differing;
	return `${key} is ${value} in the ledger and ${here[key]} here`;
}
