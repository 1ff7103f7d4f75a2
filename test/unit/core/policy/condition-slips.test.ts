/** Rules of `conditions` that do not load: one problem, where it is, and what to write instead. */
import { describe, expect, it } from "vitest";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";
import { lintPolicy } from "../../../support/lint.ts";

const before = "  - { name: r, tools: [t], ";
const load = (rule: string) =>
	compilePolicies(
		[
			{
				name: "p.yaml",
				text: `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: [t] }\nconditions:\n${before}${rule} }\n`,
			},
		],
		{ budgetRoot: "tenant" },
	);

/** The rule, what is written at the place, the message, the help. */
const SLIPS: readonly (readonly [rule: string, at: string, message: string, help: string])[] = [
	["when: { in: args.a, number: '=> 5' }", "=> 5' }", "`=> 5` is not a bound for a number", "write `<=` or `>=`"],
	[
		"when: { in: args.a }",
		"{ in: args.a }",
		"`conditions[0].when` says nothing of what `in` names",
		"add one, such as `number: '> 100'`, `oneOf: [...]`, `url`, `path`, `email` or `regex`",
	],
	["severity: low", "", "`conditions[0]` has no test", "add `when`, what it fires on, or `require`, what must be so"],
	[
		"when: { number: 5 }",
		"{ number: 5 }",
		"`in` is missing in `conditions[0].when`",
		"say what it looks at: `in: args.NAME`",
	],
	[
		"when: { in: args.a, number: 5, oneOf: [a] }",
		"oneOf: [a] }",
		"`conditions[0].when` has both `number` and `oneOf`",
		"a test says one thing: make a list of two tests, which must both hold",
	],
	[
		"when: { in: args.a, numbr: 5 }",
		"numbr: 5 }",
		"unknown key `numbr` in `conditions[0].when`",
		"did you mean `number`?",
	],
	[
		"when: { in: args.a, oneOf: EUR }",
		"EUR }",
		"`conditions[0].when.oneOf` must be a list, not `EUR`",
		"write `oneOf: [EUR]`",
	],
	[
		"when: { in: args.a, oneOf: [null] }",
		"null] }",
		"`conditions[0].when.oneOf[0]` must be a text, a number or a boolean, not empty",
		"write a value, or remove the entry",
	],
	[
		"when: { in: args.a, oneOf: [] }",
		"[] }",
		"`conditions[0].when.oneOf` must have at least 1 entry",
		"write `oneOf: […]`",
	],
	[
		"when: { in: args.a, oneOf: [{ a: 1 }] }",
		"{ a: 1 }] }",
		"`conditions[0].when.oneOf[0]` must be a text, a number or a boolean, not a map",
		"list single values, such as `oneOf: [EUR, USD]`",
	],
	["when: { in: a, number: 5 }", "a, number: 5 }", "`a` is not a path into the arguments", "write `args.a`"],
	[
		"when: { in: 'args.a | b', number: 5 }",
		"b', number: 5 }",
		"`b` is not a path into the arguments",
		"write `args.b`",
	],
	[
		"when: { in: 'args.a |', number: 5 }",
		"', number: 5 }",
		"an alternative is missing",
		"write a path on both sides of `|`",
	],
	[
		"when: { in: args, number: 5 }",
		"args, number: 5 ",
		"`args` is all of the arguments",
		"name one: `args.NAME`, or `args.*` for each of them",
	],
	[
		"when: { in: tool, number: 5 }",
		"tool, number: 5 ",
		"`tool` is no argument",
		"name an argument: `in: args.NAME`; which tools a rule is about is said in `tools`",
	],
	[
		"when: { in: args.h#key, oneOf: [a] }",
		"args.h#key, oneO",
		"`args.h#key` is one key, and known",
		"write `args.h.*#key` for the keys in it",
	],
	[
		"when: { in: args.a, boolean: yes }",
		"yes }",
		"`conditions[0].when.boolean` must be true or false, not `yes`",
		"write `boolean: true` or `boolean: false`, without quotes",
	],
	[
		"when: { in: args.a, boolean: 'true' }",
		"'true' }",
		"`conditions[0].when.boolean` must be true or false, not `true`",
		"write `boolean: true` or `boolean: false`, without quotes",
	],
	[
		"when: { in: args.a, present: 1 }",
		"1 }",
		"`conditions[0].when.present` must be true or false, not `1`",
		"write `present: true` or `present: false`, without quotes",
	],
	[
		"when: { in: args.a, present: true, missing: match }",
		"missing: match }",
		"`missing` has no meaning where `present` says it",
		"remove it",
	],
	[
		"when: { in: args.a, length: '<= 1.5' }",
		"'<= 1.5' }",
		"`length` is counted in whole numbers, from 0 on",
		"write a whole number",
	],
	[
		"when: { in: args.a, count: '> -1' }",
		"'> -1' }",
		"`count` is counted in whole numbers, from 0 on",
		"write a whole number",
	],
	[
		"when: { in: args.a, number: [1, 2] }",
		"[1, 2] }",
		"`conditions[0].when.number` must be a number or a range, not a list",
		"write one range, such as `number: '>= 1, <= 100'`",
	],
	[
		"when: { in: args.a, number: true }",
		"true }",
		"`conditions[0].when.number` must be a number or a range, not `true`",
		"write `number: 100` or `number: '> 100'`",
	],
	["when: { in: args.a, sameAs: b }", "b }", "`b` is not a path into the arguments", "write `args.b`"],
	["when: { in: args.a, url: {} }", "{} }", "`url` says nothing", "add `hosts`, `schemes`, `ports` or `classes`"],
	[
		"when: { in: args.a, url: 'a.com' }",
		"'a.com' }",
		"`conditions[0].when.url` must be a map, not `a.com`",
		"write `url: { hosts: [a.com] }`",
	],
	[
		"when: { in: args.a, url: { host: [a.com] } }",
		"host: [a.com] } ",
		"unknown key `host` in `conditions[0].when.url`",
		"did you mean `hosts`?",
	],
	[
		"when: { in: args.a, url: { hosts: a.com } }",
		"a.com } }",
		"`conditions[0].when.url.hosts` must be a list, not `a.com`",
		"write `hosts: [a.com]`",
	],
	[
		"when: { in: args.a, url: { hosts: ['https://a.com/x'] } }",
		"https://a.com/x",
		"`https://a.com/x` is not a host",
		"name the host alone: `a.com`; the scheme goes into `schemes: [https]`",
	],
	[
		"when: { in: args.a, url: { schemes: ['https://'] } }",
		"'https://'] } }",
		"`https://` is not a scheme",
		"write `https`",
	],
	[
		"when: { in: args.a, url: { ports: ['443'] } }",
		"'443'] } }",
		"`conditions[0].when.url.ports[0]` must be a whole number, not `443`",
		"write `443`, without quotes",
	],
	[
		"when: { in: args.a, url: { classes: [internal] } }",
		"internal] } }",
		"`conditions[0].when.url.classes[0]` cannot be `internal`",
		"known here: `private`, `loopback`, `link-local`, `metadata`, `unspecified`",
	],
	[
		"when: { in: args.a, url: { classes: [privat] } }",
		"privat] } }",
		"`conditions[0].when.url.classes[0]` cannot be `privat`",
		"did you mean `private`?",
	],
	[
		"require: { in: args.a, path: '/data/{tenant_id}/**' }",
		"{tenant_id}/**' ",
		"nothing is known by the name `{tenant_id}`",
		"did you mean `tenant`?",
	],
	[
		"require: { in: args.a, path: '/data/{tennant}/**' }",
		"{tennant}/**' }",
		"nothing is known by the name `{tennant}`",
		"did you mean `tenant`?",
	],
	[
		"require: { in: args.a, path: '/data/{home}/**' }",
		"{home}/**' }",
		"`{home}` is a whole path, so nothing can be before it",
		"begin the glob with `{home}`",
	],
	[
		"require: { in: args.a, path: '{workspace}/../x' }",
		"/../x' }",
		"paths are normalised before they are compared, so this can never match (at character 12 of the pattern)",
		"leave out `//`, `./`, `../` and a final `/`; write `dir/**` for everything below `dir`",
	],
	[
		"require: { in: args.a, path: '{workspace}/[a' }",
		"[a' ",
		"`[` is never closed (at character 13 of the pattern)",
		"write `\\[` for the bracket itself",
	],
	[
		"require: { in: args.a, path: '!/etc/**' }",
		"!/etc/**' }",
		"a leading `!` would match everything else",
		"say what must be so in `require`, and what must not be in `when`",
	],
	[
		"require: { in: args.a, email: 'ourcompany.com' }",
		"'ourcompany.com'",
		"`ourcompany.com` is not an address",
		"write `'*@ourcompany.com'` for everybody there",
	],
	[
		"require: { in: args.a, email: '@ourcompany.com' }",
		"'@ourcompany.com",
		"`@ourcompany.com` is not an address",
		"write `'*@ourcompany.com'` for everybody there",
	],
	[
		"require: { in: args.a, email: '*@*ourcompany.com' }",
		"'*@*ourcompany.c",
		"the host in `*@*ourcompany.com` may begin with anything",
		"`*ourcompany.com` is the end of other hosts, too: write `'*@ourcompany.com'`, and `'*@*.ourcompany.com'` for those below it",
	],
	[
		"require: { in: args.a, email: 'a@x.org, b@x.org' }",
		"'a@x.org, b@x.or",
		"`a@x.org, b@x.org` is not an address",
		"write one address or glob, such as `'*@example.com'`, and several as a list",
	],
	[
		"require: { in: args.a, email: [] }",
		"[] }",
		"`conditions[0].require.email` must have at least 1 entry",
		"write `email: […]`",
	],
	[
		"require: { in: args.a, glob: 'a*' }",
		"glob: 'a*' }",
		"a glob in `require` must say its style",
		"`style: path` stops `*` at `/` and resolves `..`; `style: text` lets `*` cross everything; files are better told by `path`",
	],
	[
		"require: { in: args.a, regex: '.*' }",
		".*' }",
		"every text satisfies this: the test says nothing",
		"say more, or remove the test",
	],
	[
		"require: { in: args.a, regex: '(a' }",
		"(a' }",
		"`(` is never closed (at character 1 of the pattern)",
		"write a backslash before it to mean the character itself",
	],
	[
		"require: { in: args.a, regex: a, style: path }",
		"style: path }",
		"`style` has a meaning for `glob` only",
		"remove it",
	],
	[
		"require: { in: args.a, number: 5, case: insensitive }",
		"case: insensitiv",
		"`case` has no meaning for `number`",
		"remove it",
	],
	[
		"require: { in: args.a, number: 5, missing: never }",
		"never }",
		"`conditions[0].require.missing` cannot be `never`",
		"known here: `ignore`, `match`",
	],
	[
		"require: [{ in: args.a, number: 5 }, { in: args.b }]",
		"{ in: args.b }]",
		"`conditions[0].require[1]` says nothing of what `in` names",
		"add one, such as `number: '> 100'`, `oneOf: [...]`, `url`, `path`, `email` or `regex`",
	],
	["require: []", "[]", "`conditions[0].require` must have at least 1 entry", "write `require: […]`"],
	[
		"require: args.a",
		"args.a",
		"`conditions[0].require` must be a test, not `args.a`",
		"write what it looks at and what it says of that: `{ in: args.NAME, number: '> 100' }`",
	],
	[
		"require: { in: args.a, number: 5 }, effect: allow",
		"allow",
		"`conditions[0].effect` cannot be `allow`",
		"known here: `deny`, `hold`",
	],
	[
		"require: { in: args.a, number: 5 }, effect: hold, approval: nobody",
		"nobody",
		"no entry `nobody` in `approvals`",
		"a rule with `hold` needs approvers: `approvals: {default: {approvers: [...]}}`",
	],
	[
		"require: { in: args.a, number: 5 }, approval: x",
		"approval: x",
		"`approval` has no meaning for a rule that denies",
		"set `effect: hold`, or remove `approval`",
	],
	[
		"if: { in: args.a, number: 5 }",
		"if: { in: args.a",
		"unknown key `if` in `conditions[0]`",
		"write `when`, what the rule fires on",
	],
	[
		"unless: { in: args.a, number: 5 }",
		"unless: { in: ar",
		"unknown key `unless` in `conditions[0]`",
		"write `require`, what must be so",
	],
	[
		"when: { in: args.a, gt: 5 }",
		"gt: 5 }",
		"unknown key `gt` in `conditions[0].when`",
		"write `number`, such as `number: '> 100'` or `number: 1..100`",
	],
	[
		"when: { in: args.a, equals: 5 }",
		"equals: 5 }",
		"unknown key `equals` in `conditions[0].when`",
		"write `oneOf: [...]`, or `number` for a number",
	],
	[
		"when: { in: args.a, hosts: [a.com] }",
		"hosts: [a.com] }",
		"unknown key `hosts` in `conditions[0].when`",
		"write `url: { hosts: [...] }`",
	],
	[
		"when: { in: args.a, number: '> 10,000' }",
		"000' }",
		"`000` is not a bound for a number",
		"digits are not grouped: write `10000`",
	],
	[
		"when: { in: args.a, number: > 5 }",
		"> 5 }",
		"a text cannot begin with this character without quotes",
		"put the text in single quotes",
	],
	["when: { in: args.a, number: 1.. }", "1.. }", "`1..` has no end", "write `'>= 1'`"],
];

describe("a rule of `conditions`", () => {
	it.each(SLIPS)("is refused: %s", (rule, at, message, help) => {
		const set = load(rule);
		if (set.ok) throw new Error("was loaded");
		const [problem, ...others] = set.error;
		expect(others).toEqual([]);
		expect(problem?.message).toBe(message);
		expect(problem?.help).toBe(help);
		const column = problem?.place?.column ?? 0;
		expect(problem?.place?.line).toBe(6);
		// The whole rule is at fault where nothing in it is.
		const written = `${before}${rule} }`.slice(column - 1);
		expect(at === "" ? written.startsWith("{ name: r") : written.startsWith(at), written).toBe(true);
	});

	it("is told of in full", () => {
		const set = load("when: { in: args.a, url: { hosts: ['*a.com', 'a.*.com'], ports: [0] } }");
		expect(set.ok ? [] : set.error.map(({ place }) => place?.column)).toEqual([64, 74, 93]);
	});

	it("is named once in a policy", () => {
		const set = load("when: { in: args.a, number: 5 } }\n  - { name: r, when: { in: args.a, number: 6 }");
		expect(set.ok ? [] : set.error.map(({ code, place }) => [code, place?.line, place?.column])).toEqual([
			["POLICY_DUPLICATE", 7, 13],
		]);
	});

	it("has `>` in quotes", () => {
		const set = load("when: { in: args.a, number: > 5 }");
		expect(set.ok ? [] : set.error.map(({ code, help }) => [code, help])).toEqual([
			["POLICY_YAML", "put the text in single quotes"],
		]);
	});
});

describe("a rule of `conditions` that loads", () => {
	const warnings = (rule: string, allow: string): readonly string[] => {
		const text = `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: ${allow} }\nconditions:\n  - { name: r, ${rule} }\n`;
		const linted = lintPolicy({ name: "p.yaml", text });
		if (!linted.ok) throw new Error("was refused");
		return linted.value.findings.map(({ message, place }) => `${place.line}:${place.column} ${message}`);
	};

	it("warns where what is required leaves open what is beside it", () => {
		const required = (test: string) => warnings(`require: { in: args.c, ${test} }`, "[shell]");
		expect(required("regex: 'git log'")).toEqual([
			"6:47 anything around the exempted text passes, too, such as `; rm -rf /` or `.evil.example`",
		]);
		expect(required("regex: '^git log$'")).toEqual([]);
		expect(warnings("when: { in: args.c, regex: 'git log' }", "[shell]")).toEqual([]);
	});

	it("warns where it stops every tool, or lets another name pass", () => {
		const ours = "require: { in: args.to, email: '*@x.org' }";
		expect(warnings(ours, "all")).toEqual(["6:31 the rule stops every tool that has no `args.to`"]);
		expect(warnings(ours, "[send]")).toEqual([]);
		expect(warnings(`tools: [send], ${ours}`, "all")).toEqual([]);
		expect(warnings(`when: { in: args.kind, oneOf: [mail] }, ${ours}`, "all")).toEqual([]);
		expect(warnings("require: { in: args.to, email: '*@x.org', missing: ignore }", "[send]")).toEqual([
			"6:67 a call that gives `args.to` another name passes this rule, which requires something of it",
		]);
	});
});
