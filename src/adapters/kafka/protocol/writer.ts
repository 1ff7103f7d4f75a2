/**
 * Bytes of Kafka's protocol, written one after the other into one buffer: big-endian numbers, zigzag varints, checksums.
 * The buffer grows and is used again: new memory costs a page fault for every 4 KiB.
 */
import { crc32c } from "./crc32c.ts";

/** Of a text up to this length, which a header's nearly always is, a call into native code costs more than its bytes. */
const SHORT_MAX = 64;

/** Bytes that a zigzag varint takes, for what fits in 31 bits. */
export function varintSize(value: number): number {
	const zigzag = value < 0 ? -2 * value - 1 : 2 * value;
	return zigzag < 0x80 ? 1 : zigzag < 0x4000 ? 2 : zigzag < 0x20_0000 ? 3 : zigzag < 0x1000_0000 ? 4 : 5;
}

export class Writer {
	#buffer: Buffer;
	position = 0;

	constructor(bytes: number) {
		this.#buffer = Buffer.allocUnsafeSlow(bytes);
	}

	/** What was written: valid until something is written again. */
	bytes(): Buffer {
		return this.#buffer.subarray(0, this.position);
	}

	get capacity(): number {
		return this.#buffer.length;
	}

	/** Starts again in other bytes, because these may still be read by somebody, or are too many to keep. */
	renew(bytes: number): void {
		this.#buffer = Buffer.allocUnsafeSlow(bytes);
		this.position = 0;
	}

	int8(value: number): void {
		const at = this.#take(1);
		this.#buffer.writeInt8(value, at);
	}

	int16(value: number): void {
		const at = this.#take(2);
		this.#buffer.writeInt16BE(value, at);
	}

	/** Returns where it was written, for `patchInt32`. */
	int32(value: number): number {
		const at = this.#take(4);
		this.#buffer.writeInt32BE(value, at);
		return at;
	}

	/** Within ±2^53 (core/model/units). */
	int64(value: number): void {
		const at = this.#take(8);
		this.#buffer.writeInt32BE(Math.floor(value / 2 ** 32), at);
		this.#buffer.writeUInt32BE(value >>> 0, at + 4);
	}

	varint(value: number): void {
		let zigzag = value < 0 ? -2 * value - 1 : 2 * value;
		this.#reserve(5);
		while (zigzag >= 0x80) {
			this.#buffer[this.position++] = (zigzag % 0x80) | 0x80;
			zigzag = Math.floor(zigzag / 0x80);
		}
		this.#buffer[this.position++] = zigzag;
	}

	/** With its length before it, as 16 bits. */
	string(value: string): void {
		const at = this.#take(2);
		const begin = this.position;
		this.#text(value);
		this.#buffer.writeInt16BE(this.position - begin, at);
	}

	/** With its length before it, as a varint. */
	varString(value: string): void {
		const begin = this.openVarint(value.length);
		this.#text(value);
		this.closeVarint(begin, value.length);
	}

	copy(value: Uint8Array): void {
		const at = this.#take(value.length);
		this.#buffer.set(value, at);
	}

	/** Leaves room for the varint of a length that is probably this one; returns where what it counts begins. */
	openVarint(probable: number): number {
		this.#take(varintSize(probable));
		return this.position;
	}

	/** Writes the length of all that was written since, and moves that if the varint takes other room than was left. */
	closeVarint(begin: number, probable: number): void {
		const length = this.position - begin;
		const shift = varintSize(length) - varintSize(probable);
		// Before the position goes back: growing keeps only what is before it.
		this.#reserve(5);
		if (shift !== 0) this.#buffer.copyWithin(begin + shift, begin, this.position);
		this.position = begin - varintSize(probable);
		this.varint(length);
		this.position += length;
	}

	patchInt32(at: number, value: number): void {
		this.#buffer.writeInt32BE(value, at);
	}

	patchInt64(at: number, value: number): void {
		const end = this.position;
		this.position = at;
		this.int64(value);
		this.position = end;
	}

	/** The checksum of everything from `begin` on. */
	patchCrc(at: number, begin: number): void {
		this.#buffer.writeUInt32BE(crc32c(this.#buffer, begin, this.position), at);
	}

	#text(value: string): void {
		this.#reserve(value.length * 3);
		if (value.length <= SHORT_MAX && this.#ascii(value)) return;
		this.position += this.#buffer.write(value, this.position, "utf8");
	}

	/** False when there is more than ASCII in it; then nothing counts as written. */
	#ascii(value: string): boolean {
		const buffer = this.#buffer;
		const begin = this.position;
		for (let index = 0; index < value.length; index++) {
			const code = value.charCodeAt(index);
			if (code >= 0x80) return false;
			buffer[begin + index] = code;
		}
		this.position = begin + value.length;
		return true;
	}

	/** May put other bytes in the place of `#buffer`: called before that is looked at. */
	#take(bytes: number): number {
		this.#reserve(bytes);
		const at = this.position;
		this.position += bytes;
		return at;
	}

	#reserve(bytes: number): void {
		if (this.position + bytes <= this.#buffer.length) return;
		const grown = Buffer.allocUnsafeSlow(Math.max(this.#buffer.length * 2, this.position + bytes));
		this.#buffer.copy(grown, 0, 0, this.position);
		this.#buffer = grown;
	}
}
