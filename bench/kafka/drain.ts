/** How fast what is queued gets done: records wait in the input topic, a peer starts, the output's own times tell. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { KafkaMessage, Message } from "kafkajs";
import { partitionOf } from "../../src/core/base/murmur2.ts";
import { openKafka, openProducer, WAITING } from "./client.ts";
import { ID_HEADER } from "./load.ts";

/** By the times at which the broker appended the outputs, which no reader has to keep up with. */
export interface Drained {
	readonly records: number;
	/** From the first output to the last. */
	readonly perSecond: number;
	/** From the middle on: what has to warm up is warm. */
	readonly secondHalfPerSecond: number;
	/** Mean length of an output record: key, value and headers. */
	readonly bytes: number;
}

/** Records that go out in one request. */
const CHUNK = 1_000;
/** Nothing new for this long: the peer is done. Longer than any commit interval or linger here. */
const QUIET_MS = 1_500;
/** Nothing new for this long, and not done: the peer does not work. */
const STUCK_MS = 60_000;
const POLL_MS = 100;

/** Writes `records` messages to `topic`. */
export async function queue(of: {
	readonly brokers: readonly string[];
	readonly topic: string;
	readonly records: number;
	readonly messageOf: (index: number) => Message;
}): Promise<void> {
	const producer = await openProducer(openKafka(of.brokers));
	for (let from = 0; from < of.records; from += CHUNK) {
		const messages = Array.from({ length: Math.min(CHUNK, of.records - from) }, (_, index) =>
			of.messageOf(from + index),
		);
		await producer.sendBatch({ acks: -1, topicMessages: [{ topic: of.topic, messages }] });
	}
	await producer.disconnect();
}

/** Messages of `bytes` bytes of key, value and headers, for a pass-through. */
export function plainMessages(of: { readonly bytes: number; readonly partitions: number; readonly keys: number }) {
	const filler = Buffer.alloc(of.bytes, 7);
	return (index: number): Message => {
		const key = `agent-${index % of.keys}`;
		const id = String(index);
		const value = filler.subarray(0, Math.max(0, of.bytes - key.length - ID_HEADER.length - id.length));
		return { key, value, partition: partitionOf(key, of.partitions), headers: { [ID_HEADER]: id } };
	};
}

/** Resolves when the topic has at least this many records and no more come. Throws when they do not come. */
export async function whenQuiet(of: {
	readonly brokers: readonly string[];
	readonly topic: string;
	readonly records: number;
}): Promise<void> {
	const admin = openKafka(of.brokers).admin();
	await admin.connect();
	try {
		let seen = 0;
		let changedAt = performance.now();
		for (;;) {
			const offsets = await admin.fetchTopicOffsets(of.topic);
			const written = offsets.reduce((sum, { high }) => sum + Number(high), 0);
			if (written > seen) changedAt = performance.now();
			seen = written;
			const quietMs = performance.now() - changedAt;
			if (written >= of.records && quietMs > QUIET_MS) return;
			if (quietMs > STUCK_MS) throw new Error(`${written} of ${of.records} records in ${of.topic}, and no more came`);
			await sleep(POLL_MS);
		}
	} finally {
		await admin.disconnect();
	}
}

/** Reads an output topic from its beginning until it has seen `records` different ids. Throws when some are missing. */
export async function readBack(of: {
	readonly brokers: readonly string[];
	readonly topic: string;
	readonly records: number;
	readonly idHeader: string;
	/** Hears every value; what it throws ends the reading. */
	readonly check?: (value: Buffer) => void;
}): Promise<Drained> {
	const consumer = openKafka(of.brokers).consumer({ groupId: `bench-back-${randomUUID()}`, ...WAITING });
	const times = new Map<string, number>();
	let bytes = 0;
	let heardAt = performance.now();
	let wrong: unknown = null;
	await consumer.connect();
	await consumer.subscribe({ topic: of.topic, fromBeginning: true });
	await consumer.run({
		autoCommit: false,
		eachBatch: async ({ batch }) => {
			heardAt = performance.now();
			for (const message of batch.messages) {
				const id = String(message.headers?.[of.idHeader]);
				if (times.has(id)) continue;
				times.set(id, Number(message.timestamp));
				bytes += bytesOf(message);
				try {
					of.check?.(message.value ?? Buffer.alloc(0));
				} catch (thrown) {
					wrong ??= thrown;
				}
			}
		},
	});
	while (times.size < of.records && wrong === null && performance.now() - heardAt < STUCK_MS) await sleep(POLL_MS);
	await consumer.disconnect();
	if (wrong !== null) throw wrong;
	if (times.size !== of.records) throw new Error(`${times.size} of ${of.records} records came out in ${of.topic}`);
	const sorted = [...times.values()].sort((a, b) => a - b);
	return {
		records: of.records,
		perSecond: rateFrom(sorted, 0),
		secondHalfPerSecond: rateFrom(sorted, Math.floor(sorted.length / 2)),
		bytes: Math.round(bytes / of.records),
	};
}

/** Records a second from the one at `from` to the last. */
function rateFrom(sorted: readonly number[], from: number): number {
	const [first = 0, last = 0] = [sorted[from], sorted.at(-1)];
	return ((sorted.length - from) / Math.max(1, last - first)) * 1_000;
}

const bytesOf = ({ key, value, headers }: KafkaMessage): number =>
	(key?.length ?? 0) +
	(value?.length ?? 0) +
	Object.entries(headers ?? {}).reduce((sum, [name, text]) => sum + name.length + String(text).length, 0);
