/** Rules that do not count for some calls, until a moment. */
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../src/core/base/json.ts";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";
import type { CallView } from "../../../../src/core/policy/compiled.ts";
import { ConditionSearch } from "../../../../src/core/policy/condition-search.ts";
import { Exceptions } from "../../../../src/core/policy/exceptions.ts";
import { failed } from "../../../../src/core/policy/rule-search.ts";
import type { FiredRule } from "../../../../src/core/policy/rules.ts";

const ENDS = Date.UTC(2026, 11, 31);
const HEAD = "apiVersion: assent.dev/v1\nkind: Policy\n";

const exception = (more: string, name = "trial", rules = "[no-rm]"): string =>
	`{ name: ${name}, rules: ${rules}, owner: ops@example.com, reason: a trial, expires: 2026-12-31T00:00:00Z${more === "" ? "" : `, ${more}`} }`;

const BODY = `tools: { allow: [sh, '*.run', mail], deny: [mail], hold: [{ name: careful, tools: [db.run], severity: low }] }
approvals: { default: { approvers: [ann] } }
patterns:
  - { name: no-rm, substring: rm, severity: critical, tags: [T1485] }
  - { name: no-dd, substring: dd, mode: audit }
conditions:
  - { name: small, tools: [db.run], when: { in: args.amount, number: '> 10' } }
`;

function load(exceptions: readonly string[], ...others: readonly string[]) {
	const own = `metadata: { name: p }\n${BODY}exceptions:\n${exceptions.map((one) => `  - ${one}\n`).join("")}`;
	const sources = [own, ...others].map((text, at) => ({ name: `${at}.yaml`, text: HEAD + text }));
	const set = compilePolicies(sources, { budgetRoot: "tenant" });
	if (!set.ok) throw new Error(set.error.map(({ message }) => message).join("; "));
	return set.value;
}

const brief = (set: ReturnType<typeof load>, args: JsonObject, more: Partial<CallView> = {}): string[] =>
	set
		.evaluate({ tenant: "acme", agent: "coder", session: "s", tool: "sh", args, at: ENDS - 1, ...more })
		.fired.map(({ reason: { rule } }) => `${rule.policy}/${rule.name} ${rule.code} ${rule.effect} ${rule.mode}`);

const DENIED = ["p/no-rm pattern.matched deny enforce"];
const USED = ["p/trial exception.used deny audit"];

describe("an exception", () => {
	it("is told in place of the rule that it lifts, with that rule's effect, severity and tags, the place, the owner and the reason", () => {
		const set = load([exception("")]);
		const args = { command: "rm x" };
		const { fired } = set.evaluate({ tenant: "t", agent: "a", tool: "sh", args, at: 0 });
		expect(fired).toEqual([
			{
				reason: {
					rule: {
						code: "exception.used",
						policy: "p",
						name: "trial",
						effect: "deny",
						mode: "audit",
						severity: "critical",
						tags: ["T1485"],
						message: "lifts `no-rm` until 2026-12-31T00:00:00Z for ops@example.com: a trial",
					},
					span: { pointer: "/command", start: 0, end: 2 },
				},
				requirement: null,
			},
		]);
	});

	it("is told only where the rule fires, and leaves others alone", () => {
		const set = load([exception("")]);
		expect(brief(set, { command: "ls" })).toEqual([]);
		expect(brief(set, { command: "rm; dd" })).toEqual([...USED, "p/no-dd pattern.matched deny audit"]);
		expect(brief(set, { command: "rm" }, { tool: "mail" })).toEqual([
			"p/tools.deny[mail] tool.denied deny enforce",
			...USED,
		]);
	});

	it("applies until it expires, by the time of the call, and never without one", () => {
		const set = load([exception("")]);
		const args = { command: "rm" };
		expect(brief(set, args, { at: ENDS - 1 })).toEqual(USED);
		expect(brief(set, args, { at: ENDS })).toEqual(DENIED);
		const { fired } = set.evaluate({ tenant: "acme", agent: "coder", tool: "sh", args });
		expect(fired[0]?.reason.rule.code).toBe("pattern.matched");
	});

	it.each([
		["tools.allow", "x", {}, "deny"],
		["'tools.deny[mail]'", "mail", {}, "deny"],
		["careful", "db.run", {}, "hold"],
		["no-dd", "sh", { command: "dd" }, "deny"],
		["small", "db.run", { amount: 11 }, "deny"],
		["small", "db.run", { amount: "12abc" }, "deny"],
	] as const)("lifts %s", (rule, tool, args, effect) => {
		const set = load([exception("", "trial", `[${rule}]`)]);
		expect(brief(set, args, { tool })).toContain(`p/trial exception.used ${effect} audit`);
		expect(brief(set, args, { tool }).filter((line) => line.includes(`/${rule.replaceAll("'", "")} `))).toEqual([]);
	});

	it("is for principals and tools that it names, by their exact names", () => {
		const set = load([
			exception("appliesTo: { agents: [coder], tenants: ['a*'] }, tools: ['*.run', sh], except: [db.run]"),
		]);
		const args = { command: "rm" };
		expect(brief(set, args)).toEqual(USED);
		expect(brief(set, args, { agent: "Coder" })).toEqual(DENIED);
		expect(brief(set, args, { tenant: "umbra" })).toEqual(DENIED);
		expect(brief(set, args, { tool: "x.run" })).toEqual(USED);
		expect(brief(set, args, { tool: "db.run" })).not.toContain(USED[0]);
		expect(brief(set, args, { tool: "SH" })).not.toContain(USED[0]);
		// Asked again, now that plans are remembered.
		expect(brief(set, args)).toEqual(USED);
	});

	it("applies where all of its tests hold for every value, and for certain", () => {
		const set = load([
			exception("when: [{ in: args.path, path: '/tmp/{tenant}/**' }, { in: args.force, present: false }]"),
		]);
		const lifted = (args: JsonObject): boolean => brief(set, { command: "rm", ...args })[0] === USED[0];
		expect(lifted({ path: "/tmp/acme/a" })).toBe(true);
		expect(lifted({ path: ["/tmp/acme/a", "/tmp/acme/b"] })).toBe(true);
		expect(lifted({ path: ["/tmp/acme/a", "/etc/b"] })).toBe(false);
		expect(lifted({ path: "/tmp/acme/../b" })).toBe(false);
		expect(lifted({ path: "/tmp/ACME/a" })).toBe(false);
		expect(lifted({ path: "/tmp/acme/a", Path: "/etc/b" })).toBe(false);
		expect(lifted({ path: "/tmp/acme/a", force: true })).toBe(false);
		expect(lifted({ path: 7 })).toBe(false);
		expect(lifted({ path: "" })).toBe(false);
		expect(lifted({})).toBe(false);
	});

	it("does not apply where too much would have to be looked at to tell", () => {
		const set = load([exception("when: { in: args.x, sameAs: args.y }")]);
		const same = (text: string): JsonObject => ({ command: "rm", x: Array(11).fill(text), y: Array(11).fill(text) });
		expect(brief(set, same("1"))).toEqual(USED);
		expect(brief(set, same("1".repeat(1_000_000)))).toEqual(DENIED);
	});

	it("does not lift a rule that could not be evaluated", () => {
		const { policies } = load([exception("")]);
		const { exceptions, patternRules } = policies[0] as (typeof policies)[number];
		const rule = patternRules[0] as (typeof patternRules)[number];
		const call = { tenant: "t", agent: "a", tool: "sh", args: {}, at: 0 };
		const lift = (fired: FiredRule) => new Exceptions(new ConditionSearch([])).lift([fired], exceptions, call)[0];
		expect(lift(rule.fired)?.reason.rule.code).toBe("exception.used");
		const fired = failed({ rule }, "could not be evaluated");
		expect(lift(fired)).toBe(fired);
	});

	it("is told once for each rule: the first that applies", () => {
		const ended = exception("", "ended").replace("2026-12-31", "2020-01-01");
		const set = load([ended, exception("", "first"), exception("", "second")]);
		expect(brief(set, { command: "rm" })).toEqual(["p/first exception.used deny audit"]);
	});

	it("lifts rules of other policies by their full names, and no others of that name", () => {
		const other = `metadata: { name: base }\ntools: { allow: all, hold: [sh] }\napprovals: { default: { approvers: [ann] } }\npatterns: [{ name: no-rm, substring: rm }]\n`;
		const set = load([exception("", "trial", "[base/no-rm, 'base/tools.hold[sh]']")], other);
		expect(brief(set, { command: "rm" })).toEqual([
			"p/trial exception.used hold audit",
			"p/trial exception.used deny audit",
			...DENIED,
		]);
		const elsewhere = `appliesTo: { agents: [x] }\n${other}exceptions: [${exception("", "theirs", "[p/no-rm]")}]\n`;
		expect(brief(load([exception("tools: [x]")], elsewhere), { command: "rm" })).toEqual(DENIED);
	});
});
