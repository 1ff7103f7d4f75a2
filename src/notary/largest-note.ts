/**
 * The largest checkpoint among many that is really signed. Signatures take longer to check than everything else that a note needs, and the largest
 * ones nearly always are good: only these are checked.
 */
import type { NoteOnLog } from "./signed-records.ts";

/** The largest ones, of which one should be good. */
const KEPT_MAX = 100;

/** `read` gives the notes from the first on; of two of one size the one that was published first. Null: none is good. */
export async function largestNote(
	read: () => AsyncIterable<NoteOnLog>,
	isGood: (note: NoteOnLog) => boolean,
): Promise<NoteOnLog | null> {
	let kept: NoteOnLog[] = [];
	let isCut = false;
	for await (const note of read()) {
		kept.push(note);
		if (kept.length < 2 * KEPT_MAX) continue;
		kept = bySize(kept).slice(0, KEPT_MAX);
		isCut = true;
	}
	const found = bySize(kept).find(isGood) ?? null;
	if (found !== null || !isCut) return found;
	// Somebody has written many that are larger, and not good: each is looked at.
	let largest: NoteOnLog | null = null;
	for await (const note of read()) if (note.size > (largest?.size ?? -1) && isGood(note)) largest = note;
	return largest;
}

const bySize = (notes: readonly NoteOnLog[]): NoteOnLog[] => [...notes].sort((one, next) => next.size - one.size);
