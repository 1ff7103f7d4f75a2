/** Folds a ledger beside what the process decides meanwhile. */
import type { LedgerHead } from "../core/ledger/validity.ts";
import type { Layout } from "../core/model/layout.ts";
import type { Offset } from "../core/model/units.ts";

/** How much of a ledger is to be folded. */
export interface FoldAsked {
	readonly layout: Layout;
	readonly partition: number;
	/** Entries that the ledger is known to have: the fold ends before the last of them, by 64 at most. */
	readonly size: number;
	/** Void records at or after this offset are counted. */
	readonly voidsFrom: Offset;
}

/** Where the fold came to, beside its state. */
export interface FoldedTo {
	/** Next offset of the ledger to read. */
	readonly next: Offset;
	readonly head: LedgerHead;
	/** Id of the ledger's first claim. */
	readonly origin: string | null;
	readonly voids: number;
}

export interface FoldListener {
	/** Called now and then with the next offset to read. */
	onProgress(next: Offset): void;
	/** Called with each piece of the state, in their order: see reading/fold-pieces.ts. */
	onPiece(piece: Uint8Array): void;
}

export interface LedgerFolder {
	/** Fewer entries are folded sooner by whoever needs them. */
	readonly entriesMin: number;
	/** Resolves once all pieces were handed over. Null: it cannot be folded that far beside; whoever reads the ledger sees why. Never rejects. */
	fold(asked: FoldAsked, listener: FoldListener, stop: AbortSignal): Promise<FoldedTo | null>;
}
