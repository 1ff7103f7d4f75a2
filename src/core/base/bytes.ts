/**
 * Values as bytes, written and read in one order: varints, texts with their length in front, digests as 32 bytes. What is
 * read was written here, or its digest was checked: a reader that runs past the end throws, and nothing else is looked at.
 */

/** Where bytes go. One writer serves many values: `clear` starts again, and bytes that are kept must be copied. */
export class ByteWriter {
	bytes = Buffer.allocUnsafeSlow(1_024);
	length = 0;

	clear(): void {
		this.length = 0;
	}

	/** What was written since `clear`, good until the next. */
	written(from = 0): Uint8Array {
		return this.bytes.subarray(from, this.length);
	}

	byte(value: number): void {
		this.#makeRoom(1);
		this.bytes[this.length++] = value;
	}

	/** An integer from 0 to 2^53 - 1: seven bits a byte, the lowest first. */
	count(value: number): void {
		if (!(value >= 0 && value <= Number.MAX_SAFE_INTEGER)) throw new RangeError(`${value} is no count`);
		this.#makeRoom(8);
		const { bytes } = this;
		let at = this.length;
		let low = value;
		if (value >= TWO_28) {
			const high = Math.floor(value / TWO_28);
			low = value - high * TWO_28;
			bytes[at] = low | 0x80;
			bytes[at + 1] = (low >>> 7) | 0x80;
			bytes[at + 2] = (low >>> 14) | 0x80;
			bytes[at + 3] = (low >>> 21) | 0x80;
			at += 4;
			low = high;
		}
		while (low >= 0x80) {
			bytes[at++] = low | 0x80;
			low >>>= 7;
		}
		bytes[at++] = low;
		this.length = at;
	}

	/** UTF-8, its length in bytes in front. */
	text(value: string): void {
		const { length } = value;
		this.#makeRoom(3 * length + 8);
		if (length <= SHORT && this.#plainText(value)) return;
		this.count(Buffer.byteLength(value));
		this.length += this.bytes.write(value, this.length, "utf8");
	}

	/** 64 hex digits as 32 bytes. */
	digest(hex: string): void {
		this.#makeRoom(DIGEST_BYTES);
		const { bytes, length: at } = this;
		let wrong = hex.length ^ (2 * DIGEST_BYTES);
		for (let index = 0; index < DIGEST_BYTES; index++) {
			const byte = (hexValue(hex.charCodeAt(2 * index)) << 4) | hexValue(hex.charCodeAt(2 * index + 1));
			wrong |= byte & ~0xff;
			bytes[at + index] = byte;
		}
		if (wrong !== 0) throw new RangeError("no digest of 64 hex digits");
		this.length = at + DIGEST_BYTES;
	}

	raw(more: Uint8Array): void {
		const { length } = more;
		this.#makeRoom(length);
		const { bytes, length: at } = this;
		if (length > SHORT) bytes.set(more, at);
		else for (let index = 0; index < length; index++) bytes[at + index] = more[index] as number;
		this.length = at + length;
	}

	/** False, with nothing written, when it is not all ASCII. */
	#plainText(value: string): boolean {
		const start = this.length;
		this.count(value.length);
		const { bytes, length: at } = this;
		for (let unit = 0; unit < value.length; unit++) {
			const code = value.charCodeAt(unit);
			if (code >= 0x80) {
				this.length = start;
				return false;
			}
			bytes[at + unit] = code;
		}
		this.length = at + value.length;
		return true;
	}

	#makeRoom(more: number): void {
		const needed = this.length + more;
		if (needed <= this.bytes.length) return;
		const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.bytes.length));
		this.bytes.copy(larger, 0, 0, this.length);
		this.bytes = larger;
	}
}

/** Of a lower-case hex digit; more than 15 for anything else. */
const hexValue = (unit: number): number => (unit < 0x80 ? (HEX_VALUES[unit] as number) : NO_HEX);

const NO_HEX = 0x1000;
const HEX_VALUES = new Uint16Array(0x80).fill(NO_HEX);
for (let value = 0; value < 16; value++) HEX_VALUES[value.toString(16).charCodeAt(0)] = value;

/** UTF-16 code units, or bytes, up to which a loop beats the call into native code. */
const SHORT = 128;
const TWO_28 = 0x1000_0000;
export const DIGEST_BYTES = 32;

/** A number that the same bytes have. */
export function fingerprintOf(bytes: Uint8Array, from: number, end: number): number {
	let sum = end - from;
	for (let at = from; at < end; at++) sum = Math.imul(sum ^ (bytes[at] as number), 0x0100_0193);
	return sum >>> 0;
}

/** Whether one written text comes before another in the order of their bytes, which is that of UTF-8. */
export function isTextBefore(bytes: Uint8Array, from: number, others: Uint8Array, otherFrom: number): boolean {
	const length = countAt(bytes, from);
	const otherLength = countAt(others, otherFrom);
	const shorter = Math.min(length, otherLength);
	const start = behindCount(bytes, from);
	const otherStart = behindCount(others, otherFrom);
	for (let at = 0; at < shorter; at++) {
		const one = bytes[start + at] as number;
		const other = others[otherStart + at] as number;
		if (one !== other) return one < other;
	}
	return length < otherLength;
}

function countAt(bytes: Uint8Array, from: number): number {
	let value = 0;
	let factor = 1;
	for (let at = from; ; at++, factor *= 128) {
		const byte = bytes[at] as number;
		value += (byte & 0x7f) * factor;
		if (byte < 0x80) return value;
	}
}

function behindCount(bytes: Uint8Array, from: number): number {
	let at = from;
	while ((bytes[at] as number) >= 0x80) at += 1;
	return at + 1;
}

/** Reads what a `ByteWriter` wrote. Throws RangeError where the bytes end too soon. */
export class ByteReader {
	#bytes: Buffer = Buffer.alloc(0);
	#at = 0;
	#end = 0;

	/** Begins at `from`; `end` is the first byte that is not read any more. */
	open(bytes: Buffer, from: number, end: number): this {
		this.#bytes = bytes;
		this.#at = from;
		this.#end = end;
		return this;
	}

	get isAtEnd(): boolean {
		return this.#at === this.#end;
	}

	byte(): number {
		return this.#bytes[this.#take(1)] as number;
	}

	count(): number {
		let byte = this.byte();
		let value = byte & 0x7f;
		for (let factor = 128; byte >= 0x80; factor *= 128) {
			byte = this.byte();
			value += (byte & 0x7f) * factor;
		}
		return value;
	}

	text(): string {
		const length = this.count();
		const from = this.#take(length);
		return length === 0 ? "" : this.#bytes.toString("utf8", from, from + length);
	}

	/** Passes over a text. */
	skipText(): this {
		this.#take(this.count());
		return this;
	}

	digest(): string {
		const from = this.#take(DIGEST_BYTES);
		return this.#bytes.toString("hex", from, from + DIGEST_BYTES);
	}

	/** Of the next bytes. */
	fingerprint(length: number): number {
		return fingerprintOf(this.#bytes, this.#at, Math.min(this.#at + length, this.#end));
	}

	/** Passes over the next bytes if they are these. */
	passOver(expected: Uint8Array, length: number): boolean {
		if (expected.length !== length || this.#at + length > this.#end) return false;
		const bytes = this.#bytes;
		const from = this.#at;
		for (let index = 0; index < length; index++) if (bytes[from + index] !== expected[index]) return false;
		this.#at = from + length;
		return true;
	}

	/** The next bytes, which are read again. */
	peek(length: number): Uint8Array {
		const bytes = this.raw(length);
		this.#at -= length;
		return bytes;
	}

	/** The next bytes, not copied. */
	raw(length: number): Uint8Array {
		const from = this.#take(length);
		return this.#bytes.subarray(from, from + length);
	}

	#take(length: number): number {
		const from = this.#at;
		if (from + length > this.#end) throw new RangeError("the bytes end before the value does");
		this.#at = from + length;
		return from;
	}
}
