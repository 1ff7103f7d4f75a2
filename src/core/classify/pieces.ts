/** A text that is too long for its reader, cut into pieces that are not: at ends of lines where there are some. */
import type { Place } from "./fact.ts";

/** UTF-16 units in front of a cut in which an end of a line is looked for, and what two pieces share where there is none. */
const LOOKED_FOR = 4_096;
const SHARED = 512;

/** Its beginning, its end, then what is between in order: where not all can be read, what is hidden in the middle is last. */
export function piecesOf(text: string, longest: number): readonly (readonly [from: number, to: number])[] {
	const pieces: [from: number, to: number][] = [];
	for (let from = 0; from < text.length; ) {
		const most = from + longest;
		if (most >= text.length) {
			pieces.push([from, text.length]);
			break;
		}
		const line = text.lastIndexOf("\n", most - 1) + 1;
		const to = line > most - LOOKED_FOR && line > from ? line : most;
		pieces.push([from, to]);
		from = to === line ? to : to - SHARED;
	}
	const last = pieces.length > 2 ? pieces.pop() : undefined;
	if (last !== undefined) pieces.splice(1, 0, last);
	return pieces;
}

/** Where something begins in a text that was cut off: behind a line's end, else a sign that parts commands, else a blank; else at once. */
export function beginningIn(text: string): number {
	for (const sign of ["\n", ";", "|", "&", " "]) {
		const at = text.indexOf(sign);
		if (at >= 0) return at + 1;
	}
	return 0;
}

/** Of a text that stands in its leaf word for word, the place of a piece; of another its own. */
export function pieceOf(at: Place, text: string, from: number, to: number): Place {
	const [start, end] = at.span;
	return end - start === text.length ? { ...at, span: [start + from, start + to] } : at;
}
