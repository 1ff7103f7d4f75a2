import { describe, expect, it } from "vitest";
import type { OutcomeStatus } from "../../../src/core/model/inputs.ts";
import { HOUR, MINUTE } from "../../../src/core/model/units.ts";
import { unknownCalls } from "../../../src/operations/unknown-calls.ts";
import { intentOf } from "../../support/engine-world.ts";
import { LogWorld, startProcessor } from "../../support/world.ts";

const POLICY = `
apiVersion: assent.dev/v1
kind: Policy
metadata: {name: guard}
tools: {allow: all, deny: [wipe]}
obligations: [{deadline: 5m, lease: 30m}]
limits:
  - {name: tokens, measure: tokens, scope: agent, max: 1000000, reserve: 40}
  - {name: slots, measure: concurrent_calls, scope: agent, max: 9, tools: [shell.*]}
`;

async function begun() {
	const clock = {
		at: 1_800_000_000_000,
		now(): number {
			return this.at;
		},
	};
	const world = new LogWorld({ clock });
	await world.policies(POLICY);
	const { processor } = await startProcessor(world);
	const submit = async (id: string, part: { agent?: string; tool?: string } = {}) => {
		await world.publish(intentOf({ tool: "db.query", ...part, id, issuedAt: clock.at }));
		await world.consumed();
	};
	const report = async (id: string, status: OutcomeStatus, tokens: number | null = null) => {
		await world.publish({
			...{ type: "outcome.reported", actor: [], session: "run-1", sketch: "", status },
			call: { tenant: "acme", agent: "coder", id },
			usage: { tokens, costMicros: null, executionMs: null },
		});
		await world.consumed();
	};
	const tick = async () => {
		await world.control({ type: "clock.ticked" });
		await world.consumed();
	};
	const listed = async (filter: { tenant?: string; agent?: string } = {}) =>
		(await unknownCalls(world.log, world.layout, { filter, now: clock.at })).calls;
	return { world, clock, processor, submit, report, tick, listed };
}

const ids = (calls: readonly { readonly call: { readonly id: string } }[]): string[] =>
	calls.map(({ call }) => call.id);

describe("calls whose end nobody saw", () => {
	it("are those that were reported as unknown and those whose time is up, and no others", async () => {
		const { clock, processor, submit, report, tick, listed } = await begun();
		for (const id of ["late", "said", "done", "failed"]) await submit(id);
		await submit("denied", { tool: "wipe" });
		await report("said", "unknown", 90);
		await report("done", "ok");
		await report("failed", "error");
		expect(ids(await listed())).toEqual(["said"]);
		clock.at += 5 * MINUTE;
		// Nobody has written yet that its time is up.
		expect(ids(await listed())).toEqual(["late", "said"]);
		await tick();
		clock.at += MINUTE;
		await submit("open");
		expect(await listed()).toMatchObject([
			{ call: { tenant: "acme", agent: "coder", id: "late" }, session: "run-1", tool: "db.query", slotUntil: null },
			{ charged: [{ policy: "guard", limit: "tokens", amount: 90 }], allowedAt: clock.at - 6 * MINUTE },
		]);
		await processor.drain();
	});

	it("say what they have cost, and until when their slot is taken and they are listed", async () => {
		const { clock, processor, submit, report, tick, listed } = await begun();
		const allowedAt = clock.at;
		await submit("a", { tool: "shell.run" });
		await report("a", "unknown");
		const charged = [
			{ limit: "slots", amount: 1 },
			{ limit: "tokens", amount: 40 },
		];
		const [before] = await listed();
		expect(before).toMatchObject({ slotUntil: allowedAt + 30 * MINUTE, listedUntil: null });
		expect(before?.charged).toHaveLength(charged.length);
		expect(before?.charged).toEqual(expect.arrayContaining(charged.map((each) => expect.objectContaining(each))));
		clock.at += 30 * MINUTE;
		await tick();
		const [after] = await listed();
		expect(after).toMatchObject({ slotUntil: null, charged: [{ amount: 40 }] });
		expect(after?.listedUntil).toBeGreaterThan(clock.at);
		await processor.drain();
	});

	it("leave the list when an outcome tells their end, or with their id", async () => {
		const { world, clock, processor, submit, report, tick, listed } = await begun();
		await submit("told");
		await submit("left");
		await report("told", "unknown");
		await report("left", "unknown");
		await report("told", "ok");
		expect(ids(await listed())).toEqual(["left"]);
		clock.at += world.layout.dedupeMs + HOUR;
		await tick();
		await tick();
		expect(await listed()).toEqual([]);
		await processor.drain();
	});

	it("are listed for one tenant and agent, where these are named", async () => {
		const { clock, processor, submit, tick, listed } = await begun();
		await submit("a");
		await submit("b", { agent: "writer" });
		clock.at += 5 * MINUTE;
		await tick();
		expect(ids(await listed({ tenant: "acme", agent: "writer" }))).toEqual(["b"]);
		expect(ids(await listed({ tenant: "other" }))).toEqual([]);
		await processor.drain();
	});
});
