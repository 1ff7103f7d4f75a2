/** The encoder of Produce, against kafkajs's own decoder of record batches and encoder of requests, and CRC-32C against its published vectors. */
import fc from "fast-check";
import Decoder from "kafkajs/src/protocol/decoder.js";
import decodeBatch from "kafkajs/src/protocol/recordBatch/v0/decoder.js";
import createRequest from "kafkajs/src/protocol/request.js";
import theirs from "kafkajs/src/protocol/requests/produce/v7/response.js";
import { describe, expect, it } from "vitest";
import { crc32c } from "../../../../../src/adapters/kafka/protocol/crc32c.ts";
import { writeProduce } from "../../../../../src/adapters/kafka/protocol/produce-request.ts";
import { decodeProduced } from "../../../../../src/adapters/kafka/protocol/produce-response.ts";
import {
	type BatchRecord,
	RecordBatch,
	TIMES_MAX_MS,
} from "../../../../../src/adapters/kafka/protocol/record-batch.ts";
import { RequestFrame } from "../../../../../src/adapters/kafka/protocol/request-frame.ts";
import { Writer } from "../../../../../src/adapters/kafka/protocol/writer.ts";

const TIME = 1_700_000_000_000;

/** In a batch that was used before. */
function batchOf(records: readonly BatchRecord[]): Buffer {
	const batch = new RecordBatch();
	batch.add({ key: "before", value: new Uint8Array(9), headers: {} });
	batch.clear();
	for (const record of records) batch.add(record);
	return batch.bytes(TIME);
}

describe("CRC-32C", () => {
	it("has the values that RFC 3720 gives, and the common check value", () => {
		const of = (bytes: Uint8Array): string => crc32c(bytes, 0, bytes.length).toString(16);
		expect(of(new Uint8Array(32))).toBe("8a9136aa");
		expect(of(new Uint8Array(32).fill(0xff))).toBe("62a8ab43");
		expect(of(Uint8Array.from({ length: 32 }, (_, at) => at))).toBe("46dd794e");
		expect(of(Uint8Array.from({ length: 32 }, (_, at) => 31 - at))).toBe("113fdb5c");
		expect(of(Buffer.from("123456789"))).toBe("e3069283");
	});

	it("of a part is that of the part alone, wherever it begins", () => {
		fc.assert(
			fc.property(fc.uint8Array({ maxLength: 40 }), fc.nat({ max: 17 }), (part, offset) => {
				const bytes = new Uint8Array(offset + part.length + 3).fill(7);
				bytes.set(part, offset);
				expect(crc32c(bytes, offset, offset + part.length)).toBe(crc32c(part, 0, part.length));
			}),
		);
	});
});

describe("a request to append", () => {
	/** kafkajs's decoder takes a name that every object has for one that came before. */
	const name = fc.string({ minLength: 1 }).filter((each) => !(each in {}));
	const message = fc.record({
		key: fc.option(fc.string({ unit: "grapheme" }), { nil: null }),
		value: fc.oneof(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(new Uint8Array(70_000).fill(3))),
		headers: fc.dictionary(name, fc.string({ unit: "grapheme" }), { maxKeys: 6 }),
	});
	const batch = fc.record({
		topic: fc.constantFrom("assent.intents", "assent.решения"),
		partition: fc.nat({ max: 9 }),
		messages: fc.array(message, { minLength: 1, maxLength: 130 }),
	});

	it("holds every batch, with its records, its checksum and its lengths", async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(batch, { minLength: 1, maxLength: 4 }), async (batches) => {
				const produced = batches.map(({ messages, ...to }) => ({ ...to, bytes: batchOf(messages) }));
				const writer = new Writer(1);
				writeProduce(writer, produced, 10_000);
				const from = new Decoder(writer.bytes());
				expect([from.readString(), from.readInt16(), from.readInt32()]).toEqual([null, -1, 10_000]);
				const read: object[] = [];
				for (let topics = from.readInt32(); topics > 0; topics--) {
					const topic = from.readString();
					for (let partitions = from.readInt32(); partitions > 0; partitions--) {
						const partition = from.readInt32();
						const bytes = from.readBytes();
						const { records, lastOffsetDelta } = await decodeBatch(new Decoder(bytes));
						expect(bytes.readInt32BE(8)).toBe(bytes.length - 12);
						expect(bytes.readUInt32BE(17)).toBe(crc32c(bytes, 21, bytes.length));
						expect(lastOffsetDelta).toBe(records.length - 1);
						read.push({ topic, partition, messages: records.map(plain) });
					}
				}
				const byTopic = [...Map.groupBy(batches, ({ topic }) => topic).values()].flat();
				expect(read).toEqual(
					byTopic.map(({ topic, partition, messages }) => ({
						topic,
						partition,
						messages: messages.map(({ key, value, headers }, at) => ({
							offset: String(at),
							timestamp: String(TIME),
							key: key === null ? null : Buffer.from(key).toString("hex"),
							value: Buffer.from(value).toString("hex"),
							headers: Object.entries(headers).map(([name, content]) => [name, Buffer.from(content).toString("hex")]),
						})),
					})),
				);
			}),
			{ numRuns: 60 },
		);
	});

	it("gives each record its own time where it has one, also when it is given a key", async () => {
		const dated = fc.tuple(message, fc.integer({ min: -TIMES_MAX_MS / 2, max: TIMES_MAX_MS / 2 }));
		await fc.assert(
			fc.asyncProperty(fc.array(dated, { minLength: 1, maxLength: 70 }), fc.boolean(), async (all, isKeyed) => {
				const batch = new RecordBatch();
				for (const [each, at] of all) batch.add(each, TIME + at);
				if (isKeyed) batch.giveKeys(() => "of its own");
				const bytes = Buffer.from(batch.bytes(1));
				const times = all.map(([, at]) => TIME + at);
				const { records, maxTimestamp } = await decodeBatch(new Decoder(bytes));
				expect(records.map(({ timestamp }) => Number(timestamp))).toEqual(times);
				expect(Number(maxTimestamp)).toBe(Math.max(...times));
				batch.clear();
				for (const [each] of all) batch.add(each);
				expect(batch.bytes(TIME).equals(batchOf(all.map(([each]) => each)))).toBe(true);
			}),
			{ numRuns: 60 },
		);
	});

	it("writes lengths whose bytes are more than their characters", async () => {
		const long = "é".repeat(40);
		const record = { key: long, value: new Uint8Array(8_000), headers: { [long]: "ж".repeat(5_000), plain: "" } };
		const { records } = await decodeBatch(new Decoder(batchOf([record, record])));
		expect(records.map(({ key }) => key?.toString())).toEqual([long, long]);
		expect(records.map(({ headers }) => headers["plain"]?.length)).toEqual([0, 0]);
		expect(records[1]?.headers[long]?.toString()).toBe("ж".repeat(5_000));
	});

	it("gives records without a key one of their own, and leaves all else", async () => {
		await fc.assert(
			fc.asyncProperty(fc.array(message, { minLength: 1, maxLength: 70 }), async (messages) => {
				const batch = new RecordBatch();
				for (const each of messages) batch.add(each);
				expect(batch.giveKeys(() => "of its own")).toBe(messages.some(({ key }) => key === null));
				expect(batch.giveKeys(() => "once more")).toBe(false);
				const keyed = messages.map((each) => ({ ...each, key: each.key ?? "of its own" }));
				expect(batch.bytes(TIME).equals(batchOf(keyed))).toBe(true);
			}),
			{ numRuns: 30 },
		);
	});
});

describe("a request's frame", () => {
	const head = { apiKey: 0, apiVersion: 7, clientId: "assent-é" };

	it("is byte for byte what kafkajs writes around the same body", async () => {
		const frame = new RequestFrame();
		for (const size of [0, 10, 70_000, 3]) {
			const body = Buffer.alloc(size, size);
			frame.begin(head).copy(body);
			const ours = frame.bytes(41 + size);
			frame.cameBack();
			const { buffer } = await createRequest({
				correlationId: 41 + size,
				clientId: head.clientId,
				request: { ...head, encode: async () => ({ buf: body, buffer: body }) },
			});
			expect(ours.equals(buffer)).toBe(true);
		}
	});

	it("writes over its bytes when it was answered, and never while a socket may still read them", () => {
		const frame = new RequestFrame();
		frame.begin(head).int32(1);
		const answered = frame.bytes(1);
		frame.cameBack();
		frame.begin(head).int32(2);
		const unanswered = frame.bytes(2);
		expect(unanswered.buffer).toBe(answered.buffer);
		frame.begin(head).int32(3);
		expect(frame.bytes(3).buffer).not.toBe(unanswered.buffer);
		expect(unanswered.readInt32BE(8)).toBe(2);
	});
});

describe("the answer to a request to append", () => {
	const int64 = (value: bigint): Buffer => {
		const bytes = Buffer.alloc(8);
		bytes.writeBigInt64BE(value);
		return bytes;
	};
	const ints = (...values: readonly number[]): Buffer => {
		const bytes = Buffer.alloc(4 * values.length);
		for (const [at, value] of values.entries()) bytes.writeInt32BE(value, 4 * at);
		return bytes;
	};
	const answer = Buffer.concat([
		...[ints(1), Buffer.from([0, 3]), Buffer.from("t.a"), ints(2)],
		...[ints(4), Buffer.from([0, 0]), int64(2n ** 40n + 5n), int64(1_700_000_000_001n), int64(0n)],
		...[ints(5), Buffer.from([0, 6]), int64(-1n), int64(-1n), int64(-1n)],
		ints(250),
	]);

	it("is read with its offsets, its errors and its throttling, as kafkajs reads it", async () => {
		const produced = decodeProduced(answer);
		expect(produced).toEqual({
			partitions: [
				{ topic: "t.a", partition: 4, errorCode: 0, base: 2 ** 40 + 5, appendTime: 1_700_000_000_001 },
				{ topic: "t.a", partition: 5, errorCode: 6, base: -1, appendTime: -1 },
			],
			throttleMs: 250,
		});
		const { topics, clientSideThrottleTime } = await theirs.decode(answer);
		expect(clientSideThrottleTime).toBe(produced.throttleMs);
		expect(
			topics.flatMap(({ topicName, partitions }) =>
				partitions.map(({ partition, errorCode, baseOffset, logAppendTime }) => {
					const [base, appendTime] = [Number(baseOffset), Number(logAppendTime)];
					return { topic: topicName, partition, errorCode, base, appendTime };
				}),
			),
		).toEqual(produced.partitions);
	});

	it("that ends too early is no answer", () => {
		for (let length = 0; length < answer.length; length++)
			expect(() => decodeProduced(answer.subarray(0, length))).toThrow(RangeError);
	});
});

const plain = (record: {
	offset: string;
	timestamp: string;
	key: Buffer | null;
	value: Buffer;
	headers: Record<string, Buffer>;
}): object => ({
	offset: record.offset,
	timestamp: record.timestamp,
	key: record.key?.toString("hex") ?? null,
	value: record.value.toString("hex"),
	headers: Object.entries(record.headers).map(([name, content]) => [name, content.toString("hex")]),
});
