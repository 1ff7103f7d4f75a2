import { describe, expect, it } from "vitest";
import {
	allowed,
	byRules,
	counts,
	denied,
	type Expectation,
	given,
	held,
	intent,
	policies,
	policy,
	policyText,
} from "../../../support/engine.ts";

const rm = { args: { command: "rm -rf /" } };
const approvals = "approvals: {default: {approvers: [alice]}}";

const body: (
	check: (decision: { readonly uses: readonly unknown[]; readonly policyDigest: string }) => void,
) => Expectation = (check) => (world) => {
	if (world.last.kind !== "decision.made") throw new Error(world.last.kind);
	check(world.last.decision);
};

describe("which policies apply (docs/design/step.md#which-policies-apply)", () => {
	it("denies everything while no policy is in force, and says so", () => {
		given()
			.when(intent())
			.then(
				denied("policy.none"),
				body((decision) => expect(decision.policyDigest).toBe("")),
			);
	});

	it("denies who is not covered by any policy", () => {
		given(policy("appliesTo: {agents: [analyst]}"))
			.when(intent())
			.then(
				denied("policy.none"),
				body((decision) => expect(decision.policyDigest).toMatch(/^[0-9a-f]{64}$/)),
			);
	});

	it("allows an admitted tool when no rule fires", () => {
		given(policy()).when(intent()).then(allowed());
	});

	it("denies a tool that a policy's list does not admit", () => {
		given(policy("", { tools: "{allow: [db.*]}" }))
			.when(intent())
			.then(denied("tool.not_allowed"), byRules("guard/tools.allow"));
	});

	it("needs the consent of every policy that applies", () => {
		given(
			policies(
				policyText("a-shell", "", { tools: "{allow: [shell.*]}" }),
				policyText("b-db", "", { tools: "{allow: [db.*]}" }),
				policyText("c-other", "appliesTo: {agents: [analyst]}", { tools: "{allow: none}" }),
			),
		)
			.when(intent())
			.then(denied("tool.not_allowed"), byRules("b-db/tools.allow"));
	});
});

describe("how policies combine", () => {
	const holds = policyText("holds", approvals, { tools: "{allow: all, hold: [shell.*]}" });
	const denies = policyText("denies", "patterns: [{name: no-rm, substring: rm -rf}]");

	it("hold is stronger than allow", () => {
		given(policies(policyText("open"), holds))
			.when(intent())
			.then(held("tool.held"), byRules("holds/tools.hold[shell.*]"));
	});

	it("deny is stronger than hold, and only what made the verdict is named", () => {
		given(policies(holds, denies)).when(intent(rm)).then(denied("pattern.matched"), byRules("denies/no-rm"));
	});

	it("names every determining rule, by policy and in the order of the document", () => {
		const two = policyText("b", "patterns: [{name: one, substring: rm}, {name: two, substring: rf}]", {
			tools: "{allow: all, deny: [shell.*]}",
		});
		given(policies(two, policyText("a", "patterns: [{name: z, substring: '-rf'}]")))
			.when(intent(rm))
			.then(
				denied("pattern.matched", "tool.denied", "pattern.matched", "pattern.matched"),
				byRules("a/z", "b/tools.deny[shell.*]", "b/one", "b/two"),
			);
	});

	it("says where a pattern matched, and never what", () => {
		given(policies(denies))
			.when(intent({ args: { command: "cd / && rm -rf /" } }))
			.then((world) => {
				expect(world.last).toMatchObject({
					decision: { reasons: [{ span: { pointer: "/command", start: 8, end: 14 } }] },
				});
				expect(Buffer.from(world.leaves.at(-1) ?? []).includes("rm -rf")).toBe(false);
			});
	});

	it("a denial reserves nothing, whichever rule it came from", () => {
		given(policy("limits: [{name: calls, measure: tool_calls, scope: agent, max: 5}]", { tools: "{allow: none}" }))
			.when(intent())
			.then(denied("tool.not_allowed"), counts("calls", { reserved: 0 }));
	});
});

describe("mode audit", () => {
	it("records what a policy would have done, without force", () => {
		const watch = policyText("watch", "patterns: [{name: no-rm, substring: rm -rf}]", {
			mode: "audit",
			tools: "{allow: none}",
		});
		given(policies(policyText("open"), watch))
			.when(intent(rm))
			.then(allowed("tool.not_allowed", "pattern.matched"));
	});

	it("is set for one rule as well", () => {
		given(policy("patterns: [{name: no-rm, substring: rm, mode: audit}, {name: no-rf, substring: rf}]"))
			.when(intent(rm))
			.then(denied("pattern.matched", "pattern.matched"), byRules("guard/no-rf", "guard/no-rm"));
	});

	it("does not hold a call either", () => {
		const watch = policyText("watch", approvals, { mode: "audit", tools: "{allow: all, hold: [shell.*]}" });
		given(policies(policyText("open"), watch))
			.when(intent())
			.then(allowed("tool.held"));
	});

	it("admits nobody: whom no enforcing policy covers is denied, and what it would have said is recorded", () => {
		const guard = policyText("guard", "appliesTo: {agents: ['coder*']}");
		const watch = policyText("watch", "patterns: [{name: ls, substring: ls}]", { mode: "audit" });
		given(policies(guard, watch))
			.when(intent({ agent: "stranger" }))
			.then(denied("policy.none", "pattern.matched"))
			.when(intent())
			.then(allowed("pattern.matched"));
	});

	it("counts a limit in full, and does not block", () => {
		const limit = "limits: [{name: calls, measure: tool_calls, scope: agent, max: 1, mode: audit}]";
		given(policy(limit), intent())
			.when(intent())
			.then(allowed("budget.exhausted"), counts("calls", { reserved: 2 }));
	});
});

describe("a rule that cannot be evaluated", () => {
	it("denies, with a reason of its own", () => {
		const many = Object.fromEntries(Array.from({ length: 300 }, (_, at) => [`k${at}`, "secret"]));
		given(policy("obligations: [{redact: ['args.*']}]"))
			.when(intent({ args: many }))
			.then(denied("rule.failed"), byRules("guard/obligations[0]"));
	});
});
