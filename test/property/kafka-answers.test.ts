/**
 * Answers of brokers that lie or are broken: whatever bytes come, decoding ends soon, with values that were written or with
 * an error. `npm run fuzz:kafka` tries a million of them.
 */
import { gzipSync, zstdCompressSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { crc32c } from "../../src/adapters/kafka/protocol/crc32c.ts";
import { decodeFetch } from "../../src/adapters/kafka/protocol/fetch-response.ts";
import type { Asked } from "../../src/adapters/kafka/protocol/fetched-batches.ts";
import type { FetchedRecord } from "../../src/adapters/kafka/protocol/fetched-records.ts";
import { decodeProduced } from "../../src/adapters/kafka/protocol/produce-response.ts";
import { RecordBatch } from "../../src/adapters/kafka/protocol/record-batch.ts";
import { Writer } from "../../src/adapters/kafka/protocol/writer.ts";
import { cpuMs } from "../support/cpu.ts";
import { testSeed } from "../support/seed.ts";

const MUTATIONS = Number(process.env["ASSENT_MUTATIONS"] || 30_000);
/** CPU time of one answer at most. */
const SLOW_MS = 1_500;

/** Mulberry32: numbers below `max`, the same for the same seed. */
function dice(seed: number): (max: number) => number {
	let state = seed;
	return (max) => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
		mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
		return ((mixed ^ (mixed >>> 14)) >>> 0) % max;
	};
}

const ATTRIBUTES_AT = 21;
const RECORDS_AT = 61;

const literals = (bytes: Buffer): Buffer => {
	const parts: Buffer[] = [];
	for (let at = 0; at < bytes.length; at += 60) {
		const part = bytes.subarray(at, at + 60);
		parts.push(Buffer.of((part.length - 1) << 2), part);
	}
	const size = [bytes.length & 0x7f];
	for (let left = bytes.length >>> 7; left > 0; left >>>= 7) {
		size[size.length - 1] = (size.at(-1) as number) | 0x80;
		size.push(left & 0x7f);
	}
	return Buffer.concat([Buffer.from(size), ...parts]);
};

const stored = (bytes: Buffer): Buffer => {
	const head = Buffer.alloc(11);
	head.writeUInt32LE(0x184d2204, 0);
	head.writeUInt8(0x60, 4);
	head.writeUInt8(0x40, 5);
	head.writeUInt32LE((0x80000000 | bytes.length) >>> 0, 7);
	return Buffer.concat([head, bytes, Buffer.alloc(4)]);
};

const PACKERS = [null, gzipSync, literals, stored, zstdCompressSync] as const;

function batchOf(base: number, of: { codec: number; attributes?: number; producer?: number; count?: number }): Buffer {
	const batch = new RecordBatch();
	for (let at = 0; at < (of.count ?? 3); at++) {
		const value = Buffer.from(`value ${base + at} `.repeat(3));
		batch.add({ key: at === 1 ? null : `key-${base + at}`, value, headers: { ce_id: `id-${base + at}`, h: "é" } });
	}
	const plain = Buffer.from(batch.bytes(1_700_000_000_000));
	const pack = PACKERS[of.codec];
	const bytes =
		pack === null || pack === undefined
			? plain
			: Buffer.concat([plain.subarray(0, RECORDS_AT), pack(plain.subarray(RECORDS_AT))]);
	bytes.writeBigInt64BE(BigInt(base), 0);
	bytes.writeInt16BE((of.attributes ?? 0) | of.codec, ATTRIBUTES_AT);
	bytes.writeBigInt64BE(BigInt(of.producer ?? -1), 43);
	return sealed(bytes);
}

function sealed(bytes: Buffer): Buffer {
	bytes.writeInt32BE(bytes.length - 12, 8);
	bytes.writeUInt32BE(crc32c(bytes, ATTRIBUTES_AT, bytes.length), ATTRIBUTES_AT - 4);
	return bytes;
}

/** An answer about three partitions: every codec, transactions, and marks of their ends. */
function fetchAnswer(aborted = 1): Buffer {
	const partitions = [
		[batchOf(10, { codec: 0 }), batchOf(13, { codec: 1 }), batchOf(16, { codec: 2 })],
		[
			batchOf(20, { codec: 0, attributes: 0x10, producer: 7 }),
			batchOf(23, { codec: 3, attributes: 0x18, producer: 8 }),
			batchOf(26, { codec: 0, attributes: 0x30, producer: 7, count: 1 }),
		],
		[batchOf(30, { codec: 4 }), batchOf(33, { codec: 0 })],
	];
	const to = new Writer(256);
	for (const value of [0, 0]) to.int32(value);
	to.int16(0);
	to.int32(1);
	to.string("p.intents");
	to.int32(partitions.length);
	for (const [partition, all] of partitions.entries()) {
		to.int32(partition);
		to.int16(0);
		for (const value of [100, 100, 0]) to.int64(value);
		to.int32(partition === 1 ? aborted : 0);
		if (partition === 1 && aborted > 0) for (const value of [7, 20]) to.int64(value);
		to.int32(-1);
		to.int32(all.reduce((sum, { length }) => sum + length, 0));
		for (const bytes of all) to.copy(bytes);
	}
	return Buffer.from(to.bytes());
}

const ASKED: readonly Asked[] = [0, 1, 2].map((partition) => ({
	topic: "p.intents",
	partition,
	offset: 10 * (partition + 1),
	isDense: true,
}));

const NUMBERS = [-1, 0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, 0x7fffffff, -0x80000000, 131_073, 0xfffffff] as const;

/** Some bytes of it are others, are missing or come twice. */
function mutated(bytes: Buffer, random: (max: number) => number): Buffer {
	let now = Buffer.from(bytes);
	for (let times = 1 + random(3); times > 0 && now.length > 8; times--) {
		const at = random(now.length);
		switch (random(6)) {
			case 0:
				now[at] = (now[at] as number) ^ (1 << random(8));
				break;
			case 1:
				now[at] = random(256);
				break;
			case 2:
				now.writeInt32BE((NUMBERS[random(NUMBERS.length)] as number) | 0, Math.min(at, now.length - 4));
				break;
			case 3:
				now = now.subarray(0, at);
				break;
			case 4:
				now = Buffer.concat([now.subarray(0, at), now.subarray(Math.max(0, at - random(40)))]);
				break;
			case 5:
				now = Buffer.concat([now.subarray(0, at), now.subarray(at + random(40))]);
				break;
		}
	}
	return now;
}

const asText = ({ timestamp, key, value, headers }: FetchedRecord): string =>
	JSON.stringify([timestamp, key, Buffer.from(value).toString("latin1"), headers]);

/** Runs the decoder; null when it says that the bytes cannot be. Anything else that it throws is a fault. */
function attempt<Out>(decode: () => Out): Out | null {
	const startedAt = cpuMs();
	let answer: Out | null = null;
	try {
		answer = decode();
	} catch (thrown) {
		if (!(thrown instanceof RangeError)) throw thrown;
	}
	const ms = cpuMs() - startedAt;
	if (ms > SLOW_MS) throw new Error(`decoding took ${Math.round(ms)} ms`);
	return answer;
}

/** What holds of every answer that is taken for one. */
function expectPlausible(answer: Buffer): readonly FetchedRecord[] {
	const found: FetchedRecord[] = [];
	for (const { topic, partition, records, next, holeUntil } of attempt(() => decodeFetch(answer, ASKED))?.partitions ??
		[]) {
		const asked = ASKED.find((each) => each.partition === partition && each.topic === topic);
		if (asked === undefined) throw new Error("an answer to what was not asked");
		let last = asked.offset - 1;
		for (const record of records) {
			if (!Number.isSafeInteger(record.offset) || record.offset <= last) throw new Error("offsets out of order");
			last = record.offset;
		}
		if (records.length > 20_000) throw new Error("more records than fit");
		if (records.length > 0 && (next === null || next <= last)) throw new Error("records behind what is known");
		if (next !== null && next <= asked.offset) throw new Error("no progress");
		if (holeUntil !== null && holeUntil <= (next ?? asked.offset)) throw new Error("a hole without offsets");
		found.push(...records);
	}
	return found;
}

describe("a million answers", () => {
	const answer = fetchAnswer();
	const good = expectPlausible(answer);
	// Whether a transaction was committed is the broker's to say: that one lies cannot be seen.
	const all = decodeFetch(fetchAnswer(0), ASKED).partitions.flatMap(({ records }) => records);
	const written = new Set(all.map(asText));

	it("are made of one that is read whole", () => {
		expect(good.map(({ offset }) => offset)).toEqual([
			10, 11, 12, 13, 14, 15, 16, 17, 18, 23, 24, 25, 30, 31, 32, 33, 34, 35,
		]);
		expect(good.every(({ unreadable }) => unreadable === undefined)).toBe(true);
	});

	it("to Fetch, of a broker that is broken: no record that was not written", () => {
		const random = dice(testSeed());
		let taken = 0;
		for (let at = 0; at < MUTATIONS / 2; at++) {
			for (const record of expectPlausible(mutated(answer, random))) {
				taken += 1;
				if (record.unreadable !== undefined || !written.has(asText(record)))
					throw new Error(`answer ${at} of seed ${testSeed()} gave a record that nobody wrote: ${asText(record)}`);
			}
		}
		expect(taken).toBeGreaterThan(MUTATIONS / 10);
	}, 3_600_000);

	it("to Fetch, of a client's making: every batch is read or said to be unreadable", () => {
		const random = dice(testSeed() + 1);
		let unreadable = 0;
		for (let at = 0; at < MUTATIONS / 4; at++) {
			// The checksum fits, as it does when a client wrote the batch so.
			const codec = random(5);
			const one = batchOf(10, { codec, count: 1 + random(4) });
			const body = mutated(one.subarray(RECORDS_AT), random);
			const batch = sealed(Buffer.concat([one.subarray(0, RECORDS_AT), body]));
			if (random(8) === 0) {
				batch.writeInt32BE((NUMBERS[random(NUMBERS.length)] as number) | 0, [23, 57][random(2)] as number);
				sealed(batch);
			}
			const to = new Writer(256);
			for (const value of [0, 0]) to.int32(value);
			to.int16(0);
			to.int32(1);
			to.string("p.intents");
			to.int32(1);
			to.int32(0);
			to.int16(0);
			for (const value of [100, 100, 0]) to.int64(value);
			to.int32(0);
			to.int32(-1);
			to.int32(batch.length);
			to.copy(batch);
			for (const record of expectPlausible(Buffer.from(to.bytes())))
				if (record.unreadable !== undefined) unreadable += 1;
		}
		expect(unreadable).toBeGreaterThan(MUTATIONS / 100);
	}, 3_600_000);

	it("to Produce: numbers that can be, or an error", () => {
		const to = new Writer(256);
		to.int32(2);
		for (const topic of ["p.decisions", "p.replies"]) {
			to.string(topic);
			to.int32(2);
			for (const partition of [0, 1]) {
				to.int32(partition);
				to.int16(0);
				for (const value of [1_000 + partition, 1_700_000_000_000, 0]) to.int64(value);
			}
		}
		to.int32(0);
		const whole = Buffer.from(to.bytes());
		expect(decodeProduced(whole).partitions).toHaveLength(4);
		const random = dice(testSeed() + 2);
		for (let at = 0; at < MUTATIONS / 4; at++) {
			const produced = attempt(() => decodeProduced(mutated(whole, random)));
			for (const { partition, base, appendTime } of produced?.partitions ?? [])
				for (const number of [partition, base, appendTime])
					if (!Number.isSafeInteger(number)) throw new Error("no number");
		}
	}, 3_600_000);
});
