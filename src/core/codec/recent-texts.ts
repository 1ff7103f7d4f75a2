/**
 * Short texts out of bytes. Names of tenants, agents, tools and rules come again and again: what was read lately is found by
 * its bytes and handed out again, which is faster than making it and takes no memory.
 *
 * Which texts are kept follows from the bytes alone, and what is kept never changes an answer: a text is compared with the
 * bytes before it is handed out.
 */

/** Longer texts are seldom the same twice, and a call into native code is faster for them than a loop. */
const LENGTH_MAX = 48;

/** One text for each: the newer takes the place. At most so many times LENGTH_MAX bytes are kept. */
const PLACES = 2_048;

const texts: string[] = new Array(PLACES).fill("");

/** The bytes from `start` to `end` as a text if they are few, and printable ASCII; else null. */
export function recentText(bytes: Buffer, start: number, end: number): string | null {
	const length = end - start;
	if (length > LENGTH_MAX) return null;
	let hash = length;
	for (let at = start; at < end; at++) {
		const byte = bytes[at] as number;
		if (byte >= 0x7f || byte < 0x20) return null;
		hash = Math.imul(hash ^ byte, 0x0100_0193);
	}
	const place = (hash ^ (hash >>> 15)) & (PLACES - 1);
	const recent = texts[place] as string;
	if (isText(recent, bytes, start, length)) return recent;
	const text = bytes.toString("latin1", start, end);
	texts[place] = text;
	return text;
}

function isText(text: string, bytes: Buffer, start: number, length: number): boolean {
	if (text.length !== length) return false;
	for (let unit = 0; unit < length; unit++) if (text.charCodeAt(unit) !== bytes[start + unit]) return false;
	return true;
}
