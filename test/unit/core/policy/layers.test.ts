/** Layers of policies: from the organisation to the team, each only tighter. */
import { describe, expect, it } from "vitest";
import { isStricterThan } from "../../../../src/core/analysis/comparison/compare.ts";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";

const policy = (name: string, body: string): string =>
	`apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: ${name} }\n${body}\n`;
const ALL = "tools: { allow: all }";

const compiled = (...texts: readonly string[]) =>
	compilePolicies(
		texts.map((text, at) => ({ name: `${at}.yaml`, text })),
		{ budgetRoot: "tenant" },
	);

function problems(...texts: readonly string[]): readonly string[] {
	const set = compiled(...texts);
	return set.ok
		? []
		: set.error.map(
				({ code, message, help, place }) =>
					`${place?.file}:${place?.line}:${place?.column} ${code} ${message}; ${help}`,
			);
}

const ORG = policy("org", `${ALL}\npatterns: [{ name: no-rm, substring: rm }]`);

describe("a policy that extends another", () => {
	it("adds to it, and is proven to be as strict", () => {
		const team = policy("team", "extends: org\nappliesTo: { agents: ['coder*'] }\ntools: { allow: [sh] }");
		const agent = policy(
			"agent",
			`extends: team\nappliesTo: { agents: [coder-1] }\n${ALL}\nlimits: [{ name: l, measure: tool_calls, scope: agent, max: 5 }]`,
		);
		const [one, two, three] = [compiled(ORG), compiled(team, ORG), compiled(agent, team, ORG)];
		if (!one.ok || !two.ok || !three.ok) throw new Error(JSON.stringify([one, two, three]));
		expect(isStricterThan(two.value, one.value)).toBe(true);
		expect(isStricterThan(three.value, two.value)).toBe(true);
		const call = { tenant: "t", session: "s", tool: "sh", args: { x: "rm" }, at: 0 };
		const fired = three.value.evaluate({ ...call, agent: "coder-1" }).fired.map(({ reason }) => reason.rule.name);
		expect(fired).toEqual(["no-rm"]);
	});

	it.each<[string, readonly string[], string]>([
		[
			"is not alone",
			[policy("team", `extends: org\n${ALL}`)],
			"0.yaml:4:10 POLICY_REFERENCE no policy `org` is loaded beside this one; give its file as well: layers are loaded together",
		],
		[
			"names what is there",
			[policy("team", `extends: orq\n${ALL}`), ORG],
			"0.yaml:4:10 POLICY_REFERENCE no policy `orq` is loaded beside this one; did you mean `org`?",
		],
		[
			"does not extend itself",
			[policy("team", `extends: team\n${ALL}`)],
			"0.yaml:4:10 POLICY_REFERENCE the policy `team` extends itself, by way of the others; a layer extends the one above it: leave out `extends` in the uppermost",
		],
		[
			"lifts no rule of a layer above",
			[
				ORG,
				policy("team", `extends: org\n${ALL}`),
				policy(
					"agent",
					`extends: team\n${ALL}\nexceptions: [{ name: e, rules: [org/no-rm], owner: a, reason: b, expires: 2027-01-01T00:00:00Z }]`,
				),
			],
			"2.yaml:6:33 POLICY_LAYER `agent` extends `org`, and may only tighten it: it cannot lift `org/no-rm`; write the exception in `org`, whose owners decide on it",
		],
		[
			"governs nobody else",
			[
				policy("org", `appliesTo: { agents: ['dev-*'] }\n${ALL}`),
				policy("team", `extends: org\nappliesTo: { agents: ['de*'] }\n${ALL}`),
			],
			"1.yaml:4:10 POLICY_LAYER `team` governs agents that `org`, which it extends, does not, such as `de`; narrow `appliesTo.agents` to what `org` governs, or leave out `extends`",
		],
		[
			"stands in for none that is not in force",
			[policy("org", `mode: audit\n${ALL}`), policy("team", `extends: org\n${ALL}`)],
			"1.yaml:4:10 POLICY_LAYER `team` extends `org`, which is not in force for everybody, and would admit calls in its place; put `org` in force first, or this policy in `mode: audit`",
		],
		[
			"gives no call more time",
			[
				policy("org", `${ALL}\nobligations: [{ tools: ['db.*'], deadline: 1h }]`),
				policy("team", `extends: org\n${ALL}\nobligations: [{ deadline: 10m }, { tools: [db.dump], deadline: 2h }]`),
				policy("agent", `extends: team\n${ALL}\nobligations: [{ tools: ['d*'], deadline: 20m }]`),
				policy("other", `extends: org\n${ALL}\nobligations: [{ tools: ['d*'], deadline: 20m }]`),
			],
			"3.yaml:6:15 POLICY_LAYER `other` extends `org`, and may only tighten it: with a deadline of 20m calls may take longer than the 10m that they have without it; write the deadline in `org`, whose owners decide on it",
		],
	])("%s", (_, texts, told) => {
		expect(problems(...texts)).toEqual([told]);
	});

	it("is told of in a circle of any length, in each of its policies", () => {
		const circle = [
			policy("a", `extends: b\n${ALL}`),
			policy("b", `extends: c\n${ALL}`),
			policy("c", `extends: a\n${ALL}`),
		];
		expect(problems(...circle)).toHaveLength(3);
		expect(problems(policy("x", `extends: a\n${ALL}`), ...circle)).toHaveLength(3);
	});
});
