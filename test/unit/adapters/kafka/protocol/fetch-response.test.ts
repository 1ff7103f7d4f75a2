/** The decoder of Fetch, against record batches that kafkajs's own encoder made. */
import { gzipSync, zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import encodeRecord from "kafkajs/src/protocol/recordBatch/record/v0/index.js";
import batches from "kafkajs/src/protocol/recordBatch/v0/index.js";
import { describe, expect, it } from "vitest";
import { crc32c } from "../../../../../src/adapters/kafka/protocol/crc32c.ts";
import { decodeFetch } from "../../../../../src/adapters/kafka/protocol/fetch-response.ts";
import type { Asked } from "../../../../../src/adapters/kafka/protocol/fetched-batches.ts";
import { NO_KEY } from "../../../../../src/adapters/kafka/protocol/fetched-records.ts";

interface Aborted {
	readonly producer: number;
	readonly first: number;
}

interface Record {
	readonly key: string | null;
	readonly value: Uint8Array | null;
	readonly headers: Readonly<{ [name: string]: string | string[] }>;
}

const ATTRIBUTES_AT = 8 + 4 + 4 + 1 + 4;
const PRODUCER_AT = ATTRIBUTES_AT + 2 + 4 + 8 + 8;
const RECORDS_AT = ATTRIBUTES_AT + 2 + 4 + 8 + 8 + 8 + 2 + 4 + 4;

async function batch(
	base: number,
	records: readonly Record[],
	of: { attributes?: number; codec?: number; producer?: number } = {},
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
	if (of.producer !== undefined) bytes.writeBigInt64BE(BigInt(of.producer), PRODUCER_AT);
	return sealed(bytes);
}

/** With the checksum that fits the batch's bytes. */
function sealed(bytes: Buffer): Buffer {
	bytes.writeUInt32BE(crc32c(bytes, ATTRIBUTES_AT, bytes.length), ATTRIBUTES_AT - 4);
	return bytes;
}

/** What a coordinator writes at a transaction's end. */
async function mark(base: number, producer: number, type: "abort" | "commit"): Promise<Buffer> {
	const key = String.fromCharCode(0, 0, 0, type === "abort" ? 0 : 1);
	return batch(base, [{ key, value: Buffer.alloc(6), headers: {} }], { attributes: 0x30, producer });
}

/** An answer about one partition, as version 11 of Fetch has it. */
function answer(bytes: Buffer, of: { error?: number; end?: number; aborted?: readonly Aborted[] } = {}): Buffer {
	const { error = 0, end = 100, aborted = [] } = of;
	const name = Buffer.from("p.intents");
	const head = Buffer.alloc(4 + 2 + 4 + 4 + 2 + name.length + 4 + 4 + 2 + 24 + 4 + 16 * aborted.length + 4 + 4);
	let at = head.writeInt16BE(0, 4) + 4;
	at = head.writeInt32BE(1, at);
	at = head.writeInt16BE(name.length, at);
	at += name.copy(head, at);
	at = head.writeInt32BE(1, at);
	at = head.writeInt32BE(7, at);
	at = head.writeInt16BE(error, at);
	at = head.writeBigInt64BE(BigInt(end), at) + 16;
	at = head.writeInt32BE(aborted.length, at);
	for (const { producer, first } of aborted) {
		at = head.writeBigInt64BE(BigInt(producer), at);
		at = head.writeBigInt64BE(BigInt(first), at);
	}
	at = head.writeInt32BE(-1, at);
	head.writeInt32BE(bytes.length, at);
	return Buffer.concat([head, bytes]);
}

const one = (value: string): Record => ({ key: null, value: Buffer.from(value), headers: {} });
const asked = (offset = 0, isDense = true) => [{ topic: "p.intents", partition: 7, offset, isDense }];
const decoded = (bytes: Buffer, of: Parameters<typeof answer>[1] & { at?: number; isDense?: boolean } = {}) => {
	const [partition] = decodeFetch(answer(bytes, of), asked(of.at, of.isDense)).partitions;
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
					holeUntil,
					damaged,
				} = decoded(await batch(base, all, { codec }), { at: base });
				expect({ topic, partition, highWatermark, next, holeUntil, damaged }).toEqual({
					topic: "p.intents",
					partition: 7,
					highWatermark: 100,
					next: base + all.length,
					holeUntil: null,
					damaged: null,
				});
				const seen = read.map(({ offset, timestamp, key, value, headers, bytes }) => ({
					...{ offset, timestamp, key, headers, bytes },
					value: Buffer.from(value).toString("hex"),
				}));
				expect(seen).toEqual(
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
		const { records } = decoded(await batch(5, [one("a"), one("b")], { attributes: 0x08 }), { at: 5 });
		expect(records.map(({ timestamp }) => timestamp)).toEqual([1_002, 1_002]);
	});

	it("leaves out a batch that was cut, and what a transaction's end says", async () => {
		const whole = await batch(3, [one("a")]);
		const cut = (await batch(5, [one("b")])).subarray(0, 40);
		const { records, next } = decoded(Buffer.concat([whole, await mark(4, 9, "commit"), cut]), { at: 3 });
		expect(records.map(({ offset }) => offset)).toEqual([3]);
		expect(next).toBe(5);
	});

	it("leaves out what a transaction wrote that was not committed, and nothing else of its producer or of others", async () => {
		const within = { attributes: 0x10 };
		const bytes = Buffer.concat([
			await batch(0, [one("given up by 1")], { ...within, producer: 1 }),
			await batch(1, [one("kept of 2")], { ...within, producer: 2 }),
			await batch(2, [one("given up by 3")], { ...within, producer: 3 }),
			await batch(3, [one("kept, in no transaction")]),
			await mark(4, 3, "abort"),
			await batch(5, [one("given up by 1, too")], { ...within, producer: 1 }),
			await mark(6, 1, "abort"),
			await batch(7, [one("kept of 1")], { ...within, producer: 1 }),
			await batch(8, [one("kept of 3")], { ...within, producer: 3 }),
			await mark(9, 2, "commit"),
		]);
		// By where they ended, as brokers list them.
		const aborted = [
			{ producer: 3, first: 2 },
			{ producer: 1, first: 0 },
		];
		const { records, next, damaged } = decoded(bytes, { aborted });
		expect(records.map(({ offset, value }) => [offset, String(value)])).toEqual([
			[1, "kept of 2"],
			[3, "kept, in no transaction"],
			[7, "kept of 1"],
			[8, "kept of 3"],
		]);
		expect({ next, damaged }).toEqual({ next: 10, damaged: null });
	});

	it("has every record of a batch in its place, whatever it says of itself", async () => {
		const bytes = await batch(4, [one("a"), one("b"), one("c")]);
		const deltas = [...bytes.keys()].filter((at) => at > RECORDS_AT && [0, 2, 4].includes(bytes[at] as number));
		const seen = new Set<string>();
		for (const at of deltas) {
			const crafted = Buffer.from(bytes);
			crafted[at] = 14;
			const { records, next, damaged } = decoded(sealed(crafted), { at: 4 });
			expect({ next, damaged }).toEqual({ next: 7, damaged: null });
			seen.add(records.map(({ offset }) => offset).join());
		}
		expect([...seen]).toEqual(["4,5,6"]);
	});

	it("believes the places of a batch that compaction thinned out, if they can be", async () => {
		const thinned = await batch(4, [one("a"), one("b"), one("c")]);
		thinned.writeInt32BE(9, ATTRIBUTES_AT + 2);
		const said = (...deltas: readonly number[]): Buffer => {
			const bytes = Buffer.from(thinned);
			// Length, attributes, time's difference, place.
			let at = RECORDS_AT;
			for (const delta of deltas) {
				bytes[at + 3] = 2 * delta;
				at += 1 + (bytes[at] as number) / 2;
			}
			return sealed(bytes);
		};
		const offsets = (bytes: Buffer) => decoded(bytes, { at: 4 }).records.map(({ offset }) => offset);
		expect(offsets(said(1, 5, 9))).toEqual([5, 9, 13]);
		for (const deltas of [
			[1, 5, 10],
			[5, 1, 9],
			[1, 1, 2],
		])
			expect(offsets(said(...deltas))).toEqual([4, 5, 6]);
		expect(decoded(said(1, 5, 9), { at: 4 }).next).toBe(14);
	});

	it("tells a hole in a dense topic from one that compaction may leave", async () => {
		const bytes = Buffer.concat([await batch(3, [one("a")]), await batch(6, [one("b")])]);
		const offsets = (of: ReturnType<typeof decoded>) => of.records.map(({ offset }) => offset);
		const before = decoded(bytes, { at: 3 });
		expect({ ...before, records: offsets(before) }).toMatchObject({ records: [3], next: 4, holeUntil: 6 });
		const atHole = decoded(bytes.subarray(bytes.length / 2), { at: 4 });
		expect(atHole).toMatchObject({ records: [], next: null, holeUntil: 6, damaged: null });
		const compacted = decoded(bytes, { at: 2, isDense: false });
		expect({ ...compacted, records: offsets(compacted) }).toMatchObject({ records: [3, 6], next: 7, holeUntil: null });
	});

	it("believes no batch whose checksum, place or length is wrong", async () => {
		const good = await batch(3, [one("a")]);
		const flipped = Buffer.from(good);
		flipped[flipped.length - 3] = 0x55;
		expect(decoded(Buffer.concat([good, flipped]), { at: 3 })).toMatchObject({
			next: 4,
			damaged: expect.stringMatching(/checksum/),
		});
		expect(decoded(good, { at: 4 })).toMatchObject({
			records: [],
			next: null,
			damaged: expect.stringMatching(/where 4 is due/),
		});
		expect(decoded(Buffer.concat([good, good]), { at: 3 })).toMatchObject({
			next: 4,
			damaged: expect.stringMatching(/where 4 is due/),
		});
		const short = Buffer.alloc(20);
		short.writeInt32BE(8, 8);
		expect(decoded(short)).toMatchObject({ records: [], damaged: expect.stringMatching(/8 bytes/) });
		const backwards = Buffer.from(good);
		backwards.writeInt32BE(-1, 8);
		expect(decoded(backwards, { at: 3 })).toMatchObject({ records: [], next: null, damaged: expect.any(String) });
	});

	it("gives every offset of a batch that cannot be read a record that says why, and goes on behind it", async () => {
		const unpacked = await batch(1, [one("b"), one("c")]);
		unpacked.writeInt16BE(4, ATTRIBUTES_AT);
		const unknown = await batch(1, [one("b"), one("c")]);
		unknown.writeInt16BE(7, ATTRIBUTES_AT);
		const torn = await batch(1, [one("b"), one("c")]);
		torn[RECORDS_AT] = 0xff;
		const few = await batch(1, [one("b"), one("c")]);
		few.writeInt32BE(2_147_483_647, RECORDS_AT - 4);
		for (const [bytes, why] of [
			[unpacked, "its zstd does not unpack to at most 33554432 bytes"],
			[unknown, "its compression 7 is not known"],
			[torn, "its records are malformed"],
			[few, "it has more than 131072 records"],
		] as const) {
			const all = Buffer.concat([await batch(0, [one("a")]), sealed(bytes), await batch(3, [one("d")])]);
			const { records, next, damaged } = decoded(all);
			expect(records.map(({ offset, unreadable = null }) => [offset, unreadable])).toEqual([
				[0, null],
				[1, why],
				[2, why],
				[3, null],
			]);
			expect({ next, damaged }).toEqual({ next: 4, damaged: null });
			expect(decoded(sealed(bytes), { at: 2 }).records.map(({ offset }) => offset)).toEqual([2]);
		}
	});

	it("does not unpack without bound", async () => {
		const bomb = await batch(0, [{ key: null, value: new Uint8Array(80 * 1024 * 1024), headers: {} }], { codec: 1 });
		expect(bomb.length).toBeLessThan(200_000);
		expect(decoded(bomb).records).toMatchObject([{ offset: 0, unreadable: expect.stringMatching(/does not unpack/) }]);
	});

	it("takes of many small bombs what one answer may hold, and says where to go on", async () => {
		const large = { key: null, value: new Uint8Array(20 * 1024 * 1024), headers: {} };
		const one = await batch(0, [large], { codec: 4 });
		const bombs = Array.from({ length: 6 }, (_, at) => {
			const each = Buffer.from(one);
			each.writeBigInt64BE(BigInt(at), 0);
			return each;
		});
		const { records, next } = decoded(Buffer.concat(bombs));
		expect({ records: records.length, next }).toEqual({ records: 2, next: 2 });
	});

	it("leaves a partition for the next answer when another one's bombs have filled this one", async () => {
		const bomb = await batch(0, [{ key: null, value: new Uint8Array(31 * 1024 * 1024), headers: {} }], { codec: 4 });
		const two = Buffer.from(bomb);
		two.writeBigInt64BE(1n, 0);
		const one = answer(Buffer.concat([bomb, two]));
		// Once more, as another partition.
		const countAt = 4 + 2 + 4 + 4 + 2 + "p.intents".length;
		const again = Buffer.from(one.subarray(countAt + 4));
		again.writeInt32BE(8, 0);
		const both = Buffer.concat([one, again]);
		both.writeInt32BE(2, countAt);
		const { partitions } = decodeFetch(
			both,
			[7, 8].map((partition) => ({ ...asked()[0], partition }) as Asked),
		);
		expect(partitions.map(({ records, next, damaged }) => [records.length, next, damaged])).toEqual([
			[2, 2, null],
			[0, null, null],
		]);
	});

	it("takes of a batch of many records so many at a time", async () => {
		const bytes = await batch(
			0,
			Array.from({ length: 45_000 }, () => one("")),
			{ codec: 4 },
		);
		const offsets: number[] = [];
		for (let at = 0; at < 45_000; ) {
			const { records, next } = decoded(bytes, { at });
			expect(records.length).toBeLessThanOrEqual(20_000);
			offsets.push(...records.map(({ offset }) => offset));
			at = next ?? Number.NaN;
		}
		expect(offsets).toEqual(Array.from({ length: 45_000 }, (_, at) => at));
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
		for (const length of [3, 10, 30, 60])
			expect(() => decodeFetch(bytes.subarray(0, length), asked())).toThrow(RangeError);
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
