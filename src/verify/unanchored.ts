/**
 * Signed checkpoints of partitions that no checkpoint of the anchor holds. A notary signs both in one step, and publishes those of the
 * partitions in their order and the anchor's behind them, before it reads anything else. So all that waits for the anchor is of one round:
 *
 * U1  Of each partition it is one checkpoint.
 * U2  None of them was published before one of a lower partition.
 * U3  None of them holds an entry whose input came after another was published.
 */
import type { Finding } from "../core/audit/finding.ts";
import { type DurationMs, type EpochMs, MINUTE } from "../core/model/units.ts";
import type { FoundNote } from "./signed-on-log.ts";
import { placeOf } from "./signed-roots.ts";

/** A notary that was killed between the two is begun again: longer than this it takes where it is gone, or its anchor was taken out. */
const WAITING_MAX_MS: DurationMs = MINUTE;

export interface UnanchoredParts {
	/** By partition, in the order in which they were published. */
	readonly notes: readonly (readonly FoundNote[])[];
	/** When the log took the input of the last entry that is signed, by partition; null: unknown. */
	readonly signedAt: readonly (EpochMs | null)[];
	/** The time of the log's last entry. */
	readonly until: EpochMs;
	/** How far the clocks may be apart that partitions have their times from. */
	readonly clocksApartMs: DurationMs;
	readonly found: (finding: Finding) => void;
}

/** Those of one round, which may wait for the anchor. */
export interface Unanchored {
	readonly count: number;
	/** Since the first of them was published, by the log's own times. */
	readonly waitingMs: DurationMs;
	/** Longer than a notary takes, also one that was killed and begun again. */
	readonly isOverdue: boolean;
}

/** Null where there is none. */
export function verifyUnanchored(parts: UnanchoredParts): Unanchored | null {
	const { notes, until, found } = parts;
	const lasts = notes.flatMap((each) => each.slice(-1));
	if (lasts.length === 0) return null;
	for (const each of notes) {
		const [last] = each.slice(-1);
		for (const note of each.slice(0, -1)) found(missing(note, `${last?.where} was signed after it`));
	}
	for (const note of lasts) {
		const later = lasts.find((other) => isSignedAfter(other, note, parts));
		if (later !== undefined) found(missing(note, `${later.where} was signed after it was published`));
	}
	const waitingMs = Math.max(0, until - Math.min(...lasts.map(({ at }) => at)));
	return { count: lasts.length, waitingMs, isOverdue: waitingMs > WAITING_MAX_MS };
}

function isSignedAfter(other: FoundNote, note: FoundNote, { signedAt, clocksApartMs }: UnanchoredParts): boolean {
	const partition = other.of as number;
	const published = note.at + clocksApartMs;
	return (
		(partition < (note.of as number) && other.at > published) ||
		(partition !== note.of && (signedAt[partition] ?? 0) > published)
	);
}

const missing = (note: FoundNote, why: string): Finding => ({
	code: "anchor.missing",
	...placeOf(note),
	message: `${note.where} is in no checkpoint of the anchor, and ${why}`,
});
