/** The encoder of Produce, against kafkajs's own decoder of record batches, and CRC-32C against its published vectors. */
import fc from "fast-check";
import Decoder from "kafkajs/src/protocol/decoder.js";
import decodeBatch from "kafkajs/src/protocol/recordBatch/v0/decoder.js";
import { describe, expect, it } from "vitest";
import { crc32c } from "../../../src/adapters/kafka/crc32c.ts";
import { encodeProduce } from "../../../src/adapters/kafka/produce-request.ts";

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
				const produced = batches.map(({ messages, ...to }) => ({
					...to,
					messages: messages.map((each) => ({ ...each, key: each.key === null ? null : Buffer.from(each.key) })),
				}));
				const from = new Decoder(encodeProduce(produced, 10_000, 1_700_000_000_000));
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
							timestamp: "1700000000000",
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
