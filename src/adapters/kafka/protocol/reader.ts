/**
 * Reads bytes of Kafka's protocol one after the other: big-endian numbers, zigzag varints, text. Whatever a broker says of
 * lengths, nothing is read beyond the bytes' end or backwards: a RangeError is thrown.
 */

/** A number of 64 bits takes no more in base 128. */
const VARINT_BYTES_MAX = 10;

export class Reader {
	readonly #buffer: Buffer;
	position: number;

	constructor(buffer: Buffer, position = 0) {
		this.#buffer = buffer;
		this.position = position;
	}

	get left(): number {
		return this.#buffer.length - this.position;
	}

	skip(bytes: number): void {
		this.#take(bytes);
	}

	/** Goes on at `position`, which lies at or after this one. */
	goOn(position: number): void {
		this.#take(position - this.position);
	}

	int8(): number {
		return this.#buffer.readInt8(this.#take(1));
	}

	int16(): number {
		return this.#buffer.readInt16BE(this.#take(2));
	}

	int32(): number {
		return this.#buffer.readInt32BE(this.#take(4));
	}

	/** As a number: offsets, times and producers stay below 2^53 (core/model/units); throws beyond. */
	int64(): number {
		const at = this.#take(8);
		const value = this.#buffer.readInt32BE(at) * 4_294_967_296 + this.#buffer.readUInt32BE(at + 4);
		if (!Number.isSafeInteger(value)) throw new RangeError("the broker's answer has a number beyond 2^53");
		return value;
	}

	/** Zigzag, up to 64 bits. */
	varint(): number {
		const first = this.#buffer[this.position];
		// Nearly all of them.
		if (first !== undefined && first < 0x80) {
			this.position += 1;
			return (first >>> 1) ^ -(first & 1);
		}
		let value = 0;
		let factor = 1;
		for (let taken = 1; ; taken++) {
			const byte = this.#buffer[this.#take(1)] as number;
			value += (byte & 0x7f) * factor;
			if ((byte & 0x80) === 0) break;
			if (taken === VARINT_BYTES_MAX) throw new RangeError("the broker's answer has a number that does not end");
			factor *= 128;
		}
		return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
	}

	text(length: number): string {
		const at = this.#take(length);
		return this.#buffer.toString("utf8", at, at + length);
	}

	/** The same memory. */
	bytes(length: number): Buffer {
		const at = this.#take(length);
		return this.#buffer.subarray(at, at + length);
	}

	#take(bytes: number): number {
		const at = this.position;
		this.position += bytes;
		// Written so that what is no number throws, too.
		if (!(bytes >= 0 && at >= 0 && this.position <= this.#buffer.length))
			throw new RangeError("the broker's answer ends too early");
		return at;
	}
}
