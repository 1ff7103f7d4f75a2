import { describe, expect, it } from "vitest";
import type { MemoryFault } from "../../../../src/adapters/memory/faults.ts";
import { openMemoryLog } from "../../../../src/adapters/memory/log.ts";
import { MemoryStore } from "../../../../src/adapters/memory/store.ts";
import type { Log, TopicPartition } from "../../../../src/ports/log/log.ts";

const LEDGER: TopicPartition = { topic: "decisions", partition: 0 };
const record = (text: string, key: string | null = null) => ({ key, value: Buffer.from(text), headers: {} });

async function openWith(fault: MemoryFault | null, store = new MemoryStore()): Promise<Log> {
	let next = fault;
	const faults = () => {
		const now = next;
		next = null;
		return now;
	};
	const log = openMemoryLog({ store, faults });
	await log.admin().createTopics([
		{ name: "decisions", partitions: 1, cleanup: "keep" },
		{ name: "replies", partitions: 1, cleanup: "delete", retentionMs: 1_000 },
		{ name: "policies", partitions: 1, cleanup: "compact" },
	]);
	return log;
}

const written = async (log: Log): Promise<string[]> =>
	(await log.read(LEDGER, 0)).map((each) => String(Buffer.from(each.value)));

describe("a fault of the memory log", () => {
	it("loses an append without a trace", async () => {
		const log = await openWith({ kind: "lost" });
		expect((await log.append(LEDGER, [record("a")])).kind).toBe("unknown");
		expect(await written(log)).toEqual([]);
	});

	it("loses the answer of one that was written", async () => {
		const log = await openWith({ kind: "unanswered" });
		expect((await log.append(LEDGER, [record("a")])).kind).toBe("unknown");
		expect(await written(log)).toEqual(["a"]);
	});

	it("lets one land late, behind what was written meanwhile, with the bytes that were handed over", async () => {
		const { promise, resolve } = Promise.withResolvers<void>();
		const log = await openWith({ kind: "late", until: promise });
		const late = record("late");
		expect((await log.append(LEDGER, [late])).kind).toBe("unknown");
		late.value.write("LATE");
		await log.append(LEDGER, [record("b")]);
		resolve();
		await promise;
		await Promise.resolve();
		expect(await written(log)).toEqual(["b", "late"]);
	});

	it("delays the write, or only the answer", async () => {
		for (const [kind, before] of [
			["delayed", []],
			["answered-late", ["a"]],
		] as const) {
			const { promise, resolve } = Promise.withResolvers<void>();
			const log = await openWith({ kind, until: promise });
			const append = log.append(LEDGER, [record("a")]);
			expect(await written(log)).toEqual(before);
			resolve();
			expect(await append).toMatchObject({ kind: "appended", base: 0 });
			expect(await written(log)).toEqual(["a"]);
		}
	});

	it("doubles one as a client that sends again does", async () => {
		const log = await openWith({ kind: "doubled" });
		expect(await log.append(LEDGER, [record("a")])).toMatchObject({ kind: "appended", base: 0 });
		expect(await written(log)).toEqual(["a", "a"]);
	});

	it("is full, and certainly wrote nothing", async () => {
		const log = await openWith({ kind: "full" });
		const failed = await log.append(LEDGER, [record("a")]);
		expect(failed).toMatchObject({ kind: "failed", problem: { code: "ASSENT_LOG_FULL" } });
		expect(await written(log)).toEqual([]);
	});
});

describe("a memory store that behaves as Kafka does", () => {
	it("writes an append whose expected offset is taken, and says that it is superseded", async () => {
		const log = await openWith(null, new MemoryStore({ mismatched: "written" }));
		await log.append(LEDGER, [record("a")]);
		expect(await log.append(LEDGER, [record("zombie")], { expected: 0 })).toEqual({ kind: "superseded", end: 1 });
		expect(await written(log)).toEqual(["a", "zombie"]);
	});
});

describe("the memory log", () => {
	it("forgets old records of a `delete` topic when it is written to", async () => {
		let now = 0;
		const log = openMemoryLog({ clock: { now: () => now } });
		await log.admin().createTopics([{ name: "replies", partitions: 1, cleanup: "delete", retentionMs: 1_000 }]);
		const to = { topic: "replies", partition: 0 };
		for (now of [0, 500, 1_400, 1_499, 5_000]) await log.append(to, [record(String(now))]);
		expect(await log.bounds(to)).toEqual({ begin: 4, end: 5 });
		await expect(log.read(to, 1)).rejects.toMatchObject({ code: "ASSENT_LOG_OFFSET_GONE", facts: { begin: 4 } });
	});

	it("removes superseded records of a compacted topic", async () => {
		const log = await openWith(null);
		const to = { topic: "policies", partition: 0 };
		for (const key of ["a", "b", "a", null]) await log.append(to, [record("x", key)]);
		expect((await log.read(to, 0)).map((each) => [each.offset, each.key])).toEqual([
			[1, "b"],
			[2, "a"],
			[3, null],
		]);
		expect((await log.read(to, 2)).map((each) => each.offset)).toEqual([2, 3]);
	});

	it("names who superseded a member", async () => {
		const store = new MemoryStore();
		const log = openMemoryLog({ store, url: "memory:test" });
		expect(log.url).toBe("memory:test");
		const listener = { onAssigned: () => {}, onLost: (_: readonly number[], why: string) => void lost.push(why) };
		const lost: string[] = [];
		await expect(log.assign("g", "m", listener)).rejects.toMatchObject({ code: "ASSENT_LOG_TOPIC" });
		await expect(log.admin().createTopics([{ name: "t", partitions: 0, cleanup: "keep" }])).rejects.toMatchObject({
			code: "ASSENT_LOG_TOPIC",
		});
		await log.admin().createTopics([{ name: "intents", partitions: 1, cleanup: "keep" }]);
		const first = await log.assign("g", "one", listener);
		await log.assign("g", "two", listener);
		await first.leave();
		expect(lost).toEqual(["superseded by two"]);
	});
});
