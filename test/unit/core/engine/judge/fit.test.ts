/** Which rulings an entry can hold. */
import { describe, expect, it } from "vitest";
import { fits, type Ruling } from "../../../../../src/core/engine/judge/fit.ts";
import { NAME_LENGTH_MAX } from "../../../../../src/core/model/bounds.ts";
import type { BudgetUse } from "../../../../../src/core/model/entries.ts";
import { NO_OBLIGATIONS } from "../../../../../src/core/model/obligations.ts";

const named = (length: number): BudgetUse => ({
	counter: {
		policy: "p".repeat(length),
		limit: "l".repeat(length),
		measure: "identical_calls",
		windowMs: 0,
		scope: "session",
	},
	repetition: "0".repeat(64),
	max: 1,
	before: 0,
	amount: 1,
	kind: "settled",
});

function allowed(uses: number, use: BudgetUse, messages: readonly string[] = []): Ruling {
	const obligations = { ...NO_OBLIGATIONS, messages };
	const decision = {
		reasons: [],
		obligations,
		uses: new Array<BudgetUse>(uses).fill(use),
		begins: [],
		policyDigest: "",
		classifier: "",
	};
	return { verdict: "allow", decision, requirements: [] };
}

describe("what fits into an entry", () => {
	it("is as many budgets, measured or not", () => {
		// An empty message has to be measured, and with it all.
		for (const length of [1, 60, NAME_LENGTH_MAX]) {
			for (let uses = 0; uses < 200; uses++) {
				const isMeasuredToFit = fits(allowed(uses, named(length), [""]));
				const bytes = 200 + 24 + uses * (80 + 2 * length + 64);
				expect(isMeasuredToFit, `${uses}`).toBe(bytes <= 24_576);
				if (isMeasuredToFit) expect(fits(allowed(uses, named(length)))).toBe(true);
				if (bytes - 24 > 24_576) expect(fits(allowed(uses, named(length)))).toBe(false);
			}
		}
	});
});
