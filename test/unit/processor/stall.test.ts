/** A partition that says that it decides and does not. */
import { afterEach, describe, expect, it, vi } from "vitest";
import { TOPICS } from "../../../src/ports/log/log.ts";
import type { Processor } from "../../../src/processor/processor.ts";
import { STALLED_MS, StallWatch } from "../../../src/processor/stall.ts";
import { isReady, type PartitionStatus } from "../../../src/processor/status.ts";
import { LogWorld, over, startProcessor, TEST_POLICY, until } from "../../support/world.ts";

const running: Processor[] = [];

afterEach(async () => {
	vi.useRealTimers();
	await Promise.all(running.splice(0).map((processor) => processor.drain()));
});

const deciding = (entries: number, intents: number): PartitionStatus => ({
	partition: 0,
	phase: "deciding",
	since: 0,
	consumed: { intents, control: 0 },
	rows: { calls: 3, sessions: 2, accounts: 4, halts: 0, controls: 1 },
	entries,
});

describe("the watch for partitions that stand still", () => {
	it("finds one whose inputs wait and of which none is taken, until one is", async () => {
		const world = new LogWorld();
		await world.submit({ id: "a" });
		await world.submit({ id: "b" });
		const watch = new StallWatch(world.log);
		const at = async (now: number, status: PartitionStatus): Promise<number | null> => {
			await watch.look([status], now);
			return watch.stalledSince(status, now);
		};
		expect(await at(1_000, deciding(0, 0))).toBeNull();
		expect(await at(999 + STALLED_MS, deciding(0, 0))).toBeNull();
		expect(await at(1_000 + STALLED_MS, deciding(0, 0))).toBe(1_000);
		expect(await at(1_001 + STALLED_MS, deciding(1, 1))).toBeNull();
		expect(await at(1_001 + 2 * STALLED_MS, deciding(1, 1))).toBe(1_001 + STALLED_MS);
		expect(await at(1_002 + 2 * STALLED_MS, { ...deciding(1, 1), phase: "paused" })).toBeNull();
		expect(await at(2 + 9 * STALLED_MS, deciding(2, 2))).toBeNull();
		expect(await at(2 + 11 * STALLED_MS, deciding(2, 2))).toBeNull();
	});

	it("forgets one that was another's meanwhile", async () => {
		const world = new LogWorld();
		await world.submit({ id: "a" });
		const watch = new StallWatch(world.log);
		await watch.look([deciding(0, 0)], 0);
		await watch.look([], 5_000);
		expect(watch.stalledSince(deciding(0, 0), 2 * STALLED_MS)).toBeNull();
	});

	it("does not take offsets without a record for inputs that wait", async () => {
		const world = new LogWorld();
		const log = over(world.log, {
			bounds: async (of) => (of.topic === TOPICS.intents ? { begin: 0, end: 2 } : world.log.bounds(of)),
		});
		const watch = new StallWatch(log);
		for (const now of [0, STALLED_MS, 3 * STALLED_MS]) await watch.look([deciding(0, 0)], now);
		expect(watch.stalledSince(deciding(0, 0), 3 * STALLED_MS)).toBeNull();
	});

	it("makes a processor unready that never hears of its inputs, and says so once", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const inner = world.handle();
		let isDeaf = false;
		const log = over(inner, {
			waitFor: async (any, options) => {
				if (!isDeaf) return inner.waitFor(any, options);
				if (options.timeoutMs > 0) await inner.waitFor([], { ...options, timeoutMs: 5 });
				return [];
			},
		});
		const now = { at: Date.now() };
		const { processor, heard } = await startProcessor(world, { log, clock: { now: () => now.at } });
		running.push(processor);
		await world.consumed();
		await until(() => isReady(processor.status()));
		isDeaf = true;
		await world.submit({ id: "a" });
		await until(() => {
			now.at += 3_000;
			return heard.said("partition.stalled").length > 0;
		}, "the stall to be noticed");
		expect(isReady(processor.status())).toBe(false);
		expect(processor.status().partitions[0]).toMatchObject({ phase: "deciding", why: "inputs wait and none is taken" });
		isDeaf = false;
		await world.consumed();
		await until(() => isReady(processor.status()));
		expect(heard.said("partition.stalled")).toHaveLength(1);
	});
});
