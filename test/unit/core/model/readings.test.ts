import { describe, expect, it } from "vitest";
import { repliesOf } from "../../../../src/core/ledger/projections/replies.ts";
import { entryReading, replyReading } from "../../../../src/core/model/readings.ts";
import { addressed, given, intent, outcome, policies, policyText } from "../../../support/engine.ts";

const guard = policies(
	policyText(
		"guard",
		`patterns: [{name: no-rm, substring: rm -rf}]
limits: [{name: cap, measure: tokens, scope: session, max: 100}, {name: same, measure: identical_calls, scope: session, max: 2}]`,
	),
);

describe("an entry as it is read", () => {
	it("has its reasons flat, and its budgets with their scope keys and what they come to", () => {
		const { last } = given(guard, intent({ tokens: 30, args: { command: "rm -rf /" } })).world;
		expect(entryReading(last)).toMatchObject({
			decision: {
				reasons: [
					{
						code: "pattern.matched",
						policy: "guard",
						rule: "no-rm",
						effect: "deny",
						mode: "enforce",
						span: { pointer: "/command", start: 0, end: 6 },
					},
				],
				budgets: [
					{
						policy: "guard",
						limit: "cap",
						measure: "tokens",
						scopeKey: "acme/coder/run-1",
						max: 100,
						before: 0,
						after: 0,
					},
					{ limit: "same", scopeKey: expect.stringMatching(/^acme\/coder\/run-1#[0-9a-f]{64}$/), before: 0, after: 1 },
				],
			},
		});
		expect(JSON.stringify(entryReading(last))).not.toContain("uses");
	});

	it("of a settlement says whose accounts it settles", () => {
		const { last } = given(guard, intent({ id: "c", tokens: 30 }), outcome("c", { tokens: 130 })).world;
		expect(entryReading(last)).toMatchObject({
			settlements: [
				{ counter: { limit: "cap" }, scopeKey: "acme/coder/run-1", reserved: 30, settled: 30, excess: 100 },
			],
			overshoots: [{ counter: { limit: "cap" }, scopeKey: "acme/coder/run-1", debt: 30 }],
		});
	});
});

describe("a reply as it is read", () => {
	it("has what was decided beside its other fields", () => {
		const { world } = given(guard, intent({ id: "c", tokens: 30 }));
		const [addressedReply] = repliesOf(world.last, addressed("r"), "");
		if (addressedReply === undefined) throw new Error("nobody is answered");
		expect(replyReading(addressedReply.reply)).toMatchObject({
			replyId: "r",
			verdict: "allow",
			reasons: [],
			budgets: [{ limit: "cap", scopeKey: "acme/coder/run-1", before: 0, after: 30 }, { limit: "same" }],
			policyDigest: world.state.policy.digest,
		});
	});
});
