import { describe, expect, it } from "vitest";
import { encodeInput } from "../../../src/core/codec/encode.ts";
import type { LedgerEntry } from "../../../src/core/model/entries.ts";
import { DAY } from "../../../src/core/model/units.ts";
import { argumentsOf, callsNamed, heldCalls, type NamedCall } from "../../../src/operations/holds.ts";
import { sendVote } from "../../../src/operations/operators.ts";
import { TOPICS } from "../../../src/ports/log/log.ts";
import { intentOf } from "../../support/engine-world.ts";
import { LogWorld, over, startProcessor, TEST_POLICY } from "../../support/world.ts";

describe("the arguments that an approver is shown", () => {
	it("are those of the call that was held, and none when another record lies in its place", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const { processor } = await startProcessor(world);
		const pay = { id: "p", tool: "pay.send", args: { amount: 5 }, issuedAt: world.clock.now() };
		await world.publish(intentOf(pay));
		await world.consumed();
		const [held] = await heldCalls(world.log, world.layout, { filter: {}, now: world.clock.now() });
		if (held === undefined) throw new Error("nothing is held");
		expect(await argumentsOf(world.log, held)).toEqual({ amount: 5 });
		for (const other of [
			{ args: { amount: 5_000 } },
			{ tool: "pay.all" },
			{ id: "q", salt: "p" },
			{ agent: "other" },
			{ session: "run-2" },
			{ salt: "another" },
		]) {
			const value = encodeInput(intentOf({ ...pay, ...other }));
			const log = over(world.log, {
				read: async (from, at, options) => {
					const records = await world.log.read(from, at, options);
					return from.topic === TOPICS.intents ? records.map((record) => ({ ...record, value })) : records;
				},
			});
			expect(await argumentsOf(log, held)).toBe("gone");
		}
		await processor.drain();
	});
});

describe("a hold that waits for days", () => {
	it("outlives restarts of everybody, and is decided anew by a quorum of people who came one by one", async () => {
		const clock = {
			at: 1_800_000_000_000,
			now(): number {
				return this.at;
			},
		};
		const policy = (deny: string): string => `
apiVersion: assent.dev/v1
kind: Policy
metadata: {name: slow}
tools: {allow: all, deny: [${deny}], hold: [{name: launch, tools: [launch], approval: board}]}
approvals: {board: {approvers: ['*@example.com'], quorum: 2, expires: 14d}}
`;
		const world = new LogWorld({ clock });
		await world.policies(policy(""));
		const first = await startProcessor(world);
		const issuedAt = clock.now();
		for (const id of ["go", "stop"]) await world.publish(intentOf({ id, tool: "launch", issuedAt }));
		await world.consumed();
		await first.processor.drain();

		const vote = async (id: string, by: string, days: number): Promise<LedgerEntry | undefined> => {
			clock.at += days * DAY;
			const { processor } = await startProcessor(world, { instance: `p-${id}-${by}` });
			await world.consumed();
			// Whoever votes comes anew, too, and sees what is held now.
			const [held] = (await callsNamed(world.handle(), world.layout, { name: id, now: clock.now() })) as [NamedCall];
			const { call, session, commitment } = held;
			const ballot = { call, session, commitment, vote: "granted", comment: "" } as const;
			await sendVote(world.handle(), world.layout, { by, now: clock.now(), ...ballot });
			await world.consumed();
			await processor.drain();
			return (await world.entries()).findLast(({ kind }) => kind === "approval.recorded" || kind === "input.rejected");
		};
		expect(await vote("go", "ann@example.com", 3)).toMatchObject({ result: "pending" });
		expect(await vote("go", " Ann\u2800@EXAMPLE.com.", 2)).toMatchObject({ code: "approval.repeated" });
		expect(await vote("stop", "ann@example.com", 1)).toMatchObject({ result: "pending" });
		expect(await vote("go", "bo@example.com", 4)).toMatchObject({ result: "allow" });
		await world.policies(policy("launch"));
		expect(await vote("stop", "bo@example.com", 1)).toMatchObject({
			result: "deny",
			decision: { reasons: [{ rule: { code: "tool.denied" } }] },
		});
	});
});

describe("a call that an operator names", () => {
	it("is the one whose whole name it is, whatever ids another agent has", async () => {
		const world = new LogWorld();
		await world.policies(TEST_POLICY);
		const { processor } = await startProcessor(world);
		const pay = (agent: string, id: string) =>
			intentOf({ id, agent, tool: "pay.send", args: { amount: 5 }, issuedAt: world.clock.now() });
		const good = pay("good", "pay1");
		const { tenant } = good.principal;
		const named = `${tenant}/good/pay1`;
		for (const intent of [good, pay("evil", "pay1"), pay("evil", named)]) await world.publish(intent);
		await world.consumed();
		const found = async (name: string) =>
			(await callsNamed(world.log, world.layout, { name, now: world.clock.now() })).map(({ call }) => call);
		expect(await found(named)).toEqual([{ tenant, agent: "good", id: "pay1" }]);
		expect(await found(`${tenant}/evil/${encodeURIComponent(named)}`)).toEqual([{ tenant, agent: "evil", id: named }]);
		expect(await found("pay1")).toHaveLength(2);
		await processor.drain();
	});
});
