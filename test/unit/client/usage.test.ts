/** What a guarded call used, as users report it: doubt costs what was reserved, and is told. */
import { afterEach, describe, expect, it } from "vitest";
import { AssentClient } from "../../../src/client/client.ts";
import type { UsageEvent } from "../../../src/client/events.ts";
import type { GuardOptions } from "../../../src/client/guard.ts";
import type { ReportedUsage } from "../../../src/core/codec/reported-usage.ts";
import type { UsageSettledEntry } from "../../../src/core/model/entries.ts";
import type { Processor } from "../../../src/processor/processor.ts";
import { Heard, LogWorld, startProcessor } from "../../support/world.ts";

let processor: Processor | null = null;
let client: AssentClient | null = null;

afterEach(async () => {
	await client?.close();
	await processor?.drain();
});

/** 1.00 to spend, of which a call reserves 0.10. */
const SPEND = `
apiVersion: assent.dev/v1
kind: Policy
metadata: {name: cost}
tools: {allow: all}
limits:
  - {name: usd, measure: cost, scope: agent, max: 1, per: 1d, reserve: 0.1}
`;
const UNRESERVED = SPEND.replace(", reserve: 0.1", "");
const TOKENS = SPEND.replace(
	"cost, scope: agent, max: 1, per: 1d, reserve: 0.1",
	"tokens, scope: agent, max: 2000, reserve: 500",
);

async function begin(policy: string) {
	const world = new LogWorld();
	await world.policies(policy);
	const heard = new Heard();
	const started = await startProcessor(world);
	processor = started.processor;
	client = await new AssentClient({
		log: world.handle(),
		layout: world.layout,
		principal: { tenant: "acme", agent: "coder", session: "run-1" },
		telemetry: heard,
	}).start();
	const events: UsageEvent[] = [];
	client.on("usage_unreported", (event) => events.push(event));
	const settlements = async (): Promise<UsageSettledEntry[]> => {
		await world.consumed();
		return (await world.entries()).filter((entry) => entry.kind === "usage.settled");
	};
	return { world, client, heard, processorHeard: started.heard, events, settlements };
}

/** How many of 20 calls run. */
async function running(
	client: AssentClient,
	run: () => unknown,
	options: GuardOptions<unknown>,
): Promise<{ ran: number; denied: number }> {
	let ran = 0;
	let denied = 0;
	const tool = client.guard(
		"model.generate",
		async () => {
			ran += 1;
			return run();
		},
		options,
	);
	for (let at = 0; at < 20; at++) {
		await tool({ at }).catch((thrown: Error) => {
			if (thrown.name === "ToolCallDenied") denied += 1;
		});
	}
	return { ran, denied };
}

const reported = (usage: unknown): GuardOptions<unknown> => ({ usageOf: () => usage as ReportedUsage });

describe("spend that nobody reports costs what was reserved", () => {
	it.each<[string, GuardOptions<unknown>]>([
		["no usageOf", {}],
		["tokens only", reported({ tokens: 5 })],
		["NaN", reported({ costMicros: Number.NaN })],
		["undefined", reported({ costMicros: undefined })],
		["negative", reported({ costMicros: -100_000 })],
		["fractional millionths", reported({ costMicros: 100_000.4 })],
		["units taken for millionths", reported({ costMicros: 0.25 })],
		["a text", reported({ costMicros: "100000" })],
		["another name", reported({ costs: 0.1 })],
		["no object", reported(0.1)],
		["two amounts", reported({ cost: 0.2, costMicros: 1 })],
		["a throwing usageOf", { usageOf: () => Promise.reject(new Error("no usage in the reply")) }],
	])("%s: ten calls of 0.10 run on 1.00, and it is told", async (_what, options) => {
		const { client, events, heard, settlements } = await begin(SPEND);
		expect(await running(client, () => 1, options)).toEqual({ ran: 10, denied: 10 });
		const entries = await settlements();
		expect(entries.map(({ usage }) => usage.costMicros)).toEqual(Array.from({ length: 10 }, () => null));
		expect(entries.every(({ usage }) => usage.executionMs !== null)).toBe(true);
		expect(events).toHaveLength(10);
		expect(events[0]).toMatchObject({ tool: "model.generate", limits: [{ limit: "usd", reserved: 100_000 }] });
		expect(heard.said("outcome.incomplete")).toHaveLength(1);
	});

	it("a tool that throws after it spent", async () => {
		const { client } = await begin(SPEND);
		const fail = (): never => {
			throw new Error("the stream broke off");
		};
		expect(await running(client, fail, reported({ cost: 0 }))).toEqual({ ran: 10, denied: 10 });
	});

	it("README's own limit on tokens with a guard that reports nothing", async () => {
		const { client, settlements } = await begin(TOKENS);
		expect(await running(client, () => "ok", {})).toMatchObject({ ran: 4 });
		expect((await settlements())[0]?.settlements).toMatchObject([{ reserved: 500, settled: 500, excess: 0 }]);
	});

	it("an estimate that no outcome corrects", async () => {
		const { client } = await begin(UNRESERVED);
		expect(await running(client, () => 1, { request: { estimate: { cost: 0.1 } } })).toMatchObject({ ran: 10 });
	});

	it.each([{ cost: Number.NaN }, { costMicros: 0.1 }, { tokens: -1 }, { usd: 1 }])(
		"an estimate that cannot be read refuses the call: %j",
		async (estimate) => {
			const { client, world } = await begin(UNRESERVED);
			await expect(client.decide({ tool: "t", args: {}, estimate })).rejects.toMatchObject({ code: "RECORD_FIELD" });
			expect((await world.log.bounds({ topic: "intents", partition: 0 })).end).toBe(0);
		},
	);

	it("what is reported is what counts, member by member", async () => {
		const { client, settlements } = await begin(SPEND);
		const usage: ReportedUsage[] = [
			{ cost: 0.01 },
			{ cost: 1.1 / 100 },
			{ costMicros: 12_000, tokens: -1 },
			{ cost: 0 },
		];
		let at = 0;
		const tool = client.guard("model.generate", async () => 1, { usageOf: () => usage[at++] });
		for (const _ of usage) await tool();
		expect((await settlements()).map((entry) => entry.settlements[0]?.settled)).toEqual([10_000, 11_000, 12_000, 0]);
	});

	it("is told by the processor, once for each limit, with what helps where nothing was reserved", async () => {
		const { client, processorHeard, settlements } = await begin(UNRESERVED);
		expect(await running(client, () => 1, {})).toMatchObject({ ran: 20 });
		await settlements();
		const said = processorHeard.said("usage.unreported");
		expect(said).toHaveLength(1);
		expect(said[0]).toMatchObject({ policy: "cost", limit: "usd", measure: "cost" });
		expect(String(said[0]?.["why"])).toContain("`reserve`");
	});

	it("by hand: a report without usage is no refund", async () => {
		const { client, settlements, events } = await begin(SPEND);
		const call = { tenant: "acme", agent: "coder", session: "run-1" };
		for (const [id, usage] of [
			["a", undefined],
			["b", { cost: "1" as unknown as number }],
		] as const) {
			await client.decide({ tool: "t", args: {}, id });
			await client.report({ ...call, id }, "ok", usage);
		}
		expect((await settlements()).map((entry) => entry.settlements[0]?.settled)).toEqual([100_000, 100_000]);
		expect(events).toMatchObject([{ tool: "", faults: [{ member: "cost" }] }]);
	});
});
