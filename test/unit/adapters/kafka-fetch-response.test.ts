/** The decoder of Fetch, against record batches that kafkajs's own encoder made. */
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import encodeRecord from "kafkajs/src/protocol/recordBatch/record/v0/index.js";
import batches from "kafkajs/src/protocol/recordBatch/v0/index.js";
import { describe, expect, it } from "vitest";
import { decodeFetch, NO_KEY } from "../../../src/adapters/kafka/fetch-response.ts";

interface Record {
	readonly key: string | null;
	readonly value: Uint8Array | null;
	readonly headers: Readonly<{ [name: string]: string | string[] }>;
}

const ATTRIBUTES_AT = 8 + 4 + 4 + 1 + 4;
const RECORDS_AT = ATTRIBUTES_AT + 2 + 4 + 8 + 8 + 8 + 2 + 4 + 4;

async function batch(
	base: number,
	records: readonly Record[],
	of: { attributes?: number; codec?: number } = {},
): Promise<Buffer> {
	const { buffer } = await batches.RecordBatch({
		firstTimestamp: 1_000,
		maxTimestamp: 1_000 + records.length,
		lastOffsetDelta: records.length - 1,
		records: records.map(({ key, value, headers }, at) =>
			encodeRecord({
				offsetDelta: at,
				timestampDelta: at,
				key: key === null ? null : Buffer.from(key),
				value: value === null ? null : Buffer.from(value),
				headers,
			}),
		),
	});
	let bytes = Buffer.from(buffer);
	bytes.writeBigInt64BE(BigInt(base), 0);
	const pack = of.codec === 1 ? gzipSync : of.codec === 4 ? zstdCompressSync : null;
	if (pack !== null) bytes = Buffer.concat([bytes.subarray(0, RECORDS_AT), pack(bytes.subarray(RECORDS_AT))]);
	bytes.writeInt32BE(bytes.length - 12, 8);
	bytes.writeInt16BE((of.attributes ?? 0) | (of.codec ?? 0), ATTRIBUTES_AT);
	return bytes;
}

/** An answer about one partition, as version 11 of Fetch has it. */
function answer(bytes: Buffer, of: { error?: number; end?: number; aborted?: number } = {}): Buffer {
	const { error = 0, end = 100, aborted = 0 } = of;
	const name = Buffer.from("p.intents");
	const head = Buffer.alloc(4 + 2 + 4 + 4 + 2 + name.length + 4 + 4 + 2 + 24 + 4 + 16 * aborted + 4 + 4);
	let at = head.writeInt16BE(0, 4) + 4;
	at = head.writeInt32BE(1, at);
	at = head.writeInt16BE(name.length, at);
	at += name.copy(head, at);
	at = head.writeInt32BE(1, at);
	at = head.writeInt32BE(7, at);
	at = head.writeInt16BE(error, at);
	at = head.writeBigInt64BE(BigInt(end), at) + 16;
	at = head.writeInt32BE(aborted, at) + 16 * aborted;
	at = head.writeInt32BE(-1, at);
	head.writeInt32BE(bytes.length, at);
	return Buffer.concat([head, bytes]);
}

const one = (value: string): Record => ({ key: null, value: Buffer.from(value), headers: {} });
const decoded = (bytes: Buffer, of: Parameters<typeof answer>[1] = {}) => {
	const [partition] = decodeFetch(answer(bytes, of)).partitions;
	if (partition === undefined) throw new Error("no partition");
	return partition;
};

describe("an answer to Fetch", () => {
	it("gives back the records that were encoded", async () => {
		const records = fc.array(
			fc.record({
				key: fc.option(fc.string({ unit: "grapheme" }), { nil: null }),
				value: fc.uint8Array({ maxLength: 300 }),
				headers: fc.dictionary(fc.string({ minLength: 1 }), fc.string({ unit: "grapheme" }), { maxKeys: 5 }),
			}),
			{ minLength: 1, maxLength: 20 },
		);
		const codecs = fc.constantFrom(0, 1, 4);
		await fc.assert(
			fc.asyncProperty(records, codecs, fc.nat({ max: 2 ** 50 }), async (all, codec, base) => {
				const {
					topic,
					partition,
					highWatermark,
					records: read,
					next,
					unreadable,
				} = decoded(await batch(base, all, { codec }));
				expect({ topic, partition, highWatermark, next, unreadable }).toEqual({
					topic: "p.intents",
					partition: 7,
					highWatermark: 100,
					next: base + all.length,
					unreadable: null,
				});
				expect(read.map(({ value, ...rest }) => ({ ...rest, value: Buffer.from(value).toString("hex") }))).toEqual(
					all.map(({ key, value, headers }, at) => ({
						offset: base + at,
						timestamp: 1_000 + at,
						key,
						headers: { ...headers },
						value: Buffer.from(value).toString("hex"),
						bytes: value.length + Buffer.byteLength(key ?? ""),
					})),
				);
			}),
			{ numRuns: 60 },
		);
	});

	it("has the broker's time for all records of a batch with LogAppendTime", async () => {
		const { records } = decoded(await batch(5, [one("a"), one("b")], { attributes: 0x08 }));
		expect(records.map(({ timestamp }) => timestamp)).toEqual([1_002, 1_002]);
	});

	it("leaves out a batch that was cut, and what a transaction's end says", async () => {
		const whole = await batch(3, [one("a")]);
		const control = await batch(4, [one("commit")], { attributes: 0x30 });
		const cut = (await batch(5, [one("b")])).subarray(0, 40);
		const { records, next } = decoded(Buffer.concat([whole, control, cut]), { aborted: 2 });
		expect(records.map(({ offset }) => offset)).toEqual([3]);
		expect(next).toBe(5);
	});

	it("says what it cannot unpack, after the records before it", async () => {
		for (const [codec, name] of [
			[2, "snappy"],
			[3, "lz4"],
		] as const) {
			const bytes = Buffer.concat([await batch(0, [one("a")]), await batch(1, [one("b")], { codec })]);
			expect(decoded(bytes)).toMatchObject({ unreadable: `compression ${name}`, next: 1, records: [{ offset: 0 }] });
		}
	});

	it("does not unpack without bound", async () => {
		const bomb = await batch(0, [{ key: null, value: new Uint8Array(80 * 1024 * 1024), headers: {} }], { codec: 1 });
		expect(bomb.length).toBeLessThan(200_000);
		expect(decoded(bomb).unreadable).toMatch(/does not unpack/);
	});

	it("reads the first 128 headers of a record and the records after it, however many there are", async () => {
		const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`h-${at}`, "x"]));
		const { records } = decoded(await batch(0, [{ key: null, value: Buffer.from("a"), headers: many }, one("b")]));
		expect(Object.keys(records[0]?.headers ?? {})).toHaveLength(128);
		expect(Buffer.from(records[1]?.value ?? []).toString()).toBe("b");
	});

	it("tells names apart that stand at one place of their records and are as long", async () => {
		const named = (...names: readonly string[]): Record => ({
			...one("a"),
			headers: Object.fromEntries(names.map((name) => [name, `of ${name}`])),
		});
		const { records } = decoded(await batch(0, [named("ab", "cd"), named("ax", "cd"), named("ax"), named("ab", "cd")]));
		const all = [["ab", "cd"], ["ax", "cd"], ["ax"], ["ab", "cd"]];
		expect(records.map(({ headers }) => Object.entries(headers))).toEqual(
			all.map((names) => names.map((name) => [name, `of ${name}`])),
		);
	});

	it("takes a missing value for no bytes, the last of two headers of a name, and a made-up key for none", async () => {
		const { records } = decoded(
			await batch(0, [
				{ key: `${NO_KEY}1`, value: null, headers: { twice: ["first", "last"] } },
				{ key: "k", value: Buffer.from("v"), headers: JSON.parse('{"__proto__":"own"}') },
			]),
		);
		expect(records[0]).toMatchObject({ key: null, headers: { twice: "last" } });
		expect(records[0]?.value).toHaveLength(0);
		expect(Object.entries(records[1]?.headers ?? {})).toEqual([["__proto__", "own"]]);
	});

	it("throws at bytes that end too early rather than read beyond them", async () => {
		const bytes = answer(await batch(0, [one("a")]));
		for (const length of [3, 10, 30, 60]) expect(() => decodeFetch(bytes.subarray(0, length))).toThrow(RangeError);
	});

	it("carries the error of a partition", () => {
		expect(decoded(Buffer.alloc(0), { error: 1, end: 9 })).toMatchObject({
			errorCode: 1,
			highWatermark: 9,
			records: [],
			next: null,
		});
	});
});
