/**
 * How many parts a JSON text has: what costs time to read, to write again and to freeze is each member of an object and each
 * item of an array, far more than the letters of one long text.
 */

/**
 * Members of objects and items of arrays, at all depths together; counting ends at the first beyond `membersMax`. Takes one pass,
 * and makes nothing. The text need not be JSON.
 */
export function countMembers(text: string, membersMax: number): number {
	let count = 0;
	for (let at = 0; at < text.length && count <= membersMax; at++) {
		switch (text.charCodeAt(at)) {
			case QUOTE:
				at = endOfString(text, at);
				break;
			case 0x2c: // ,
				count += 1;
				break;
			case 0x7b: // {
			case 0x5b: // [
				if (!isClosedNext(text, at)) count += 1;
		}
	}
	return count;
}

/** Whether there are more; a text that is too short for them is not looked at. */
export const hasMoreMembers = (text: string, membersMax: number): boolean =>
	// Each takes two characters at least: itself, and the comma or bracket before it.
	text.length > 2 * membersMax && countMembers(text, membersMax) > membersMax;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** The closing quote: the first one behind an even number of backslashes. The text's length if there is none. */
export function endOfString(text: string, start: number): number {
	for (let quote = text.indexOf('"', start + 1); quote !== -1; quote = text.indexOf('"', quote + 1)) {
		let before = quote - 1;
		while (text.charCodeAt(before) === BACKSLASH) before -= 1;
		if ((quote - before) % 2 === 1) return quote;
	}
	return text.length;
}

/** Is what opens at `bracket` empty? */
function isClosedNext(text: string, bracket: number): boolean {
	let at = bracket + 1;
	while (isSpace(text.charCodeAt(at))) at += 1;
	const next = text.charCodeAt(at);
	return next === 0x7d || next === 0x5d;
}

const isSpace = (unit: number): boolean => unit === 0x20 || unit === 0x0a || unit === 0x0d || unit === 0x09;
