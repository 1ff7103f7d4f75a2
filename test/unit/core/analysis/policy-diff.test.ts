import { describe, expect, it } from "vitest";
import { diffPolicies } from "../../../../src/core/analysis/policy-diff.ts";
import { readPolicies } from "../../../../src/core/policy/policy-set.ts";

const read = (...bodies: readonly string[]) =>
	readPolicies(
		bodies.map((body, at) => ({
			name: `${at}.yaml`,
			text: `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p${at} }\n${body}`,
		})),
	);

const changes = (before: string, after: string) =>
	diffPolicies(read(before), read(after)).map(({ subject, field, kind, before, after }) => [
		subject,
		field,
		kind,
		before,
		after,
	]);

const ALL = "tools: { allow: all }\n";

describe("a diff of policies", () => {
	it("names what was added, removed and changed, in the terms of policies", () => {
		const before = `tools: { allow: [a, b] }\npatterns: [{ name: x, substring: rm }, { name: y, substring: dd }]`;
		const after = `tools: { allow: [a, c] }\npatterns: [{ name: x, substring: rm, severity: high }]\nlimits: [{ name: l, measure: tool_calls, scope: agent, max: 3 }]`;
		expect(changes(before, after)).toEqual([
			["tools.allow/b", null, "removed", "b", null],
			["patterns/x", "severity", "changed", "medium", "high"],
			["patterns/y", null, "removed", expect.objectContaining({ name: "y" }), null],
			["tools.allow/c", null, "added", null, "c"],
			["limits/l", null, "added", null, expect.objectContaining({ max: 3 })],
		]);
	});

	it("says that a field was added where it had no default", () => {
		const limit = "name: l, measure: tool_calls, scope: agent, max: 3";
		expect(changes(`${ALL}limits: [{ ${limit} }]`, `${ALL}limits: [{ ${limit}, per: 1h }]`)).toEqual([
			["limits/l", "per", "added", null, "1h"],
		]);
	});

	it("does not see order, layout, comments, written defaults and lists of one", () => {
		const before = `${ALL}patterns: [{ name: x, substring: rm }, { name: y, regex: [a, b] }]`;
		const after = `tools:\n  allow: all # everything\npatterns:\n  - { name: y, regex: [b, a], effect: deny }\n  - { name: x, substring: [rm], in: args }`;
		expect(changes(before, after)).toEqual([]);
	});

	it("takes policies of two sets for the same by their names", () => {
		const [one, two] = [ALL, "tools: { allow: none }"];
		expect(diffPolicies(read(one), read(one, two))).toMatchObject([
			{ policy: "p1", subject: "policy", kind: "added", place: { file: "1.yaml", line: 3 } },
		]);
		expect(diffPolicies(read(one, two), read(one, one))).toMatchObject([
			{ policy: "p1", subject: "tools.allow", kind: "changed", before: "none", after: "all" },
		]);
	});
});
