/** Files of test cases as they are read: what they may say, and what is told where they say it wrong. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { casesJsonSchema } from "../../../../../src/core/analysis/cases/case-form.ts";
import { readCases } from "../../../../../src/core/analysis/cases/case-reader.ts";
import type { Step, TestCase } from "../../../../../src/core/analysis/cases/cases.ts";

const HEAD = "apiVersion: assent.dev/v1\nkind: PolicyTest\n";

const read = (body: string) => readCases({ name: "rules/pay.test.yaml", text: HEAD + body });

function casesOf(body: string): readonly TestCase[] {
	const cases = read(body);
	if (!cases.ok) throw new Error(JSON.stringify(cases.error));
	return cases.value.cases;
}

/** Lines count from the end of the head. */
function slipsOf(body: string): readonly string[] {
	const cases = read(body);
	if (cases.ok) return [];
	return cases.error.map(
		({ code, message, help, place }) => `${(place?.line ?? 0) - 2}:${place?.column} ${code} ${message} | ${help}`,
	);
}

const callOf = (step: Step | undefined) => (step?.kind === "call" ? step.call : null);

describe("cases of policies", () => {
	it("are about the policy of the same name, or about those that are named", () => {
		const own = read("calls: [{ tool: bash, expect: allow }]");
		expect(own.ok && own.value.policies.map(({ path }) => path)).toEqual(["pay.yaml"]);
		const others = read("policies: [a.yaml, ../b.yaml]\ncalls: [{ tool: bash, expect: allow }]");
		expect(others.ok && others.value.policies.map(({ path }) => path)).toEqual(["a.yaml", "../b.yaml"]);
	});

	it("take what they do not say from their table, then from the file, arguments and expectations key by key", () => {
		const [first, second] = casesOf(`
defaults: { tenant: acme, agent: a, tool: http, args: { method: GET }, expect: { verdict: deny, reason: tool.denied } }
calls: [{ args: { url: x }, expect: { rule: r } }]
tables: [{ defaults: { agent: b }, columns: [args.method, expect], rows: [[PUT, hold]] }]`);
		expect(callOf(first?.steps[0])).toMatchObject({ tenant: "acme", agent: "a", args: { method: "GET", url: "x" } });
		expect(first?.steps[0]?.expected).toMatchObject({
			verdict: "deny",
			rules: [{ text: "r" }],
			reasons: [{ text: "tool.denied" }],
		});
		expect(callOf(second?.steps[0])).toMatchObject({
			tenant: "acme",
			agent: "b",
			session: "default",
			args: { method: "PUT" },
		});
		expect(second?.steps[0]?.expected).toMatchObject({ verdict: "hold", reasons: [{ text: "tool.denied" }] });
	});

	it("read cells as the keys of their columns, and an empty one as nothing", () => {
		const [row, empty] = casesOf(`
tables:
  - columns: [tool, args.to.name, args.n, expect, expect.rule, at]
    rows:
      - [mail, ann, 3, deny, no-mail, 5m]
      - [mail, ~, ~, allow]`);
		expect(callOf(row?.steps[0])).toMatchObject({ tool: "mail", args: { to: { name: "ann" }, n: 3 } });
		expect(row?.steps[0]).toMatchObject({ at: 300_000, place: { line: 7, column: 9 } });
		expect(callOf(empty?.steps[0])?.args).toEqual({});
		expect(empty?.steps[0]?.expected?.rules).toEqual([]);
	});

	it("have names by which people recognise them", () => {
		const names = casesOf(`
calls: [{ tool: ls, expect: allow }, { tool: bash, args: { command: ls }, expect: allow }, { name: own, tool: x, expect: deny }]
tables: [{ name: many, columns: [tool, expect], rows: [[a, allow], [b, allow]] }]
histories: [{ steps: [{ tool: a }] }]`).map(({ name }) => name);
		expect(names).toEqual(["ls", 'bash {"command":"ls"}', "own", "many, row 1", "many, row 2", "history 1"]);
	});

	it("number the calls of a step that is made several times", () => {
		const [history] = casesOf(
			"histories: [{ steps: [{ times: 2, tool: a, session: 's{n}', args: { x: ['{n}', { y: 'n{n}' }] } }] }]",
		);
		expect(history?.steps.map(callOf)).toMatchObject([
			{ id: "1.1", session: "s1", args: { x: ["1", { y: "n1" }] } },
			{ id: "1.2", session: "s2", args: { x: ["2", { y: "n2" }] } },
		]);
	});

	it("tell time from the first step of a history, which may be at a time of its own", () => {
		const [history] = casesOf(`
histories:
  - steps:
      - { tool: a, at: '2026-12-24T09:00:00Z' }
      - { tool: a, at: 90s }
      - { tool: a }`);
		const start = Date.UTC(2026, 11, 24, 9);
		expect(history?.steps.map(({ at }) => at)).toEqual([start, start + 90_000, null]);
	});
});

describe("a slip in a file of cases", () => {
	it.each([
		[
			"",
			"-1:1 POLICY_SCHEMA the file has no case | write for instance `calls: [{ tool: bash, args: { command: ls }, expect: allow }]`",
		],
		[
			"calls: [{ tol: bash, tool: x, expect: deny }]",
			"1:11 POLICY_UNKNOWN_KEY unknown key `tol` in `calls[0]` | did you mean `tool`?",
		],
		[
			"calls: [{ expect: deny }]",
			"1:9 POLICY_SCHEMA `tool` is missing | name the tool that is called, here or in `defaults`",
		],
		[
			"calls: [{ tool: x }]",
			"1:9 POLICY_SCHEMA `expect` is missing | say what is to be decided: `expect: allow`, `deny` or `hold`",
		],
		[
			"calls: [{ tool: x, expect: { rule: r } }]",
			"1:9 POLICY_SCHEMA `expect` is missing | say what is to be decided: `expect: allow`, `deny` or `hold`",
		],
		[
			"calls: [{ tool: x, expect: denied }]",
			"1:28 POLICY_SCHEMA `calls[0].expect` cannot be `denied` | did you mean `deny`?",
		],
		[
			"calls: [{ tool: x, expect: { verdict: alow } }]",
			"1:39 POLICY_SCHEMA `calls[0].expect.verdict` cannot be `alow` | did you mean `allow`?",
		],
		[
			"calls: [{ tool: x, session: 5, expect: deny }]",
			"1:29 POLICY_SCHEMA `calls[0].session` must be a text, not `5` | put it in single quotes: `'5'`",
		],
		[
			"calls: [{ tool: x, expect: pending }]",
			"1:9 POLICY_SCHEMA a call cannot be `pending` | that is said of votes; a call is `allow`, `deny` or `hold`",
		],
		[
			"calls: [{ tool: x, at: tomorrow, expect: deny }]",
			"1:24 POLICY_SCHEMA `at` cannot be `tomorrow` | write how long after the first step it is, such as `5m`, or a time, such as `2026-12-24T09:00:00Z`",
		],
		[
			"calls: [{ tool: x, facts: { home: ann }, expect: deny }]",
			"1:27 POLICY_SCHEMA `facts.home` is not an absolute path without `..`, such as `/srv/project` | give an absolute path on the machine where the tool would run",
		],
		[
			"calls: [{ tool: x, usage: { cost: 1, costMicros: 2 }, expect: deny }]",
			"1:27 POLICY_SCHEMA `usage.cost` and `costMicros` say two different amounts | correct the amount",
		],
		[
			"tables: [{ columns: [tol, expect], rows: [[a, deny]] }]",
			"1:22 POLICY_SCHEMA no call has a key `tol` | did you mean `tool`?",
		],
		[
			"tables: [{ columns: [tool, args, args.x], rows: [[a, {}, 1]] }]",
			"1:34 POLICY_SCHEMA the columns `args` and `args.x` say the same | keep one of them",
		],
		[
			"tables: [{ columns: [tool, expect], rows: [[a, deny, 3]] }]",
			"1:54 POLICY_SCHEMA the row has 3 cells, and the table 2 columns | put quotes around a cell with a comma, or add a column",
		],
		[
			"tables: [{ columns: [tool, expect], rows: [[a, denny]] }]",
			"1:48 POLICY_SCHEMA `expect.verdict` cannot be `denny` | did you mean `deny`?",
		],
		[
			"tables: [{ columns: [tool, expect.rul, expect], rows: [[a, r, deny]] }]",
			"1:60 POLICY_UNKNOWN_KEY unknown key `rul` in `expect` | did you mean `rule`?",
		],
		[
			"histories: [{ steps: [{ tool: x, grant: x }] }]",
			"1:41 POLICY_SCHEMA a step has one of `tool`, `again`, `outcome`, `grant` and `reject`, and this one has `tool` and `grant` | make two steps of it",
		],
		[
			"histories: [{ steps: [{ id: pay, tool: x }, { grant: pya, by: ann }] }]",
			"1:54 POLICY_REFERENCE no step before has a call of the id `pya` | did you mean `pay`?",
		],
		[
			"histories: [{ steps: [{ id: p, tool: x }, { grant: p }] }]",
			"1:43 POLICY_SCHEMA `by` is missing | say who votes: `by: ann`",
		],
		[
			"histories: [{ steps: [{ id: p, tool: x, by: ann }] }]",
			"1:45 POLICY_SCHEMA `by` has no meaning for a call | remove it",
		],
		[
			"histories: [{ steps: [{ id: p, tool: x }, { outcome: p, expect: allow }] }]",
			"1:65 POLICY_SCHEMA `expect` has no meaning for a step with `outcome` | remove it",
		],
		[
			"histories: [{ steps: [{ id: p, tool: x }, { id: p, tool: y }] }]",
			"1:49 POLICY_SCHEMA an earlier call has the id `p` | ask for it again with `again: p`, or choose another",
		],
		[
			"histories: [{ steps: [{ tool: x, open: true, usage: { tokens: 1 } }] }]",
			"1:53 POLICY_SCHEMA `usage` is for calls that end at once | write it into the step with the call's `outcome`",
		],
		[
			"histories: [{ steps: [{ id: p, times: 2, tool: x }] }]",
			"1:29 POLICY_SCHEMA `id` names one call, and this step makes several | remove `id` or `times`",
		],
		[
			"histories: [{ steps: [{ tool: x }, { tool: x, at: 5m }, { tool: x, at: 4m }] }]",
			"1:72 POLICY_SCHEMA the step is earlier than the one before it | put steps in the order of time",
		],
	])("%s is told with its place, and what to write", (body, slip) => {
		expect(slipsOf(body)).toEqual([slip]);
	});

	it("is told once, though many calls share it", () => {
		expect(
			slipsOf("defaults: { at: soon }\ncalls: [{ tool: a, expect: deny }, { tool: b, expect: deny }]"),
		).toHaveLength(1);
	});
});

it("schemas/policy-test.schema.json is current (regenerate it with `npm run schemas`)", () => {
	expect(readFileSync("schemas/policy-test.schema.json", "utf8")).toBe(casesJsonSchema());
});
