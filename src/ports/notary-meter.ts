/** What a notary measures. */
import type { EpochMs } from "../core/model/units.ts";

export interface NotaryMeter {
	/** So many checkpoints were signed and published at once. */
	signed(checkpoints: number): void;
	/** Entries that were read and not signed yet, and since when the oldest waits; null where none does. */
	unsigned(leaves: number, since: EpochMs | null): void;
	/** It signs no more: the log, or its own state, contradicts what it has signed. */
	refused(): void;
	/** A witness has cosigned the anchor, or has not. */
	witnessed(witness: string, isCosigned: boolean): void;
}

export const noNotaryMeter: NotaryMeter = {
	signed: () => {},
	unsigned: () => {},
	refused: () => {},
	witnessed: () => {},
};
