/**
 * Projections: what is derived from a valid entry, the same however often it is derived. Ids come from (partition, seq,
 * index), so that a repetition after a takeover can be told from news.
 *
 * P1  Whatever an entry may hold, each of its projections can be written: a field is copied into one of the same bounds, and
 *     words that are put together here are cut here.
 */
import type { Input } from "../../engine/input.ts";
import type { LedgerEntry } from "../../model/entries.ts";
import type { ReplyAddress } from "../../model/inputs.ts";
import type { DerivedRecord } from "../../model/records.ts";

/** A valid entry with what its projections need and the entry does not carry. */
export interface Released {
	readonly entry: LedgerEntry;
	/** What the entry answers, decoded; null for an entry of the past, whose client asks again. */
	readonly input: Input | null;
	/** Decided by this process, and nobody was answered yet. What others decided they have answered. */
	readonly isOwn: boolean;
	/** Merkle root over the leaves before it, where the entry carries a state digest; else empty. */
	readonly root: string;
	/** Policies in force when it was decided. */
	readonly policyDigest: string;
}

/** A record that follows from an entry, and where it goes. */
export interface Projected {
	readonly to: "violations" | "checkpoints" | "deadLetters" | ReplyAddress;
	readonly record: DerivedRecord;
	/** The record's id, the same however often it is sent. */
	readonly id: string;
	readonly key: string | null;
	/** Is it about the very input that the entry answers? Then it carries that input's trace. */
	readonly isOfInput: boolean;
}

export type Projection = (released: Released) => readonly Projected[];

export const NOTHING: readonly Projected[] = Object.freeze([]);

export const derivedId = (partition: number, seq: number, index: number): string => `${partition}-${seq}-${index}`;
