/** Bytes of Kafka's protocol, written one after the other into one buffer: big-endian numbers, zigzag varints, checksums. */
import { crc32c } from "./crc32c.ts";

/** Bytes that a zigzag varint takes, for what fits in 31 bits. */
export function varintSize(value: number): number {
	const zigzag = value < 0 ? -2 * value - 1 : 2 * value;
	return zigzag < 0x80 ? 1 : zigzag < 0x4000 ? 2 : zigzag < 0x20_0000 ? 3 : zigzag < 0x1000_0000 ? 4 : 5;
}

/** Bytes that grow. Lengths that are not known yet are patched in later. */
export class Writer {
	#of: Buffer;
	position = 0;

	constructor(bytes = 16 * 1024) {
		this.#of = Buffer.allocUnsafe(bytes);
	}

	bytes(): Buffer {
		return this.#of.subarray(0, this.position);
	}

	int8(value: number): void {
		const at = this.#take(1);
		this.#of.writeInt8(value, at);
	}

	int16(value: number): void {
		const at = this.#take(2);
		this.#of.writeInt16BE(value, at);
	}

	/** Returns where it was written, for `patchInt32`. */
	int32(value: number): number {
		const at = this.#take(4);
		this.#of.writeInt32BE(value, at);
		return at;
	}

	int64(value: bigint): void {
		const at = this.#take(8);
		this.#of.writeBigInt64BE(value, at);
	}

	varint(value: number): void {
		let zigzag = value < 0 ? -2 * value - 1 : 2 * value;
		this.#reserve(5);
		while (zigzag >= 0x80) {
			this.#of[this.position++] = (zigzag % 0x80) | 0x80;
			zigzag = Math.floor(zigzag / 0x80);
		}
		this.#of[this.position++] = zigzag;
	}

	/** With its length before it, as 16 bits. */
	string(value: string): void {
		this.int16(Buffer.byteLength(value));
		this.text(value);
	}

	text(value: string): void {
		this.#reserve(value.length * 3);
		this.position += this.#of.write(value, this.position, "utf8");
	}

	copy(value: Uint8Array): void {
		const at = this.#take(value.length);
		this.#of.set(value, at);
	}

	patchInt32(at: number, value: number): void {
		this.#of.writeInt32BE(value, at);
	}

	/** The checksum of everything from `begin` on. */
	patchCrc(at: number, begin: number): void {
		this.#of.writeUInt32BE(crc32c(this.#of, begin, this.position), at);
	}

	/** May put other bytes in the place of `#of`: called before that is looked at. */
	#take(bytes: number): number {
		this.#reserve(bytes);
		const at = this.position;
		this.position += bytes;
		return at;
	}

	#reserve(bytes: number): void {
		if (this.position + bytes <= this.#of.length) return;
		const grown = Buffer.allocUnsafe(Math.max(this.#of.length * 2, this.position + bytes));
		this.#of.copy(grown, 0, 0, this.position);
		this.#of = grown;
	}
}
