/**
 * Restore: snapshot first, then the ledger up to the own claim, by the validity rule. On the way the projections that the
 * former owner may not have published are handed out again, from their tail on, with the same ids. So are the answers of an
 * append of this process's own that turns out to count.
 */
import { beginFold, type Folded, foldRecord, layoutDifference } from "../core/audit/fold.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import { decodeDerived } from "../core/codec/decode.ts";
import type { Layout } from "../core/model/records.ts";
import type { Offset } from "../core/model/units.ts";
import { type Log, readToEnd, TOPICS } from "../ports/log.ts";
import type { Claimed } from "./claim.ts";
import { assertDense } from "./dense.ts";
import type { Releasable } from "./release.ts";
import { readSnapshot } from "./snapshot.ts";
import type { Append } from "./step.ts";
import { traceOf } from "./trace.ts";

export interface Restored {
	readonly folded: Folded;
	/** `seq` of the snapshot that was used; 0 when the ledger was read from its beginning. */
	readonly fromSeq: number;
	/** The slot that the next snapshot goes to. */
	readonly slot: 0 | 1;
	/** Void records at or after `voidsFrom`. */
	readonly voids: number;
}

/** Takes entries of the past whose projections may be missing. */
export type Resend = (batch: readonly Releasable[]) => void;

/**
 * Reads up to and including the claim. Null: another claim came after ours, or a snapshot lies beyond it; claim
 * again. Null, too, when told to stop on the way.
 * Throws ASSENT_LAYOUT and ASSENT_LEDGER_NEWER: then this process must not decide here; ASSENT_LEDGER_INVALID and
 * ASSENT_LOG_OFFSET_GONE: then nobody can decide on this partition.
 */
export async function restore(
	log: Log,
	of: {
		partition: number;
		layout: Layout;
		claimed: Claimed;
		resendFrom: number;
		resend: Resend;
		/** Void records before this offset were counted by an earlier restore. */
		voidsFrom: Offset;
		/** An append of this process's own whose acknowledgement did not tell whether it counts. */
		unconfirmed: Append | null;
		stop: AbortSignal;
	},
): Promise<Restored | null> {
	const { partition, layout, claimed } = of;
	const ledger = { topic: TOPICS.decisions, partition };
	const snapshot = await readSnapshot(log, partition, layout);
	if (snapshot !== null && snapshot.manifest.ledgerOffset > claimed.offset) return null;
	const { begin } = await log.bounds(ledger);
	const start = snapshot?.manifest.ledgerOffset ?? 0;
	if (begin > start) {
		throw new AssentError(
			problem(
				"ASSENT_LOG_OFFSET_GONE",
				`the ledger of partition ${partition} begins at offset ${begin} and no snapshot reaches back to it`,
				"restore the ledger from an export; keep `decisions` for ever (cleanup: keep)",
			),
		);
	}
	const folded = snapshot?.folded ?? beginFold(layout, partition);
	let next = start;
	let voids = 0;
	for await (const records of readToEnd(log, ledger, start, claimed.offset + 1)) {
		if (of.stop.aborted) return null;
		assertDense(records, next);
		next += records.length;
		const batch: Releasable[] = [];
		for (const record of records) {
			const isDigestDue = folded.state.nextSeq >= of.resendFrom && folded.state.nextSeq % 64 === 0;
			const root = isDigestDue ? folded.tree.root() : "";
			const policyDigest = folded.state.policy.digest;
			const read = foldRecord(folded, record);
			if (!read.ok) throw new AssentError(read.error);
			if (read.value.kind === "claim") checkLayout(layout, read.value.layout);
			if (read.value.kind === "void" && record.offset >= of.voidsFrom) voids += 1;
			if (read.value.kind === "entry" && read.value.entry.seq >= of.resendFrom) {
				const { entry } = read.value;
				const own = appendedBy(of.unconfirmed, folded.head.claim, entry.seq);
				const { address, isOwn } = own ?? { address: null, isOwn: false };
				batch.push({ entry, address, root, policyDigest, trace: traceOf(record.headers), isOwn });
			}
		}
		if (batch.length > 0) of.resend(batch);
	}
	if (folded.head.claim !== claimed.id) return null;
	return { folded, fromSeq: snapshot?.manifest.seq ?? 0, slot: snapshot?.slot === 0 ? 1 : 0, voids };
}

/** A claim's id is drawn anew for every claim and its entries are written once: (claim, seq) names one entry. */
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

/**
 * `seq` from which projections must be sent again: the size of the last checkpoint published, 0 when none was. Checkpoints
 * are published after everything that their batch derives, so that nothing before the last one can be missing.
 */
export async function publishedUpTo(log: Log, partition: number): Promise<number> {
	const from = { topic: TOPICS.checkpoints, partition };
	const { begin, end } = await log.bounds(from);
	if (end === begin) return 0;
	const last = (await log.read(from, end - 1)).at(-1);
	const record = last === undefined ? null : decodeDerived(last.value);
	return record?.ok && record.value.type === "checkpoint.created" ? record.value.size : 0;
}
