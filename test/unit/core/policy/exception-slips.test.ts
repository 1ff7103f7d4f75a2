/** Entries of `exceptions` that do not load: one problem, where it is, and what to write instead. */
import { describe, expect, it } from "vitest";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";

const FULL = {
	name: "e",
	rules: "[r]",
	owner: "ann",
	reason: "why",
	expires: "2026-12-31T00:00:00Z",
} as const;

const written = (parts: Readonly<Record<string, string>>): string =>
	`{ ${Object.entries(parts)
		.filter(([, value]) => value !== "")
		.map(([key, value]) => `${key}: ${value}`)
		.join(", ")} }`;

const POLICY = `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: p }
tools: { allow: [t] }
patterns: [{ name: r, substring: x }, { name: no-shell, substring: sh }]
limits: [{ name: cap, measure: tool_calls, scope: session, max: 1 }]
exceptions:
`;
const OTHER = `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: base }
tools: { allow: all, deny: ['a/b'] }
limits: [{ name: much, measure: tool_calls, scope: session, max: 1 }]
`;

const problemsOf = (text: string) => {
	const set = compilePolicies(
		[
			{ name: "p.yaml", text },
			{ name: "base.yaml", text: OTHER },
		],
		{ budgetRoot: "tenant" },
	);
	return set.ok ? [] : set.error;
};

/** What is changed of an entry that loads, what is written at the place, the message, the help. */
const SLIPS: readonly (readonly [change: Record<string, string>, at: string, message: string, help: string])[] = [
	[
		{ owner: "" },
		"{ name: e",
		"`owner` is missing in `exceptions[0]`",
		"say who answers for it: `owner: alice@example.com`",
	],
	[{ reason: "" }, "{ name: e", "`reason` is missing in `exceptions[0]`", "say why it is needed: `reason: …`"],
	[{ expires: "" }, "{ name: e", "`expires` is missing in `exceptions[0]`", "add it; a time is expected"],
	[
		{ expires: "2026-12-31" },
		"2026-12-31",
		"`exceptions[0].expires` cannot be `2026-12-31`: a moment is a day, a time and an offset from UTC, such as `2026-12-31T00:00:00Z`",
		"write `expires: 2026-12-31T00:00:00Z`, which is in UTC",
	],
	[
		{ expires: "2026-12-31 18:00" },
		"2026-12-31",
		"`exceptions[0].expires` cannot be `2026-12-31 18:00`: a moment is a day, a time and an offset from UTC, such as `2026-12-31T00:00:00Z`",
		"write `expires: 2026-12-31T18:00Z`, which is in UTC",
	],
	[
		{ expires: "30d" },
		"30d",
		"`exceptions[0].expires` cannot be `30d`: a moment is a day, a time and an offset from UTC, such as `2026-12-31T00:00:00Z`",
		"write a day, a time and an offset from UTC, such as `expires: 2026-12-31T00:00:00Z`",
	],
	[
		{ expires: "2026" },
		"2026",
		"`exceptions[0].expires` must be a time, not `2026`",
		"write a day, a time and an offset from UTC, such as `expires: 2026-12-31T00:00:00Z`",
	],
	[
		{ expires: "2026-02-30T00:00:00Z" },
		"2026-02-30",
		"there is no such moment as `2026-02-30T00:00:00Z`",
		"write a day of the calendar, and a time up to `23:59:59`",
	],
	[{ rules: "r" }, "r, owner", "`exceptions[0].rules` must be a list, not `r`", "write `rules: [r]`"],
	[{ rules: "[]" }, "[]", "`exceptions[0].rules` must have at least 1 entry", "write `rules: […]`"],
	[{ rules: "[no-shel]" }, "no-shel", "the policy `p` has no rule `no-shel`", "did you mean `no-shell`?"],
	[
		{ rules: "[something-else]" },
		"something-else",
		"the policy `p` has no rule `something-else`",
		"write a name as decisions give it, such as `no-shell`",
	],
	[
		{ rules: "[cap]" },
		"cap]",
		"`cap` is a limit, and limits cannot be lifted",
		"raise its `max`, narrow its `tools`, or give one scope more: `assent budgets adjust`",
	],
	[
		{ rules: "[base/much]" },
		"base/much]",
		"`much` is a limit, and limits cannot be lifted",
		"raise its `max`, narrow its `tools`, or give one scope more: `assent budgets adjust`",
	],
	[{ rules: "[e]" }, "e], owner", "`e` is an exception itself", "name the rules that it lifts"],
	[{ rules: "[r, p/r]" }, "p/r]", "the rule `p/r` is listed already", "remove it here"],
	[{ rules: "[bass/x]" }, "bass/x]", "no policy `bass` is loaded beside this one", "did you mean `base`?"],
	[
		{ rules: "[organisation/x]" },
		"organisation/x]",
		"no policy `organisation` is loaded beside this one",
		"give its file as well: policies are loaded together",
	],
	[
		{ rules: "['base/tools.deny[b]']" },
		"'base/tools.deny[b]'",
		"the policy `base` has no rule `tools.deny[b]`",
		"did you mean `tools.deny[a/b]`?",
	],
	[
		{ name: "r", rules: "[no-shell]" },
		"r, rules",
		"this policy already has a rule named `r`",
		"reasons and budgets are filed under the name: choose another",
	],
	[
		{ when: "{ in: args.a, present: true, missing: match }" },
		"missing",
		"`missing` has no meaning where `present` says it",
		"remove it",
	],
	[
		{ when: "{ in: args.a, oneOf: [b], missing: ignore }" },
		"missing",
		"`missing` has no meaning in an exception, which applies to no call that lacks what it looks at",
		"remove it",
	],
	[
		{ when: "{ in: args.a, glob: '/tmp/**' }" },
		"glob",
		"a glob in `exceptions` must say its style",
		"`style: path` stops `*` at `/` and resolves `..`; `style: text` lets `*` cross everything; files are better told by `path`",
	],
	[
		{ when: "{ in: args.a, path: '!/tmp/**' }" },
		"!/tmp/**",
		"a leading `!` would match everything else",
		"list the paths that are meant",
	],
	[{ except: "['*']" }, "'*'", "`except: ['*']` leaves no tool", "name what is excepted, or remove the rule"],
	[
		{ until: "2026-12-31T00:00:00Z", expires: "" },
		"until",
		"unknown key `until` in `exceptions[0]`",
		"write `expires`",
	],
];

describe("a slip in an exception", () => {
	it("is none where all is well", () => {
		expect(
			problemsOf(`${POLICY}  - ${written({ ...FULL, rules: "[r, 'base/tools.deny[a/b]', tools.allow]" })}\n`),
		).toEqual([]);
	});

	it.each(SLIPS)("%j", (change, at, message, help) => {
		const line = `  - ${written({ ...FULL, ...change })}`;
		const problems = problemsOf(`${POLICY}${line}\n`);
		expect(problems.map((one) => [one.message, one.help])).toEqual([[message, help]]);
		const place = problems[0]?.place;
		expect(place?.file).toBe("p.yaml");
		expect(place?.line).toBe(POLICY.split("\n").length);
		expect(line.slice((place?.column ?? 0) - 1)).toMatch(new RegExp(`^${at.replace(/[[\]{}().*?!/$^|\\]/g, "\\$&")}`));
	});

	it("is a rule of another policy in a policy without force", () => {
		const text = `${POLICY.replace("tools:", "mode: audit\ntools:")}  - ${written({ ...FULL, rules: "['base/tools.deny[a/b]', r]" })}\n`;
		expect(problemsOf(text).map(({ message, help }) => [message, help])).toEqual([
			[
				"a policy in mode `audit` has no force, and cannot lift `base/tools.deny[a/b]`",
				"write the exception in the policy `base`",
			],
		]);
	});

	it("says nothing of other policies where one cannot be read", () => {
		const set = compilePolicies(
			[
				{ name: "p.yaml", text: `${POLICY}  - ${written({ ...FULL, rules: "['base/tools.deny[a/b]']" })}\n` },
				{ name: "base.yaml", text: "kind: [" },
			],
			{ budgetRoot: "tenant" },
		);
		expect(set.ok ? [] : set.error.map(({ place }) => place?.file)).toEqual(["base.yaml"]);
	});
});
