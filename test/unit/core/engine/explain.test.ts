import { describe, expect, it } from "vitest";
import { explain } from "../../../../src/core/engine/explain.ts";
import { decisionReading } from "../../../../src/core/model/readings.ts";
import { type Act, given, intent, policies, policyText } from "../../../support/engine.ts";

const explained = (...acts: Act[]): string[] => {
	const { last } = given(...acts).world;
	if (last.kind !== "decision.made" && last.kind !== "decision.held") throw new Error(last.kind);
	return explain({
		...decisionReading(last.decision, last.call),
		verdict: last.kind === "decision.held" ? "hold" : last.verdict,
	});
};

describe("a decision in words", () => {
	it("of an allow names no rule, and its budgets", () => {
		const guard = policyText("guard", "limits: [{name: cap, measure: tool_calls, scope: agent, max: 5, per: 1h}]");
		const lines = explained(policies(guard), intent());
		expect(lines[0]).toBe("allow: the tool is admitted and no rule forbids the call");
		expect(lines[1]).toBe("  guard/cap  0 → 1 of 5 tool_calls in 1h for acme/coder");
		expect(lines[2]).toMatch(/^ {2}policy [0-9a-f]{12}$/);
	});

	it("of a denial names every rule, where it matched, and what audit rules would have done", () => {
		const guard = policyText("guard", "patterns: [{name: no-ls, substring: ls, message: no listing}]");
		const watch = policyText("watch", "", { mode: "audit", tools: "{allow: all, deny: [shell.*]}" });
		expect(explained(policies(guard, watch), intent()).slice(0, 3)).toEqual([
			"deny: one reason",
			"  guard/no-ls  pattern.matched  at /command[0..2]  no listing",
			"  would deny (audit)  watch/tools.deny[shell.*]  tool.denied  policy `watch` denies this tool",
		]);
	});

	it("of a call that begins sequences says so", () => {
		const rules =
			"sequences: [{name: s, after: {tools: [shell.*]}, within: 30m, then: {tools: [x]}}, {name: t, scope: agent, after: {tools: [shell.*]}, then: {tools: [x]}}]";
		expect(explained(policies(policyText("guard", rules)), intent()).slice(1, 3)).toEqual([
			"  guard/s  looks for 30m at calls of the session",
			"  guard/t  looks from now on at calls of the agent",
		]);
	});

	it("of a hold says how many rules ask for it", () => {
		const approvals = "approvals: {default: {approvers: [alice]}}";
		const guard = policyText("guard", approvals, { tools: "{allow: all, hold: [shell.*, '*.run']}" });
		expect(explained(policies(guard), intent())[0]).toBe("held for approval: 2 rules require it");
	});

	it("without a policy says so", () => {
		expect(explained(intent())).toEqual([
			"deny: one reason",
			"  policy.none  no enforcing policy in force applies to this principal",
			"  no policy was in force",
		]);
	});
});
