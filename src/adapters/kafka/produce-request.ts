/**
 * The body of Produce (versions 3 to 8) with its record batches (magic 2): kafka.apache.org/protocol and
 * kafka.apache.org/documentation/#recordbatch. Written here and not by kafkajs, whose encoder makes a buffer of 512 bytes
 * for every header of every record: that was half of a busy processor's time.
 */
import type { DurationMs, EpochMs } from "../../core/model/units.ts";
import { crc32c } from "./crc32c.ts";

export interface Message {
	readonly key: Buffer | null;
	readonly value: Uint8Array;
	readonly headers: Readonly<Record<string, string>>;
}

export interface ProducedBatch {
	/** With the deployment's prefix. */
	readonly topic: string;
	readonly partition: number;
	readonly messages: readonly Message[];
}

const ACKS_ALL = -1;
/** Neither idempotent nor in a transaction. */
const NO_PRODUCER = -1n;
/** Of a batch, from its length's end to its attributes: leader epoch, magic, CRC. */
const CRC_FROM = 4 + 1 + 4;

/** `time` is kept where the topic has CreateTime; the broker's own time replaces it elsewhere. */
export function encodeProduce(batches: readonly ProducedBatch[], timeoutMs: DurationMs, time: EpochMs): Buffer {
	const to = new Writer();
	to.int16(-1);
	to.int16(ACKS_ALL);
	to.int32(timeoutMs);
	const byTopic = Map.groupBy(batches, ({ topic }) => topic);
	to.int32(byTopic.size);
	for (const [topic, partitions] of byTopic) {
		to.int16(Buffer.byteLength(topic));
		to.text(topic);
		to.int32(partitions.length);
		for (const { partition, messages } of partitions) {
			to.int32(partition);
			const sizeAt = to.int32(0);
			const begin = to.position;
			writeBatch(to, messages, time);
			to.patchInt32(sizeAt, to.position - begin);
		}
	}
	return to.bytes();
}

function writeBatch(to: Writer, messages: readonly Message[], time: EpochMs): void {
	to.int64(0n);
	const lengthAt = to.int32(0);
	const begin = to.position;
	to.int32(-1);
	to.int8(2);
	const crcAt = to.int32(0);
	to.int16(0);
	to.int32(messages.length - 1);
	to.int64(BigInt(time));
	to.int64(BigInt(time));
	to.int64(NO_PRODUCER);
	to.int16(-1);
	to.int32(-1);
	to.int32(messages.length);
	for (const [index, message] of messages.entries()) writeRecord(to, index, message);
	to.patchInt32(lengthAt, to.position - begin);
	to.patchCrc(crcAt, begin + CRC_FROM);
}

function writeRecord(to: Writer, index: number, { key, value, headers }: Message): void {
	const names = Object.keys(headers);
	let size = 2 + varintSize(index) + bytesSize(key?.length ?? -1) + bytesSize(value.length) + varintSize(names.length);
	for (const name of names)
		size += bytesSize(Buffer.byteLength(name)) + bytesSize(Buffer.byteLength(headers[name] as string));
	to.varint(size);
	// Attributes, and no difference to the batch's time.
	to.int8(0);
	to.varint(0);
	to.varint(index);
	to.varint(key?.length ?? -1);
	if (key !== null) to.copy(key);
	to.varint(value.length);
	to.copy(value);
	to.varint(names.length);
	for (const name of names) {
		const content = headers[name] as string;
		to.varint(Buffer.byteLength(name));
		to.text(name);
		to.varint(Buffer.byteLength(content));
		to.text(content);
	}
}

const bytesSize = (length: number): number => varintSize(length) + Math.max(0, length);

/** Zigzag, for what fits in 31 bits. */
function varintSize(value: number): number {
	const zigzag = value < 0 ? -2 * value - 1 : 2 * value;
	return zigzag < 0x80 ? 1 : zigzag < 0x4000 ? 2 : zigzag < 0x20_0000 ? 3 : zigzag < 0x1000_0000 ? 4 : 5;
}

/** Bytes that grow. Lengths that are not known yet are patched in later. */
class Writer {
	#of = Buffer.allocUnsafe(16 * 1024);
	position = 0;

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
