/** Cases that are run: what passes, what is told of what does not, and which rules were reached. */
import { describe, expect, it } from "vitest";
import { readCases } from "../../../../../src/core/analysis/cases/case-reader.ts";
import { runCase } from "../../../../../src/core/analysis/cases/case-run.ts";
import { percentage, RuleCoverage } from "../../../../../src/core/analysis/cases/coverage.ts";
import { referenceProblems } from "../../../../../src/core/analysis/cases/references.ts";
import { compilePolicies } from "../../../../../src/core/policy/compile.ts";

const SHOP = `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: shop }
tools:
  allow: [search, pay, login, mail]
  hold: [{ name: payments, tools: [pay] }]
patterns:
  - { name: no-eve, substring: eve, in: args.to }
  - { name: watched, substring: x, in: args.q, mode: audit }
  - { name: all-mail, regex: ., in: args.to, tools: [mail], effect: hold }
limits:
  - { name: searches, measure: tool_calls, scope: session, max: 2, per: 10m, tools: [search] }
  - { name: money, measure: cost, scope: session, max: 5, reserve: 1, tools: [pay] }
  - { name: time, measure: execution_time, scope: session, max: 90s, reserve: 1m, tools: [login] }
approvals: { default: { approvers: [ann, bo], quorum: 2, expires: 30m } }
exceptions:
  - { name: eve-until-may, rules: [no-eve], tools: [mail], owner: ann, reason: trial, expires: '2026-05-01T00:00:00Z' }
obligations:
  - { tools: [login], redact: [args.password], deadline: 1m, message: be quick }
`;

function compiled(text: string) {
	const set = compilePolicies([{ name: "shop.yaml", text }], { budgetRoot: "tenant" });
	if (!set.ok) throw new Error(JSON.stringify(set.error));
	return set.value;
}

const shop = () => compiled(SHOP);

function casesIn(body: string) {
	const read = readCases({ name: "shop.test.yaml", text: `apiVersion: assent.dev/v1\nkind: PolicyTest\n${body}` });
	if (!read.ok) throw new Error(JSON.stringify(read.error));
	return read.value;
}

/** What came otherwise: `LINE aspect: expected, got`. */
function run(body: string, policy = SHOP) {
	const set = compiled(policy);
	const coverage = new RuleCoverage();
	coverage.add(set);
	const failures = casesIn(body).cases.flatMap((each) => runCase(set, each, coverage));
	const told = failures.flatMap(({ place, differences }) =>
		differences.map(({ aspect, expected, got }) => `${(place.line ?? 0) - 2} ${aspect}: ${expected}, ${got}`),
	);
	return { told, failures, uses: coverage.uses() };
}

describe("a case", () => {
	it("passes where all that it expects has come", () => {
		const { told } = run(`
calls:
  - { tool: rm, expect: { verdict: deny, rule: tools.allow, rules: [shop/tools.allow], reason: tool.not_allowed } }
  - { tool: login, args: { password: x }, expect: { verdict: allow, rules: [], obligations: { redact: [/password], deadline: 1m, lease: 10m, messages: [be quick] }, budgets: { time: { before: 0s, after: 1m, max: 90s } } } }
  - { tool: search, args: { q: x }, expect: { verdict: allow, audited: [watched] } }`);
		expect(told).toEqual([]);
	});

	it("tells each difference in words, with the reasons of the decision", () => {
		const { told, failures } = run(`calls:
  - { tool: rm, expect: allow }
  - { tool: rm, expect: { verdict: deny, rule: no-eve, reason: tool.denied } }
  - { tool: pay, args: { to: eve }, expect: { verdict: deny, rules: [payments, no-eve], audited: [watched] } }
  - { tool: pay, expect: { verdict: hold, rule: payments, reason: [tool.held, pattern.matched] } }
  - { tool: login, args: { password: x }, expect: { verdict: allow, obligations: { redact: [], deadline: 2m, lease: 1h, messages: [] } } }
  - { tool: login, expect: { verdict: allow, budgets: { time: { before: 1s, after: 2m, max: 90s }, money: { max: 5 } } } }
  - { tool: pay, expect: { verdict: hold, budgets: { money: { after: 0.25 } } } }`);
		expect(told).toEqual([
			"2 verdict: allow, deny",
			"3 rule: no-eve, shop/tools.allow",
			"3 reason: tool.denied, none",
			"4 rules: payments, no-eve, shop/no-eve",
			"4 audited: watched, none",
			"5 reason: pattern.matched, tool.held",
			'6 redact: [], ["/password"]',
			"6 deadline: 2m, 1m",
			"6 lease: 1h, 10m",
			'6 messages: [], ["be quick"]',
			"7 budget time, before: 1s, 0ms",
			"7 budget time, after: 2m, 1m",
			"7 budget money: counted, not counted",
			"8 budget money, after: 0.25, 1.00",
		]);
		expect(failures[0]?.reasons.map(({ rule }) => rule)).toEqual(["tools.allow"]);
	});

	it("knows which exceptions are used, and when they have expired", () => {
		const { told, uses } = run(`calls:
  - { tool: mail, args: { to: eve }, at: '2026-04-30T12:00:00Z', expect: { verdict: hold, rules: [all-mail], audited: [], exceptions: [eve-until-may] } }
  - { tool: mail, args: { to: eve }, at: '2026-05-01T00:00:00Z', expect: { verdict: deny, rules: [no-eve], exceptions: [eve-until-may] } }
  - { tool: pay, args: { to: eve }, expect: { verdict: deny, exceptions: [] } }`);
		expect(told).toEqual(["3 exceptions: eve-until-may, none"]);
		expect(uses.filter(({ rule }) => rule === "eve-until-may")).toMatchObject([{ fired: 1, decided: 1 }]);
	});

	it("is decided by itself: nothing is spent before it, and no session is known", () => {
		const call =
			"{ tool: search, facts: { home: /h }, expect: { verdict: allow, budgets: { searches: { before: 0 } } } }";
		expect(run(`calls: [${call}, ${call}, ${call.replace("/h", "/other")}]`).told).toEqual([]);
	});
});

describe("a history", () => {
	it("counts, and forgets what has left the window", () => {
		const { told } = run(`
histories:
  - defaults: { tool: search, expect: allow }
    steps:
      - { at: 0s }
      - { at: 1m, expect: { budgets: { searches: { before: 1, after: 2 } } } }
      - { at: 2m, expect: { verdict: deny, rule: searches, reason: budget.exhausted } }
      - { at: 2m, session: other }
      - { at: 13m }`);
		expect(told).toEqual([]);
	});

	it("settles a call at once with its usage, or when its outcome is told", () => {
		const { told } = run(`
histories:
  - defaults: { tool: login, args: { password: x } }
    steps:
      - { usage: { executionMs: 5000 }, expect: { verdict: allow, budgets: { time: { before: 0s, after: 1m } } } }
      - { id: long, open: true, expect: { verdict: allow, budgets: { time: { before: 5s, after: 65s } } } }
      - { expect: deny }
      - { outcome: long, usage: { executionMs: 10000 } }
      - { expect: { verdict: allow, budgets: { time: { before: 15s } } } }`);
		expect(told).toEqual([]);
	});

	it("settles a call in full whose outcome says that nobody saw its end", () => {
		const { told } = run(`
histories:
  - defaults: { tool: login, args: { password: x } }
    steps:
      - { id: long, open: true, expect: { verdict: allow, budgets: { time: { before: 0s, after: 1m } } } }
      - { outcome: long, status: unknown, usage: { executionMs: 10000 } }
      - { outcome: long, usage: { executionMs: 5000 } }
      - { expect: { budgets: { time: { before: 1m } } } }`);
		expect(told).toEqual([]);
	});

	it("lets people vote, and time pass for held calls", () => {
		const { told } = run(`
histories:
  - steps:
      - { id: p, tool: pay, onBehalfOf: cy, args: { to: bo }, expect: hold }
      - { grant: p, by: eve, expect: { verdict: refused, reason: approval.not_permitted } }
      - { grant: p, by: ann, at: 1m, expect: pending }
      - { grant: p, by: ann, at: 1m, expect: { verdict: refused, reason: approval.repeated } }
      - { again: p, at: 1m, expect: hold }
      - { grant: p, by: bo, at: 2m, expect: { verdict: allow, budgets: { money: { before: 0, after: 1, max: 5 } } } }
      - { outcome: p, usage: { cost: 0.5 } }
      - { id: q, tool: pay, args: { to: bo }, expect: { verdict: hold, budgets: { money: { before: 0.5 } } } }
      - { reject: q, by: ann, expect: { verdict: deny, reason: approval.rejected } }
      - { id: r, tool: pay, at: 5m, expect: hold }
      - { again: r, at: 40m, expect: { verdict: deny, reason: approval.expired } }`);
		expect(told).toEqual([]);
	});

	it("makes a call several times, by number, and tells its first failure", () => {
		const { told } = run(`
histories:
  - steps:
      - { times: 5, tool: search, session: 's{n}', args: { q: { deep: ['shoes {n}'] } }, expect: { verdict: allow, budgets: { searches: { before: 0 } } } }
      - { tool: search, session: s5, expect: { verdict: allow, budgets: { searches: { before: 1 } } } }
      - { times: 9, tool: search, session: s5, expect: allow }`);
		expect(told).toEqual(["6 verdict: allow, deny"]);
	});

	it("tells an outcome that nobody takes", () => {
		const { told } = run(`
histories: [{ steps: [{ id: a, tool: rm }, { outcome: a }] }]`);
		expect(told).toEqual([expect.stringContaining("2 outcome: taken, call.ungoverned: ")]);
	});
});

describe("names in cases", () => {
	it("are those of the policies, and of reasons", () => {
		const cases = casesIn(`calls:
  - { tool: a, expect: { verdict: deny, rule: no-evil, reason: tool.denid } }
  - { tool: a, expect: { verdict: deny, rules: [shop/no-eve, other/no-eve], audited: [watch] } }
  - { tool: a, expect: { verdict: allow, budgets: { serches: { max: 1 }, time: { max: 90 }, money: { after: 0.25 } } } }`);
		expect(
			referenceProblems(cases, shop()).map(
				({ code, message, help, place }) => `${(place?.line ?? 0) - 2} ${code} ${message} | ${help.slice(0, 40)}`,
			),
		).toEqual([
			"2 POLICY_REFERENCE no rule of these policies is called `no-evil` | did you mean `no-eve`?",
			"2 POLICY_REFERENCE there is no reason `tool.denid` | did you mean `tool.denied`?",
			"3 POLICY_REFERENCE no rule of these policies is called `other/no-eve` | known here: `tools.allow`, `payments`, `",
			"3 POLICY_REFERENCE no rule of these policies is called `watch` | did you mean `watched`?",
			"4 POLICY_REFERENCE no limit of these policies is called `serches` | did you mean `searches`?",
			"4 POLICY_SCHEMA `max` of `execution_time` is a duration | write a unit: `max: 90s`, `90m` or `90h`",
		]);
	});
});

describe("coverage", () => {
	it("knows which rules fired, and which determined a verdict", () => {
		const { uses } = run(`
calls:
  - { tool: mail, args: { to: eve }, at: '2026-06-01T00:00:00Z', expect: { verdict: deny, rules: [no-eve] } }
  - { tool: search, args: { q: x }, expect: allow }
histories: [{ steps: [{ tool: search }, { tool: search }, { tool: search, expect: deny }] }]`);
		expect(uses.map(({ rule, fired, decided, place }) => [place.line, rule, fired, decided])).toEqual([
			[6, "tools.allow", 0, 0],
			[7, "payments", 0, 0],
			[9, "no-eve", 1, 1],
			[10, "watched", 1, 0],
			[11, "all-mail", 1, 0],
			[13, "searches", 1, 1],
			[14, "money", 0, 0],
			[15, "time", 0, 0],
			[18, "eve-until-may", 0, 0],
		]);
		expect(percentage(uses)).toBe(44);
		expect(percentage([])).toBe(100);
	});

	it("knows what a session has declared and begun", () => {
		const policy = `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: files }
tools: { allow: all }
conditions:
  - { name: own-files, tools: [write], require: { in: args.path, path: '{workspace}/**' } }
sequences:
  - { name: secret-then-network, after: { tools: [read_secret] }, scope: session, then: { tools: [http] }, within: 30m }
`;
		const { told, uses } = run(
			`
histories:
  - steps:
      - { tool: write, args: { path: a.ts }, facts: { workspace: /srv/a }, expect: allow }
      - { tool: write, args: { path: b.ts }, expect: { verdict: allow, rules: [] } }
      - { tool: http, expect: allow }
      - { tool: read_secret, expect: allow }
      - { tool: http, expect: { verdict: deny, rules: [secret-then-network], reason: sequence.completed } }
      - { at: 31m, tool: http, expect: allow }`,
			policy,
		);
		expect(told).toEqual([]);
		expect(uses).toMatchObject([
			{ rule: "own-files", fired: 0, decided: 0 },
			{ rule: "secret-then-network", fired: 1, decided: 1 },
		]);
	});

	it("of one policy that two files test is one account", () => {
		const coverage = new RuleCoverage();
		for (const body of ["calls: [{ tool: rm, expect: deny }]", "calls: [{ tool: pay, expect: hold }]"]) {
			const set = shop();
			coverage.add(set);
			for (const each of casesIn(body).cases) runCase(set, each, coverage);
		}
		expect(coverage.uses().filter(({ fired }) => fired > 0)).toHaveLength(2);
		expect(coverage.uses()).toHaveLength(9);
	});
});

describe("time in a history", () => {
	const LEASED = `
apiVersion: assent.dev/v1
kind: Policy
metadata: { name: leased }
tools: { allow: [run, read, send], deny: [{ name: never, tools: [send] }] }
limits: [{ name: one, measure: concurrent_calls, scope: session, max: 1, tools: [run, send] }]
sequences: [{ name: taint, after: { tools: [read] }, then: { tools: [send] } }]
obligations: [{ tools: [run], deadline: 10s, lease: 30s }]
`;

	it("passes as on a log: a slot whose lease is over is free for the next call", () => {
		const { told } = run(
			`histories:
  - name: h
    steps:
      - { tool: run, open: true, expect: allow }
      - { at: 29s, tool: run, expect: { verdict: deny, rule: one } }
      - { at: 30s, tool: run, open: true, expect: allow }
      - { at: 2m, tool: run, expect: allow }`,
			LEASED,
		);
		expect(told).toEqual([]);
	});

	it("counts as fired also the sequences and limits that a stricter rule hides", () => {
		const body = (first: string): string => `histories:
  - name: h
    steps:
      - { tool: ${first} }
      - { tool: run, open: true }
      - { tool: send, expect: deny }`;
		const fired = (first: string): readonly string[] =>
			run(body(first), LEASED).uses.flatMap((use) => (use.fired > 0 ? [use.rule] : []));
		expect(fired("read")).toEqual(["never", "one", "taint"]);
		expect(fired("run")).toEqual(["never", "one"]);
	});
});
