import { describe, expect, it } from "vitest";
import { copyLog, recordsRead, takeCut } from "../../../src/export/copy.ts";
import type { CopiedRecord, CopyTarget } from "../../../src/ports/log/copy.ts";
import type { Log, LogRecord, TopicPartition } from "../../../src/ports/log/log.ts";
import { holed } from "../../../src/ports/log/problems.ts";
import { LogWorld, over } from "../../support/world.ts";

/** Remembers what it was told. */
class Heard implements CopyTarget {
	readonly told: string[] = [];
	readonly records: CopiedRecord[] = [];
	async createTopics(): Promise<void> {}
	async begin({ topic, partition }: TopicPartition, offset: number): Promise<void> {
		this.told.push(`${topic}/${partition} begins at ${offset}`);
	}
	async leaveGaps(topic: string): Promise<void> {
		this.told.push(`${topic} has gaps`);
	}
	async put(records: readonly CopiedRecord[]): Promise<void> {
		this.records.push(...records);
	}
}

const INTENTS = { topic: "intents", partition: 0 };

async function withIntents(count: number): Promise<LogWorld> {
	const world = new LogWorld();
	for (let at = 0; at < count; at++)
		await world.log.append(INTENTS, [{ key: `k${at}`, value: Buffer.from(`v${at}`), headers: { at: String(at) } }]);
	return world;
}

const copied = async (log: Log) => {
	const to = new Heard();
	const topics = await copyLog(log, await takeCut(log), to);
	return { to, intents: topics.find(({ name }) => name === "intents")?.copied[0] };
};

describe("a cut", () => {
	it("takes the ends of what follows from the ledgers before theirs, and of what they follow from after", async () => {
		const { log } = new LogWorld();
		const asked: string[] = [];
		await takeCut(
			over(log, {
				bounds: (of) => {
					asked.push(of.topic);
					return log.bounds(of);
				},
			}),
		);
		const at = (topic: string): number => asked.indexOf(topic);
		for (const topic of ["checkpoints", "violations", "dead-letters"]) expect(at(topic)).toBeLessThan(at("decisions"));
		for (const topic of ["intents", "control", "policies"]) expect(at(topic)).toBeGreaterThan(at("decisions"));
		expect(at("replies")).toBe(-1);
		expect(at("snapshots")).toBe(-1);
	});

	it("holds what is written later back", async () => {
		const world = await withIntents(3);
		const cut = await takeCut(world.log);
		await world.log.append(INTENTS, [{ key: null, value: Buffer.from("later"), headers: {} }]);
		const to = new Heard();
		await copyLog(world.log, cut, to);
		expect(to.records.filter(({ topic }) => topic === "intents")).toHaveLength(3);
		expect(recordsRead(cut)).toBe(to.records.length);
	});

	it("of what is no log of Assent is refused", async () => {
		const { log } = new LogWorld();
		const admin = { ...log.admin(), shapes: async () => [] };
		await expect(takeCut(over(log, { admin: () => admin }))).rejects.toMatchObject({ code: "ASSENT_LOG_TOPIC" });
	});
});

describe("a copy", () => {
	it("has each record as it was", async () => {
		const world = await withIntents(3);
		const { to, intents } = await copied(world.log);
		expect(to.records.filter(({ topic }) => topic === "intents")).toEqual(await world.log.read(INTENTS, 0));
		expect(intents).toEqual({ first: 0, next: 3, records: 3, gaps: [], unreadable: [] });
		expect(to.told).toEqual([]);
	});

	it("begins where retention has left off, also when that goes on meanwhile", async () => {
		const world = await withIntents(6);
		await world.log.admin().trim(INTENTS, 2);
		const cut = await takeCut(world.log);
		await world.log.admin().trim(INTENTS, 4);
		const to = new Heard();
		const topics = await copyLog(world.log, cut, to);
		expect(topics.find(({ name }) => name === "intents")?.copied[0]).toMatchObject({ first: 4, next: 6, gaps: [] });
		expect(to.told).toEqual(["intents/0 begins at 4"]);
	});

	it("tells of offsets that are missing, whether the log passes over them or says that they are lost", async () => {
		const world = await withIntents(9);
		const without = (records: readonly LogRecord[]): LogRecord[] => records.filter(({ offset }) => offset !== 2);
		const { to, intents } = await copied(
			over(world.log, {
				read: async (from, at) => {
					if (from.topic !== "intents") return world.log.read(from, at);
					if (at >= 5 && at < 7) throw holed(from, at, 7);
					return without(await world.log.read(from, at)).filter(({ offset }) => at >= 7 || offset < 5);
				},
			}),
		);
		expect(intents).toMatchObject({
			first: 0,
			next: 9,
			records: 6,
			gaps: [
				{ from: 2, to: 3 },
				{ from: 5, to: 7 },
			],
		});
		expect(to.records.filter(({ topic }) => topic === "intents").map(({ offset }) => offset)).toEqual([
			0, 1, 3, 4, 7, 8,
		]);
		expect(to.told).toEqual(["intents has gaps"]);
	});

	it("tells of records that could not be read", async () => {
		const world = await withIntents(2);
		const { intents } = await copied(
			over(world.log, {
				read: async (from, at) =>
					(await world.log.read(from, at)).map((record) =>
						from.topic === "intents" && record.offset === 1
							? { ...record, key: null, value: Buffer.of(), headers: {}, unreadable: "packed in a way of its own" }
							: record,
					),
			}),
		);
		expect(intents?.unreadable).toEqual([{ offset: 1, why: "packed in a way of its own" }]);
	});

	it("holds one page of a log that is longer: 4 MiB, and nothing is read ahead", async () => {
		const world = await withIntents(0);
		const value = Buffer.alloc(700_000, 1);
		for (let at = 0; at < 24; at++) await world.log.append(INTENTS, [{ key: null, value, headers: {} }]);
		let held = 0;
		let most = 0;
		const bytesOf = (records: readonly LogRecord[]): number => records.reduce((sum, one) => sum + one.value.length, 0);
		const counting = over(world.log, {
			read: async (from, at, options) => {
				const records = await world.log.read(from, at, options);
				held += bytesOf(records);
				most = Math.max(most, held);
				return records;
			},
		});
		const to = new Heard();
		const put = to.put.bind(to);
		to.put = async (records) => {
			await put(records);
			held -= bytesOf(records);
		};
		await copyLog(counting, await takeCut(counting), to);
		expect(bytesOf(to.records)).toBeGreaterThan(16_000_000);
		expect(most).toBeLessThanOrEqual(4 * 1024 * 1024);
		expect(held).toBe(0);
	});

	it("ends when it is told to, and on what it cannot read", async () => {
		const world = await withIntents(2);
		const cut = await takeCut(world.log);
		const signal = AbortSignal.abort("SIGINT");
		await expect(copyLog(world.log, cut, new Heard(), { signal })).rejects.toMatchObject({ code: "ASSENT_STOPPED" });
		const broken = over(world.log, { read: () => Promise.reject(new Error("the disk is gone")) });
		await expect(copyLog(broken, cut, new Heard())).rejects.toThrow("the disk is gone");
	});
});
