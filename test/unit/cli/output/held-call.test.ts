import { describe, expect, it } from "vitest";
import { headLine, heldPage, ruleLines } from "../../../../src/cli/output/held-call.ts";
import { NO_OBLIGATIONS } from "../../../../src/core/model/obligations.ts";
import { MINUTE } from "../../../../src/core/model/units.ts";
import type { HeldCall } from "../../../../src/operations/holds.ts";

const NOW = 1_800_000_000_000;

const held: HeldCall = {
	...{ partition: 0, call: { tenant: "acme", agent: "coder", id: "c 1" }, session: "run-1", tool: "mail.send" },
	...{ actor: ["planner", "mailer\u202e"], onBehalfOf: "ann", heldAt: NOW, expiresAt: NOW + 90 * MINUTE },
	...{ askedBy: "bo\u202e", publisher: "gateway-1" },
	...{ isOverdue: false, reasons: [], requirements: [], obligations: NO_OBLIGATIONS, intentOffset: 0, commitment: "" },
	takes: [
		{ policy: "", limit: "ak_1", measure: "cost", windowMs: 0, scopeKey: "acme/coder#ak_1", amount: 250_000 },
		{ policy: "p", limit: "calls", measure: "tool_calls", windowMs: 60 * MINUTE, scopeKey: "acme", amount: 1_000 },
		{ policy: "p", limit: "none", measure: "tokens", windowMs: 0, scopeKey: "acme", amount: 0 },
	],
};

describe("a held call", () => {
	it("names everybody on the way to it, and for whom it is made", () => {
		expect(headLine(held, NOW)).toBe(
			'"c 1"  acme/coder/run-1 > planner > mailer\\u202e  on behalf of ann  asked by bo\\u202e  signed by gateway-1  expires in 1 hour',
		);
		expect(headLine({ ...held, isOverdue: true }, NOW)).toContain("too late");
	});

	it("says what it takes, of whose budget", () => {
		expect(ruleLines(held)).toEqual([
			"  takes 0.25 cost of the credential ak_1, for life, for acme/coder#ak_1",
			"  takes 1,000 tool_calls of p/calls, in 1h, for acme",
		]);
	});

	it("says that letters may be shown in another order, and that arguments are gone", () => {
		const page = (args: Parameters<typeof heldPage>[1]) => heldPage(held, args, { now: NOW, isFull: false }).join("\n");
		expect(page({ to: "שלום" })).toContain("written from right to left");
		expect(page({ to: "team" })).not.toContain("right to left");
		expect(page("gone")).toContain("(the arguments can no longer be read)");
		expect(page("sealed")).toContain("(sealed: their key is not at hand)");
		expect(page("erased")).toContain("(erased)");
	});
});
