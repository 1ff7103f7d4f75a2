/** Loading a policy: everything that is wrong is said, with its place and what to do; nothing wrong is let through. */
import { describe, expect, it } from "vitest";
import { readPolicy } from "../../../../src/core/policy/parse.ts";
import { cpuMs } from "../../../support/cpu.ts";

const HEAD = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\n";
const BASE = `${HEAD}tools: { allow: all }\n`;

/** `line:column CODE message; help` of every problem. */
function problemsOf(text: string): string[] {
	const parsed = readPolicy({ name: "p.yaml", text });
	if (parsed.ok) return [];
	return parsed.error.map((of) => {
		expect(of.place?.file).toBe("p.yaml");
		expect(of.place?.line).toBeGreaterThan(0);
		expect(of.place?.column).toBeGreaterThan(0);
		return `${of.place?.line}:${of.place?.column} ${of.code} ${of.message}; ${of.help}`;
	});
}

const first = (text: string): string => problemsOf(text)[0] ?? "";

it("fills in the defaults of a small policy", () => {
	const parsed = readPolicy({ name: "p.yaml", text: BASE });
	expect(parsed.ok && parsed.value.document).toMatchObject({
		mode: "enforce",
		appliesTo: { tenants: ["*"], agents: ["*"] },
		tools: { allow: "all", deny: [], hold: [] },
		patterns: [],
		limits: [],
		approvals: {},
		obligations: [],
	});
});

describe("YAML traps", () => {
	it.each([
		["duplicate keys", `${BASE}mode: audit\nmode: enforce\n`, /^6:1 POLICY_DUPLICATE/],
		["anchors", `${BASE}mode: &m audit\n`, /^5:7 POLICY_YAML anchors/],
		["aliases", `${HEAD}tools: { allow: all, deny: [*.exe] }\n`, /^4:29 POLICY_YAML/],
		["merge keys", `${BASE}<<: { mode: audit }\n`, /^5:1 POLICY_YAML merge/],
		["unknown tags", `${BASE}mode: !!js/function audit\n`, /POLICY_YAML tags/],
		["known tags", `${BASE}mode: !!str audit\n`, /POLICY_YAML tags/],
		["%YAML directives", `%YAML 1.1\n---\n${BASE}`, /^1:1 POLICY_YAML `%YAML`/],
		["other directives", `%FOO x\n---\n${BASE}`, /^1:1 POLICY_YAML/],
		["a second document", `${BASE}---\na: 1\n`, /^5:1 POLICY_YAML a second document/],
		["keys that are no texts", `${BASE}? [a]\n: 1\n`, /POLICY_YAML a key is not a text/],
		["__proto__", `${BASE}approvals: { __proto__: { approvers: [a] } }\n`, /^5:14 POLICY_YAML `__proto__`/],
		["tabs", `${HEAD}tools:\n\tallow: all\n`, /^5:1 POLICY_YAML/],
		["half surrogate pairs", `${BASE}obligations: [{ message: "\\ud800" }]\n`, /^5:26 POLICY_YAML.*surrogate/],
		["an empty file", "", /^1:1 POLICY_SCHEMA the file has no policy/],
		["a list", "- a\n", /^1:1 POLICY_SCHEMA/],
	])("%s are refused", (_, text, expected) => {
		expect(first(text)).toMatch(expected);
	});

	it("refuses integers that a double would round, by their text", () => {
		const limit = (max: string): string =>
			`${BASE}limits:\n  - { name: l, measure: tokens, scope: session, max: ${max} }\n`;
		expect(first(limit("9007199254740993"))).toMatch(/^6:54 POLICY_YAML.*exactly/);
		expect(first(limit("1e400"))).toMatch(/POLICY_YAML/);
		expect(first(limit("1.5"))).toMatch(/POLICY_SCHEMA/);
		expect(problemsOf(limit("9007199254740991"))).toEqual([]);
	});

	it("survives a bomb of aliases, deep nesting and a file that is too large", () => {
		const bomb = `a: &a [x, x]\n${"bcdefgh"
			.split("")
			.map((key, at) => `${key}: &${key} [*${"abcdefg"[at]}, *${"abcdefg"[at]}]`)
			.join("\n")}`;
		expect(first(bomb)).toContain("POLICY_YAML");
		expect(first("[".repeat(50_000))).toContain("nested too deeply");
		expect(first(`# ${"x".repeat(1_048_577)}`)).toContain("POLICY_LIMITS");
	});

	it("notices a plain pattern that a comment cuts off, and leaves quoted ones alone", () => {
		const rule = (value: string): string => `${BASE}patterns:\n  - name: a\n    substring: ${value}\n`;
		expect(first(rule("rm -rf # all"))).toMatch(/^7:16 POLICY_PATTERN.*comment.*single quotes/);
		expect(problemsOf(rule("'rm -rf' # all"))).toEqual([]);
		expect(first(rule('"\\brm"'))).toMatch(/POLICY_PATTERN.*U\+0008.*single quotes/);
	});
});

describe("the document's form", () => {
	it("asks what was meant by an unknown key, at the key", () => {
		expect(first(`${BASE}limit: []\n`)).toBe("5:1 POLICY_UNKNOWN_KEY unknown key `limit`; did you mean `limits`?");
		expect(first(`${BASE}limits:\n  - { name: l, measure: tokens, scope: session, mx: 3, max: 3 }\n`)).toMatch(
			/^6:49 POLICY_UNKNOWN_KEY unknown key `mx` in `limits\[0\]`; did you mean `max`\?/,
		);
		expect(first(`${HEAD}tools: { allow: all, deny: [{ name: a, tools: [x], mesage: m }] }\n`)).toContain(
			"did you mean `message`?",
		);
	});

	it("asks what was meant by an unknown value", () => {
		expect(first(`${BASE}mode: audti\n`)).toMatch(/^5:7 POLICY_SCHEMA .*`audti`; did you mean `audit`\?/);
		expect(first(`${HEAD}tools: { allow: al }\n`)).toContain("did you mean `all`?");
		expect(first(BASE.replace("v1", "v2"))).toContain("did you mean `assent.dev/v1`?");
	});

	it("demands that the policy says which tools may be called", () => {
		expect(first(HEAD)).toMatch(/POLICY_SCHEMA `tools` is missing; .*allow/);
		expect(first(`${HEAD}tools: { deny: [a] }\n`)).toMatch(/^4:8 POLICY_SCHEMA `tools` does not say/);
	});

	it("reports all problems in the order of the file, not only the first", () => {
		const text = `${BASE}limt: []\npatterns:\n  - { name: a, regex: '(' }\n  - { name: a, regex: x, tols: [b] }\n`;
		expect(problemsOf(text).map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
			"5:1 POLICY_UNKNOWN_KEY",
			"7:24 POLICY_PATTERN",
			"8:13 POLICY_DUPLICATE",
			"8:26 POLICY_UNKNOWN_KEY",
		]);
	});
});

describe("a file that is wrong throughout", () => {
	it.each([
		["unknown keys", Array.from({ length: 60_000 }, (_, at) => `k${at}: 1\n`).join(""), "unknown key `k0`"],
		[
			"incomplete entries",
			`approvals:\n${Array.from({ length: 30_000 }, (_, at) => `  x${at}: {}\n`).join("")}`,
			"missing",
		],
		["one key", "a: 1\n".repeat(100_000), "this map has the same key twice"],
	])("with %s is told of in seconds, a hundred problems at most", (_, body, message) => {
		const begin = cpuMs();
		const problems = problemsOf(BASE + body);
		// About 1 s each; 30 to 60 s before, when each key was compared with all others.
		expect(cpuMs() - begin).toBeLessThan(15_000);
		expect(problems).toHaveLength(100);
		expect(problems[0]).toContain(message);
	});
});

describe("what keys mean together", () => {
	const pattern = (keys: string): string => `${BASE}patterns:\n  - { name: a, ${keys} }\n`;
	const limit = (keys: string): string => `${BASE}limits:\n  - { name: a, ${keys} }\n`;

	it.each([
		["no kind", pattern("effect: deny"), /has no pattern/],
		["two kinds", pattern("regex: a, glob: b"), /both `regex` and `glob`/],
		["a style without a glob", pattern("regex: a, style: path"), /globs only/],
		["an exempting glob without a style", pattern("regex: a, unless: { glob: 'b*' }"), /must say its style/],
		["a bad place to look", pattern("regex: a, in: command"), /not a path into the arguments/],
		[
			"a regex that does not compile",
			pattern("regex: ['ok', 'a(?=b)']"),
			/^6:32 POLICY_PATTERN lookaround.*character 2/,
		],
		["a column behind a doubled quote", pattern("regex: 'a''(b'"), /^6:27 POLICY_PATTERN/],
		["a glob outside the subset", pattern("glob: '+(a)'"), /POLICY_GLOB extended/],
		[
			"a bad glob over tools",
			pattern("regex: a, tools: ['!a']"),
			/^6:34 POLICY_GLOB a leading `!`.*list beside `tools`/,
		],
		["a hold without approvers", pattern("regex: a, effect: hold"), /POLICY_REFERENCE no entry `default`/],
		["an approval for a denial", pattern("regex: a, approval: x"), /no meaning for a rule that denies/],
		["a hold entry without approvers", `${HEAD}tools: { allow: all, hold: [x] }\n`, /^4:29 POLICY_REFERENCE/],
		[
			"a wrong approval",
			`${pattern("regex: a, effect: hold, approval: finanze")}approvals: { finance: { approvers: [a] } }\n`,
			/did you mean `finance`/,
		],
		[
			"a quorum beyond the approvers",
			`${BASE}approvals: { default: { approvers: [a], quorum: 2 } }\n`,
			/2 approvals are needed/,
		],
		["execution time without a reserve", limit("measure: execution_time, scope: agent, max: 1h"), /needs `reserve`/],
		["a number for a duration", limit("measure: execution_time, scope: agent, max: 1, reserve: 1s"), /is a duration/],
		["a duration for a number", limit("measure: tokens, scope: agent, max: 1h"), /whole number/],
		["identical calls beyond a session", limit("measure: identical_calls, scope: agent, max: 1"), /per session only/],
		[
			"concurrent calls in a window",
			limit("measure: concurrent_calls, scope: agent, max: 1, per: 1h"),
			/has no window/,
		],
		["a reserve that means nothing", limit("measure: tool_calls, scope: agent, max: 1, reserve: 1"), /no meaning/],
		["a reserve beyond the maximum", limit("measure: tokens, scope: agent, max: 1, reserve: 2"), /no call could ever/],
		["a window without 60 steps", limit("measure: tokens, scope: agent, max: 1, per: 59ms"), /60ms/],
		["an obligation of nothing", `${BASE}obligations: [{ tools: [a] }]\n`, /asks for nothing/],
		["redacting everything", `${BASE}obligations: [{ redact: [args] }]\n`, /cannot be redacted/],
	])("refuses %s", (_, text, expected) => {
		const [problem, ...others] = problemsOf(text);
		expect(problem).toMatch(expected);
		expect(others).toEqual([]);
	});

	it("accepts a document that uses everything", () => {
		const text = `${HEAD}mode: audit
appliesTo: { tenants: [acme], agents: ["a*"] }
tools:
  allow: [x, "fs.*"]
  deny: [y, { name: d, tools: [z], severity: low, message: m, mode: audit }]
  hold: [h, { name: e, tools: [z], approval: two, severity: high }]
patterns:
  - { name: r, regex: [a, b], in: [args.a, args.*.b, tool], tools: [x], case: sensitive, unless: { substring: c }, effect: hold, approval: two }
  - { name: g, glob: '/etc/**', style: path }
limits:
  - { name: l, measure: execution_time, scope: session, max: 1h, per: 1d, reserve: 5s, tools: [x], effect: hold }
  - { name: c, measure: cost, scope: agent, max: 5.00 USD, reserve: 0.00001 }
approvals: { default: { approvers: ["*"] }, two: { approvers: [a, b], quorum: 2, expires: 4h } }
obligations: [{ tools: [x], redact: [args.password, args.*.token], deadline: 30s, message: hello }]
`;
		expect(problemsOf(text)).toEqual([]);
	});
});

describe("a value that cannot be", () => {
	const approval = (body: string): string => `${BASE}approvals: { fin: { ${body} } }\n`;
	const allow = (body: string): string => `${HEAD}tools: { ${body} }\n`;

	it.each([
		[
			"an empty list of approvers",
			approval("approvers: []"),
			"5:32 POLICY_SCHEMA `approvals.fin.approvers` must have at least 1 entry; write `approvers: [alice@example.com]`",
		],
		[
			"a quorum of nobody",
			approval("approvers: [bob], quorum: 0"),
			"5:47 POLICY_SCHEMA `approvals.fin.quorum` must be at least 1; write `quorum: 1`",
		],
		[
			"a slip in a key that is needed",
			allow("alow: all"),
			"4:10 POLICY_UNKNOWN_KEY unknown key `alow` in `tools`; did you mean `allow`?",
		],
		[
			"nothing that is allowed",
			allow("deny: []"),
			"4:8 POLICY_SCHEMA `tools` does not say what becomes of a tool that it does not name; write `default: deny`, `default: hold` or `default: allow`, or list in `allow` what may be called",
		],
		["yes", allow("allow: yes"), "4:17 POLICY_SCHEMA `tools.allow` cannot be `yes`; write `allow: all`"],
		["true", allow("allow: true"), "4:17 POLICY_SCHEMA `tools.allow` cannot be `true`; write `allow: all`"],
		["no", allow("allow: no"), "4:17 POLICY_SCHEMA `tools.allow` cannot be `no`; write `allow: none`"],
		[
			"a glob that is no list",
			allow("allow: 'pay.*'"),
			"4:17 POLICY_SCHEMA `tools.allow` cannot be `pay.*`; write `all`, `none` or a list: `allow: ['pay.*']`",
		],
	])("is told once, with its place and the words to write: %s", (_, text, problem) => {
		expect(problemsOf(text)).toEqual([problem]);
	});
});
