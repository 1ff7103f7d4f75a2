/** What a program without types hands over by mistake: an error with a code that names it, and nothing asked or run. */
import { afterEach, describe, expect, it } from "vitest";
import { connect } from "../../../src/app/connect.ts";
import { AssentClient, type CallRequest } from "../../../src/client/client.ts";
import type { GuardOptions } from "../../../src/client/guard.ts";
import { Heard, LogWorld, startProcessor, TEST_POLICY } from "../../support/world.ts";

const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
	for (const close of closing.splice(0).reverse()) await close();
});

async function begin(): Promise<{ world: LogWorld; client: AssentClient }> {
	const world = new LogWorld();
	await world.policies(TEST_POLICY);
	const { processor } = await startProcessor(world);
	closing.push(() => processor.drain());
	const principal = { tenant: "acme", agent: "coder", session: "run-1" };
	const client = await new AssentClient({ log: world.handle(), layout: world.layout, principal }).start();
	closing.push(() => client.close());
	return { world, client };
}

const usage = (words: string | RegExp) => ({ code: "ASSENT_USAGE", message: expect.stringMatching(words) });

describe("connect, of options that nobody reads,", () => {
	it.each([
		[{ polices: "policies/baseline.yaml" }, /`polices` is none of the options of `connect`.*did you mean `policies`\?/],
		[{ tennant: "acme" }, /`tennant` is none of the options/],
		[{ principal: { tennant: "acme" } }, /`tennant` is none of the parts of a `principal`.*`tenant`/],
		[{ principal: "acme" }, /a `principal` are a string/],
		[{ principal: { actor: "planner" } }, /`actor` is a string/],
		[{ facts: { workspace: "src" } }, /`facts.workspace` is not an absolute path/],
		[{ secret: "hunter2" }, /`secret` is a string/],
		[{ secret: new Uint8Array(8) }, /`secret` is 8 bytes/],
		[null, /are null/],
	])("such as %j says which", async (options, words) => {
		const heard = new Heard();
		const given = { log: "memory:", policies: "policies/baseline.yaml", telemetry: heard };
		const own = options === null ? null : { ...given, ...options };
		const thrown: unknown = await connect(own as never).catch((why: unknown) => why);
		expect(thrown).toMatchObject(usage(words));
		expect((thrown as Error).message).not.toContain("hunter2");
		// What had begun before it was refused is stopped.
		await new Promise((resolve) => setTimeout(resolve, 50));
		expect(heard.said("processor.failed")).toEqual([]);
	});
});

describe("a request that is none", () => {
	it.each([
		[{ facts: { workspaces: "/x" } }, /unknown fact `workspaces`.*did you mean `workspace`/],
		[{ facts: "/x" }, /`facts` is not an object/],
		[{ actor: "x" }, /`actor` is a string/],
		[{ actor: 5 }, /`actor` is a number/],
		[{ actor: [5] }, /`actor\[0\]` is not a text/],
		[{ onBehalfOf: {} }, /`onBehalfOf` is not a text/],
		[{ trace: "00-0" }, /`trace` is a string/],
		[{ onHold: "retrun" }, /`onHold` is neither of its words/],
		[{ signal: {} }, /`signal` is an object, and no AbortSignal/],
		[{ tool: 7 }, /`tool` is not a text/],
		[{ deadlineMs: "soon" }, /`deadlineMs` is soon/],
	])("%j is refused with a code, by `decide` and by a guard", async (part, words) => {
		const { world, client } = await begin();
		const request = { tool: "shell.run", args: {}, ...part } as unknown as CallRequest;
		await expect(client.decide(request)).rejects.toMatchObject(usage(words));
		if (!("tool" in part)) {
			const tool = client.guard("shell.run", () => 1);
			await expect(tool({}, part as never)).rejects.toMatchObject(usage(words));
			await expect(client.guard("shell.run", () => 1, { request: part as never })({})).rejects.toMatchObject(
				usage(words),
			);
		}
		expect(await world.records("intents")).toEqual([]);
	});

	it.each([[null], [undefined], ["shell.run"], [7], [[]]])("%j, too", async (request) => {
		const { client } = await begin();
		await expect(client.decide(request as never)).rejects.toMatchObject(usage("a request is"));
	});
});

describe("a guard", () => {
	it("refuses an id for all its calls, and options that it does not know", async () => {
		const { client } = await begin();
		const guard = (options: unknown) => () => client.guard("shell.run", () => 1, options as GuardOptions<number>);
		expect(guard({ request: { id: "one" } })).toThrow(/`id` is none of the defaults/);
		expect(guard({ usageof: () => ({}) })).toThrow(/did you mean `usageOf`/);
		// @ts-expect-error an id is each call's own
		expect(() => client.guard("shell.run", () => 1, { request: { id: "one" } })).toThrow("`id`");
	});

	it("refuses a `function*`, whose end nobody would see", async () => {
		const { client } = await begin();
		const guard = () =>
			client.guard("shell.run", function* () {
				yield 1;
			});
		expect(guard).toThrow(/is a `function\*`.*async function\*/);
	});

	it.each<[string, () => unknown]>([
		[
			"a generator",
			() =>
				(function* () {
					yield 1;
				})(),
		],
		["an iterator", () => [1, 2].values()],
		["an async iterable", () => ({ [Symbol.asyncIterator]: () => ({ next: async () => ({ done: true }) }) })],
		["a stream", () => new ReadableStream()],
	])("reports no good end of %s, and says what to write", async (_what, make) => {
		const { world, client } = await begin();
		for (const run of [make, async () => make()]) {
			await expect(client.guard("shell.run", run)({})).rejects.toMatchObject(usage("not an async generator"));
		}
		await world.consumed();
		const ends = (await world.entries()).filter(({ kind }) => kind === "usage.settled");
		expect(ends).toMatchObject([{ status: "unknown" }, { status: "unknown" }]);
	});

	it("hands out lists, maps and texts as before", async () => {
		const { client } = await begin();
		for (const out of [[1], new Map([[1, 2]]), new Set([1]), "text", null, new Uint8Array(2)]) {
			expect(await client.guard("shell.run", () => out)({})).toBe(out);
		}
	});
});
