/** Places of what readers of Windows' languages find in a text. */
import type { Place } from "../fact.ts";

/** The place of a stretch of the text; of a text that was decoded, or joined, it is the place of the whole. */
export function placeIn(at: Place, text: string, from: number, until: number, via?: string): Place {
	const isSame = at.span[1] - at.span[0] === text.length;
	return {
		pointer: at.pointer,
		// A quote or bracket that is never closed is read one step past the end.
		span: isSame ? [at.span[0] + from, at.span[0] + Math.min(until, text.length)] : at.span,
		via: via === undefined ? at.via : [...at.via, via],
	};
}
