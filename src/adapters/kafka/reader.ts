/** Reads bytes of Kafka's protocol one after the other: big-endian numbers, zigzag varints, text. Throws at their end. */
export class Reader {
	readonly #of: Buffer;
	position: number;

	constructor(of: Buffer, position = 0) {
		this.#of = of;
		this.position = position;
	}

	get left(): number {
		return this.#of.length - this.position;
	}

	skip(bytes: number): void {
		this.position += bytes;
	}

	int8(): number {
		return this.#of.readInt8(this.#take(1));
	}

	int16(): number {
		return this.#of.readInt16BE(this.#take(2));
	}

	int32(): number {
		return this.#of.readInt32BE(this.#take(4));
	}

	/** As a number: offsets and times stay below 2^53 (core/model/units). */
	int64(): number {
		const at = this.#take(8);
		return this.#of.readInt32BE(at) * 4_294_967_296 + this.#of.readUInt32BE(at + 4);
	}

	/** Zigzag, up to 64 bits. */
	varint(): number {
		const first = this.#of[this.position];
		// Nearly all of them.
		if (first !== undefined && first < 0x80) {
			this.position += 1;
			return (first >>> 1) ^ -(first & 1);
		}
		let value = 0;
		let factor = 1;
		for (;;) {
			const byte = this.#of[this.#take(1)] as number;
			value += (byte & 0x7f) * factor;
			if ((byte & 0x80) === 0) break;
			factor *= 128;
		}
		return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
	}

	text(length: number): string {
		const at = this.#take(length);
		return this.#of.toString("utf8", at, at + length);
	}

	/** The same memory. */
	bytes(length: number): Buffer {
		const at = this.#take(length);
		return this.#of.subarray(at, at + length);
	}

	#take(bytes: number): number {
		const at = this.position;
		this.position += bytes;
		// Written so that what is no number throws, too.
		if (!(bytes >= 0 && at >= 0 && this.position <= this.#of.length))
			throw new RangeError("the broker's answer ends too early");
		return at;
	}
}
