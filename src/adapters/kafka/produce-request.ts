/**
 * The body of Produce (versions 3 to 8) with its record batches (magic 2): kafka.apache.org/protocol and
 * kafka.apache.org/documentation/#recordbatch. Written here and not by kafkajs, whose encoder makes a buffer of 512 bytes
 * for every header of every record: that was half of a busy processor's time.
 */
import type { DurationMs, EpochMs } from "../../core/model/units.ts";
import { varintSize, Writer } from "./writer.ts";

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
		to.string(topic);
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
