/** Calls that may run at a time, with tools that do not listen; and calls waiting for human approval. */
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, it } from "vitest";
import { AssentClient } from "../../../src/client/client.ts";
import type { ClientEvents } from "../../../src/client/events.ts";
import { unknownCalls } from "../../../src/operations/unknown-calls.ts";
import type { Processor } from "../../../src/processor/processor.ts";
import { Heard, LogWorld, startProcessor, TEST_LAYOUT, TEST_POLICY, until } from "../../support/world.ts";

let processor: Processor | null = null;
let client: AssentClient | null = null;

afterEach(async () => {
	await client?.close();
	await processor?.drain();
});

async function begin(policy: string) {
	const world = new LogWorld();
	await world.policies(policy);
	const heard = new Heard();
	processor = (await startProcessor(world)).processor;
	client = await new AssentClient({
		log: world.handle(),
		layout: world.layout,
		principal: { tenant: "acme", agent: "coder", session: "run-1" },
		telemetry: heard,
	}).start();
	return { world, client, heard };
}

const SLOTS = (of: { max: number; lease: string }) => `
apiVersion: assent.dev/v1
kind: Policy
metadata: {name: p}
tools: {allow: all}
limits:
  - {name: at-once, measure: concurrent_calls, scope: agent, max: ${of.max}}
obligations:
  - {tools: [migrate], deadline: 30ms, lease: ${of.lease}}
`;

describe("concurrent calls", () => {
	it("one at a time: a tool that outruns its deadline keeps its slot until it has ended", async () => {
		const { client, heard } = await begin(SLOTS({ max: 1, lease: "10m" }));
		const started: (() => void)[] = [];
		const tool = client.guard("migrate", () => new Promise<void>((end) => void started.push(end)));
		await expect(tool()).rejects.toThrow("may still be running");
		await expect(tool()).rejects.toThrow("Wait until a call that is running has ended");
		await expect(tool()).rejects.toThrow("was denied");
		expect(started).toHaveLength(1);
		started[0]?.();
		await until(async () => heard.said("tool.ended_late").length === 1);
		// It ended, and said so: the next may run.
		await expect(tool()).rejects.toThrow("may still be running");
		expect(started).toHaveLength(2);
		started[1]?.();
		await until(async () => heard.said("tool.ended_late").length === 2);
	});

	it("any tools: never more run at a time than may, as long as they end within their lease", async () => {
		const max = 3;
		const { client } = await begin(SLOTS({ max, lease: "10m" }));
		let running = 0;
		let peak = 0;
		let ran = 0;
		const tool = client.guard("migrate", async ({ ms }: { ms: number }) => {
			ran += 1;
			running += 1;
			peak = Math.max(peak, running);
			try {
				await sleep(ms);
				if (ms % 3 === 0) throw new Error("failed");
			} finally {
				running -= 1;
			}
		});
		const lengths = Array.from({ length: 40 }, (_, at) => (at * 37) % 110);
		await Promise.all(
			lengths.map(async (ms, at) => {
				await sleep(at * 8);
				await tool({ ms }).catch(() => {});
			}),
		);
		await until(async () => running === 0);
		expect(peak).toBe(max);
		expect(ran).toBeGreaterThan(max);
	});

	it("whose tool never ends come back when the lease has run out", async () => {
		const { client } = await begin(SLOTS({ max: 1, lease: "2s" }));
		const tool = client.guard("migrate", () => new Promise<never>(() => {}));
		await expect(tool()).rejects.toThrow("may still be running");
		await expect(tool()).rejects.toThrow("was denied");
		await until(async () => {
			const thrown: unknown = await tool().catch((why: unknown) => why);
			return (thrown as Error).name === "ToolCallTimedOut";
		});
	});
});

describe("a call that waits for a human", () => {
	it("is told of by an event, once", async () => {
		const { world, client } = await begin(TEST_POLICY);
		const held: ClientEvents["call_held"][] = [];
		client.on("call_held", (event) => held.push(event));
		const tool = client.guard("pay.send", ({ to }: { to: string }) => `paid ${to}`);
		const paying = tool({ to: "team" }, { id: "p" });
		await until(async () => held.length === 1);
		expect(held[0]).toMatchObject({ tool: "pay.send", verdict: "hold", call: { id: "p" }, reasons: [{ rule: "pay" }] });
		expect(held[0]?.expiresAt).toBeGreaterThan(Date.now());
		const call = { tenant: "acme", agent: "coder", id: "p" };
		await world.control({ type: "approval.granted", issuedBy: "alice", call, session: "run-1", comment: "" });
		expect(await paying).toBe("paid team");
		await client.decide({ tool: "pay.send", args: {}, id: "q", onHold: "return" });
		expect(held).toHaveLength(2);
	});

	it("is abandoned when its asker stops waiting, and nobody can approve it any more", async () => {
		const { world, client } = await begin(TEST_POLICY);
		let ran = false;
		const tool = client.guard("pay.send", () => {
			ran = true;
		});
		const stop = new AbortController();
		client.on("call_held", () => stop.abort(new Error("the user went home")));
		await expect(tool({}, { id: "p", signal: stop.signal })).rejects.toThrow("the user went home");
		await until(async () => (await world.entries()).some(({ kind }) => kind === "intent.abandoned"));
		const call = { tenant: "acme", agent: "coder", id: "p" };
		await world.control({ type: "approval.granted", issuedBy: "alice", call, session: "run-1", comment: "" });
		await world.consumed();
		expect((await world.entries()).at(-1)).toMatchObject({ kind: "input.rejected", code: "approval.closed" });
		expect(ran).toBe(false);
	});

	it("is not asked for where the signal has aborted before", async () => {
		const { world, client } = await begin(TEST_POLICY);
		const request = { tool: "shell.run", args: {}, signal: AbortSignal.abort(new Error("too late")) };
		await expect(client.decide(request)).rejects.toThrow("too late");
		expect((await world.log.bounds({ topic: "intents", partition: 0 })).end).toBe(0);
	});
});

describe("a signal", () => {
	it("that aborts as the allow comes runs nothing, and gives back what was reserved", async () => {
		const { world, client } = await begin(TEST_POLICY);
		let ran = false;
		const stop = new AbortController();
		client.on("policy_check", () => stop.abort(new Error("changed my mind")));
		const tool = client.guard("shell.run", () => {
			ran = true;
		});
		await expect(tool({}, { signal: stop.signal })).rejects.toThrow("changed my mind");
		await world.consumed();
		expect((await world.entries()).at(-1)).toMatchObject({ kind: "intent.abandoned" });
		expect(ran).toBe(false);
	});

	it("of a whole run is left alone by calls that are over", async () => {
		const { client } = await begin(TEST_POLICY);
		const { signal } = new AbortController();
		let listeners = 0;
		const add = signal.addEventListener.bind(signal);
		const remove = signal.removeEventListener.bind(signal);
		signal.addEventListener = (...args: Parameters<typeof add>) => {
			listeners += 1;
			add(...args);
		};
		signal.removeEventListener = (...args: Parameters<typeof remove>) => {
			listeners -= 1;
			remove(...args);
		};
		for (let at = 0; at < 20; at++) await client.decide({ tool: "shell.run", args: { at }, signal });
		expect(listeners).toBe(0);
	});
});

describe("what a guarded tool hands out", () => {
	it("can be iterated where the tool is an async generator, and nowhere else", async () => {
		const { client } = await begin(TEST_POLICY);
		const items: number[] = [];
		const counting = client.guard("shell.run", async function* () {
			yield 1;
			yield 2;
		});
		for await (const item of counting()) items.push(item);
		for await (const item of await counting()) items.push(item);
		expect(items).toEqual([1, 2, 1, 2]);
		const plain = client.guard("shell.run", () => 1)();
		expect(Symbol.asyncIterator in plain).toBe(false);
		expect(await plain).toBe(1);
	});
});

describe("a tool that outruns what is remembered of its call", () => {
	it("is not reported as one that nobody allowed: its outcome stays at home, and that is told", async () => {
		const world = new LogWorld({ layout: { ...TEST_LAYOUT, dedupeMs: 100 } });
		await world.policies(SLOTS({ max: 1, lease: "30ms" }));
		const heard = new Heard();
		processor = (await startProcessor(world)).processor;
		const principal = { tenant: "acme", agent: "coder", session: "run-1" };
		client = await new AssentClient({ log: world.handle(), layout: world.layout, principal, telemetry: heard }).start();
		const tool = client.guard("migrate", () => sleep(250));
		await expect(tool()).rejects.toThrow("may still be running");
		await until(async () => heard.said("outcome.unreported").length === 1);
		await world.consumed();
		expect((await world.entries()).filter(({ kind }) => kind === "input.rejected")).toEqual([]);
	});
});

describe("closing a client whose tools are running", () => {
	it("says so, and reports their end as unknown: nobody will hear that they ended", async () => {
		const { world, client, heard } = await begin(TEST_POLICY);
		const release = Promise.withResolvers<void>();
		const started = Promise.withResolvers<void>();
		const tool = client.guard("shell.run", () => {
			started.resolve();
			return release.promise;
		});
		const running = tool({}, { id: "r" });
		await started.promise;
		await client.close();
		expect(heard.said("tools.running")).toMatchObject([{ count: 1, first: "r" }]);
		release.resolve();
		await running;
		expect(heard.said("outcome.unreported")).toMatchObject([{ id: "r" }]);
		await world.consumed();
		const ends = (await world.entries()).filter(({ kind }) => kind === "usage.settled");
		expect(ends).toMatchObject([{ call: { id: "r" }, session: "run-1", status: "unknown", afterDeadline: false }]);
		const listed = await unknownCalls(world.log, world.layout, { filter: {}, now: world.clock.now() });
		expect(listed.calls.map(({ call }) => call.id)).toEqual(["r"]);
	});

	it("reports nothing of a call that is forgotten by now: that would be an alarm", async () => {
		const layout = { ...TEST_LAYOUT, dedupeMs: 60 };
		const world = new LogWorld({ layout });
		await world.policies(SLOTS({ max: 9, lease: "60ms" }));
		const heard = new Heard();
		processor = (await startProcessor(world)).processor;
		const principal = { tenant: "acme", agent: "coder", session: "run-1" };
		client = await new AssentClient({ log: world.handle(), layout: world.layout, principal, telemetry: heard }).start();
		const release = Promise.withResolvers<void>();
		await expect(client.guard("migrate", () => release.promise)()).rejects.toThrow("may still be running");
		await sleep(80);
		await client.close();
		release.resolve();
		await world.consumed();
		expect(heard.said("tools.running")).toHaveLength(1);
		expect((await world.entries()).filter(({ kind }) => /settled|rejected/.test(kind))).toEqual([]);
	});

	it("closes where the log is gone, and says of each what could not be reported", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const heard = new Heard();
		processor = (await startProcessor(world)).processor;
		let isBroken = false;
		const log = world.handle({ faults: ({ topic }) => (isBroken && topic === "intents" ? { kind: "full" } : null) });
		client = await new AssentClient({ log, layout: world.layout, telemetry: heard }).start();
		const release = Promise.withResolvers<void>();
		const started = Promise.withResolvers<void>();
		const running = client.guard("shell.run", () => {
			started.resolve();
			return release.promise;
		})({}, { id: "r" });
		await started.promise;
		isBroken = true;
		await client.close();
		expect(heard.said("outcome.unreported")).toMatchObject([{ id: "r" }]);
		release.resolve();
		await running;
	});

	it("counts calls, not ids: another agent's call under the same id is another", async () => {
		const { client, heard } = await begin(TEST_POLICY);
		const release = Promise.withResolvers<void>();
		let started = 0;
		const both = Promise.withResolvers<void>();
		const tool = client.guard("shell.run", () => {
			started += 1;
			if (started === 2) both.resolve();
			return release.promise;
		});
		const running = [tool({}, { id: "r" }), tool({}, { id: "r", agent: "other" })];
		await both.promise;
		await client.close();
		expect(heard.said("tools.running")).toMatchObject([{ count: 2, first: "r" }]);
		release.resolve();
		await Promise.all(running);
	});

	it("says nothing where all have ended", async () => {
		const { client, heard } = await begin(TEST_POLICY);
		await client.guard("shell.run", () => 1)();
		await client.close();
		expect(heard.said("tools.running")).toEqual([]);
	});
});
