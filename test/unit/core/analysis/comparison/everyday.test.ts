/** Everyday changes of conditions and limits, and what looks like one of them and is not. */
import { describe, expect, it } from "vitest";
import { compare, type Relation } from "../../../../../src/core/analysis/comparison/compare.ts";
import { conditions, limits, MIRRORED, policies } from "../../../../support/compared-policies.ts";

type Row = readonly [title: string, relation: Relation, first: string, second: string];

const number = (range: string, more = ""): string => `{ in: args.n, number: '${range}'${more} }`;
const url = (test: string): string => `require: { in: args.u, url: { ${test} } }`;
const path = (glob: string, more = ""): string => `require: { in: args.p, path: '${glob}'${more} }`;

const rows = (title: string, each: readonly Row[]): void => {
	it.each(each)(`${title}: %s: %s`, (_, relation, first, second) => {
		const [a, b] = [policies(first), policies(second)];
		expect(compare(a, b).relation).toBe(relation);
		expect(MIRRORED[relation]).toContain(compare(b, a).relation);
	});
};

describe("conditions", () => {
	rows("one says what must be, the other what must not", [
		["a bound", "stricter", conditions(`require: ${number("<= 10")}`), conditions(`when: ${number("> 10")}`)],
		[
			"a bound, where a missing number is no concern",
			"stricter",
			conditions(`require: ${number("<= 10", ", missing: ignore")}`),
			conditions(`when: ${number("> 10")}`),
		],
		[
			"a bound that is in both",
			"incomparable",
			conditions(`require: ${number("<= 10", ", missing: ignore")}`),
			conditions(`when: ${number(">= 10")}`),
		],
		[
			"a missing number is looked for by one alone",
			"incomparable",
			conditions(`require: ${number("<= 10", ", missing: ignore")}`),
			conditions(`when: ${number("> 10", ", missing: match")}`),
		],
		[
			"values, and others",
			"stricter",
			conditions("require: { in: args.c, oneOf: [EUR, USD] }"),
			conditions("when: { in: args.c, oneOf: [GBP] }"),
		],
		[
			"values, one of which looks like another",
			"incomparable",
			conditions("require: { in: args.c, oneOf: [EUR, GBP ] }"),
			conditions("when: { in: args.c, oneOf: [GBP] }"),
		],
		[
			"numbers that are written in different ways",
			"incomparable",
			conditions("require: { in: args.c, oneOf: ['5.0'] }"),
			conditions("when: { in: args.c, oneOf: [5] }"),
		],
		[
			"a boolean",
			"stricter",
			conditions("require: { in: args.dry, boolean: true }"),
			conditions("when: { in: args.dry, boolean: false }"),
		],
		[
			"one scheme, and another",
			"stricter",
			conditions(url("schemes: [https]")),
			conditions("when: { in: args.u, url: { schemes: [http] } }"),
		],
		[
			"two schemes, one of which is the other",
			"incomparable",
			conditions(url("schemes: [https, http]")),
			conditions("when: { in: args.u, url: { schemes: [http] } }"),
		],
		[
			"a text, and one that a list of such texts says",
			"unknown",
			conditions("require: { in: args.c, regex: '^[ab]$' }"),
			conditions("when: { in: args.c, regex: 'a b' }"),
		],
		[
			"a folder, and another",
			"stricter",
			conditions(path("/srv/**")),
			conditions("when: { in: args.p, path: '/etc/**' }"),
		],
		[
			"a folder, and one below it",
			"incomparable",
			conditions(path("/srv/**")),
			conditions("when: { in: args.p, path: '/srv/secrets/**' }"),
		],
		[
			"names of files anywhere, also where nobody knows where a path begins",
			"unknown",
			conditions(path("**/a")),
			conditions("when: { in: args.p, path: '**/b' }"),
		],
		[
			"recipients, and others",
			"stricter",
			conditions("require: { in: args.to, email: '*@a.com' }"),
			conditions("when: { in: args.to, email: '*@b.com' }"),
		],
		[
			"what must not be there at all, and what it must not be",
			"stricter",
			conditions("require: { in: args.force, present: false }"),
			conditions("when: { in: args.force, oneOf: [all] }"),
		],
		[
			"what must be something, and must be there",
			"stricter",
			conditions("require: { in: args.c, oneOf: [EUR] }"),
			conditions("when: { in: args.c, present: false }"),
		],
		[
			"what must be something if it is there, and must be there",
			"incomparable",
			conditions("require: { in: args.c, oneOf: [EUR], missing: ignore }"),
			conditions("when: { in: args.c, present: false }"),
		],
	]);

	rows("are about more arguments", [
		[
			"an alternative, where a missing one is no concern",
			"stricter",
			conditions("require: { in: [args.path, args.file_path], path: '/srv/**', missing: ignore }"),
			conditions("require: { in: args.path, path: '/srv/**', missing: ignore }"),
		],
		[
			"an alternative, which may be there in place of the other",
			"incomparable",
			conditions("require: { in: [args.path, args.file_path], path: '/srv/**' }"),
			conditions("require: { in: args.path, path: '/srv/**' }"),
		],
		[
			"an alternative that was in doubt as another spelling",
			"not-as-strict",
			conditions("require: { in: [args.path, args.Path], path: '/srv/**', missing: ignore }"),
			conditions("require: { in: args.path, path: '/srv/**', missing: ignore }"),
		],
		[
			"what must not be there",
			"stricter",
			conditions("require: { in: [args.force, args.no_verify], present: false }"),
			conditions("require: { in: args.force, present: false }"),
		],
		[
			"what must be there, or something else",
			"incomparable",
			conditions("require: { in: [args.a, args.b], present: true }"),
			conditions("require: { in: args.a, present: true }"),
		],
	]);

	rows("urls", [
		["names below a name", "stricter", conditions(url("hosts: ['*.x.com']")), conditions(url("hosts: ['*.com']"))],
		[
			"a name, and names below it",
			"incomparable",
			conditions(url("hosts: [x.com]")),
			conditions(url("hosts: ['*.x.com']")),
		],
		[
			"names below another",
			"incomparable",
			conditions(url("hosts: ['*.ax.com']")),
			conditions(url("hosts: ['*.x.com']")),
		],
		["one of the names", "stricter", conditions(url("hosts: [a.x.com]")), conditions(url("hosts: ['*.x.com']"))],
		["an address, and any host", "stricter", conditions(url("hosts: [10.0.0.1]")), conditions(url("hosts: ['*']"))],
		["one port of a name", "stricter", conditions(url("hosts: ['a.x.com:81']")), conditions(url("hosts: ['*.x.com']"))],
		[
			"another port",
			"incomparable",
			conditions(url("hosts: ['a.x.com:81']")),
			conditions(url("hosts: ['*.x.com:82']")),
		],
		[
			"one class of two",
			"stricter",
			conditions(url("classes: [private]")),
			conditions(url("classes: [private, loopback]")),
		],
		["two classes", "incomparable", conditions(url("classes: [link-local]")), conditions(url("classes: [private]"))],
		[
			"metadata, and its usual link",
			"incomparable",
			conditions(url("classes: [metadata]")),
			conditions(url("classes: [link-local]")),
		],
		["an address of a class", "stricter", conditions(url("hosts: [10.0.0.1]")), conditions(url("classes: [private]"))],
		[
			"a name that may be of a class",
			"incomparable",
			conditions(url("hosts: [intranet]")),
			conditions(url("classes: [private]")),
		],
		[
			"an address of another class",
			"incomparable",
			conditions(url("hosts: [127.0.0.1]")),
			conditions(url("classes: [private]")),
		],
	]);

	rows("files", [
		[
			"a folder of the workspace",
			"stricter",
			conditions(path("{workspace}/src/**")),
			conditions(path("{workspace}/**")),
		],
		[
			"two folders of the workspace",
			"incomparable",
			conditions(path("{workspace}/src/**")),
			conditions(path("{workspace}/doc/**")),
		],
		[
			"a folder that begins alike",
			"incomparable",
			conditions(path("{workspace}/src2/**")),
			conditions(path("{workspace}/src/**")),
		],
		["the workspace, and home", "incomparable", conditions(path("{workspace}/**")), conditions(path("{home}/**"))],
		["the workspace, and the root", "unknown", conditions(path("{workspace}/**")), conditions(path("/**"))],
		[
			"a folder of a tenant",
			"stricter",
			conditions(path("/data/{tenant}/in/*")),
			conditions(path("/data/{tenant}/**")),
		],
		[
			"a tenant's folder, and an agent's",
			"unknown",
			conditions(path("/data/{tenant}/**")),
			conditions(path("/data/{agent}/**")),
		],
		["a folder below another", "stricter", conditions(path("/srv/a/**")), conditions(path("/srv/**"))],
		["any folder", "stricter", conditions(path("/srv/**")), conditions(path("**"))],
		["a letter's case", "stricter", conditions(path("/srv/a/*")), conditions(path("/SRV/**", ", case: insensitive"))],
		["a relative folder", "stricter", conditions(path("src/a/*")), conditions(path("src/**"))],
	]);

	rows("several rules", [
		[
			"one for each value",
			"equal",
			conditions("when: { in: args.c, oneOf: [a] }", "when: { in: args.c, oneOf: [b] }"),
			conditions("when: { in: args.c, oneOf: [b, a] }"),
		],
		[
			"one for each value but one",
			"looser",
			conditions("when: { in: args.c, oneOf: [a] }", "when: { in: args.c, oneOf: [b] }"),
			conditions("when: { in: args.c, oneOf: [b, a, c] }"),
		],
		[
			"two ranges that meet",
			"equal",
			conditions(`when: ${number("1..5")}`, `when: ${number("> 5")}`),
			conditions(`when: ${number(">= 1")}`),
		],
		[
			"two ranges with a gap",
			"looser",
			conditions(`when: ${number("1, < 5".replace("1", ">= 1"))}`, `when: ${number("> 5")}`),
			conditions(`when: ${number(">= 1")}`),
		],
		[
			"one for each pattern",
			"equal",
			conditions("when: { in: args.c, regex: '^a' }", "when: { in: args.c, regex: '^b' }"),
			conditions("when: { in: args.c, regex: '^[ab]' }"),
		],
		[
			"one for each host",
			"equal",
			conditions("when: { in: args.u, url: { hosts: [a.com] } }", "when: { in: args.u, url: { hosts: [b.com] } }"),
			conditions("when: { in: args.u, url: { hosts: [b.com, a.com] } }"),
		],
		[
			"one for each value, and a test that both have",
			"equal",
			conditions(
				`when: [${number("> 1")}, { in: args.c, oneOf: [a] }]`,
				`when: [${number("> 1")}, { in: args.c, oneOf: [b] }]`,
			),
			conditions(`when: [${number("> 1")}, { in: args.c, oneOf: [b, a] }]`),
		],
		[
			"one for each value, and a test that one has",
			"looser",
			conditions(`when: [${number("> 1")}, { in: args.c, oneOf: [a] }]`, "when: { in: args.c, oneOf: [b] }"),
			conditions("when: { in: args.c, oneOf: [b, a] }"),
		],
		[
			"one for each thing that is required",
			"equal",
			conditions(`require: ${number("<= 5")}`, "require: { in: args.c, oneOf: [a] }"),
			conditions(`require: [{ in: args.c, oneOf: [a] }, ${number("<= 5")}]`),
		],
		[
			"one for each end of a text",
			"equal",
			conditions("require: { in: args.c, regex: '^a' }", "require: { in: args.c, regex: 'b$' }"),
			conditions("require: { in: args.c, regex: '^a.*b$' }"),
		],
		[
			"one for each end of a longer text",
			"unknown",
			conditions("require: { in: args.c, regex: '^a' }", "require: { in: args.c, regex: 'b$' }"),
			conditions("require: { in: args.c, regex: '^ab$' }"),
		],
		[
			"one for each end",
			"equal",
			conditions(`require: ${number(">= 1")}`, `require: ${number("<= 5")}`),
			conditions(`require: ${number("1..5")}`),
		],
	]);
});

const NO_TOOL = "tools: { allow: all, deny: [a] }\n";

describe("limits", () => {
	rows("calls", [
		[
			"a rate",
			"stricter",
			limits("measure: tool_calls, max: 5, per: 1m"),
			limits("measure: tool_calls, max: 10, per: 2m"),
		],
		[
			"a rate that is a call too fast",
			"incomparable",
			limits("measure: tool_calls, max: 5, per: 1m"),
			limits("measure: tool_calls, max: 9, per: 2m"),
		],
		[
			"a rate, where calls stay open for a shorter time",
			"unknown",
			`${limits("measure: tool_calls, max: 5, per: 1m")}obligations: [{ deadline: 30s }]`,
			limits("measure: tool_calls, max: 10, per: 2m"),
		],
		["none, and a tool that is denied", "equal", limits("measure: tool_calls, max: 0, tools: [a]"), NO_TOOL],
		["none at a time", "equal", limits("measure: concurrent_calls, max: 0, tools: [a]"), NO_TOOL],
		["no tokens", "equal", limits("measure: tokens, max: 0, tools: [a]"), NO_TOOL],
		["one, and a tool that is denied", "looser", limits("measure: tool_calls, max: 1, tools: [a]"), NO_TOOL],
		["none that counts in earnest", "looser", limits("measure: tool_calls, max: 0, tools: [a], mode: audit"), NO_TOOL],
	]);
});
