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
