/**
 * Restore: snapshot first, then the ledger up to the own claim, by the validity rule. On the way the projections that the
 * former owner did not publish are handed out, with the same ids. So are the answers of an append of this process's own that
 * turns out to count. Before it is over the log was held against its own history (history.ts).
 */

import { AssentError, problem } from "../core/base/errors.ts";
import { traceOf } from "../core/codec/trace.ts";
import { type Folded, foldRecord, layoutDifference } from "../core/ledger/fold.ts";
import type { Layout } from "../core/model/layout.ts";
import type { Offset } from "../core/model/units.ts";
import { DIGEST_EVERY } from "../core/state/digest.ts";
import type { LedgerFolder } from "../ports/ledger-folder.ts";
import { type Log, readToEnd, TOPICS } from "../ports/log/log.ts";
import { assertDense } from "../reading/dense.ts";
import { FoldPieces } from "../reading/fold-pieces.ts";
import { type FoldStart, foldStart } from "../reading/fold-start.ts";
import { assertInputs, assertReaches, assertRoot, emptyLedger, otherLog } from "../reading/history.ts";
import type { Published } from "../reading/published.ts";
import { type FoundSnapshot, type PassedSnapshot, searchSnapshot } from "../reading/snapshot-reader.ts";
import type { Claimed } from "./claim.ts";
import type { Releasable } from "./release.ts";
import type { Append } from "./step.ts";

export interface Restored {
	readonly folded: Folded;
	/** `seq` of the snapshot that was used; 0 when the ledger was read from its beginning. */
	readonly fromSeq: number;
	/** The slot that the next snapshot goes to. */
	readonly slot: 0 | 1;
	/** Void records at or after `voidsFrom`. */
	readonly voids: number;
}

export interface RestoreOptions {
	readonly partition: number;
	readonly layout: Layout;
	readonly claimed: Claimed;
	/** What is known to be there of what the ledger derives. */
	readonly published: Published;
	/** Everything that entries before this `seq` derive was published by this process. */
	readonly releasedTo: number;
	/** Takes entries of the past whose projections may be missing; resolves when more may come. False: they cannot be published. */
	readonly resend: (batch: readonly Releasable[]) => Promise<boolean>;
	/** Void records before this offset were counted by an earlier restore. */
	readonly voidsFrom: Offset;
	/** An append of this process's own whose acknowledgement did not tell whether it counts. */
	readonly unconfirmed: Append | null;
	/** Folds long ledgers beside; null: nobody does. */
	readonly folder: LedgerFolder | null;
	readonly onPassed: (passed: PassedSnapshot) => void;
	/** Called with the next offset of the ledger to read and the one at which reading ends. */
	readonly onProgress: (next: Offset, end: Offset) => void;
	readonly stop: AbortSignal;
}

/**
 * Reads up to and including the claim. Null: another claim came after ours, or a snapshot lies beyond it; claim again. Null,
 * too, when told to stop on the way, and when what is missing cannot be published.
 * Throws ASSENT_LAYOUT and ASSENT_LEDGER_VERSION: then this process must not decide here; ASSENT_LEDGER_INVALID,
 * ASSENT_LOG_OFFSET_GONE and ASSENT_LOG_OTHER: then nobody can decide on this partition.
 */
export async function restore(log: Log, options: RestoreOptions): Promise<Restored | null> {
	const { partition, layout, claimed, published } = options;
	const ledger = { topic: TOPICS.decisions, partition };
	const { found: snapshot, passed } = await searchSnapshot(log, partition, layout, { stop: options.stop });
	if (options.stop.aborted) return null;
	for (const each of passed) options.onPassed(each);
	// Before anything is sent out of it.
	assertNotForked(partition, passed);
	const beside = await foldedBeside(options, snapshot);
	if (options.stop.aborted) return null;
	const start = beside ?? (await foldStart(log, { layout, partition }, snapshot));
	const { folded } = start;
	let { next } = start;
	let voids = beside?.voids ?? 0;
	const resendFrom = Math.max(published.checkpoint?.size ?? 0, options.releasedTo);
	for await (const records of readToEnd(log, ledger, next, claimed.offset + 1)) {
		if (options.stop.aborted) return null;
		assertDense(records, next);
		next += records.length;
		const batch: Releasable[] = [];
		for (const record of records) {
			assertRoot(folded, published);
			const isDigestDue = folded.state.nextSeq >= resendFrom && folded.state.nextSeq % DIGEST_EVERY === 0;
			const root = isDigestDue ? folded.tree.root() : "";
			const policyDigest = folded.state.policy.digest;
			const read = foldRecord(folded, record);
			if (!read.ok) throw new AssentError(read.error);
			if (read.value.kind === "claim") checkLayout(layout, read.value.layout);
			if (read.value.kind === "void" && record.offset >= options.voidsFrom) voids += 1;
			if (read.value.kind !== "entry") continue;
			const { entry } = read.value;
			const own = appendedBy(options.unconfirmed, folded.head.claim, entry.seq);
			if (entry.seq < resendFrom && own === null) continue;
			const { input, isOwn } = own ?? { input: null, isOwn: false };
			batch.push({ entry, input, isOwn, root, policyDigest, trace: traceOf(record.headers), published });
		}
		options.onProgress(next, claimed.offset + 1);
		if (batch.length > 0 && !(await options.resend(batch))) return null;
	}
	// Another claim came after ours, whether it was read here or is before a snapshot that was written since.
	if (folded.head.claim !== claimed.id) return null;
	assertRoot(folded, published);
	assertReaches(folded, published);
	assertBegunHere(folded, passed);
	await assertInputs(log, folded);
	return { folded, fromSeq: start.fromSeq, slot: nextSlot(snapshot), voids };
}

/**
 * The fold up to the last checkpoint, made beside. Nothing that entries before it derive is missing; all else is looked at here. Null where
 * there is nobody to make it, or too little to do, or it cannot be made.
 */
async function foldedBeside(
	{ folder, partition, layout, claimed, published, unconfirmed, voidsFrom, onProgress, stop }: RestoreOptions,
	snapshot: FoundSnapshot | null,
): Promise<(FoldStart & { readonly voids: number }) | null> {
	const size = published.checkpoint?.size ?? 0;
	const fromSeq = snapshot?.manifest.seq ?? 0;
	// An entry of an append that may count is answered here, wherever it lies.
	if (folder === null || unconfirmed !== null || size - fromSeq < folder.entriesMin) return null;
	const asked = { layout, partition, size, voidsFrom };
	const pieces = new FoldPieces(asked);
	const end = claimed.offset + 1;
	const told = await folder.fold(
		asked,
		{ onProgress: (next) => onProgress(Math.min(next, end), end), onPiece: (piece) => pieces.take(piece) },
		stop,
	);
	const folded = told === null ? null : pieces.finish(told);
	return told === null || folded === null ? null : { folded, next: told.next, fromSeq, voids: told.voids };
}

const nextSlot = (snapshot: FoundSnapshot | null): 0 | 1 => (snapshot?.slot === 0 ? 1 : 0);

/** A snapshot of a longer or another version of this very ledger says that this one lost something. */
function assertNotForked(partition: number, passed: readonly PassedSnapshot[]): void {
	const forked = passed.find(({ belonging }) => belonging === "forked");
	if (forked === undefined) return;
	throw otherLog(
		`the ledger of partition ${partition} does not have entry ${forked.seq - 1}, with which a snapshot of it ends: it has lost its end, or was changed`,
	);
}

/** A ledger that has lived on beside a forgotten snapshot is no worse for it. */
function assertBegunHere({ state: { partition, nextSeq } }: Folded, passed: readonly PassedSnapshot[]): void {
	if (nextSeq === 0 && passed.some(({ belonging }) => belonging === "other"))
		throw emptyLedger(partition, TOPICS.snapshots);
}

/** A claim's id is drawn afresh for every claim and its entries are written once: (claim, seq) names one entry. */
const appendedBy = (append: Append | null, claim: string | null, seq: number): Releasable | null =>
	append?.claimId === claim ? (append.releasables[seq - append.first] ?? null) : null;

function checkLayout(ours: Layout, theirs: Layout): void {
	const difference = layoutDifference(ours, theirs);
	if (difference === null) return;
	throw new AssentError(
		problem(
			"ASSENT_LAYOUT",
			`this ledger was begun with another layout: ${difference}`,
			"start the processor with the ledger's layout, or begin a new deployment with new topics",
		),
	);
}
