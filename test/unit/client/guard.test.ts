import { afterEach, describe, expect, it } from "vitest";
import { ToolCallDenied, ToolCallTimedOut } from "../../../src/client/call-errors.ts";
import { AssentClient } from "../../../src/client/client.ts";
import { redacted } from "../../../src/core/arguments/redaction.ts";
import type { JsonObject } from "../../../src/core/base/json.ts";
import type { UsageSettledEntry } from "../../../src/core/model/entries.ts";
import type { Processor } from "../../../src/processor/processor.ts";
import { Heard, LogWorld, startProcessor, TEST_POLICY, until } from "../../support/world.ts";

let processor: Processor | null = null;
let client: AssentClient | null = null;

async function begin(of: { faults?: Parameters<LogWorld["handle"]>[0] } = {}) {
	const world = new LogWorld();
	await world.policies(TEST_POLICY);
	const heard = new Heard();
	processor = (await startProcessor(world)).processor;
	const made = new AssentClient({
		log: world.handle(of.faults),
		layout: world.layout,
		principal: { tenant: "acme", agent: "coder", session: "run-1" },
		telemetry: heard,
	});
	client = await made.start();
	return { world, client, heard };
}

afterEach(async () => {
	await client?.close();
	await processor?.drain();
});

async function settled(world: LogWorld): Promise<UsageSettledEntry[]> {
	await world.consumed();
	return (await world.entries()).filter((entry) => entry.kind === "usage.settled");
}

describe("a guarded tool", () => {
	it("runs when it is allowed, and reports what it used", async () => {
		const { world, client } = await begin();
		const tool = client.guard("shell.run", async ({ command }: { command: string }) => `ran ${command}`, {
			usageOf: (out) => ({ tokens: out.length, costMicros: 3 }),
		});
		expect(await tool({ command: "ls" })).toBe("ran ls");
		const [entry] = await settled(world);
		expect(entry).toMatchObject({ status: "ok", usage: { tokens: 6, costMicros: 3 }, afterDeadline: false });
	});

	it("throws a denial that a model can use, and does not run", async () => {
		const { client } = await begin();
		let ran = false;
		const tool = client.guard("wipe", async () => {
			ran = true;
		});
		const thrown: unknown = await tool({}).catch((why: unknown) => why);
		expect(thrown).toBeInstanceOf(ToolCallDenied);
		expect((thrown as ToolCallDenied).message).toBe(
			"The call to `wipe` was denied: nothing is wiped here. Do not repeat it unchanged; choose another way or ask the user.",
		);
		expect((thrown as ToolCallDenied).decision.reasons).toMatchObject([{ rule: "no-wipe" }]);
		expect(ran).toBe(false);
	});

	it("does not run while it is held", async () => {
		const { client } = await begin();
		const tool = client.guard("pay.send", async () => 1, { request: { onHold: "return" } });
		await expect(tool({})).rejects.toThrow("it is waiting for human approval");
	});

	it("is handed its arguments as the policy lets them run, and the policy's words", async () => {
		const { client } = await begin();
		const tool = client.guard("login", async (args: { user: string; password: string }, { messages }) => ({
			args,
			messages,
		}));
		expect(await tool({ user: "ann", password: "secret" })).toEqual({
			args: { user: "ann", password: "[redacted]" },
			messages: ["mind the gap"],
		});
	});

	it("runs what was decided, whatever becomes of the caller's object meanwhile", async () => {
		const { world, client } = await begin();
		const tool = client.guard("shell.run", async (args: { command: string; more: string[] }) => args);
		const args = { command: "ls", more: ["a"] };
		const running = tool(args);
		args.command = "rm -rf /";
		args.more.push("b");
		const ran = await running;
		expect(ran).toEqual({ command: "ls", more: ["a"] });
		expect([ran, ran.more].map(Object.isFrozen)).toEqual([true, true]);

		const held = client.guard("pay.send", async (given: { to: string }) => given);
		const paid = { to: "team" };
		const paying = held(paid, { id: "p" });
		await until(async () => (await world.entries()).some(({ kind }) => kind === "decision.held"));
		paid.to = "press";
		const call = { tenant: "acme", agent: "coder", id: "p" };
		await world.control({ type: "approval.granted", issuedBy: "alice", call, session: "run-1", comment: "" });
		expect(await paying).toEqual({ to: "team" });
	});

	it("is frozen where the policy redacts, too", async () => {
		const { client } = await begin();
		const tool = client.guard("login", async (args: { a: { b: number[] }; password: string }) => args);
		const ran = await tool({ a: { b: [1] }, password: "secret" });
		expect([ran, ran.a].map(Object.isFrozen)).toEqual([true, true]);
	});

	it("neither runs nor asks with arguments that are not plain JSON", async () => {
		const { world, client } = await begin();
		let ran = false;
		const tool = client.guard("shell.run", async (_args: JsonObject) => {
			ran = true;
		});
		const given = { command: new Map([["x", "rm -rf /"]]) } as unknown as JsonObject;
		await expect(tool(given)).rejects.toMatchObject({
			code: "RECORD_JSON",
			problem: { message: "the arguments of `shell.run` are not plain JSON: `/command` is an instance of `Map`" },
		});
		for (const odd of [null, "ls", ["ls"], { id: 2 ** 53 }]) {
			await expect(tool(odd as unknown as JsonObject)).rejects.toMatchObject({ code: "RECORD_JSON" });
			await expect(client.decide({ tool: "shell.run", args: odd as unknown as JsonObject })).rejects.toMatchObject({
				code: "RECORD_JSON",
			});
		}
		expect(ran).toBe(false);
		expect((await world.log.bounds({ topic: "intents", partition: 0 })).end).toBe(0);
	});

	it("is told to stop at the call's deadline; that it ended is reported when it has", async () => {
		const { world, client } = await begin();
		let why: unknown = null;
		const tool = client.guard(
			"login",
			(_args, { signal }) =>
				new Promise((_, reject) => {
					signal.addEventListener("abort", () => {
						why = signal.reason;
						reject(new Error("stopped"));
					});
				}),
		);
		await expect(tool({})).rejects.toBeInstanceOf(ToolCallTimedOut);
		expect(why).toBeInstanceOf(ToolCallTimedOut);
		expect(await settled(world)).toMatchObject([{ status: "error" }]);
	});

	it("reports an error when it fails, and throws what it threw", async () => {
		const { world, client } = await begin();
		const tool = client.guard("shell.run", async () => {
			throw new RangeError("its own fault");
		});
		await expect(tool({})).rejects.toThrow(RangeError);
		const sync = client.guard("shell.run", () => {
			throw new RangeError("before it began");
		});
		await expect(sync({})).rejects.toThrow("before it began");
		expect(await settled(world)).toMatchObject([{ status: "error" }, { status: "error" }]);
	});

	it("gives its result back even when the report of it fails", async () => {
		let isFull = false;
		const { world, client, heard } = await begin({ faults: { faults: () => (isFull ? { kind: "full" } : null) } });
		const tool = client.guard("shell.run", async () => {
			isFull = true;
			return "done";
		});
		expect(await tool({})).toBe("done");
		expect(heard.said("outcome.unreported")).toHaveLength(1);
		isFull = false;
		const odd = client.guard("shell.run", async () => "done", {
			usageOf: () => {
				throw new Error("no idea");
			},
		});
		expect(await odd({})).toBe("done");
		expect(heard.said("outcome.incomplete").map(({ why }) => why)).toContainEqual(expect.stringContaining("no idea"));
		expect(await settled(world)).toMatchObject([{ status: "ok", usage: { tokens: null, costMicros: null } }]);
	});

	it("runs under the principal and the id that a call names", async () => {
		const { world, client } = await begin();
		const tool = client.guard("shell.run", async (_args, { id }) => id);
		expect(await tool({}, { id: "mine", agent: "other", session: "s" })).toBe("mine");
		expect(await settled(world)).toMatchObject([{ call: { agent: "other", id: "mine" }, session: "s" }]);
	});
});

describe("redaction", () => {
	it.each([
		[["/a"], { a: 1, b: 2 }, { a: "[redacted]", b: 2 }],
		[["/a/b", "/c/1"], { a: { b: 1, x: 2 }, c: [1, 2, 3] }, { a: { b: "[redacted]", x: 2 }, c: [1, "[redacted]", 3] }],
		[["/a~1b", "/c~0d"], { "a/b": 1, "c~d": 2 }, { "a/b": "[redacted]", "c~d": "[redacted]" }],
		[["/none", "/a/none", "/b/7"], { a: 1, b: [1] }, { a: 1, b: [1] }],
		[["/toString", "/__proto__"], { a: 1 }, { a: 1 }],
	])("replaces what %j points to, and nothing else", (pointers, args, expected) => {
		const before = structuredClone(args);
		expect(redacted(args, pointers)).toEqual(expected);
		expect(args).toEqual(before);
	});
});

describe("subscriptions", () => {
	it("end with the function that `on` returned", async () => {
		const { client } = await begin();
		let heard = 0;
		const off = client.on("policy_check", () => {
			heard += 1;
		});
		await client.decide({ tool: "shell.run", args: {} });
		off();
		await client.decide({ tool: "shell.run", args: {} });
		expect(heard).toBe(1);
	});
});
