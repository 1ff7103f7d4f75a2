import { describe, expect, it } from "vitest";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";
import { policyText } from "../../../support/engine.ts";

describe("which policies apply", () => {
	it("is asked of each agent and tenant, also of those that others share a plan with", () => {
		const compiled = compilePolicies(
			[
				{ name: "all.yaml", text: policyText("all", "") },
				{ name: "ops.yaml", text: policyText("ops", "appliesTo: {agents: [ops-*]}") },
				{ name: "acme.yaml", text: policyText("acme", "appliesTo: {tenants: [acme]}") },
			],
			{ budgetRoot: "tenant/agent" },
		);
		if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
		const applies = (tenant: string, agent: string, tool: string) =>
			compiled.value.evaluate({ tenant, agent, tool, args: {} }).applies;
		for (let round = 0; round < 2; round++) {
			for (const tool of ["shell", "mail"]) {
				expect(applies("acme", "ops-1", tool)).toEqual(["acme", "all", "ops"]);
				expect(applies("acme", "coder", tool)).toEqual(["acme", "all"]);
				expect(applies("umbra", "ops-1", tool)).toEqual(["all", "ops"]);
				expect(applies("umbra", "ops-2", tool)).toEqual(["all", "ops"]);
				expect(applies("umbra", "coder", tool)).toEqual(["all"]);
			}
		}
	});
});

describe("what is planned for a tool", () => {
	it("is shared by all names in which rules find the same, so that names made up by others cost no memory", () => {
		const compiled = compilePolicies(
			[{ name: "all.yaml", text: policyText("all", "patterns: [{name: drops, in: [tool], substring: drop}]") }],
			{ budgetRoot: "tenant/agent" },
		);
		if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
		const evaluation = (tool: string) => compiled.value.evaluate({ tenant: "acme", agent: "coder", tool, args: {} });
		expect(evaluation("db.query")).toBe(evaluation("made.up"));
		expect(evaluation("drop.one")).toBe(evaluation("drop.two"));
		const spans = ["db.query", "drop.one", "db.drop"].map((tool) =>
			evaluation(tool).fired.map(({ reason }) => reason.span),
		);
		expect(spans).toEqual([[], [{ pointer: "#tool", start: 0, end: 4 }], [{ pointer: "#tool", start: 3, end: 7 }]]);
	});
});
