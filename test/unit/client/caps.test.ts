/** What a credential may spend, asked for through several clients at once and over restarts of the processor. */
import { afterEach, describe, expect, it } from "vitest";
import { AssentClient, type CallRequest } from "../../../src/client/client.ts";
import { mayRun } from "../../../src/client/decision.ts";
import type { Processor } from "../../../src/processor/processor.ts";
import { Heard, LogWorld, startProcessor, TEST_POLICY } from "../../support/world.ts";

const open: (() => Promise<unknown>)[] = [];

afterEach(async () => {
	for (const close of open.splice(0).reverse()) await close();
});

async function begin(clients: number) {
	const world = new LogWorld();
	await world.policies(TEST_POLICY);
	let processor: Processor = (await startProcessor(world)).processor;
	const heard = new Heard();
	const asking = await Promise.all(
		Array.from({ length: clients }, (_, at) =>
			new AssentClient({
				log: world.handle(),
				layout: world.layout,
				principal: { tenant: "acme", agent: "coder", session: `run-${at}` },
				telemetry: heard,
			}).start(),
		),
	);
	open.push(...asking.map((client) => () => client.close()), () => processor.drain());
	const restart = async (): Promise<void> => {
		await processor.drain();
		processor = (await startProcessor(world)).processor;
	};
	return { world, asking, restart };
}

const CAP = { name: "key-1", measure: "tool_calls", max: 1 } as const;
const ls = (caps: CallRequest["caps"]): CallRequest => ({
	tool: "shell.run",
	args: { command: "ls" },
	caps: caps ?? [],
});

describe("what a credential may spend", () => {
	it("one call, asked for by a hundred through three clients at once, runs once", async () => {
		const { asking } = await begin(3);
		let ran = 0;
		const guards = asking.map((client) => client.guard("shell.run", () => (ran += 1)));
		const all = Array.from({ length: 100 }, (_, at) => guards[at % 3]?.({ command: "ls" }, { caps: [CAP] }));
		const ends = await Promise.allSettled(all);
		expect(ran).toBe(1);
		expect(ends.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
		const told = ends.flatMap((end) => (end.status === "rejected" ? [String(end.reason)] : []));
		for (const text of told)
			expect(text).toContain("Waiting does not help: tell the user, so that the budget can be raised.");
	});

	it("is still spent after a restart, from the ledger alone", async () => {
		const { asking, restart } = await begin(1);
		const [client] = asking as [AssentClient];
		expect(mayRun(await client.decide(ls([CAP])))).toBe(true);
		await restart();
		const denied = await client.decide(ls([CAP]));
		expect(denied).toMatchObject({
			verdict: "deny",
			reasons: [{ code: "credential.budget", policy: "", rule: "key-1" }],
		});
		expect(denied.budgets).toContainEqual(
			expect.objectContaining({ limit: "key-1", scopeKey: "acme/coder#key-1", max: 1, before: 1, after: 1 }),
		);
		expect(mayRun(await client.decide(ls([{ ...CAP, name: "key-2" }])))).toBe(true);
	});

	it("is refused where it cannot be read, before anything is asked", async () => {
		const { asking } = await begin(1);
		const [client] = asking as [AssentClient];
		const bad: readonly (readonly [unknown, string])[] = [
			["key-1", "`caps` are a string"],
			[[null], "`caps[0].name`"],
			[[{ ...CAP, name: "" }], "`caps[0].name` is empty"],
			[[{ ...CAP, name: "k".repeat(65) }], "has over 64 characters"],
			[[CAP, { ...CAP, measure: "calls" }], "`caps[1].measure`"],
			[[{ ...CAP, max: -1 }], "`caps[0].max`"],
			[[{ ...CAP, max: 0.5 }], "`caps[0].max`"],
			[Array.from({ length: 17 }, () => CAP), "`caps` are 17, at most 16"],
		];
		for (const [caps, message] of bad) {
			const code = "ASSENT_USAGE";
			const asked = client.decide(ls(caps as CallRequest["caps"]));
			await expect(asked, message).rejects.toMatchObject({ code, message: expect.stringContaining(message) as string });
		}
	});

	it("and a report by hand says nothing that cannot be read", async () => {
		const { asking } = await begin(1);
		const [client] = asking as [AssentClient];
		const call = { tenant: "acme", agent: "coder", session: "run-0", id: "a" };
		await expect(client.report(call, "maybe" as "ok")).rejects.toMatchObject({ code: "ASSENT_USAGE" });
		for (const sketch of [7, "x".repeat(257), "a\nb"]) {
			const report = client.report(call, "ok", {}, { sketch: sketch as string });
			await expect(report).rejects.toMatchObject({ code: "ASSENT_USAGE" });
		}
	});
});
