/**
 * Short names out of bytes. Those of tenants, agents, tools and sessions come again and again: what was read lately is found
 * by its bytes and handed out again, which is faster than making it and takes no memory.
 *
 * What is kept never changes an answer: a name is compared with the bytes before it is handed out.
 */

/** Longer ones are seldom the same twice, and a call into native code is faster for them than a loop. */
const LENGTH_MAX = 48;

/** One name for each: the newer takes the place. At most so many times LENGTH_MAX bytes are kept. */
const PLACES = 2_048;

const names: string[] = new Array(PLACES).fill("");

/** The bytes from `start` to `end` as a name if they are few, and printable ASCII; else null. */
export function recentName(bytes: Buffer, start: number, end: number): string | null {
	const length = end - start;
	if (length > LENGTH_MAX) return null;
	let hash = length;
	for (let at = start; at < end; at++) {
		const byte = bytes[at] as number;
		if (byte >= 0x7f || byte < 0x20) return null;
		hash = Math.imul(hash ^ byte, 0x0100_0193);
	}
	const place = (hash ^ (hash >>> 15)) & (PLACES - 1);
	const recent = names[place] as string;
	if (isWritten(recent, bytes, start, length)) return recent;
	const name = bytes.toString("latin1", start, end);
	names[place] = name;
	return name;
}

function isWritten(name: string, bytes: Buffer, start: number, length: number): boolean {
	if (name.length !== length) return false;
	for (let unit = 0; unit < length; unit++) if (name.charCodeAt(unit) !== bytes[start + unit]) return false;
	return true;
}
