/** Rules on what arguments are: what fires, on which side doubt is, and what is told. */
import { describe, expect, it } from "vitest";
import { readSelected } from "../../../../src/core/arguments/reading.ts";
import type { JsonObject } from "../../../../src/core/base/json.ts";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";
import type { CallView } from "../../../../src/core/policy/compiled.ts";

function load(rule: string) {
	const text = `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all }\nconditions:\n  - { name: r, tools: [t], ${rule} }\napprovals: { default: { approvers: [ann] } }\n`;
	const set = compilePolicies([{ name: "p.yaml", text }], { budgetRoot: "tenant" });
	if (!set.ok)
		throw new Error(set.error.map(({ place, message }) => `${place?.line}:${place?.column} ${message}`).join("; "));
	return set.value;
}

/** What one rule says of one call: empty when it is silent, else its code and, where it has one, its place. */
function answer(rule: string, args: JsonObject, more: Partial<CallView> = {}): string {
	const { fired } = load(rule).evaluate({ tenant: "acme", agent: "a", session: "s", tool: "t", args, ...more });
	const [only] = fired;
	if (only === undefined) return "";
	expect(fired).toHaveLength(1);
	const { rule: told, span } = only.reason;
	return span === null ? told.code : `${told.code} ${span.pointer} ${span.start}..${span.end}`;
}

describe("a test of `when`", () => {
	const LARGE = "when: { in: args.amount, number: '> 10000' }";

	it.each<[JsonObject, string]>([
		[{ amount: 10_001 }, "condition.met /amount 0..5"],
		[{ amount: "1e5" }, "condition.met /amount 0..3"],
		[{ amount: 10_000 }, ""],
		[{ amount: [1, [20_000]] }, "condition.met /amount/1/0 0..5"],
		[{ amount: [1, 2] }, ""],
		[{ amount: "12abc" }, "argument.unreadable"],
		[{ amount: { value: 5 } }, "argument.unreadable"],
		[{ amount: true }, "argument.unreadable"],
		[{ amount: ["x", 20_000] }, "condition.met /amount/1 0..5"],
		[{}, ""],
		[{ amount: null }, ""],
		[{ amount: "" }, ""],
		[{ Amount: 20_000 }, ""],
		[{ amount: 5, Amount: 20_000 }, ""],
	])("fires where a value satisfies it or may: %j: %s", (args, told) => {
		expect(answer(LARGE, args)).toBe(told);
	});

	it("fires where nothing is there if it says so", () => {
		const rule = "when: { in: args.amount, number: '> 10000', missing: match }";
		expect(answer(rule, {})).toBe("argument.missing");
		expect(answer(rule, { amount: 5 })).toBe("");
		expect(answer(rule, { amount: 50_000 })).toBe("condition.met /amount 0..5");
	});

	it("looks at another spelling where it names it, and fires in its place where it says so", () => {
		const rule = "when: { in: args.amount | args.Amount, number: '> 10000' }";
		expect(answer(rule, { amount: 5, Amount: 20_000 })).toBe("condition.met /Amount 0..5");
		expect(answer("when: { in: args.*, number: '> 10000' }", { Amount: 20_000 })).toBe("condition.met /Amount 0..5");
		expect(answer("when: { in: args.amount, number: '> 10000', missing: match }", { Amount: 20_000 })).toBe(
			"argument.missing",
		);
	});

	it("is one of several that all hold", () => {
		const rule = "when: [{ in: args.amount, number: '> 100' }, { in: args.currency, oneOf: [EUR, USD] }]";
		expect(answer(rule, { amount: 200, currency: "EUR" })).toBe("condition.met /amount 0..3");
		expect(answer(rule, { amount: 200, currency: "GBP" })).toBe("");
		expect(answer(rule, { amount: 50, currency: "EUR" })).toBe("");
		expect(answer(rule, { amount: "x", currency: "EUR" })).toBe("argument.unreadable");
		expect(answer(rule, { amount: 200, currency: ["EUR"] })).toBe("condition.met /amount 0..3");
		expect(answer(rule, { amount: 200 })).toBe("");
	});

	it("ignores case in patterns and paths unless it says otherwise, and not in enumerations", () => {
		expect(answer("when: { in: args.x, regex: '^drop' }", { x: "DROP TABLE" })).toBe("condition.met /x 0..10");
		expect(answer("when: { in: args.x, regex: '^drop', case: sensitive }", { x: "DROP TABLE" })).toBe("");
		expect(answer("when: { in: args.x, path: '/etc/**' }", { x: "/ETC/passwd" })).toBe("condition.met /x 0..11");
		expect(answer("when: { in: args.x, oneOf: [drop] }", { x: "DROP" })).toBe("");
		expect(answer("when: { in: args.x, oneOf: [drop], case: insensitive }", { x: "DROP" })).toBe(
			"condition.met /x 0..4",
		);
	});

	it("sees a command that is spread over a list", () => {
		const rule = "when: { in: args.command, substring: 'rm -rf' }";
		expect(answer(rule, { command: ["rm", "-rf", "/"] })).toBe("condition.met /command 0..0");
		expect(answer(rule, { command: ["ls", "-l"] })).toBe("");
	});
});

describe("a test of `require`", () => {
	const OURS = "require: { in: [args.to, args.cc, args.bcc], email: ['*@ourcompany.com'] }";

	it.each<[JsonObject, string]>([
		[{ to: "ann@ourcompany.com" }, ""],
		[{ to: "Ann <ann@OurCompany.com>, bo@ourcompany.com" }, ""],
		[{ to: ["ann@ourcompany.com", "bo@ourcompany.com"], cc: "cy@ourcompany.com" }, ""],
		[{ to: "ann@ourcompany.com, eve@evil.org" }, "condition.met /to 0..32"],
		[{ to: ["ann@ourcompany.com", "eve@evil.org"] }, "condition.met /to/1 0..12"],
		[{ to: "ann@ourcompany.com", bcc: "eve@evil.org" }, "condition.met /bcc 0..12"],
		[{ to: "ann@ourcompany.com.evil.org" }, "condition.met /to 0..27"],
		[{ to: "ann@ourcompany.com\nBcc: eve@evil.org" }, "argument.unreadable"],
		[{ to: "all-staff" }, "argument.unreadable"],
		[{ to: { email: "ann@ourcompany.com" } }, "argument.unreadable"],
		[{ to: 7 }, "argument.unreadable"],
		[{}, "argument.missing"],
		[{ to: "" }, "argument.missing"],
		[{ to: ["ann@ourcompany.com", ""] }, "argument.missing"],
		[{ to: ["ann@ourcompany.com", "", "eve@evil.org"] }, "condition.met /to/2 0..12"],
		[{ To: "eve@evil.org" }, "argument.missing"],
		[{ to: "ann@ourcompany.com", To: "eve@evil.org" }, "argument.unreadable"],
	])("fires unless every value satisfies it for certain: %j: %s", (args, told) => {
		expect(answer(OURS, args)).toBe(told);
	});

	it("is silent where nothing is there if it says so", () => {
		expect(answer(OURS.replace(" }", ", missing: ignore }"), {})).toBe("");
		expect(answer(OURS.replace(" }", ", missing: ignore }"), { to: "eve@evil.org" })).toBe("condition.met /to 0..12");
	});

	it("is one of several that must all hold", () => {
		const rule = "require: [{ in: args.a, number: '1..5' }, { in: args.b, boolean: true }]";
		expect(answer(rule, { a: 3, b: true })).toBe("");
		expect(answer(rule, { a: 3, b: false })).toBe("condition.met /b 0..5");
		expect(answer(rule, { a: "x", b: false })).toBe("condition.met /b 0..5");
		expect(answer(rule, { a: "x", b: true })).toBe("argument.unreadable");
		expect(answer(rule, { a: 3, b: "true" })).toBe("argument.unreadable");
		expect(answer(rule, { b: true })).toBe("argument.missing");
	});

	it("counts only where `when` holds", () => {
		const rule = "when: { in: args.kind, oneOf: [wire] }, require: { in: args.amount, number: '<= 100' }";
		expect(answer(rule, { kind: "card", amount: 500 })).toBe("");
		expect(answer(rule, { kind: "wire", amount: 50 })).toBe("");
		expect(answer(rule, { kind: "wire", amount: 500 })).toBe("condition.met /amount 0..3");
		expect(answer(rule, { kind: "wire" })).toBe("argument.missing");
		expect(answer(rule, { kind: { a: 1 }, amount: 500 })).toBe("argument.unreadable");
		expect(answer(rule, { kind: { a: 1 }, amount: 50 })).toBe("");
		expect(answer(rule, { amount: 500 })).toBe("");
	});

	it("takes case as it is written", () => {
		expect(answer("require: { in: args.x, path: '/srv/**' }", { x: "/SRV/a" })).toBe("condition.met /x 0..6");
		expect(answer("require: { in: args.x, glob: 'a*', style: text }", { x: "Ab" })).toBe("condition.met /x 0..2");
	});
});

describe("a predicate", () => {
	it.each<[string, JsonObject, string]>([
		["when: { in: args.x, present: true }", { x: 0 }, "condition.met /x 0..1"],
		["when: { in: args.x, present: true }", { x: [] }, ""],
		["when: { in: args.x, present: false }", {}, "condition.met"],
		["when: { in: args.x, present: false }", { x: "a" }, ""],
		["require: { in: 'args.x | args.y', present: true }", { y: "a" }, ""],
		["require: { in: args.x, present: true }", {}, "argument.missing"],
		["require: { in: args.l.*.x, present: true }", { l: [{ x: 1 }, {}] }, "argument.missing"],
		["require: { in: args.x, present: false }", { x: "a" }, "condition.met /x 0..1"],
		["when: { in: args.x, length: '> 3' }", { x: "a😀bc" }, "condition.met /x 0..5"],
		["when: { in: args.x, length: '> 3' }", { x: "a😀b" }, ""],
		["when: { in: args.x, length: '> 3' }", { x: 12345 }, "argument.unreadable"],
		["when: { in: args.x, count: '> 1' }", { x: ["a", "b"] }, "condition.met /x 0..0"],
		["when: { in: args.x, count: '> 1' }", { x: "a" }, ""],
		["when: { in: args.x, count: '> 1' }", { x: [["a", "b"]] }, "argument.unreadable"],
		["require: { in: args.from, sameAs: args.owner }", { from: "7", owner: 7 }, ""],
		["require: { in: args.from, sameAs: args.owner }", { from: "a", owner: "b" }, "condition.met /from 0..1"],
		["require: { in: args.from, sameAs: args.owner }", { from: "a" }, "argument.unreadable"],
		["require: { in: args.from, sameAs: args.owner }", { from: "a", owner: ["a", "b"] }, "argument.unreadable"],
		[
			"require: { in: args.url, url: { hosts: [api.github.com], schemes: [https] } }",
			{ url: "https://api.github.com/x" },
			"",
		],
		["require: { in: args.url, url: { hosts: [api.github.com] } }", { url: "api.github.com/x" }, "argument.unreadable"],
		[
			"require: { in: args.url, url: { hosts: [api.github.com] } }",
			{ url: "https://a.b/" },
			"condition.met /url 0..12",
		],
		[
			"when: { in: args.url, url: { classes: [private, loopback, link-local, metadata] } }",
			{ url: "http://0x7f.1/" },
			"condition.met /url 0..14",
		],
		[
			"when: { in: args.headers.*#key, oneOf: [authorization], case: insensitive }",
			{ headers: { Authorization: "x" } },
			"condition.met #key/headers/Authorization 0..13",
		],
		[
			"require: { in: args.files.*.path, path: '/data/{tenant}/**' }",
			{ files: [{ path: "/data/acme/a" }, { path: "/data/acme/b" }] },
			"",
		],
		[
			"require: { in: args.files.*.path, path: '/data/{tenant}/**' }",
			{ files: [{ path: "/data/acme/a" }, { path: "/data/x/b" }] },
			"condition.met /files/1/path 0..9",
		],
		[
			"require: { in: args.files.*.path, path: '/data/{tenant}/**' }",
			{ files: [{ path: "/data/acme/a" }, {}] },
			"argument.missing",
		],
		["require: { in: args.path, path: '/tmp/{session}/*' }", { path: "/tmp/s/a" }, ""],
		["require: { in: args.path, path: '{workspace}/**' }", { path: "/code/a" }, "argument.unreadable"],
		["require: { in: args.x, regex: '^\\d+$' }", { x: 123 }, ""],
		["require: { in: args.x, regex: '^\\d+$' }", { x: ["1", 2] }, ""],
		["require: { in: args.x, glob: '/srv/*', style: path }", { x: "/srv/..\\..\\etc" }, "argument.unreadable"],
	])("%s of %j: %s", (rule, args, told) => {
		expect(answer(rule, args)).toBe(told);
	});

	it("knows the facts that a session declares", () => {
		const rule = "require: { in: args.path, path: '{workspace}/**' }";
		const facts = { workspace: "/code/app", home: "/home/ann" };
		expect(answer(rule, { path: "src/a.ts" }, { facts })).toBe("");
		expect(answer(rule, { path: "~/a.ts" }, { facts })).toBe("condition.met /path 0..6");
	});
});

describe("what is told", () => {
	it("has the rule's own words, or names the argument", () => {
		const message = (rule: string, args: JsonObject): string | undefined =>
			load(rule).evaluate({ tenant: "t", agent: "a", tool: "t", args }).fired[0]?.reason.rule.message;
		const rule = "require: { in: 'args.to | args.cc', email: '*@x.org' }";
		expect(message(rule, { to: "a@y.org" })).toBe("the call does not satisfy `r` of policy `p`");
		expect(message(`${rule}, message: ours only`, { to: "a@y.org" })).toBe("ours only");
		expect(message(rule, {})).toBe(
			"the argument `args.to` or `args.cc` is missing or empty: rule `r` of policy `p` must see it",
		);
		expect(message(`${rule}, message: ours only`, { to: "?" })).toBe(
			"the argument `args.to` or `args.cc` cannot be read for certain: ours only",
		);
		expect(message("when: { in: args.n, number: 1 }", { n: 1 })).toBe("the call matches `r` of policy `p`");
	});

	it("holds where the rule says so, and says nothing of other tools", () => {
		const rule = "when: { in: args.n, number: '> 1' }, effect: hold";
		const [fired] = load(rule).evaluate({ tenant: "t", agent: "a", tool: "t", args: { n: "?" } }).fired;
		expect(fired?.reason.rule.effect).toBe("hold");
		expect(fired?.requirement?.approvers).toEqual(["ann"]);
		expect(answer(rule, { n: 2 }, { tool: "other" })).toBe("");
	});

	it("comes in the order of the document", () => {
		const text = `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: p }
tools: { allow: all, deny: [{ name: d, tools: [t] }] }
patterns:
  - { name: a, regex: x }
conditions:
  - { name: b, when: { in: args.x, oneOf: [x] } }
  - { name: c, when: { in: args.x, length: 1 } }
`;
		const set = compilePolicies([{ name: "p.yaml", text }], { budgetRoot: "tenant" });
		if (!set.ok) throw new Error("was refused");
		const { fired } = set.value.evaluate({ tenant: "t", agent: "a", tool: "t", args: { x: "x" } });
		expect(fired.map(({ reason }) => reason.rule.name)).toEqual(["d", "a", "b", "c"]);
	});
});

it("gives up by a count, and denies", () => {
	const many = Array.from({ length: 20_000 }, (_, index) => `t${index}`);
	const rule = `when: { in: args.x, oneOf: [${many.slice(0, 900).join(", ")}] }, effect: hold`;
	const args = { x: many.map((text) => `${text}x`) };
	const [fired] = load(rule).evaluate({ tenant: "t", agent: "a", tool: "t", args }).fired;
	expect(fired?.reason.rule).toMatchObject({ code: "rule.failed", effect: "deny" });
});

it("does not give up for many rules that look at one long text, which is read once for all of them", () => {
	const rules = Array.from({ length: 1_000 }, (_, at) => [
		`when: { in: args.text, regex: 'word${at}x' }`,
		`when: { in: args.text, email: 'a${at}@x.org' }`,
		`when: { in: args.text, url: { hosts: [h${at}.org] } }`,
		`when: { in: args.path, path: '/data/${at}/**' }`,
		`when: { in: args.text, length: '> ${200_000 + at}' }`,
	]).flat();
	const lines = rules.map((rule, at) => `  - { name: r${at}, tools: [t], ${rule} }\n`).join("");
	const text = `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all }\nconditions:\n${lines}`;
	const set = compilePolicies([{ name: "p.yaml", text }], { budgetRoot: "tenant" });
	if (!set.ok) throw new Error("was refused");
	const args = { text: "word ".repeat(20_000), path: `/${"a".repeat(10_000)}` };
	const { fired } = set.value.evaluate({ tenant: "t", agent: "a", tool: "t", args });
	expect(new Set(fired.map(({ reason }) => reason.rule.code))).toEqual(new Set(["argument.unreadable"]));
});

it("compares two long lists without comparing each with each", () => {
	const many = Array.from({ length: 20_000 }, (_, index) => index);
	const args = { x: many, y: many.map((n) => -n - 1) };
	expect(answer("when: { in: args.x, sameAs: args.y }", args)).toBe("");
	expect(answer("require: { in: args.x, sameAs: args.y }", args)).toBe("condition.met /x/0 0..1");
});

it("reads each list of words as a command, lists in lists as well, where one would stop the call", () => {
	const rm = "when: { in: args.command, substring: rm -rf }";
	expect(answer(rm, { command: ["rm", "-rf"] })).toBe("condition.met /command 0..0");
	expect(answer(rm, { command: [["rm", "-rf"]] })).toBe("condition.met /command/0 0..0");
	expect(answer(rm, { command: ["cd", [["x"], ["rm", "-rf", "/"]]] })).toBe("condition.met /command 0..0");
	// Some tools flatten what they are given, and leave out what is nothing.
	for (const command of [
		["rm", ["-rf"]],
		["rm", null, "-rf"],
		["rm", "", "-rf"],
		[["rm"], ["-rf"]],
		[[["rm", [[]], "-rf"]]],
	])
		expect(answer(rm, { command }), JSON.stringify(command)).toMatch(/^condition.met \/command/);
	// What is required is required of each word.
	expect(answer("require: { in: args.command, regex: '^[a-z-]+$' }", { command: [["rm", "-rf"]] })).toBe("");
});

it("counts what is in a list though all of it is empty", () => {
	const many = "when: { in: args.to, count: '> 2' }";
	for (const to of [
		["", "", ""],
		[null, null, null],
		[{}, {}, {}],
	]) {
		expect(answer(many, { to }), JSON.stringify(to)).toBe("condition.met /to 0..0");
		expect(answer("require: { in: args.to, count: '<= 2', missing: ignore }", { to })).toBe("condition.met /to 0..0");
	}
	expect(answer(many, { to: [[], [], []] })).toBe("argument.unreadable");
	expect(answer(many, { to: [] })).toBe("");
});

it("is in doubt where what it compares with stands there under another spelling as well", () => {
	for (const rule of ["when", "require"]) {
		const same = `${rule}: { in: args.from, sameAs: args.owner }`;
		expect(answer(same, { from: "a", owner: "a", Owner: "b" })).toBe("argument.unreadable");
		expect(answer(same, { from: "a", owner: "b", owners: "a" })).toBe("argument.unreadable");
		expect(answer(`${rule}: { in: args.from, sameAs: args.owner | args.owner2 }`, { from: "a", owner: "a" })).toBe(
			rule === "when" ? "condition.met /from 0..1" : "",
		);
	}
});

it("reads a list once where keys of its members are asked for, however long it is", () => {
	const many = Array.from({ length: 20_000 }, () => "a");
	const { values, wholes } = readSelected({ path: ["x", null], ofKeys: true }, { x: many }, []);
	expect([values.length, wholes.length]).toEqual([1, 1]);
});

it("is in doubt where an argument is absent and stands there under another spelling", () => {
	const mail = "require: { in: [args.to, args.bcc], email: '*@a.org' }";
	expect(answer(mail, { to: "x@a.org" })).toBe("");
	expect(answer(mail, { to: "x@a.org", Bcc: "eve@b.org" })).toBe("argument.unreadable");
	expect(answer("require: { in: args.force, present: false }", { Force: 1 })).toBe("argument.unreadable");
});
