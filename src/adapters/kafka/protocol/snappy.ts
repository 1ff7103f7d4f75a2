/**
 * Unpacks snappy, bare or in the frames that Java's producers write (xerial's snappy-java):
 * github.com/google/snappy/blob/main/format_description.txt. Throws a RangeError at what is no snappy or more than `max`.
 */

/** `\x82SNAPPY\0`, then two versions of four bytes each. */
const FRAMES = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0]);
const FRAMES_AT = 16;
/** A copy of 64 bytes takes three. */
const GROWTH_MAX = 22;

export function unpackSnappy(bytes: Buffer, max: number): Buffer {
	if (!bytes.subarray(0, FRAMES.length).equals(FRAMES)) return unpackBlock(bytes, max);
	const blocks: Buffer[] = [];
	let left = max;
	for (let at = FRAMES_AT; at < bytes.length; ) {
		if (at + 4 > bytes.length) throw broken();
		const length = bytes.readInt32BE(at);
		at += 4;
		if (length < 0 || length > bytes.length - at) throw broken();
		const block = unpackBlock(bytes.subarray(at, at + length), left);
		left -= block.length;
		blocks.push(block);
		at += length;
	}
	return Buffer.concat(blocks);
}

function unpackBlock(from: Buffer, max: number): Buffer {
	let at = 0;
	let length = 0;
	for (let shift = 0; ; shift += 7) {
		const byte = from[at++];
		if (byte === undefined || shift > 28) throw broken();
		length += (byte & 0x7f) * 2 ** shift;
		if (byte < 0x80) break;
	}
	if (length > max) throw new RangeError(`more than ${max} bytes`);
	// No room is made for what cannot be there.
	if (length > from.length * GROWTH_MAX) throw broken();
	const to = Buffer.allocUnsafe(length);
	let written = 0;
	while (at < from.length) {
		const tag = from[at++] as number;
		const kind = tag & 3;
		if (kind === 0) {
			let size = (tag >>> 2) + 1;
			if (size > 60) {
				const bytes = size - 60;
				if (at + bytes > from.length) throw broken();
				size = from.readUIntLE(at, bytes) + 1;
				at += bytes;
			}
			if (size > from.length - at || size > length - written) throw broken();
			from.copy(to, written, at, at + size);
			at += size;
			written += size;
			continue;
		}
		const bytes = kind === 3 ? 4 : kind;
		if (at + bytes > from.length) throw broken();
		const size = kind === 1 ? ((tag >>> 2) & 7) + 4 : (tag >>> 2) + 1;
		const back = kind === 1 ? ((tag >>> 5) << 8) | (from[at] as number) : from.readUIntLE(at, bytes);
		at += bytes;
		if (back === 0 || back > written || size > length - written) throw broken();
		// One by one: what is copied may be what was just written.
		for (const end = written + size; written < end; written++) to[written] = to[written - back] as number;
	}
	if (written !== length) throw broken();
	return to;
}

const broken = (): RangeError => new RangeError("no valid snappy");
