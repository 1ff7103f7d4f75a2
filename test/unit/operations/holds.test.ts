import { describe, expect, it } from "vitest";
import { encodeInput } from "../../../src/core/codec/encode.ts";
import { argumentsOf, callsNamed, heldCalls } from "../../../src/operations/holds.ts";
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
		expect(await argumentsOf(world.log, held)).toBe('{"amount":5}');
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
			expect(await argumentsOf(log, held)).toBeNull();
		}
		await processor.drain();
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
