import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { beginning, happen, histories, policySets } from "../support/engine-history.ts";
import { BudgetOracle } from "../support/engine-oracle.ts";

describe("budgets under any history", () => {
	it("are never overspent: at every admission settled + reserved + this <= max + top-ups, in the true window", () => {
		let checks = 0;
		let steps = 0;
		fc.assert(
			fc.property(histories(), (history) => {
				const world = beginning();
				const oracle = new BudgetOracle(policySets());
				oracle.follow(world.inputs[0] as never, world.last);
				for (const each of history) {
					happen(world, each);
					oracle.follow(world.inputs.at(-1) as never, world.last);
				}
				checks += oracle.checks;
				steps += world.entries.length;
			}),
			{ numRuns: 200 },
		);
		expect(steps).toBeGreaterThan(8_000);
		expect(checks).toBeGreaterThan(5_000);
	});
});
