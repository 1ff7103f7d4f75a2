/**
 * Unpacks LZ4 frames: github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md and lz4_Block_format.md. Checksums are passed
 * over, since the record batch has one of its own. Throws a RangeError at what is no LZ4 or more than `max`.
 */

const MAGIC = 0x184d2204;
const VERSION = 0x40;
const BLOCK_CHECKSUMS = 0x10;
const CONTENT_SIZE = 0x08;
const CONTENT_CHECKSUM = 0x04;
const DICTIONARY = 0x01;
/** Of a block's length: its bytes are as they were. */
const STORED = 0x80000000;
const MATCH_MIN = 4;

export function unpackLz4(from: Buffer, max: number): Buffer {
	const to = new Output(max);
	let at = 0;
	while (at < from.length) {
		if (from.length - at < 7 || from.readUInt32LE(at) !== MAGIC) throw broken();
		const flags = from[at + 4] as number;
		if ((flags & 0xc0) !== VERSION || (flags & DICTIONARY) !== 0) throw broken();
		// Magic, flags, block size, and the header's checksum.
		at += 7 + ((flags & CONTENT_SIZE) === 0 ? 0 : 8);
		// Blocks of one frame may copy from each other; none reaches back into another frame.
		const begin = to.length;
		for (;;) {
			if (at + 4 > from.length) throw broken();
			const size = from.readUInt32LE(at);
			at += 4;
			if (size === 0) break;
			const length = size & 0x7fffffff;
			if (length > from.length - at) throw broken();
			if (size >= STORED) to.write(from, at, length);
			else unpackBlock(from, { at, end: at + length }, to, begin);
			at += length + ((flags & BLOCK_CHECKSUMS) === 0 ? 0 : 4);
		}
		if ((flags & CONTENT_CHECKSUM) !== 0) at += 4;
	}
	if (at !== from.length) throw broken();
	return to.bytes();
}

function unpackBlock(from: Buffer, block: { at: number; readonly end: number }, to: Output, begin: number): void {
	const byte = (): number => {
		if (block.at >= block.end) throw broken();
		return from[block.at++] as number;
	};
	const lengthOf = (nibble: number): number => {
		let length = nibble;
		for (let more = nibble === 15 ? 255 : 0; more === 255; length += more) more = byte();
		return length;
	};
	while (block.at < block.end) {
		const token = byte();
		const literals = lengthOf(token >>> 4);
		if (literals > block.end - block.at) throw broken();
		to.write(from, block.at, literals);
		block.at += literals;
		// The last sequence has no match.
		if (block.at === block.end) return;
		const back = byte() | (byte() << 8);
		if (back === 0 || back > to.length - begin) throw broken();
		to.repeat(back, lengthOf(token & 15) + MATCH_MIN);
	}
	throw broken();
}

/** Bytes that grow up to a bound. */
class Output {
	readonly #max: number;
	#to: Buffer = Buffer.allocUnsafe(64 * 1024);
	length = 0;

	constructor(max: number) {
		this.#max = max;
	}

	bytes(): Buffer {
		return this.#to.subarray(0, this.length);
	}

	write(from: Buffer, at: number, length: number): void {
		this.#reserve(length);
		from.copy(this.#to, this.length, at, at + length);
		this.length += length;
	}

	/** `length` bytes from `back` before the end on, which may be bytes that this writes. */
	repeat(back: number, length: number): void {
		this.#reserve(length);
		const to = this.#to;
		for (const end = this.length + length; this.length < end; this.length++)
			to[this.length] = to[this.length - back] as number;
	}

	#reserve(length: number): void {
		const needed = this.length + length;
		if (needed > this.#max) throw new RangeError(`more than ${this.#max} bytes`);
		if (needed <= this.#to.length) return;
		const grown = Buffer.allocUnsafe(Math.min(this.#max, Math.max(needed, 2 * this.#to.length)));
		this.#to.copy(grown, 0, 0, this.length);
		this.#to = grown;
	}
}

const broken = (): RangeError => new RangeError("no valid LZ4");
