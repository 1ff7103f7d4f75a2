import { afterEach, describe, expect, it } from "vitest";
import { verifierOf } from "../../../src/adapters/keys/ed25519.ts";
import { emptyState } from "../../../src/core/state/state.ts";
import { type Log, TOPICS } from "../../../src/ports/log/log.ts";
import { Processor } from "../../../src/processor/processor.ts";
import { isReady, Standing } from "../../../src/processor/status.ts";
import { Heard, LogWorld, over, startProcessor, TEST_LAYOUT, TEST_POLICY, until } from "../../support/world.ts";

const running: Processor[] = [];

afterEach(async () => {
	await Promise.all(running.splice(0).map((processor) => processor.drain()));
});

function made(world: LogWorld, log: Log = world.handle()): Processor {
	const { layout, clock } = world;
	const processor = new Processor({ log, instance: "p1", layout, clock, telemetry: new Heard(), verifierOf });
	running.push(processor);
	return processor;
}

const phaseOf = (processor: Processor): string | undefined => processor.status().partitions[0]?.phase;

/** Promises that are kept when the test says so. */
function gate(): { opened: Promise<void>; open: () => void } {
	const { promise, resolve } = Promise.withResolvers<void>();
	return { opened: promise, open: resolve };
}

describe("the status", () => {
	it("goes from claiming to restoring to deciding, and tells since when and how far", async () => {
		let now = 1_700_000_000_000;
		const world = new LogWorld({ clock: { now: () => now } });
		await world.policies(TEST_POLICY);
		const inner = world.handle();
		const claimed = gate();
		const restored = gate();
		const log = over(inner, {
			append: async (to, records, options) => {
				await claimed.opened;
				return inner.append(to, records, options);
			},
			read: async (from, at, options) => {
				if (from.topic === TOPICS.decisions) await restored.opened;
				return inner.read(from, at, options);
			},
		});
		const processor = made(world, log);
		expect(processor.status()).toEqual({ partitions: [], isMember: false, isDraining: false, isEnded: false });
		await processor.start();
		const none = { calls: 0, sessions: 0, accounts: 0, halts: 0, controls: 0 };
		const begun = { partition: 0, consumed: { intents: 0, control: 0 }, entries: 0, rows: none };
		expect(processor.status()).toEqual({
			partitions: [{ ...begun, phase: "claiming", since: now }],
			isMember: true,
			isDraining: false,
			isEnded: false,
		});
		now += 10;
		claimed.open();
		await until(() => phaseOf(processor) === "restoring");
		expect(processor.status().partitions).toEqual([{ ...begun, phase: "restoring", since: now }]);
		now += 10;
		restored.open();
		await until(() => phaseOf(processor) === "deciding");
		const { since } = processor.status().partitions[0] ?? {};
		expect(since).toBe(now);
		now += 10;
		await world.submit({ id: "a" });
		await world.consumed();
		expect(processor.status().partitions).toEqual([
			{
				partition: 0,
				phase: "deciding",
				since,
				consumed: { intents: 1, control: 1 },
				entries: 2,
				rows: { ...none, calls: 1, sessions: 1, accounts: 1, controls: 1 },
			},
		]);
	});

	it("tells why a partition is paused, and forgets it when it decides", async () => {
		const world = new LogWorld();
		await world.activate(world.digestOf(TEST_POLICY));
		const processor = made(world);
		await processor.start();
		await until(() => phaseOf(processor) === "paused");
		expect(processor.status().partitions[0]?.why).toContain("publish it");
		await world.bundle(TEST_POLICY);
		await world.consumed();
		await until(() => phaseOf(processor) === "deciding");
		expect(processor.status().partitions[0]).not.toHaveProperty("why");
	});

	it("is not deciding before the policy in force is compiled", async () => {
		const world = new LogWorld();
		const digest = await world.policies(TEST_POLICY);
		const first = made(world);
		await first.start();
		await world.consumed();
		await first.drain();
		await world.publishBundle({
			type: "policy.bundle",
			digest,
			sources: [{ name: "p.yaml", text: "kind: Newer" }],
			signature: "",
		});
		const inner = world.handle();
		const asked = gate();
		const answered = gate();
		const log = over(inner, {
			read: async (from, at, options) => {
				if (from.topic === TOPICS.policies) {
					asked.open();
					await answered.opened;
				}
				return inner.read(from, at, options);
			},
		});
		const processor = made(world, log);
		await processor.start();
		await asked.opened;
		expect(phaseOf(processor)).toBe("restoring");
		answered.open();
		await until(() => phaseOf(processor) === "paused");
		expect(processor.status().partitions[0]?.why).toContain("cannot compile it");
	});

	it("keeps what was known while a partition is claimed again, with the reason", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		let isFull = false;
		const processor = made(world, world.handle({ faults: () => (isFull ? { kind: "full" } : null) }));
		await processor.start();
		await world.consumed();
		isFull = true;
		await world.submit({ id: "a" });
		await until(() => phaseOf(processor) === "claiming");
		// The append that failed moved nothing.
		expect(processor.status().partitions[0]).toMatchObject({ consumed: { control: 1, intents: 0 }, entries: 1 });
		expect(processor.status().partitions[0]?.why).toContain("ASSENT_LOG_FULL");
		isFull = false;
		await world.consumed();
		await until(() => phaseOf(processor) === "deciding");
	});

	it("tells that a process cannot go on, where and why", async () => {
		const world = new LogWorld();
		const first = made(world);
		await first.start();
		await until(async () => (await world.fold()).claims === 1);
		await first.drain();
		const { processor } = await startProcessor(world, { layout: { ...TEST_LAYOUT, dedupeMs: 1 } });
		running.push(processor);
		await processor.ended;
		expect(processor.status()).toMatchObject({ isEnded: true, partitions: [{ phase: "failed" }] });
		expect(processor.status().partitions[0]?.why).toContain("layout.dedupe");
	});

	it("tells that a process drains, and that it has left", async () => {
		const world = new LogWorld();
		const processor = made(world);
		await processor.start();
		const draining = processor.drain();
		expect(processor.status()).toMatchObject({ isMember: true, isDraining: true, isEnded: false });
		await draining;
		expect(processor.status()).toEqual({ partitions: [], isMember: false, isDraining: true, isEnded: true });
	});

	it("tells that the partitions went to a newer member", async () => {
		const world = new LogWorld();
		const processor = made(world);
		await processor.start();
		await made(world).start();
		await processor.ended;
		expect(processor.status()).toMatchObject({ partitions: [], isEnded: true });
	});

	it("has the partitions in order", async () => {
		const world = new LogWorld({ layout: { ...TEST_LAYOUT, partitions: 12 } });
		const log = over(world.handle(), {
			assign: async (_group, _member, listener) => {
				listener.onAssigned([11, 2, 0]);
				return { confirm: async () => {}, leave: async () => {} };
			},
		});
		const processor = made(world, log);
		await processor.start();
		const found = processor.status().partitions.map(({ partition }) => partition);
		expect(found).toEqual([0, 2, 11]);
	});
});

describe("the standing of a partition", () => {
	const clock = { time: 1, now: () => clock.time };

	it("that failed stays so, since when it did, until it decides or waits again", () => {
		for (const mended of ["deciding", "paused"] as const) {
			clock.time = 1;
			const standing = new Standing(3, clock);
			clock.time = 2;
			standing.enter("failed", "records are gone");
			clock.time = 3;
			for (const phase of ["claiming", "restoring", "failed"] as const) standing.enter(phase);
			expect(standing.status()).toMatchObject({ phase: "failed", since: 2, why: "records are gone" });
			clock.time = 4;
			standing.enter(mended);
			expect(standing.status()).toMatchObject({ partition: 3, phase: mended, since: 4 });
		}
	});

	it("keeps the figures that it reached, whatever becomes of the state", () => {
		const state = emptyState(TEST_LAYOUT, 0);
		const standing = new Standing(0, clock);
		state.nextSeq = 5;
		state.inputs.intents = 4;
		standing.reached(state);
		state.nextSeq = 9;
		state.inputs.intents = 8;
		expect(standing.status().rows).toEqual({ calls: 0, sessions: 0, accounts: 0, halts: 0, controls: 0 });
		expect(standing.status()).toMatchObject({ entries: 5, consumed: { intents: 4, control: 0 } });
	});
});

describe("a topic that is given more partitions", () => {
	it("makes a running processor unready, and is told once", async () => {
		const world = new LogWorld();
		const inner = world.handle();
		let partitions = world.layout.partitions;
		const shapes = async () =>
			(await inner.admin().shapes()).map((each) => (each.name === TOPICS.intents ? { ...each, partitions } : each));
		const log = over(inner, { admin: () => ({ ...inner.admin(), shapes }) });
		const heard = new Heard();
		const { layout, clock } = world;
		const processor = new Processor({
			log,
			instance: "p1",
			layout,
			clock,
			telemetry: heard,
			verifierOf,
			shapeEveryMs: 0,
		});
		running.push(processor);
		await processor.start();
		await until(() => phaseOf(processor) === "deciding");
		expect(isReady(processor.status())).toBe(true);
		partitions += 5;
		await until(() => !isReady(processor.status()), "the processor to notice");
		expect(processor.status().why).toContain("ASSENT_LOG_TOPIC: `intents` has");
		await until(() => heard.said("topic.altered").length > 0);
		await new Promise((resolve) => setTimeout(resolve, 3_000));
		expect(heard.said("topic.altered")).toHaveLength(1);
	});
});

describe("the lag", () => {
	it("counts what is there and not consumed, by topic, and not what retention has removed", async () => {
		const world = new LogWorld();
		for (let at = 0; at < 5; at++) await world.submit({ id: `n-${at}` });
		await world.activate(world.digestOf(TEST_POLICY));
		const intents = { topic: TOPICS.intents, partition: 0 };
		const processor = made(world);
		await processor.start();
		// Paused for want of the bundle.
		await until(() => phaseOf(processor) === "paused");
		expect(await processor.lag()).toEqual([
			{ ...intents, records: 5 },
			{ topic: TOPICS.control, partition: 0, records: 1 },
		]);
		await world.bundle(TEST_POLICY);
		await world.consumed();
		expect((await processor.lag()).map(({ records }) => records)).toEqual([0, 0]);
		await world.log.admin().trim(intents, 5);
		expect((await processor.lag()).map(({ records }) => records)).toEqual([0, 0]);
	});

	it("does not count what retention has removed before it was consumed", async () => {
		const world = new LogWorld();
		for (let at = 0; at < 5; at++) await world.submit({ id: `n-${at}` });
		await world.log.admin().trim({ topic: TOPICS.intents, partition: 0 }, 3);
		const processor = made(world);
		await processor.start();
		await until(() => phaseOf(processor) === "failed");
		expect((await processor.lag())[0]).toMatchObject({ records: 2 });
	});
});
