/** A fold on its way from one thread to another: in pieces as those of a snapshot, each readable by itself. */
import { type Folded, foldRecord, layoutDifference } from "../core/ledger/fold.ts";
import { CompactRange } from "../core/merkle/compact-range.ts";
import type { Offset } from "../core/model/units.ts";
import { DIGEST_EVERY } from "../core/state/digest.ts";
import { loadRows, stateUnder } from "../core/state/image.ts";
import { HASH_SEED } from "../ports/hash-seed.ts";
import type { FoldAsked, FoldedTo } from "../ports/ledger-folder.ts";
import { type Log, readToEnd } from "../ports/log/log.ts";
import { assertDense } from "./dense.ts";
import { beginReading, ledgerOf } from "./partition-view.ts";
import { piecesOf, readHead, readRows } from "./snapshot.ts";

/**
 * Folds a ledger up to the last turn of its digests before the size that is asked for, from a snapshot where there is one. Null where it does
 * not have so many entries, or was begun with another layout; throws what reading and folding throw.
 *
 * Nothing is hashed but leaves: rows are where they are put together again, and the entry at which a digest is due next comes a whole turn later.
 */
export async function foldTo(
	log: Log,
	{ layout, partition, size, voidsFrom }: FoldAsked,
	onProgress: (next: Offset) => void,
): Promise<{ readonly to: FoldedTo; readonly pieces: Iterable<Uint8Array> } | null> {
	const end = DIGEST_EVERY * Math.floor((size - 1) / DIGEST_EVERY);
	const begun = await beginReading(log, layout, partition, { isDigested: false });
	const { folded } = begun;
	let { next } = begun;
	let voids = 0;
	if (folded.state.nextSeq > end) return null;
	reading: for await (const records of readToEnd(log, ledgerOf(partition), next)) {
		assertDense(records, next);
		for (const record of records) {
			if (folded.state.nextSeq === end) break reading;
			const read = foldRecord(folded, record);
			if (!read.ok) return null;
			if (read.value.kind === "claim" && layoutDifference(layout, read.value.layout) !== null) return null;
			if (read.value.kind === "void" && record.offset >= voidsFrom) voids += 1;
			next = record.offset + 1;
		}
		onProgress(next);
	}
	if (folded.state.nextSeq < end) return null;
	const { head, origin } = folded;
	return { to: { next, head, origin, voids }, pieces: piecesOf(folded) };
}

/** Puts the pieces of a fold together again. */
export class FoldPieces {
	readonly #asked: FoldAsked;
	#begun: Pick<Folded, "state" | "tree" | "causeTimes"> | null = null;

	constructor(asked: FoldAsked) {
		this.#asked = asked;
	}

	take(piece: Uint8Array): void {
		if (this.#begun === null) {
			const { state: head, tree, causeTimes } = readHead(piece);
			const state = stateUnder(this.#asked.layout, head, "", { hashSeed: HASH_SEED });
			this.#begun = { state, tree: CompactRange.from(tree), causeTimes: { ...causeTimes } };
			return;
		}
		const { table, rows } = readRows(piece);
		loadRows(this.#begun.state, table, rows);
	}

	/** Null where there are no pieces. Digests of its state are right behind the next entry. */
	finish({ head, origin }: FoldedTo): Folded | null {
		return this.#begun === null ? null : { ...this.#begun, head, origin, voids: 0 };
	}
}
