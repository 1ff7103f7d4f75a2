/** What holds of every test of `conditions`, whatever it asks and whatever it is asked of. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { agreed } from "../../src/core/arguments/answer.ts";
import { EqualValues } from "../../src/core/arguments/equal-values.ts";
import { sameValue } from "../../src/core/arguments/equality.ts";
import { isScalar } from "../../src/core/arguments/vector.ts";
import type { Json } from "../../src/core/base/json.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import { ConditionSearch } from "../../src/core/policy/condition-search.ts";

const PREDICATES = [
	"number: '> 10'",
	"number: '-1..1.5'",
	"oneOf: [a, 1, true, '']",
	"oneOf: [get, 10], case: insensitive",
	"boolean: false",
	"length: '<= 3'",
	"count: 2",
	"url: { hosts: ['*.a.org', 'b.org:8443'], schemes: [https] }",
	"url: { classes: [private, loopback, link-local, metadata] }",
	"path: ['{workspace}/**', '/data/{tenant}/**'], case: sensitive",
	"path: '**/.env', case: sensitive",
	"email: ['*@a.org', 'ann@*.b.org']",
	"regex: '^a+$', case: sensitive",
	"substring: [rm, /], case: sensitive",
	"glob: '/srv/**', style: path, case: sensitive",
	"sameAs: args.other",
] as const;

/** One tool for each predicate, which is asked in `when` and in `require`. */
const set = (() => {
	const rules = PREDICATES.flatMap((predicate, index) =>
		(["when", "require"] as const).map(
			(part) => `  - { name: ${part}-${index}, tools: [t${index}], ${part}: { in: args.x, ${predicate} } }`,
		),
	);
	const text = `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all }\nconditions:\n${rules.join("\n")}\n`;
	const compiled = compilePolicies([{ name: "p.yaml", text }], { budgetRoot: "tenant" });
	if (!compiled.ok) throw new Error(compiled.error.map(({ message }) => message).join("; "));
	return compiled.value;
})();

function codes(index: number, args: { readonly [key: string]: Json }): Record<string, string | undefined> {
	const facts = { workspace: "/code/app", home: "/home/ann" };
	const { fired } = set.evaluate({ tenant: "acme", agent: "a", session: "s", tool: `t${index}`, args, facts });
	return Object.fromEntries(fired.map(({ reason }) => [reason.rule.name.replace(/-\d+$/, ""), reason.rule.code]));
}

const piece = fc.constantFrom(
	...'a b 1 0 . - + e , ; @ / \\ : ? # % 2e .. ~ < > " ( ) [ ] ::1 127.0.0.1 0x7f.1 https:// http:// file:// a.org b.org x.a.org {tenant} /data/acme /code/app .env rm GET get true \0 \n ａ ß'.split(
		" ",
	),
	" ",
);
const text = fc.oneof(
	fc.array(piece, { maxLength: 8 }).map((pieces) => pieces.join("")),
	fc.string({ maxLength: 6 }),
);
const scalar: fc.Arbitrary<Json> = fc.oneof(
	text,
	fc.double({ noNaN: true, noDefaultInfinity: true }),
	fc.integer({ min: -20, max: 20 }),
	fc.boolean(),
);
const value: fc.Arbitrary<Json> = fc.oneof(
	{ weight: 6, arbitrary: scalar },
	fc.array(scalar, { maxLength: 3 }),
	fc.dictionary(fc.constantFrom("a", "b"), scalar, { maxKeys: 2 }),
);
const predicate = fc.nat(PREDICATES.length - 1);

const isEmpty = (x: Json): boolean => x === "" || (typeof x === "object" && x !== null && Object.keys(x).length === 0);

describe("a test", () => {
	it("is silent in `when` only where it does not hold for certain, and in `require` only where it does", () => {
		fc.assert(
			fc.property(predicate, value, scalar, (index, x, other) => {
				const found = codes(index, { x, other });
				const { when, require } = found;
				expect(Object.values(found), "total").not.toContain("rule.failed");
				// Never is a call let through by both.
				expect(when ?? require, `${PREDICATES[index]} ${JSON.stringify(x)}`).toBeDefined();
				if (typeof x === "object" || isEmpty(x)) return;
				const certain = [when, require].filter((code) => code === "condition.met").length;
				const several = PREDICATES[index]?.startsWith("email") === true && String(x).includes("@");
				// Of one value one of the two is certain, or both are in doubt.
				if (!several) expect([0, 1]).toContain(certain);
				if (!several && certain === 0) expect([when, require]).toEqual(["argument.unreadable", "argument.unreadable"]);
				if (!several && certain === 1) expect([when, require]).toContain(undefined);
			}),
			{ numRuns: 20_000 },
		);
	});

	it("of a list fires in `when` where one of its members makes it fire, and is silent in `require` where all are", () => {
		const lists = fc.array(
			scalar.filter((x) => !isEmpty(x)),
			{ minLength: 1, maxLength: 4 },
		);
		// What counts a list, and what looks at a list as a whole, is not about members.
		const ofMembers = predicate.filter((index) => !/^(?:count|regex|substring|glob)/.test(PREDICATES[index] ?? ""));
		fc.assert(
			fc.property(ofMembers, lists, scalar, (index, x, other) => {
				const all = codes(index, { x, other });
				const each = x.map((member) => codes(index, { x: member, other }));
				expect(all["when"] !== undefined).toBe(each.some(({ when }) => when !== undefined));
				expect(all["require"] !== undefined).toBe(each.some(({ require }) => require !== undefined));
			}),
			{ numRuns: 10_000 },
		);
	});

	it("is asked wherever it could hold: a set of rules says what each of its rules says when it is asked", () => {
		const selectors = ["args.x", "args.y", "[args.x, args.y]", "args.*", "args.x.*", "args.y.*#key"];
		const rules = selectors.flatMap((selector, which) =>
			["number: '> 1'", "present: true", "present: false", "substring: a", "number: 1, missing: match"].map(
				(asked, index) =>
					`  - { name: r${which}-${index}, when: [{ in: ${selector}, ${asked} }, { in: args.y, length: '>= 0' }] }`,
			),
		);
		const text = `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all }\nconditions:\n${rules.join("\n")}\n`;
		const compiled = compilePolicies([{ name: "p.yaml", text }], { budgetRoot: "tenant" });
		if (!compiled.ok) throw new Error(compiled.error.map(({ message }) => message).join("; "));
		const { conditionRules = [] } = compiled.value.policies[0] ?? {};
		const search = new ConditionSearch(conditionRules.flatMap(({ when, require }) => [...when, ...require]));
		fc.assert(
			fc.property(fc.dictionary(fc.constantFrom("x", "y", "z"), value), (args) => {
				const call = { tenant: "acme", agent: "a", session: "s", tool: "t", args, facts: null };
				search.begin(call);
				const asked = conditionRules.flatMap((rule) => search.ask(rule) ?? []);
				expect(compiled.value.evaluate(call).fired).toEqual(asked);
			}),
			{ numRuns: 5_000 },
		);
	});
});

describe("many values", () => {
	const alike = fc.constantFrom<Json>(
		...[
			"a",
			"A",
			" a",
			"a\u200b",
			"ａ",
			"b",
			"",
			"1",
			"1.0",
			" 1",
			"01",
			"1x",
			"x",
			"true",
			"TRUE",
			"no",
			"ſ",
			"s",
			"２",
		],
		...[1, 1.5, 0, -0, 2, 1e21, true, false, null],
	);
	const given = fc.oneof({ weight: 5, arbitrary: alike }, value);

	it("are the same as a value where each of them is", () => {
		fc.assert(
			fc.property(fc.array(given, { maxLength: 3 }), given, fc.boolean(), (values, other, caseSensitive) => {
				const each = values.map((one) =>
					one === null || !isScalar(one) ? "unreadable" : sameValue(one, other, caseSensitive),
				);
				expect(new EqualValues(values, caseSensitive).answerFor(other)).toBe(agreed(each));
			}),
			{ numRuns: 20_000 },
		);
	});
});
