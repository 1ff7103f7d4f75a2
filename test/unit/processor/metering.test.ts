import { afterEach, describe, expect, it } from "vitest";
import { verifierOf } from "../../../src/adapters/keys/ed25519.ts";
import type { MemoryFault } from "../../../src/adapters/memory/faults.ts";
import type { OutcomeStatus } from "../../../src/core/model/inputs.ts";
import { type Log, TOPICS } from "../../../src/ports/log/log.ts";
import type { Meter } from "../../../src/ports/meter.ts";
import { Processor } from "../../../src/processor/processor.ts";
import { intentOf } from "../../support/engine-world.ts";
import { Heard, LogWorld, over, TEST_POLICY, until } from "../../support/world.ts";

/** A meter that remembers what it was told. */
class Told implements Meter {
	readonly decisions: string[] = [];
	readonly losses: string[] = [];
	readonly latencies: number[] = [];
	readonly restores: { entries: number; isFromSnapshot: boolean }[] = [];
	budgets = 0;
	rejected = 0;
	unknown = 0;
	ungoverned = 0;
	readonly unreported: string[] = [];
	expired = 0;
	letters = 0;
	entries = 0;
	undelivered = 0;
	voids = 0;
	snapshots = 0;
	unwritten = 0;
	decided(verdict: string): void {
		this.decisions.push(verdict);
	}
	budgetRejected(): void {
		this.budgets += 1;
	}
	usageUnreported(measure: string): void {
		this.unreported.push(measure);
	}
	reservationExpired(): void {
		this.expired += 1;
	}
	outcomeUnknown(): void {
		this.unknown += 1;
	}
	callUngoverned(): void {
		this.ungoverned += 1;
	}
	inputRejected(): void {
		this.rejected += 1;
	}
	deadLettered(): void {
		this.letters += 1;
	}
	appended(entries: number, ms: number): void {
		expect(ms).toBeGreaterThanOrEqual(0);
		this.entries += entries;
	}
	released(ms: number): void {
		this.latencies.push(ms);
	}
	repliesUndelivered(count: number): void {
		this.undelivered += count;
	}
	restored({ entries, ms, isFromSnapshot }: { entries: number; ms: number; isFromSnapshot: boolean }): void {
		expect(ms).toBeGreaterThanOrEqual(0);
		this.restores.push({ entries, isFromSnapshot });
	}
	claimLost(why: string): void {
		this.losses.push(why);
	}
	voidsSeen(count: number): void {
		this.voids += count;
	}
	snapshotWritten(ms: number): void {
		expect(ms).toBeGreaterThanOrEqual(0);
		this.snapshots += 1;
	}
	snapshotUnwritten(): void {
		this.unwritten += 1;
	}
}

const running: Processor[] = [];

afterEach(async () => {
	await Promise.all(running.splice(0).map((processor) => processor.drain()));
});

async function start(
	world: LogWorld,
	of: { log?: Log; snapshotEvery?: number; clock?: { now(): number } } = {},
): Promise<{ told: Told; heard: Heard; processor: Processor }> {
	const told = new Told();
	const heard = new Heard();
	const processor = new Processor({
		verifierOf,
		log: world.handle(),
		instance: "p1",
		layout: world.layout,
		clock: world.clock,
		telemetry: heard,
		meter: told,
		...of,
	});
	running.push(processor);
	await processor.start();
	return { told, heard, processor };
}

const isEntry = (headers: Readonly<Record<string, string>> | undefined): boolean =>
	headers?.["assent-kind"] === "entry";

describe("the meter", () => {
	it("hears of usage that nobody reported, and of calls that never reported at all", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const call = { tenant: "acme", agent: "coder" };
		const outcome = {
			type: "outcome.reported" as const,
			actor: [],
			session: "run-1",
			status: "ok" as const,
			sketch: "",
		};
		await world.submit({ id: "a" });
		await world.submit({ id: "b", tool: "login" });
		const unknown = { tokens: null, costMicros: null, executionMs: 1 };
		await world.publish({ ...outcome, call: { ...call, id: "a" }, usage: unknown });
		const { told, heard, processor } = await start(world);
		await until(async () => told.expired === 1);
		await processor.drain();
		expect(told.unreported).toEqual(["tokens"]);
		expect(heard.said("usage.unreported")).toMatchObject([{ policy: "guard", limit: "tokens", measure: "tokens" }]);
	});

	it("hears of ends that nobody saw, and of calls that ran although nothing allowed it", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const report = (id: string, status: OutcomeStatus) =>
			world.publish({
				...{ type: "outcome.reported", actor: [], session: "run-1", sketch: "", status },
				call: { tenant: "acme", agent: "coder", id },
				usage: { tokens: null, costMicros: null, executionMs: null },
			});
		await world.submit({ id: "a" });
		await world.submit({ id: "wiped", tool: "wipe" });
		await report("a", "unknown");
		await report("wiped", "ok");
		await report("nobody-asked", "ok");
		await report("a", "ok");
		await report("a", "ok");
		const { told, processor } = await start(world);
		await world.consumed();
		await processor.drain();
		// The last one is a repetition.
		expect(told).toMatchObject({ unknown: 1, ungoverned: 2, rejected: 3, unreported: ["tokens"] });
		const alarms = await world.derived(TOPICS.violations, "violation.detected");
		expect(alarms.filter(({ code }) => code === "call.ungoverned")).toMatchObject([
			{ severity: "critical", call: { id: "wiped" } },
			{ severity: "critical", call: { id: "nobody-asked" } },
		]);
	});

	it("hears of every verdict, by what it was, and of calls that a limit denied", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await world.submit({ id: "a" });
		await world.submit({ id: "a" });
		await world.submit({ id: "b", tool: "wipe" });
		await world.submit({ id: "c", tokens: 200_000 });
		await world.submit({ id: "held", tool: "pay.send" });
		const { told, processor } = await start(world);
		await world.consumed();
		const call = { tenant: "acme", agent: "coder", id: "held" };
		await world.control({ type: "approval.granted", issuedBy: "alice", call, session: "run-1", comment: "" });
		await world.consumed();
		await processor.drain();
		// A repetition is no decision.
		expect(told.decisions).toEqual(["allow", "deny", "deny", "hold", "allow"]);
		expect(told.budgets).toBe(1);
		expect(told.entries).toBe(7);
		expect(told.latencies).toHaveLength(4);
		expect(told.restores).toEqual([{ entries: 0, isFromSnapshot: false }]);
		expect(told.losses).toEqual([]);
	});

	it("hears a denial when nobody approved in time", async () => {
		let now = 1_700_000_000_000;
		const world = new LogWorld({ clock: { now: () => now } });
		await world.policies(TEST_POLICY);
		await world.submit({ id: "held", tool: "pay.send" });
		const { told } = await start(world);
		await world.consumed();
		now += 10 * 60_000;
		await world.control({ type: "clock.ticked" });
		await until(() => told.decisions.length === 2);
		expect(told.decisions).toEqual(["hold", "deny"]);
	});

	it("hears of inputs without effect, and of dead letters among them", async () => {
		const world = new LogWorld();
		await world.put(TOPICS.intents, 0, Uint8Array.of(1, 2, 3));
		await world.put(TOPICS.control, 0, Uint8Array.of(0xc3, 1));
		await world.control({
			type: "halt.lifted",
			scope: { tenant: null, agent: null, session: null },
			reason: "none is",
		});
		const { told, processor } = await start(world);
		await world.consumed();
		await processor.drain();
		expect(told).toMatchObject({ rejected: 3, letters: 2, decisions: [] });
	});

	it("is told how long a decision took by the log's time, and never less than nothing", async () => {
		let now = 1_700_000_000_000;
		const world = new LogWorld({ clock: { now: () => now } });
		await world.policies(TEST_POLICY);
		await world.submit({ id: "a" });
		now += 250;
		await world.submit({ id: "b" });
		now += 1_000;
		let off = 0;
		const { told, processor } = await start(world, { clock: { now: () => now + off } });
		await world.consumed();
		await until(() => told.latencies.length === 2);
		off = -5_000;
		await world.submit({ id: "c" });
		await world.consumed();
		await processor.drain();
		expect(told.latencies).toEqual([1_250, 1_000, 0]);
	});

	it("is told how long a decision took that nobody wants an answer to, too", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const { told, processor } = await start(world);
		await world.publish(intentOf({ id: "a", issuedAt: world.clock.now() }));
		await world.consumed();
		await processor.drain();
		expect(await world.replies()).toEqual([]);
		expect(told.latencies).toHaveLength(1);
	});

	it("hears of replies that could not be delivered", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await world.submit({ id: "a" });
		const [record] = await world.records(TOPICS.intents);
		const nowhere = { "assent-reply-to": "replies.nowhere", "assent-reply-id": "r" };
		await world.put(TOPICS.intents, 0, record?.value ?? new Uint8Array(), nowhere);
		const { told, processor } = await start(world);
		await world.consumed();
		await processor.drain();
		expect(told.undelivered).toBe(1);
	});

	it("hears nothing again of entries that a later owner reads", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		for (const id of ["a", "b", "c"]) await world.submit({ id, tool: "wipe" });
		const { processor: first } = await start(world);
		await world.consumed();
		await first.drain();
		const { told, processor } = await start(world);
		await until(() => told.restores.length === 1);
		await processor.drain();
		expect(told).toMatchObject({ decisions: [], latencies: [], entries: 0 });
		expect(told.restores).toEqual([{ entries: 4, isFromSnapshot: false }]);
	});

	it("hears of snapshots, written or not, and of restores from one", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		let isBroken = false;
		const log = world.handle({
			faults: ({ topic }) => (isBroken && topic === TOPICS.snapshots ? { kind: "full" } : null),
		});
		const { told, processor } = await start(world, { log, snapshotEvery: 3 });
		for (let at = 0; at < 3; at++) await world.submit({ id: `n-${at}` });
		await world.consumed();
		await until(() => told.snapshots > 0);
		isBroken = true;
		for (let at = 3; at < 9; at++) await world.submit({ id: `n-${at}` });
		await until(() => told.unwritten > 0);
		await processor.drain();
		const { told: next } = await start(world);
		await until(() => next.restores.length === 1);
		expect(next.restores).toEqual([{ entries: 10, isFromSnapshot: true }]);
	});

	it("hears of each void record once, however often the ledger is read", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await world.put(TOPICS.decisions, 0, Uint8Array.of(1));
		await world.put(TOPICS.decisions, 0, Uint8Array.of(2));
		const { told } = await start(world);
		await world.consumed();
		expect(told.voids).toBe(2);
		// What lies at the expected offset makes the next append fail and the ledger be read again.
		await world.put(TOPICS.decisions, 0, Uint8Array.of(3));
		await world.submit({ id: "a" });
		await world.consumed();
		expect(told.voids).toBe(3);
		expect(told.losses).toEqual(["superseded"]);
		expect(told.restores).toHaveLength(2);
	});
});

describe("the meter hears why a claim was lost:", () => {
	it.each<[string, MemoryFault]>([
		["unknown", { kind: "unanswered" }],
		["failed", { kind: "full" }],
	])("%s, when an append of entries met it", async (why, fault) => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const faults = [fault];
		const log = world.handle({
			faults: (_to, [record]) => (isEntry(record?.headers) ? (faults.pop() ?? null) : null),
		});
		const { told } = await start(world, { log });
		await world.consumed();
		await until(() => told.restores.length === 2);
		expect(told.losses).toEqual([why]);
	});

	it("unclaimed, when the claim was not written", async () => {
		const world = new LogWorld();
		const faults: MemoryFault[] = [{ kind: "full" }, { kind: "lost" }];
		const log = world.handle({ faults: () => faults.pop() ?? null });
		const { told } = await start(world, { log });
		await until(() => told.restores.length === 1);
		expect(told.losses).toEqual(["unclaimed", "unclaimed"]);
	});

	it("overtaken, when somebody else claimed before it had restored", async () => {
		const world = new LogWorld();
		const inner = world.handle();
		let isFirst = true;
		const log = over(inner, {
			append: async (to, records, options) => {
				const answer = await inner.append(to, records, options);
				// A stranger's claim lies directly behind this one's, and is what it reads up to.
				if (isFirst && answer.kind === "appended") {
					isFirst = false;
					const stranger = records.map((one) => ({
						...one,
						headers: { ...one.headers, "assent-claim": "ab".repeat(16) },
					}));
					const second = await inner.append(to, stranger);
					return second.kind === "appended" ? second : answer;
				}
				return answer;
			},
		});
		const { told } = await start(world, { log });
		await until(() => told.restores.length === 1);
		expect(told.losses).toEqual(["overtaken"]);
	});

	it("unpublished, when a projection was not taken", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		let isBroken = true;
		const log = world.handle({
			faults: ({ topic }) => (isBroken && topic === TOPICS.violations ? { kind: "full" } : null),
		});
		await world.submit({ id: "a", tool: "wipe" });
		const { told } = await start(world, { log });
		await until(() => told.losses.length > 0, "the loss");
		isBroken = false;
		expect(told.losses).toEqual(["unpublished"]);
		// The answer does not wait for what else follows from its entry.
		expect(told.latencies).toHaveLength(1);
	});

	it("broken, when records are gone", async () => {
		const world = new LogWorld();
		await world.submit({ id: "a" });
		await world.log.admin().trim({ topic: TOPICS.intents, partition: 0 }, 1);
		const { told } = await start(world);
		await until(() => told.losses.length >= 2);
		expect(new Set(told.losses)).toEqual(new Set(["broken"]));
	});
});
