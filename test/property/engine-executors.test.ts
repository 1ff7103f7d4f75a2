import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { callKey } from "../../src/core/model/ids.ts";
import { MINUTE } from "../../src/core/model/units.ts";
import {
	type Act,
	abandoned,
	given,
	granted,
	halted,
	intent,
	lifted,
	outcome,
	policy,
	tick,
	wait,
} from "../support/engine.ts";
import { START } from "../support/engine-world.ts";

const guard = policy("approvals: {default: {approvers: [alice], expires: 30m}}\nobligations: [{deadline: 10m}]", {
	tools: "{allow: all, hold: [mail.*]}",
});

const ids = fc.constantFrom("a", "b", "h", "i");
const executors = fc.constantFrom("one", "two", "three", "");
const toolOf = (id: string): string => (id < "c" ? "shell.run" : "mail.send");

/** What askers, people and time do to a handful of calls. */
const act: fc.Arbitrary<Act> = fc.oneof(
	{
		weight: 8,
		arbitrary: fc
			.record({ id: ids, executor: executors })
			.map(({ id, executor }) => intent({ id, executor, tool: toolOf(id), issuedAt: START, deadline: START + 1 })),
	},
	{ weight: 3, arbitrary: ids.map((id) => granted(id)) },
	{ weight: 1, arbitrary: ids.map((id) => outcome(id)) },
	{ weight: 1, arbitrary: fc.record({ id: ids, by: executors }).map(({ id, by }) => abandoned(id, "coder", by)) },
	{ weight: 1, arbitrary: fc.constantFrom(halted({ agent: "coder" }), lifted({ agent: "coder" }), tick()) },
	{ weight: 1, arbitrary: fc.constantFrom(wait(MINUTE), wait(11 * MINUTE)) },
);

describe("an allow, whoever asks in whatever order", () => {
	it("is open to one executor, to one without a name once, and after a grant to the first who asks", () => {
		const seen = { handed: 0, kept: 0, taken: 0 };
		fc.assert(
			fc.property(fc.array(act, { minLength: 5, maxLength: 40 }), (acts) => {
				const { world } = given(guard, ...acts);
				const holders = new Map<string, string>();
				const isOver = new Set<string>();
				for (const entry of world.entries) {
					if (entry.kind === "usage.settled" || entry.kind === "intent.abandoned") isOver.add(callKey(entry.call));
					for (const effect of entry.effects) isOver.add(callKey(effect.call));
					const isAllow = entry.kind === "decision.made" && entry.verdict === "allow";
					if (isAllow) holders.set(callKey(entry.call), entry.executor);
					if (entry.kind !== "decision.repeated" || entry.verdict !== "allow") continue;
					const key = callKey(entry.call);
					const holder = holders.get(key);
					if (entry.status === "taken") {
						seen.taken += 1;
						expect(holder).toBeDefined();
						if (entry.executor !== "") expect(holder).not.toBe(entry.executor);
					}
					if (entry.status !== "open") continue;
					expect(isOver.has(key)).toBe(false);
					if (holder === undefined) seen.handed += 1;
					else {
						seen.kept += 1;
						expect([holder, entry.executor]).toEqual([entry.executor, holder]);
						expect(holder).not.toBe("");
					}
					holders.set(key, entry.executor);
				}
			}),
			{ numRuns: 400 },
		);
		// What never happens proves nothing.
		for (const count of Object.values(seen)) expect(count).toBeGreaterThan(10);
	});
});
