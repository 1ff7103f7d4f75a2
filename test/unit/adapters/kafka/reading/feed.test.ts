/** What comes in, over a broker that a script plays: who waits is woken, nothing is skipped, nobody is starved. */
import { afterEach, describe, expect, it } from "vitest";
import { Topology } from "../../../../../src/adapters/kafka/network/topology.ts";
import type { Wire } from "../../../../../src/adapters/kafka/network/wire.ts";
import type { Wanted } from "../../../../../src/adapters/kafka/protocol/fetch-request.ts";
import type { FetchedPartition } from "../../../../../src/adapters/kafka/protocol/fetched-batches.ts";
import { Feed } from "../../../../../src/adapters/kafka/reading/feed.ts";
import { Fetcher } from "../../../../../src/adapters/kafka/reading/fetcher.ts";
import type { LogRecord } from "../../../../../src/ports/log/log.ts";

const PARTITIONS = 4;
const SHORT = { timeoutMs: 20 };
const LONG = { timeoutMs: 5_000 };

/** One broker with one topic, `t.in`. A partition is a list of batches of records of one size. */
class ScriptedBroker {
	readonly #batches = Array.from({ length: PARTITIONS }, () => [] as { base: number; count: number; bytes: number }[]);
	readonly #begins = new Array<number>(PARTITIONS).fill(0);
	readonly polls: (readonly Wanted[])[] = [];
	#wake = Promise.withResolvers<void>();
	/** Its next answers to a poll are this error. */
	failing: { readonly code: number; times: number } | null = null;

	end(partition: number): number {
		const last = this.#batches[partition]?.at(-1);
		return last === undefined ? 0 : last.base + last.count;
	}

	write(partition: number, count: number, bytes = 10): void {
		this.#batches[partition]?.push({ base: this.end(partition), count, bytes });
		this.#wake.resolve();
		this.#wake = Promise.withResolvers();
	}

	trim(partition: number, begin: number): void {
		this.#begins[partition] = begin;
	}

	/** Empties a partition, as deleting its topic and making it anew does. */
	makeAnew(partition: number): void {
		this.#batches[partition] = [];
		this.#wake.resolve();
		this.#wake = Promise.withResolvers();
	}

	readonly wire = {
		connected: () => this,
		broker: async () => this,
		metadata: async () => ({
			topicMetadata: [
				{
					topicErrorCode: 0,
					topic: "t.in",
					partitionMetadata: Array.from({ length: PARTITIONS }, (_, partitionId) => ({
						...{ partitionErrorCode: 0, partitionId, leader: 1 },
					})),
				},
			],
		}),
		request: async (
			_: unknown,
			__: string,
			args: { topics: { partitions: { partition: number; timestamp: number }[] }[] },
		) => ({
			responses: args.topics.map(({ partitions }) => ({
				topic: "t.in",
				partitions: partitions.map(({ partition, timestamp }) => ({
					partition,
					errorCode: 0,
					offset: String(timestamp === -2 ? this.#begins[partition] : this.end(partition)),
				})),
			})),
		}),
		fetch: async (_: unknown, __: unknown, wanted: readonly Wanted[], maxWaitMs: number) => {
			if (maxWaitMs > 0) this.polls.push(wanted);
			let answer = this.#answer(wanted);
			if (answer.every(({ records, errorCode }) => records.length === 0 && errorCode === 0)) {
				const timer = Promise.withResolvers<void>();
				const timeout = setTimeout(timer.resolve, maxWaitMs);
				await Promise.race([this.#wake.promise, timer.promise]);
				clearTimeout(timeout);
				answer = this.#answer(wanted);
			}
			return { errorCode: 0, partitions: answer };
		},
	} as unknown as Wire;

	/** Whole batches as they fit; only the first partition that has any gets one that does not. */
	#answer(wanted: readonly Wanted[]): FetchedPartition[] {
		let isFirst = true;
		return wanted.map(({ topic, partition, offset, bytesMax }) => {
			const base = { topic, partition, highWatermark: this.end(partition), holeUntil: null, damaged: null };
			if (this.failing !== null && this.failing.times > 0 && wanted.length === PARTITIONS) {
				this.failing.times -= 1;
				return { ...base, errorCode: this.failing.code, records: [], next: null };
			}
			const isOutside = offset < (this.#begins[partition] ?? 0) || offset > this.end(partition);
			if (isOutside) return { ...base, errorCode: 1, records: [], next: null };
			const records: FetchedPartition["records"][number][] = [];
			let bytes = 0;
			let next: number | null = null;
			for (const batch of this.#batches[partition] ?? []) {
				if (batch.base + batch.count <= offset) continue;
				bytes += batch.count * batch.bytes;
				if (bytes > bytesMax && !isFirst) break;
				isFirst = false;
				for (let index = 0; index < batch.count; index++) {
					const value = new Uint8Array(batch.bytes);
					const of = { offset: batch.base + index, timestamp: 0, key: null, value, headers: {} };
					records.push({ ...of, bytes: batch.bytes });
				}
				next = batch.base + batch.count;
				if (bytes > bytesMax) break;
			}
			return { ...base, errorCode: 0, records, next };
		});
	}
}

let feed: Feed;
let flushes: number;

function over(broker: ScriptedBroker): Feed {
	const { wire } = broker;
	const topology = new Topology(wire, "t.");
	flushes = 0;
	const fetcher = new Fetcher({ wire, topology, timeoutMs: 500 });
	const flush = (): void => {
		flushes += 1;
	};
	feed = new Feed({ wire, topology, fetcher, flush });
	return feed;
}

afterEach(() => feed.close());

const at = (partition: number, offset: number) => ({ topic: "in", partition, offset });
const offsets = (records: readonly LogRecord[]): number[] => records.map(({ offset }) => offset);

describe("the feed of a log on Kafka", () => {
	it("tells at once of what lies there, and later of what comes", async () => {
		const broker = new ScriptedBroker();
		broker.write(0, 2);
		over(broker);
		expect(await feed.wait([at(0, 0), at(1, 0)], LONG)).toEqual([at(0, 0)]);
		expect(offsets(await feed.read(at(0, 0), 0, {}))).toEqual([0, 1]);
		const waiting = feed.wait([at(0, 2), at(1, 0)], LONG);
		setTimeout(() => broker.write(1, 1), 5);
		expect(await waiting).toEqual([at(1, 0)]);
		expect(offsets(await feed.read(at(1, 0), 0, {}))).toEqual([0]);
	});

	it("ends a wait at its time, at its signal and when it is closed", async () => {
		over(new ScriptedBroker());
		expect(await feed.wait([at(0, 0)], SHORT)).toEqual([]);
		const stop = new AbortController();
		const stopped = Promise.all(
			[1, 2].map((partition) => feed.wait([at(partition, 0)], { ...LONG, signal: stop.signal })),
		);
		setTimeout(() => stop.abort(), 5);
		expect(await stopped).toEqual([[], []]);
		const closed = feed.wait([at(0, 0)], LONG);
		setTimeout(() => feed.close(), 5);
		expect(await closed).toEqual([]);
	});

	it("skips nothing and repeats nothing while a partition fills faster than it is read", async () => {
		const broker = new ScriptedBroker();
		over(broker);
		const seen: number[] = [];
		for (let batch = 0; batch < 40; batch++) broker.write(2, 25, 2_000);
		while (seen.length < 1_000) {
			const next = (seen.at(-1) ?? -1) + 1;
			await feed.wait([at(2, next)], LONG);
			seen.push(...offsets(await feed.read(at(2, next), next, { recordsMax: 70 })));
		}
		expect(seen).toEqual(Array.from({ length: 1_000 }, (_, offset) => offset));
	});

	it("reaches a batch that is larger than a poll's share, though others always have records", async () => {
		const broker = new ScriptedBroker();
		over(broker);
		for (const partition of [0, 1, 2, 3]) await feed.wait([at(partition, 0)], SHORT);
		const next = [0, 0, 0, 0];
		broker.write(0, 1);
		broker.write(1, 1);
		broker.write(3, 1, 900_000);
		for (let round = 0; round < 50 && next[3] === 0; round++) {
			broker.write(0, 1);
			broker.write(1, 1);
			for (const { partition } of await feed.wait(
				next.map((offset, partition) => at(partition, offset)),
				LONG,
			)) {
				const from = next[partition] ?? 0;
				next[partition] = from + (await feed.read(at(partition, 0), from, {})).length;
			}
		}
		expect(next[3]).toBe(1);
	});

	it("asks again after an error that passes, and a little later", async () => {
		const broker = new ScriptedBroker();
		over(broker);
		for (const partition of [0, 1, 2, 3]) await feed.wait([at(partition, 0)], SHORT);
		broker.failing = { code: 6, times: 1 };
		const waiting = feed.wait([at(0, 0)], LONG);
		setTimeout(() => broker.write(0, 1), 5);
		expect(await waiting).toEqual([at(0, 0)]);
	});

	it("wakes who waits for what retention has eaten: reading says that it is gone", async () => {
		const broker = new ScriptedBroker();
		broker.write(0, 5);
		broker.trim(0, 3);
		over(broker);
		expect(await feed.wait([at(0, 1)], LONG)).toEqual([at(0, 1)]);
		await expect(feed.read(at(0, 1), 1, {})).rejects.toMatchObject({ code: "ASSENT_LOG_OFFSET_GONE" });
	});

	it("wakes who waits beyond the end of a log recreated, and is not busy with what was known of the former one", async () => {
		const broker = new ScriptedBroker();
		broker.write(0, 5);
		over(broker);
		expect(await feed.wait([at(0, 0)], LONG)).toEqual([at(0, 0)]);
		const waiting = feed.wait([at(0, 5)], LONG);
		setTimeout(() => broker.makeAnew(0), 5);
		expect(await waiting).toEqual([at(0, 5)]);
		await expect(feed.read(at(0, 5), 5, {})).rejects.toMatchObject({ code: "ASSENT_LOG_REWOUND", facts: { end: 0 } });
		// The former end is no reason to wake who begins anew, and the former place none to miss what comes.
		expect(await feed.wait([at(0, 0)], SHORT)).toEqual([]);
		const again = feed.wait([at(0, 0)], LONG);
		setTimeout(() => broker.write(0, 2), 5);
		expect(await again).toEqual([at(0, 0)]);
		expect(offsets(await feed.read(at(0, 0), 0, {}))).toEqual([0, 1]);
	});

	it("asks with one long poll for all that is followed, and not for what is read aside", async () => {
		const broker = new ScriptedBroker();
		broker.write(3, 4);
		over(broker);
		for (const partition of [0, 1]) await feed.wait([at(partition, 0)], SHORT);
		expect(offsets(await feed.read(at(3, 0), 0, { recordsMax: 2 }))).toEqual([0, 1]);
		const waiting = feed.wait([at(0, 0), at(1, 0)], LONG);
		setTimeout(() => broker.write(0, 1), 5);
		await waiting;
		await feed.wait([at(0, 1)], SHORT);
		const last = broker.polls.at(-1)?.map(({ partition }) => partition) ?? [];
		expect(new Set(last)).toEqual(new Set([0, 1]));
	});

	it("hands out a lot in turns, so that what comes in between is seen to, and lets go what was handed over before", async () => {
		const broker = new ScriptedBroker();
		for (const partition of [0, 1, 2]) broker.write(partition, 100);
		over(broker);
		for (const partition of [0, 1, 2]) await feed.wait([at(partition, 0)], LONG);
		const happened: string[] = [];
		const reads = [0, 1, 2].map(async (partition) => {
			await feed.read(at(partition, 0), 0, {});
			happened.push(`read ${partition}`);
		});
		setImmediate(() => happened.push("came in"));
		const before = flushes;
		await Promise.all(reads);
		expect(happened).toEqual(["read 0", "read 1", "came in", "read 2"]);
		expect(flushes - before).toBeGreaterThanOrEqual(2);
	});
});
