/** Rules of `sequences` that do not load: one problem, where it is, and what to write instead. */
import { describe, expect, it } from "vitest";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";

const before = "  - { name: s, ";
const load = (rule: string, budgetRoot: "tenant/agent" | "tenant/agent/session" = "tenant/agent") => {
	const text = `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all }\nsequences:\n${before}${rule} }\n`;
	return compilePolicies([{ name: "p.yaml", text }], { budgetRoot });
};

/** The rule, what is written at the place, the message, the help. */
const SLIPS: readonly (readonly [rule: string, at: string, message: string, help: string])[] = [
	["then: { tools: [b] }", "", "`after` is missing in `sequences[0]`", "add it; a map of calls is expected"],
	["after: { tools: [a] }", "", "`then` is missing in `sequences[0]`", "add it; a map of calls is expected"],
	[
		"after: a, then: { tools: [b] }",
		"a, then",
		"`sequences[0].after` must be a map of calls, not `a`",
		"say which calls: `after: { tools: [a] }`",
	],
	[
		"after: { tools: [a] }, then: [b, c]",
		"[b, c]",
		"`sequences[0].then` must be a map of calls, not a list",
		"say which calls: `then: { tools: […] }`",
	],
	[
		"after: {}, then: { tools: [b] }",
		"{}, then",
		"`sequences[0].after` is every call, so that each stops those behind it",
		"name the tools, `tools: [...]`, or say what their arguments are, `when: {...}`",
	],
	[
		"after: { tools: ['*'] }, then: { tools: [b] }",
		"{ tools: ['*'] }, then",
		"`sequences[0].after` is every call, so that each stops those behind it",
		"name the tools, `tools: [...]`, or say what their arguments are, `when: {...}`",
	],
	[
		"after: { require: { in: args.a, number: x } }, then: { tools: [b] }",
		"x }",
		"`x` is not a bound for a number",
		"write `'> 100'`, `'>= 1, <= 100'`, `1..100` or a number; each part of a list has a sign: `>`, `>=`, `<`, `<=`, `=`",
	],
	[
		"after: { tols: [a] }, then: { tools: [b] }",
		"tols: [a]",
		"unknown key `tols` in `sequences[0].after`",
		"did you mean `tools`?",
	],
	[
		"after: { tools: [a] }, then: { tools: [b] }, within: 30",
		"30 }",
		"`sequences[0].within` must be a duration, not `30`",
		"write a unit: `within: 30s`, `30m` or `30h`",
	],
	[
		"after: { tools: [a] }, then: { tools: [b] }, within: 10ms",
		"10ms }",
		"a call cannot count for `10ms`",
		"use 1s to 366d, or leave `within` out: then it counts as long as its session or agent is known",
	],
	[
		"after: { tools: [a] }, then: { tools: [b] }, within: 400d",
		"400d }",
		"a call cannot count for `400d`",
		"use 1s to 366d, or leave `within` out: then it counts as long as its session or agent is known",
	],
	[
		"after: { tools: [a] }, then: { tools: [b] }, window: 10m",
		"window: 10m",
		"unknown key `window` in `sequences[0]`",
		"write `within`, such as `within: 30m`",
	],
	[
		"after: { tools: [a] }, then: { tools: [b] }, scope: tenant",
		"tenant }",
		"`sequences[0].scope` cannot be `tenant`",
		"known here: `session`, `agent`",
	],
	[
		"after: { tools: [a] }, followedBy: { tools: [b] }",
		"followedBy",
		"unknown key `followedBy` in `sequences[0]`",
		"write `then`, the calls that are stopped from then on",
	],
	[
		"after: { tools: [a] }, then: { when: { in: args.x, number: '=> 5' } }",
		"=> 5'",
		"`=> 5` is not a bound for a number",
		"write `<=` or `>=`",
	],
	[
		"after: { tools: [a], when: args.x }, then: { tools: [b] }",
		"args.x }",
		"`sequences[0].after.when` must be a test, not `args.x`",
		"write what it looks at and what it says of that: `{ in: args.NAME, number: '> 100' }`",
	],
	[
		"after: { tools: [a] }, then: { tools: ['[b'] }",
		"[b'",
		"`[` is never closed (at character 1 of the pattern)",
		"write `\\[` for the bracket itself",
	],
	[
		"after: { tools: [a] }, then: { tools: [b] }, effect: hold",
		"hold }",
		"no entry `default` in `approvals`",
		"a rule with `hold` needs approvers: `approvals: {default: {approvers: [...]}}`",
	],
	[
		"after: { tools: [a] }, then: { tools: [b] }, approval: x",
		"approval: x",
		"`approval` has no meaning for a rule that denies",
		"set `effect: hold`, or remove `approval`",
	],
];

describe("a rule of `sequences`", () => {
	it.each(SLIPS)("is refused: %s", (rule, at, message, help) => {
		const set = load(rule);
		if (set.ok) throw new Error("was loaded");
		const [problem] = set.error;
		expect(set.error.map((each) => each.message)).toEqual([message]);
		expect(problem?.help).toBe(help);
		expect(problem?.place?.line).toBe(6);
		// The whole rule is at fault where nothing in it is.
		const written = `${before}${rule} }`.slice((problem?.place?.column ?? 0) - 1);
		expect(at === "" ? written.startsWith("{ name: s") : written.startsWith(at), written).toBe(true);
	});

	it("of an agent does not load where no partition sees all calls of one", () => {
		const rule = "scope: agent, after: { tools: [a] }, then: { tools: [b] }";
		expect(load(rule).ok).toBe(true);
		const set = load(rule, "tenant/agent/session");
		expect(set.ok ? [] : set.error.map(({ code, place, help }) => [code, place?.column, help])).toEqual([
			["POLICY_SCOPE", 23, "use a narrower `scope`, or a log whose budget root is `tenant/agent`"],
		]);
		expect(load("after: { tools: [a] }, then: { tools: [b] }", "tenant/agent/session").ok).toBe(true);
	});

	it("is named once in a policy", () => {
		const set = load(
			"after: { tools: [a] }, then: { tools: [b] } }\n  - { name: s, after: { tools: [c] }, then: { tools: [b] }",
		);
		expect(set.ok ? [] : set.error.map(({ code, place }) => [code, place?.line, place?.column])).toEqual([
			["POLICY_DUPLICATE", 7, 13],
		]);
	});
});
