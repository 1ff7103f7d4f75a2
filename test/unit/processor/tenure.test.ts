/** What a processor checks although nothing but a rare fault would show that it does not. */

import { describe, expect, it } from "vitest";
import { encodeInput } from "../../../src/core/codec/encode.ts";
import { AHEAD_MAX_MS } from "../../../src/core/model/units.ts";
import { NO_POLICY } from "../../../src/core/state/head.ts";
import { emptyState } from "../../../src/core/state/state.ts";
import { type Log, type LogRecord, TOPICS } from "../../../src/ports/log/log.ts";
import { BACKLOG_MAX } from "../../../src/processor/release.ts";
import { activates } from "../../../src/processor/step.ts";
import { Ticker } from "../../../src/processor/ticker.ts";
import { consume, inputOf } from "../../../src/reading/consumed.ts";
import { readSnapshot } from "../../../src/reading/snapshot-reader.ts";
import { checkLog } from "../../support/checker.ts";
import { intentOf } from "../../support/engine-world.ts";
import { start, stop } from "../../support/running.ts";
import { LogWorld, over, startProcessor, TEST_LAYOUT, TEST_POLICY, until } from "../../support/world.ts";

const LEDGER = { topic: TOPICS.decisions, partition: 0 };
const STRANGER = { key: null, value: Uint8Array.of(1), headers: {} };
const ALL = { tenant: null, agent: null, session: null };

const answered = async (world: LogWorld): Promise<string[]> => (await world.replies()).map(({ call }) => call.id);

const expectSound = async (world: LogWorld): Promise<void> =>
	expect((await checkLog(world.log, { layout: world.layout })).findings).toEqual([]);

describe("an append", () => {
	it("that is acknowledged at another offset than the expected one releases nothing before the ledger was read again", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const inner = world.handle();
		let isForestalled = false;
		const released: string[] = [];
		const log = over(inner, {
			append: async (to, records, options) => {
				if (to.topic === TOPICS.replies) {
					const appended = await inner.append(to, records, options);
					if (appended.kind === "appended") released.push(isForestalled ? "before" : "after");
					return appended;
				}
				if (!isForestalled || to.topic !== TOPICS.decisions || options?.expected === undefined) {
					if (to.topic === TOPICS.decisions && options?.expected === undefined) isForestalled = false;
					return inner.append(to, records, options);
				}
				await inner.append(LEDGER, [STRANGER]);
				return inner.append(to, records);
			},
		});
		const { heard } = await start(world, { log });
		await world.consumed();
		isForestalled = true;
		await world.submit({ id: "a" });
		await until(async () => (await answered(world)).length > 0);
		expect(heard.said("partition.reclaimed")[0]?.["why"]).toContain("landed at");
		expect(released).toEqual(["after"]);
		await stop();
		expect(await answered(world)).toEqual(["a"]);
		await expectSound(world);
	});

	it("that a stranger's record forestalled and that still counts is answered, once", async () => {
		const world = new LogWorld({ store: { mismatched: "written" } });
		await world.policies(TEST_POLICY);
		const inner = world.handle();
		let isForestalled = false;
		const log = over(inner, {
			append: async (to, records, options) => {
				if (isForestalled && to.topic === TOPICS.decisions && options?.expected !== undefined) {
					isForestalled = false;
					await inner.append(LEDGER, [STRANGER]);
				}
				return inner.append(to, records, options);
			},
		});
		const { heard } = await start(world, { log });
		await world.consumed();
		isForestalled = true;
		await world.submit({ id: "a" });
		await until(async () => (await answered(world)).length > 0);
		expect(heard.said("partition.reclaimed")[0]?.["why"]).toContain("superseded");
		await stop();
		expect(await answered(world)).toEqual(["a"]);
		await expectSound(world);
	});

	it("is cut by what its entries weigh", async () => {
		const world = new LogWorld();
		const rules = Array.from({ length: 40 }, (_, at) => `{name: r${at}, tools: [wipe], message: ${"x".repeat(450)}}`);
		await world.policies(TEST_POLICY.replace(/deny: .*/, `deny: [${rules.join(", ")}]`));
		for (let at = 0; at < 300; at++) await world.submit({ id: `n-${at}`, tool: "wipe" });
		const inner = world.handle();
		const weights: number[] = [];
		const log = over(inner, {
			append: (to, records, options) => {
				if (options?.expected !== undefined) weights.push(records.reduce((sum, { value }) => sum + value.length, 0));
				return inner.append(to, records, options);
			},
		});
		await start(world, { log });
		await world.consumed();
		expect(weights.reduce((sum, each) => sum + each, 0)).toBeGreaterThan(1_000_000);
		expect(Math.max(...weights)).toBeLessThanOrEqual(900_000);
		expect(Math.max(...weights)).toBeGreaterThan(700_000);
	});

	it("waits for projections when too many are under way", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const inner = world.handle();
		const gate = Promise.withResolvers<void>();
		const log = over(inner, {
			append: async (to, records, options) => {
				if (to.topic === TOPICS.violations) await gate.promise;
				return inner.append(to, records, options);
			},
		});
		await start(world, { log });
		await world.consumed();
		const more = 1_000;
		for (let sent = 0; sent < BACKLOG_MAX + more; sent += more)
			await Promise.all(Array.from({ length: more }, (_, at) => world.submit({ id: `n-${sent + at}`, tool: "wipe" })));
		await until(async () => (await world.entries()).length >= BACKLOG_MAX);
		await new Promise((resolve) => setTimeout(resolve, 30));
		expect(await world.isConsumed()).toBe(false);
		gate.resolve();
		await world.consumed();
	});
});

describe("control", () => {
	it("is read to its end after a claim also where the log hears of intents first", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await world.control({ type: "halt.set", scope: ALL, reason: "drill" });
		await world.submit({ id: "a" });
		const inner = world.handle();
		const log = over(inner, {
			waitFor: async (any, options) => {
				const intents = any.filter(({ topic }) => topic === TOPICS.intents);
				return inner.waitFor(intents.length > 0 && options.timeoutMs === 0 ? intents : any, options);
			},
		});
		await start(world, { log });
		await world.consumed();
		expect((await world.entries()).map(({ kind }) => kind)).toEqual(["policy.activated", "halt.set", "decision.made"]);
	});

	it("that lies before an activation without its bundle is committed while that is waited for", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const { heard } = await start(world);
		await world.consumed();
		await stop();
		await world.control({ type: "halt.set", scope: ALL, reason: "drill" });
		await world.activate("cd".repeat(32));
		const { heard: later } = await start(world);
		await until(() => later.said("partition.paused").length > 0);
		expect((await world.entries()).at(-1)?.kind).toBe("halt.set");
		expect(heard.said("partition.paused")).toEqual([]);
	});
});

describe("the next owner", () => {
	it("answers nothing that the one before it answered", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await start(world);
		await world.submit({ id: "held", tool: "pay.send" });
		await world.consumed();
		const call = { tenant: "acme", agent: "coder", id: "held" };
		await world.control({ type: "approval.granted", issuedBy: "alice", call, session: "run-1", comment: "" });
		await world.consumed();
		await stop();
		expect(await answered(world)).toEqual(["held", "held"]);
		await start(world, { instance: "p2" });
		await until(async () => (await world.fold()).claims === 2);
		await world.submit({ id: "after" });
		await world.consumed();
		await stop();
		expect(await answered(world)).toEqual(["held", "held", "after"]);
	});

	it("publishes nothing before what the claim before it had under way", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const inner = world.handle();
		let isFull = false;
		const log = over(inner, {
			append: async (to, records, options) => {
				if (to.topic === TOPICS.violations) await new Promise((resolve) => setTimeout(resolve, 60));
				if (isFull && to.topic === TOPICS.decisions && options?.expected !== undefined) {
					isFull = false;
					return { kind: "unknown", why: "no answer" };
				}
				return inner.append(to, records, options);
			},
		});
		const { heard } = await start(world, { log });
		await world.consumed();
		await world.submit({ id: "a", tool: "wipe" });
		await until(async () => (await world.entries()).length === 2);
		isFull = true;
		await world.submit({ id: "b", tool: "wipe" });
		await world.consumed();
		await stop();
		expect(heard.said("partition.reclaimed")).toHaveLength(1);
		const ids = (await world.derived(TOPICS.violations, "violation.detected")).map(({ id }) => id);
		expect(ids).toEqual(["0-1-0", "0-2-0"]);
	});

	it("whom somebody overtook with a snapshot beyond its claim does not decide by that", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		for (let at = 0; at < 5; at++) await world.submit({ id: `n-${at}` });
		const inner = world.handle();
		let isClaimed = false;
		let isOvertaken = false;
		const log: Log = over(inner, {
			assign: async (_group, _member, listener) => {
				listener.onAssigned([0]);
				return { confirm: async () => {}, leave: async () => {} };
			},
			append: async (to, records, options) => {
				const appended = await inner.append(to, records, options);
				isClaimed ||= to.topic === TOPICS.decisions;
				return appended;
			},
			bounds: async (of) => {
				if (isClaimed && !isOvertaken) {
					isOvertaken = true;
					const { processor } = await startProcessor(world, { instance: "young", snapshotEvery: 2 });
					await world.consumed();
					await processor.drain();
					expect(await readSnapshot(world.log, 0, TEST_LAYOUT)).not.toBeNull();
				}
				return inner.bounds(of);
			},
		});
		const { heard } = await start(world, { log, instance: "old" });
		await until(() => heard.said("partition.restored").length > 0);
		expect(heard.said("partition.reclaimed")[0]?.["why"]).toContain("another claim came after this one");
		await world.submit({ id: "after" });
		await world.consumed();
		await stop();
		await expectSound(world);
	});
});

describe("snapshots", () => {
	it("lie in two slots in turn", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await start(world, { snapshotEvery: 3 });
		const slots = (): Promise<string[]> =>
			world
				.records(TOPICS.snapshots)
				.then((records) => records.flatMap(({ key }) => (key?.endsWith("manifest") ? [key] : [])));
		for (let at = 0; at < 20; at++) {
			await world.submit({ id: `n-${at}` });
			await world.consumed();
		}
		expect(new Set(await slots())).toEqual(new Set(["0/manifest", "1/manifest"]));
	});

	it("are read the newer first, where what lies behind them cannot be read", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await start(world, { snapshotEvery: 3 });
		for (let at = 0; at < 20; at++) {
			await world.submit({ id: `n-${at}` });
			await world.consumed();
		}
		await stop();
		const newest = (await readSnapshot(world.log, 0, TEST_LAYOUT))?.manifest.seq;
		await world.log.append({ topic: TOPICS.snapshots, partition: 0 }, [STRANGER]);
		expect((await readSnapshot(world.log, 0, TEST_LAYOUT))?.manifest.seq).toBe(newest);
		const seqs = (await world.derived(TOPICS.snapshots, "snapshot.manifest")).map(({ seq }) => seq);
		expect(seqs).toHaveLength(2);
		expect(Math.max(...seqs)).toBe(newest);
	});
});

describe("the marks of a processor's clock", () => {
	const NOW = 1_700_000_000_000;
	const record = (timestamp: number, deadline: number): LogRecord => ({
		topic: TOPICS.intents,
		partition: 0,
		offset: 0,
		timestamp,
		key: null,
		value: encodeInput({ ...intentOf({ id: "a", issuedAt: NOW - 10 }), deadline }),
		headers: {},
	});
	const marks = (timestamp: number, deadline: number) => {
		const { late, ahead } = inputOf(consume(record(timestamp, deadline), "intents"), NOW);
		return { late, ahead };
	};

	it("are `late` once the deadline has passed, to the millisecond", () => {
		expect(marks(NOW, NOW)).toEqual({ late: false, ahead: false });
		expect(marks(NOW, NOW - 1)).toEqual({ late: true, ahead: false });
	});

	it("are `ahead` beyond five minutes, to the millisecond", () => {
		expect(marks(NOW + AHEAD_MAX_MS, NOW)).toEqual({ late: false, ahead: false });
		expect(marks(NOW + AHEAD_MAX_MS + 1, NOW)).toEqual({ late: false, ahead: true });
		expect(AHEAD_MAX_MS).toBe(5 * 60_000);
	});
});

describe("an activation", () => {
	it("is one that needs its bundle when its generation is greater, or the same with a greater id", () => {
		const state = emptyState(TEST_LAYOUT, 0);
		state.policy = { ...NO_POLICY, digest: "ab".repeat(32), generation: 3, activationId: "m" };
		const of = (generation: number, id: string) =>
			activates(state, {
				type: "policy.activated",
				id,
				generation,
				digest: "cd".repeat(32),
				needsReview: false,
				issuedBy: "ops",
				issuedAt: 1,
			});
		expect([of(4, "a"), of(3, "n"), of(3, "m"), of(3, "a"), of(2, "z")]).toEqual([true, true, false, false, false]);
	});
});

/** The fold of a ledger with a held call. */
async function heldWorld() {
	const world = new LogWorld();
	await world.policies(TEST_POLICY);
	await start(world);
	await world.submit({ id: "held", tool: "pay.send" });
	await world.consumed();
	await stop();
	return world.fold();
}

describe("ticks", () => {
	it("are not written again before the last one was consumed", async () => {
		const world = new LogWorld();
		await world.put(TOPICS.control, 0, Uint8Array.of(1));
		let now = 10_000;
		const ticker = new Ticker({ log: world.log, partition: 0, instance: "p1", clock: { now: () => now } });
		const { state } = (await heldWorld()).folded;
		state.inputs.control = 1;
		now = state.streamTime + 10 * 60_000;
		const written = async (): Promise<number> => (await world.records(TOPICS.control)).length - 1;
		await ticker.tick(state);
		expect(await written()).toBe(1);
		now += 5_000;
		await ticker.tick(state);
		expect(await written()).toBe(1);
		now += 5_000;
		state.inputs.control = 2;
		await ticker.tick(state);
		expect(await written()).toBe(2);
	});
});
