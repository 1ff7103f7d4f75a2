import { describe, expect, it } from "vitest";
import type { MemoryFault } from "../../../src/adapters/memory/faults.ts";
import { AssentError, problem } from "../../../src/core/base/errors.ts";
import { decodeDerived } from "../../../src/core/codec/decode.ts";
import { type Log, TOPICS } from "../../../src/ports/log/log.ts";
import { silentMeter } from "../../../src/ports/meter.ts";
import { Releaser } from "../../../src/processor/release.ts";
import { Replies } from "../../../src/processor/replies.ts";
import { publishedOf, UNPUBLISHED } from "../../../src/reading/published.ts";
import { checkLog } from "../../support/checker.ts";
import { start, stop } from "../../support/running.ts";
import { Heard, LogWorld, over, TEST_POLICY, until } from "../../support/world.ts";

const startOn = (world: LogWorld, log: Log, instance = "p1") => start(world, { log, instance });

const denied = async (world: LogWorld, count: number, from = 0): Promise<void> => {
	for (let at = from; at < from + count; at++) await world.submit({ id: `n-${at}`, tool: "wipe" });
};

const idsOf = async (world: LogWorld): Promise<string[]> =>
	(await world.derived(TOPICS.violations, "violation.detected")).map(({ id }) => id);

/** A handle whose next appends of entries go wrong as `faults` says, the last first. */
function withLedgerFaults(world: LogWorld): { readonly log: Log; readonly faults: MemoryFault[] } {
	const faults: MemoryFault[] = [];
	const log = world.handle({
		faults: (to, [record]) =>
			to.topic === TOPICS.decisions && record?.headers["assent-kind"] === "entry" ? (faults.pop() ?? null) : null,
	});
	return { log, faults };
}

describe("release", () => {
	it("publishes in the order of the ledger, the next batch after the one before is acknowledged", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		let underWay = 0;
		let most = 0;
		const inner = world.handle();
		const log = over(inner, {
			append: async (to, records, options) => {
				if (to.topic !== TOPICS.violations) return inner.append(to, records, options);
				underWay += 1;
				most = Math.max(most, underWay);
				await new Promise((resolve) => setTimeout(resolve, 3));
				const answer = await inner.append(to, records, options);
				underWay -= 1;
				return answer;
			},
		});
		await startOn(world, log);
		for (let at = 0; at < 15; at++) {
			await denied(world, 1, at);
			await new Promise((resolve) => setTimeout(resolve, 1));
		}
		await world.consumed();
		await stop();
		expect(most).toBe(1);
		expect(await idsOf(world)).toEqual(Array.from({ length: 15 }, (_, at) => `0-${at + 1}-0`));
	});

	it("releases what counts of an append whose acknowledgement was lost under its next claim, answers and all, and decides it once", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const { log, faults } = withLedgerFaults(world);
		const { heard } = await startOn(world, log);
		await world.consumed();
		faults.push({ kind: "unanswered" });
		await world.submit({ id: "a", tool: "wipe" });
		await until(() => heard.said("partition.reclaimed").length === 1);
		await until(async () => (await idsOf(world)).length === 1);
		await stop();
		expect((await world.replies()).map(({ call, verdict }) => [call.id, verdict])).toEqual([["a", "deny"]]);
		expect((await world.fold()).claims).toBe(2);
		expect((await checkLog(world.log, { layout: world.layout })).findings).toEqual([]);
	});

	it("hands replies over in the turn of their entries' append, so that a log may write both at once", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const inner = world.handle();
		const order: string[] = [];
		const log = over(inner, {
			append: (to, records, options) => {
				order.push(to.topic);
				if (to.topic === TOPICS.decisions) queueMicrotask(() => order.push("end of turn"));
				return inner.append(to, records, options);
			},
		});
		await startOn(world, log);
		await world.consumed();
		order.length = 0;
		await world.submit({ id: "a" });
		await until(async () => (await world.replies()).length === 1);
		await stop();
		expect(order).toEqual([TOPICS.decisions, TOPICS.replies, "end of turn"]);
	});

	it("withholds the replies of entries that were not written", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const { log, faults } = withLedgerFaults(world);
		const { heard } = await startOn(world, log);
		await world.consumed();
		faults.push({ kind: "lost" });
		await world.submit({ id: "a" });
		await until(async () => (await world.replies()).length > 0);
		await stop();
		expect(heard.said("partition.reclaimed")).toHaveLength(1);
		expect((await world.replies()).map(({ call }) => call.id)).toEqual(["a"]);
		expect(heard.said("reply.undelivered")).toEqual([]);
	});

	it("answers nothing that another processor decided", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const { log, faults } = withLedgerFaults(world);
		const { processor } = await startOn(world, log);
		await world.consumed();
		// Not even written: the next owner decides the call and answers it.
		faults.push({ kind: "lost" });
		await world.submit({ id: "a", tool: "wipe" });
		await until(() => faults.length === 0);
		await Promise.all([processor.drain(), startOn(world, world.handle(), "p2")]);
		await world.consumed();
		await until(async () => (await world.replies()).length > 0);
		await startOn(world, world.handle(), "p3");
		await until(async () => (await world.fold()).claims >= 3);
		await stop();
		expect((await world.replies()).map(({ call }) => call.id)).toEqual(["a"]);
	});

	it("tries again when a projection was not taken", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const answers: MemoryFault[] = [{ kind: "lost" }, { kind: "full" }, { kind: "lost" }];
		const log = world.handle({ faults: ({ topic }) => (topic === TOPICS.violations ? (answers.pop() ?? null) : null) });
		const { heard } = await startOn(world, log);
		await denied(world, 1);
		await world.consumed();
		await stop();
		expect(await idsOf(world)).toEqual(["0-1-0"]);
		expect(heard.said("partition.reclaimed")).toEqual([]);
	});

	it("claims again when a projection cannot be published, and sends it from the tail on, with the same ids", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		let isBroken = true;
		const log = world.handle({
			faults: ({ topic }) => (isBroken && topic === TOPICS.violations ? { kind: "full" } : null),
		});
		const { heard } = await startOn(world, log);
		await denied(world, 3);
		await world.consumed();
		// Nothing comes in any more: the failure alone must wake the partition.
		await until(() => heard.said("partition.reclaimed").length >= 1, "the failure to be noticed");
		isBroken = false;
		await until(async () => new Set(await idsOf(world)).size === 3, "violations");
		await stop();
		expect((await checkLog(world.log, { layout: world.layout })).findings).toEqual([]);
	});

	it("is not stopped by a reply topic that does not exist", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const { heard } = await startOn(world, world.handle());
		const intent = await world.submit({ id: "a" });
		await world.put(TOPICS.intents, 0, (await world.records(TOPICS.intents))[0]?.value as Uint8Array, {
			"assent-reply-to": "replies.nowhere",
			"assent-reply-id": "r",
		});
		await world.submit({ id: "b" });
		await world.consumed();
		await stop();
		expect(heard.said("reply.undelivered")).toMatchObject([{ topic: "replies.nowhere" }]);
		expect((await world.replies()).map(({ call }) => call.id)).toEqual([intent.id, "b"]);
		expect((await world.fold()).claims).toBe(1);
	});

	it("publishes a checkpoint after everything that it covers, so that the next owner begins there", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await denied(world, 100);
		const order: string[] = [];
		const inner = world.handle();
		const log = over(inner, {
			append: async (to, records, options) => {
				if (to.topic === TOPICS.violations) await new Promise((resolve) => setTimeout(resolve, 20));
				const answer = await inner.append(to, records, options);
				if (to.topic === TOPICS.violations || to.topic === TOPICS.checkpoints) order.push(to.topic);
				return answer;
			},
		});
		await startOn(world, log);
		await world.consumed();
		await stop();
		expect(order.indexOf(TOPICS.checkpoints)).toBeGreaterThan(order.lastIndexOf(TOPICS.violations));
		expect((await publishedOf(world.log, 0)).checkpoint?.size).toBe(64);
		await startOn(world, world.handle(), "p2");
		await until(async () => (await world.fold()).claims === 2);
		await stop();
		// The ends of their topics tell that nothing is missing.
		const ids = await idsOf(world);
		expect(ids).toHaveLength(100);
		expect(new Set(ids).size).toBe(100);
	});

	it("sends nothing again at a clean restart", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await denied(world, 5);
		await world.put(TOPICS.intents, 0, Uint8Array.of(1, 2, 3));
		await world.put(TOPICS.control, 0, Uint8Array.of(0xc3, 1));
		for (const instance of ["p1", "p2", "p3"]) {
			await startOn(world, world.handle(), instance);
			await world.consumed();
			await stop();
		}
		expect((await world.fold()).claims).toBe(3);
		expect(await idsOf(world)).toHaveLength(5);
		expect(await world.records(TOPICS.deadLetters)).toHaveLength(2);
	});

	it("sends nothing again at any try of a partition that fails", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await denied(world, 5);
		await world.put(TOPICS.intents, 0, Uint8Array.of(1, 2, 3));
		let isOut = false;
		const inner = world.handle();
		const log = over(inner, {
			read: async (from, at, options) => {
				if (isOut && from.topic === TOPICS.intents) throw new AssentError(problem("ASSENT_LOG_UNAVAILABLE", "out"));
				return inner.read(from, at, options);
			},
			// What lies at the ends cannot be told: what this process remembers must do.
			bounds: async (of) => {
				const bounds = await inner.bounds(of);
				const isBlind = of.topic === TOPICS.violations || of.topic === TOPICS.deadLetters;
				return isBlind ? { begin: bounds.end, end: bounds.end } : bounds;
			},
		});
		const { heard } = await startOn(world, log);
		await world.consumed();
		isOut = true;
		await world.submit({ id: "after" });
		await until(() => heard.said("partition.failed").length >= 4);
		await stop();
		expect(await idsOf(world)).toHaveLength(5);
		expect(await world.records(TOPICS.deadLetters)).toHaveLength(1);
	});

	it("is not led astray by a last record that cannot be read, or is a stranger's", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await denied(world, 70);
		await startOn(world, world.handle());
		await world.consumed();
		await stop();
		for (const topic of [TOPICS.checkpoints, TOPICS.violations, TOPICS.deadLetters]) {
			for (let at = 0; at < 120; at++) await world.put(topic, 0, Uint8Array.of(1, 2, at));
		}
		await startOn(world, world.handle(), "p2");
		await until(async () => (await world.fold()).claims === 2);
		await stop();
		expect(await idsOf(world)).toHaveLength(70);
		expect(await world.derived(TOPICS.checkpoints, "checkpoint.created")).toHaveLength(1);
	});

	it("is waited for by a restore that has much to send", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const inner = world.handle();
		const losing = over(inner, {
			append: async (to, records, options) =>
				to.topic === TOPICS.violations || to.topic === TOPICS.checkpoints
					? { kind: "appended", base: 0, timestamp: 0 }
					: inner.append(to, records, options),
		});
		await denied(world, 600);
		await startOn(world, losing);
		await world.consumed();
		await stop();
		let ahead = 0;
		let underWay = 0;
		const slow = over(inner, {
			read: (from, at, options) => inner.read(from, at, { ...options, recordsMax: 5 }),
			append: async (to, records, options) => {
				if (to.topic !== TOPICS.violations) return inner.append(to, records, options);
				await new Promise((resolve) => setTimeout(resolve, 1));
				ahead = Math.max(ahead, underWay);
				return inner.append(to, records, options);
			},
		});
		const counted = over(slow, {
			read: async (from, at, options) => {
				const records = await slow.read(from, at, options);
				if (from.topic === TOPICS.decisions) underWay = at / 5 - (await idsOf(world)).length / 5;
				return records;
			},
		});
		await startOn(world, counted, "p2");
		await until(async () => (await idsOf(world)).length === 600, "all violations");
		expect(ahead).toBeLessThan(100);
	});

	it("cuts what one append of entries has to say into appends that a broker takes, in order", async () => {
		const world = new LogWorld();
		const rules = Array.from({ length: 40 }, (_, at) => `    - {name: r${at}, tools: [wipe], severity: high}`);
		await world.policies(`apiVersion: assent.dev/v1
kind: Policy
metadata: {name: many}
tools:
  allow: all
  deny:
${rules.join("\n")}
`);
		await denied(world, 200);
		const inner = world.handle();
		const sizes: number[] = [];
		const log = over(inner, {
			append: (to, records, options) => {
				const weights = records.map(({ value, headers }) => value.length + JSON.stringify(headers).length);
				if (to.topic === TOPICS.violations) sizes.push(weights.reduce((sum, each) => sum + each, 0));
				return inner.append(to, records, options);
			},
		});
		await startOn(world, log);
		await world.consumed();
		await stop();
		const due = (await world.entries()).flatMap((entry) =>
			entry.kind === "decision.made"
				? entry.decision.reasons
						.filter(({ rule }) => rule.policy === "many")
						.map((_, index) => `0-${entry.seq}-${index}`)
				: [],
		);
		expect(due.length).toBeGreaterThan(1_000);
		expect(await idsOf(world)).toEqual(due);
		expect(Math.max(...sizes)).toBeLessThan(1_200_000);
		expect(sizes.length).toBeGreaterThan(1);
	});

	it("hands what it has queued over before it lets go", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const inner = world.handle();
		const log = over(inner, {
			append: async (to, records, options) => {
				if (to.topic !== TOPICS.decisions) await new Promise((resolve) => setTimeout(resolve, 20));
				return inner.append(to, records, options);
			},
		});
		await startOn(world, log);
		await denied(world, 5);
		await world.consumed();
		await stop();
		await inner.close();
		const replies = await world.replies();
		expect(replies).toHaveLength(5);
		const [first] = await world.records(TOPICS.replies);
		expect(first && decodeDerived(first.value).ok).toBe(true);
	});

	it("is not ended by an overshoot in a scope whose key is longer than a message may be", async () => {
		const world = new LogWorld();
		await world.policies(`apiVersion: assent.dev/v1
kind: Policy
metadata: {name: guard}
tools: {allow: all}
limits: [{name: cap, measure: tokens, scope: session, max: 100, severity: high}]`);
		const { heard } = await startOn(world, world.handle());
		const session = "名".repeat(256);
		await world.submit({ id: "a", session });
		const call = { tenant: "acme", agent: "coder", id: "a" };
		const usage = { tokens: 500, costMicros: 0, executionMs: 0 };
		await world.publish({ type: "outcome.reported", actor: [], call, session, status: "ok", usage, sketch: "" });
		await world.submit({ id: "b" });
		await world.consumed();
		await stop();
		expect(heard.said("processor.failed")).toEqual([]);
		expect(await idsOf(world)).toEqual(["0-2-0"]);
		expect((await world.replies()).map(({ call: { id } }) => id)).toEqual(["a", "b"]);
	});

	it("writes a dead letter where a projection cannot be written, and the rest as ever", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		await startOn(world, world.handle());
		await denied(world, 1);
		await world.consumed();
		await stop();
		const entry = (await world.entries()).at(-1);
		if (entry?.kind !== "decision.made") throw new Error("nothing was decided");
		const [reason] = entry.decision.reasons;
		if (reason === undefined) throw new Error("nothing was denied");
		// More than any entry of the ledger may hold: what derives from it breaks the promise of projections.
		const reasons = [{ ...reason, rule: { ...reason.rule, message: "x".repeat(5_000) } }, reason];
		const broken = { ...entry, decision: { ...entry.decision, reasons } };
		const heard = new Heard();
		const releaser = new Releaser({
			log: world.log,
			partition: 0,
			clock: world.clock,
			telemetry: heard,
			meter: silentMeter,
			known: { releasedTo: 0, ledgerId: null },
			mint: null,
			replies: new Replies({ log: world.log, partition: 0, telemetry: heard, meter: silentMeter }),
		});
		const address = { topic: "replies", replyId: "r" };
		const input = {
			kind: "unreadable",
			cause: entry.cause,
			causeTime: 0,
			late: false,
			ahead: false,
			address,
			code: "RECORD_MALFORMED",
			detail: "",
			call: null,
			recordDigest: "",
		} as const;
		const facts = { input, root: "", policyDigest: "", trace: {}, isOwn: true, published: UNPUBLISHED };
		releaser.release(releaser.answer([{ entry: broken, ...facts }], null));
		await releaser.settled();
		expect(releaser.failure).toBeNull();
		expect(heard.said("projection.unwritable")).toMatchObject([
			{ seq: entry.seq, type: "decision.replied" },
			{ seq: entry.seq, type: "violation.detected" },
		]);
		expect(await world.derived(TOPICS.deadLetters, "record.dead")).toMatchObject([
			{ topic: "intents", offset: 0, code: "projection.unwritable", recordDigest: "" },
			{ topic: "intents", offset: 0, code: "projection.unwritable" },
		]);
		expect((await idsOf(world)).at(-1)).toBe(`0-${entry.seq}-1`);
	});
});
