import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { MemoryFault } from "../../../src/adapters/memory/faults.ts";
import { AssentClient, type ClientOptions } from "../../../src/client/client.ts";
import { type Decision, mayRun } from "../../../src/client/decision.ts";
import { AssentError, problem } from "../../../src/core/base/errors.ts";
import type { JsonObject } from "../../../src/core/base/json.ts";
import { TOPICS } from "../../../src/ports/log/log.ts";
import type { Processor } from "../../../src/processor/processor.ts";
import { randomOf, VirtualTime } from "../../simulation/virtual-time.ts";
import { LogWorld, over, startProcessor, TEST_POLICY } from "../../support/world.ts";

const EPOCH = 1_700_000_000_000;
const WHO = { tenant: "acme", agent: "coder", session: "run-1" };
let time: VirtualTime;

beforeEach(() => {
	time = new VirtualTime();
	time.install(randomOf(1));
});
afterEach(() => time.uninstall());

async function begin(of: { isRunning?: boolean } = {}): Promise<{ world: LogWorld; processor: Processor | null }> {
	const world = new LogWorld({ clock: { now: () => EPOCH + Math.floor(time.now) } });
	await world.policies(TEST_POLICY);
	const processor = of.isRunning === false ? null : (await startProcessor(world)).processor;
	await time.advance(100);
	return { world, processor };
}

async function connect(world: LogWorld, of: Partial<ClientOptions> = {}): Promise<AssentClient> {
	const client = new AssentClient({
		log: world.handle(),
		layout: world.layout,
		principal: WHO,
		clock: world.clock,
		...of,
	});
	return client.start();
}

const shell = (command = "ls") => ({ tool: "shell.run", args: { command } });
const pay = { tool: "pay.send", args: { amount: 5 } };

const kinds = async (world: LogWorld): Promise<string[]> =>
	(await world.entries()).map(({ kind }) => kind).filter((kind) => kind !== "policy.activated");

describe("decide", () => {
	it("resolves with what the ledger says", async () => {
		const { world } = await begin();
		const client = await connect(world);
		const allowed = await time.until(client.decide(shell()), 1_000);
		expect(allowed).toMatchObject({ verdict: "allow", status: "open", source: "reply", partition: 0, seq: 1 });
		const denied = await time.until(client.decide({ tool: "wipe", args: {} }), 1_000);
		expect(denied).toMatchObject({ verdict: "deny", reasons: [{ rule: "no-wipe" }] });
		expect([mayRun(allowed), mayRun(denied)]).toEqual([true, false]);
		// What may run is handed out with the decision; of what may not, nothing is.
		expect([allowed.args, denied.args]).toEqual([{ command: "ls" }, null]);
		expect(Object.isFrozen(allowed.args)).toBe(true);
		await client.close();
	});

	it("declares the facts of the client, and those of a request in their place", async () => {
		const { world } = await begin();
		const facts = { workspace: "/code/app", home: "/home/ann" };
		const client = await connect(world, { facts });
		const decided = async (request: object): Promise<string> => {
			const { verdict, reasons } = await time.until(client.decide({ ...shell(), ...request }), 1_000);
			return [verdict, ...reasons.map(({ code }) => code)].join(" ");
		};
		expect(await decided({})).toBe("allow");
		expect(await decided({ facts: null })).toBe("allow");
		expect(await decided({ facts: { workspace: "/" } })).toBe("deny session.facts");
		expect(await decided({ session: "run-2", facts: { home: "/root" } })).toBe("allow");
		const said = (await world.entries()).flatMap((entry) => (entry.kind === "decision.made" ? [entry.facts] : []));
		expect(said).toEqual([facts, null, null, { workspace: null, home: "/root" }]);
		await client.close();
	});

	it("awaits its answers on a topic of its own, and refuses one that nobody would answer on", async () => {
		const { world } = await begin();
		await world.log.admin().createTopics([{ name: "replies.gateway-1", partitions: 1, cleanup: "delete" }]);
		const client = await connect(world, { replyTopic: "replies.gateway-1" });
		expect(await time.until(client.decide(shell()), 1_000)).toMatchObject({ verdict: "allow" });
		const ends = await Promise.all(
			["replies.gateway-1", "replies"].map((topic) => world.log.bounds({ topic, partition: 0 })),
		);
		expect(ends.map(({ end }) => end)).toEqual([1, 0]);
		await client.close();
		await expect(connect(world, { replyTopic: "violations" })).rejects.toThrow(/never written to `violations`/);
	});

	it("carries the caller's trace, when it asks again too, and no malformed one", async () => {
		const { world } = await begin({ isRunning: false });
		const client = await connect(world, { deadlineMs: 1_000 });
		const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
		const asked = client.decide({ ...shell(), trace: { traceparent, tracestate: "vendor=1" } });
		await time.advance(700);
		await time.until(asked, 1_000);
		await time.until(client.decide({ ...shell(), trace: { traceparent: "nonsense" } }), 2_000);
		const intents = await world.log.read({ topic: TOPICS.intents, partition: 0 }, 0);
		const traces = intents.map(({ headers }) => [headers["traceparent"], headers["tracestate"]]);
		expect(traces.slice(0, 2)).toEqual([
			[traceparent, "vendor=1"],
			[traceparent, "vendor=1"],
		]);
		expect(traces.slice(2).flat()).not.toContain("nonsense");
		await client.close();
	});

	it("asks again at half the deadline, under the same id, and is charged once", async () => {
		const { world } = await begin();
		let isLost = true;
		const inner = world.handle();
		const log = over(inner, {
			read: async (from, at, options) => {
				const records = await inner.read(from, at, options);
				return from.topic === TOPICS.replies && isLost ? records.slice(0, 0) : records;
			},
			waitFor: async (any, options) => {
				if (!isLost) return inner.waitFor(any, options);
				await time.sleep(100);
				return any;
			},
		});
		const client = await connect(world, { log });
		const deciding = client.decide({ ...shell(), deadlineMs: 4_000 });
		await time.advance(1_900);
		expect(await kinds(world)).toEqual(["decision.made"]);
		// What was sent so far never arrives; what comes next does.
		await world.log.admin().trim({ topic: TOPICS.replies, partition: 0 }, 1);
		isLost = false;
		const decision = await time.until(deciding, 1_000);
		expect(decision).toMatchObject({ verdict: "allow", status: "open" });
		expect(await kinds(world)).toEqual(["decision.made", "decision.repeated"]);
		const { folded } = await world.fold();
		const counters = [...folded.state.accounts.entries()].flatMap(([, account]) => account.counters);
		const calls = counters.find(({ name }) => name.limit === "calls");
		expect(calls?.reserved).toBe(1);
		await client.close();
	});

	it("denies when no decision comes in time, and gives the reservation back", async () => {
		const { world } = await begin({ isRunning: false });
		const client = await connect(world);
		const decision = await time.until(client.decide({ ...shell(), deadlineMs: 2_000 }), 3_000);
		expect(decision).toMatchObject({ verdict: "deny", source: "timeout", seq: -1 });
		await time.advance(10);
		await startProcessor(world, { clock: { now: () => EPOCH } });
		await time.advance(1_000);
		expect(await kinds(world)).toEqual(["decision.made", "decision.repeated", "intent.abandoned"]);
		const { folded } = await world.fold();
		for (const [, { counters }] of folded.state.accounts.entries())
			for (const { reserved } of counters) expect(reserved).toBe(0);
		await client.close();
	});

	it("denies at the deadline even while the log keeps silent about the append", async () => {
		const { world } = await begin();
		const inner = world.handle();
		const log = over(inner, {
			append: (to, records, options) =>
				to.topic === TOPICS.intents ? new Promise(() => {}) : inner.append(to, records, options),
		});
		const client = await connect(world, { log });
		const decision = await time.until(client.decide({ ...shell(), deadlineMs: 1_000 }), 1_200);
		expect(decision).toMatchObject({ verdict: "deny", source: "timeout" });
	});

	it("waits until a human has granted", async () => {
		const { world } = await begin();
		const client = await connect(world);
		const deciding = client.decide({ ...pay, id: "p", deadlineMs: 1_000 });
		await time.advance(100_000);
		const call = { tenant: "acme", agent: "coder", id: "p" };
		await world.control({ type: "approval.granted", issuedBy: "alice", call, session: "run-1", comment: "" });
		expect(await time.until(deciding, 1_000)).toMatchObject({ verdict: "allow", status: "open" });
		// While it was held, it was asked for every 30 s.
		const after = (await kinds(world)).slice(-2);
		expect((await kinds(world)).filter((kind) => kind === "decision.repeated")).toHaveLength(4);
		// What is granted is asked for once more, by whoever still waits.
		expect(after).toEqual(["approval.recorded", "decision.repeated"]);
		await client.close();
	});

	it("waits until a human has rejected, or nobody has answered", async () => {
		const { world } = await begin();
		const client = await connect(world);
		const rejecting = client.decide({ ...pay, id: "p" });
		const expiring = client.decide({ ...pay, id: "q" });
		await time.advance(1_000);
		const call = { tenant: "acme", agent: "coder", id: "p" };
		await world.control({ type: "approval.rejected", issuedBy: "alice", call, session: "run-1", comment: "" });
		expect(await time.until(rejecting, 1_000)).toMatchObject({
			verdict: "deny",
			reasons: [{ code: "approval.rejected" }],
		});
		expect(await time.until(expiring, 310_000)).toMatchObject({
			verdict: "deny",
			reasons: [{ code: "approval.expired" }],
			source: "reply",
		});
		await client.close();
	});

	it("keeps waiting for a human when the hold's answer comes before its own append is acknowledged", async () => {
		const { world } = await begin();
		const inner = world.handle();
		const log = over(inner, {
			append: async (to, records, options) => {
				const answer = await inner.append(to, records, options);
				if (to.topic === TOPICS.intents) await time.sleep(500);
				return answer;
			},
		});
		const client = await connect(world, { log });
		let decision: Decision | null = null;
		void client.decide({ ...pay, deadlineMs: 2_000 }).then((made) => {
			decision = made;
		});
		await time.advance(20_000);
		expect(decision).toBeNull();
		expect(await kinds(world)).toEqual(["decision.held"]);
		await time.until(client.close(), 2_000);
	});

	it("returns the hold to a caller that does not want to wait", async () => {
		const { world } = await begin();
		const client = await connect(world);
		const decision = await time.until(client.decide({ ...pay, onHold: "return" }), 1_000);
		expect(decision).toMatchObject({ verdict: "hold", status: "held" });
		expect(decision.expiresAt).toBeGreaterThan(EPOCH);
		await client.close();
	});

	it("makes the same commitment after a restart with the same secret, and another one without", async () => {
		const { world } = await begin();
		const secret = new Uint8Array(32).fill(7);
		const asked = async (of: Partial<ClientOptions>): Promise<Decision> => {
			const client = await connect(world, of);
			const decision = await time.until(client.decide({ ...shell(), id: "same" }), 1_000);
			await client.close();
			return decision;
		};
		expect(await asked({ secret })).toMatchObject({ verdict: "allow" });
		expect(await asked({ secret })).toMatchObject({ verdict: "allow", status: "taken" });
		expect(await asked({})).toMatchObject({ verdict: "deny", reasons: [{ code: "intent.id_reused" }] });
		expect(await kinds(world)).toEqual(["decision.made", "decision.repeated", "input.rejected"]);
	});

	it("denies another call under an id that was used, and leaves the first as it was", async () => {
		const { world } = await begin();
		const client = await connect(world);
		const ask = (command: string) => time.until(client.decide({ ...shell(command), id: "same" }), 1_000);
		expect(await ask("ls")).toMatchObject({ verdict: "allow" });
		expect(await ask("ls -a")).toMatchObject({ verdict: "deny", reasons: [{ code: "intent.id_reused" }] });
		expect(await ask("ls")).toMatchObject({ verdict: "allow", status: "taken" });
		await client.close();
	});

	it.each<[string, object, string]>([
		["an empty id", { id: "" }, "`id` is empty"],
		["an id that is too long", { id: "x".repeat(300) }, "`id` has 300 characters, at most 256 are accepted"],
		["an id that is no text", { id: 7 }, "`id` is not a text"],
		["a control character", { agent: "a\nb" }, "`agent` holds a control character"],
		["half a character", { onBehalfOf: "\ud83d" }, "`onBehalfOf` holds a lone surrogate"],
		["a part of an actor that is empty", { actor: ["planner", ""] }, "`actor[1]` is empty"],
		["a tool without a name", { tool: "" }, "`tool` is empty"],
		["a deadline that is no time", { deadlineMs: Number.NaN }, "`deadlineMs` is NaN"],
	])("names the field that is out of bounds: %s", async (_what, part, message) => {
		const { world } = await begin();
		const client = await connect(world);
		const usage = { code: "ASSENT_USAGE", problem: { message } };
		await expect(client.decide({ ...shell(), ...part })).rejects.toMatchObject(usage);
		if (!("tool" in part)) {
			await expect(client.guard("shell.run", () => 1)({}, part)).rejects.toMatchObject(usage);
		}
		await expect(client.report({ ...WHO, id: "" }, "ok")).rejects.toMatchObject({ code: "ASSENT_USAGE" });
		await expect(client.abandon({ ...WHO, id: "" }, "")).rejects.toMatchObject({ code: "ASSENT_USAGE" });
		expect((await world.log.bounds({ topic: TOPICS.intents, partition: 0 })).end).toBe(0);
		await client.close();
	});

	it("takes a deadline in fractions of a millisecond", async () => {
		const { world } = await begin();
		const client = await connect(world);
		const decision = await time.until(client.decide({ ...shell(), deadlineMs: 999.5 }), 1_000);
		expect(decision).toMatchObject({ verdict: "allow" });
		await client.close();
	});

	it("refuses arguments that are not I-JSON, or too large, before anything is sent", async () => {
		const { world } = await begin();
		const client = await connect(world);
		const notJson = { tool: "x", args: { number: Number.NaN } };
		await expect(client.decide(notJson)).rejects.toMatchObject({ code: "RECORD_JSON" });
		const lone = { tool: "x", args: { text: "\ud800" } as JsonObject };
		await expect(client.decide(lone)).rejects.toMatchObject({ code: "RECORD_JSON" });
		const large = { tool: "x", args: { text: "x".repeat(890_000), more: "y".repeat(9_900) } };
		await expect(client.decide(large)).rejects.toMatchObject({ code: "RECORD_OVERSIZED" });
		expect((await world.log.bounds({ topic: TOPICS.intents, partition: 0 })).end).toBe(0);
		await client.close();
	});
});

describe("a log in trouble", () => {
	async function under(fault: MemoryFault | null, at = 0) {
		const { world } = await begin();
		let appends = 0;
		const log = world.handle({ faults: ({ topic }) => (topic === TOPICS.intents && appends++ === at ? fault : null) });
		return { world, client: await connect(world, { log }) };
	}

	it("that is full makes the request fail at once", async () => {
		const { client } = await under({ kind: "full" });
		await expect(time.until(client.decide(shell()), 100)).rejects.toMatchObject({ code: "ASSENT_LOG_FULL" });
		expect(await time.until(client.decide(shell()), 100)).toMatchObject({ verdict: "allow" });
		await client.close();
	});

	it("that does not say whether it has written is asked again, and decides once", async () => {
		const lost = await under({ kind: "lost" });
		expect(await time.until(lost.client.decide(shell()), 4_000)).toMatchObject({ verdict: "allow" });
		expect(await kinds(lost.world)).toEqual(["decision.made"]);
		await lost.client.close();
		const unanswered = await under({ kind: "unanswered" });
		expect(await time.until(unanswered.client.decide(shell()), 4_000)).toMatchObject({ verdict: "allow" });
		await unanswered.client.close();
	});

	it("that does not take the resend does not end the client", async () => {
		const { world } = await begin({ isRunning: false });
		let appends = 0;
		const log = world.handle({
			faults: ({ topic }) => (topic === TOPICS.intents && appends++ > 0 ? { kind: "full" } : null),
		});
		const client = await connect(world, { log });
		const decision = await time.until(client.decide({ ...shell(), deadlineMs: 1_000 }), 2_000);
		expect(decision.source).toBe("timeout");
		await expect(time.until(client.decide(shell()), 100)).rejects.toMatchObject({ code: "ASSENT_LOG_FULL" });
		await client.close();
	});

	it("that was closed denies everybody who waits, and tells who asks next", async () => {
		const { world } = await begin({ isRunning: false });
		const log = world.handle();
		const client = await connect(world, { log });
		const deciding = client.decide(shell());
		await time.advance(10);
		await log.close();
		expect(await time.until(deciding, 100)).toMatchObject({ verdict: "deny", source: "closed" });
		await expect(client.decide(shell())).rejects.toMatchObject({ code: "ASSENT_LOG_CLOSED" });
		await client.close();
	});

	it("whose replies cannot be read for a moment is read on later", async () => {
		const { world } = await begin();
		const inner = world.handle();
		let failures = 3;
		const log = over(inner, {
			read: async (from, at, options) => {
				if (from.topic === TOPICS.replies && failures-- > 0)
					throw new AssentError(problem("ASSENT_LOG_UNAVAILABLE", "the log is busy"));
				return inner.read(from, at, options);
			},
		});
		const client = await connect(world, { log });
		expect(await time.until(client.decide(shell()), 2_000)).toMatchObject({ verdict: "allow" });
		await client.close();
	});

	it("whose replies were all forgotten is waited for, not asked without end", async () => {
		const { world } = await begin();
		let waits = 0;
		const inner = world.handle();
		const log = over(inner, {
			waitFor: (any, options) => {
				waits += 1;
				return inner.waitFor(any, options);
			},
		});
		const client = await connect(world, { log });
		await world.put(TOPICS.replies, 0, Uint8Array.of(1));
		await world.log.admin().trim({ topic: TOPICS.replies, partition: 0 }, 1);
		await time.advance(5_000);
		expect(waits).toBeLessThan(5);
		expect(await time.until(client.decide(shell()), 1_000)).toMatchObject({ verdict: "allow" });
		await client.close();
	});
});

describe("closing", () => {
	it("denies what is not decided yet, reports it as abandoned, and leaves no timer behind", async () => {
		const { world } = await begin({ isRunning: false });
		const client = await connect(world);
		const deciding = client.decide({ ...shell(), id: "a" });
		await time.advance(10);
		await time.until(Promise.all([client.close(), client.close()]), 1_000);
		expect(await deciding).toMatchObject({ verdict: "deny", source: "closed" });
		await startProcessor(world);
		await time.advance(100);
		expect(await kinds(world)).toEqual(["decision.made", "intent.abandoned"]);
		await expect(client.decide(shell())).rejects.toMatchObject({ code: "ASSENT_LOG_CLOSED" });
	});

	it("leaves what waits for a human held, to be asked for again under its id", async () => {
		const { world } = await begin();
		const secret = new Uint8Array(32).fill(7);
		const first = await connect(world, { secret });
		const waiting = first.decide({ ...pay, id: "p" });
		await time.advance(100);
		await time.until(first.close(), 1_000);
		expect(await waiting).toMatchObject({ verdict: "deny", source: "closed" });
		const call = { tenant: "acme", agent: "coder", id: "p" };
		await world.control({ type: "approval.granted", issuedBy: "alice", call, session: "run-1", comment: "" });
		const second = await connect(world, { secret });
		expect(await time.until(second.decide({ ...pay, id: "p" }), 1_000)).toMatchObject({
			verdict: "allow",
			status: "open",
		});
		await second.close();
	});
});

describe("events", () => {
	it("tell of decisions, blocked calls, violations and checkpoints", async () => {
		const { world } = await begin();
		const client = await connect(world);
		const heard: string[] = [];
		const off = client.on("policy_check", ({ verdict, tool }) => heard.push(`check ${tool} ${verdict}`));
		client.on("tool_call_blocked", ({ tool }) => heard.push(`blocked ${tool}`));
		client.on("policy_violation", ({ rule }) => heard.push(`violation ${rule}`));
		client.on("checkpoint_created", ({ size }) => heard.push(`checkpoint ${size}`));
		client.on("policy_check", () => {
			throw new Error("a listener's own fault");
		});
		const failing = async (): Promise<void> => {
			throw new Error("a listener's own fault, later");
		};
		client.on("policy_check", failing as () => void);
		await time.advance(10);
		await time.until(client.decide(shell()), 1_000);
		await time.until(client.decide({ tool: "wipe", args: {} }), 1_000);
		await time.advance(10);
		expect(heard.toSorted()).toEqual(["blocked wipe", "check shell.run allow", "check wipe deny", "violation no-wipe"]);
		off();
		for (let at = 0; at < 70; at++) await time.until(client.decide(shell()), 1_000);
		await time.advance(10);
		expect(heard.slice(4)).toEqual(["checkpoint 64"]);
		await time.until(client.close(), 1_000);
	});
});
