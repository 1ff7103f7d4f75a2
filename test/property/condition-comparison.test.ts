/**
 * What is proven of rules of `conditions` that are much alike, against brute force: bounds and their negation, lists within lists, more
 * arguments, rules that cover another one only between them, tests of exceptions. Every call of a universe of values is asked of
 * both sides. `ASSENT_POLICY_PAIRS` says how many cases.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Asker } from "../../src/core/analysis/comparison/asker.ts";
import { appliesWherever, someFiresWherever } from "../../src/core/analysis/comparison/test-inclusion.ts";
import type { Json, JsonObject } from "../../src/core/base/json.ts";
import type { SessionFacts } from "../../src/core/model/inputs.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import type { CompiledPolicySet } from "../../src/core/policy/compiled.ts";
import type { CompiledConditionRule } from "../../src/core/policy/rules.ts";

const CASES = Number(process.env["ASSENT_POLICY_PAIRS"] ?? 300);

const BOUNDS = { stepsPerQuestion: 1_000_000, stepsMax: 100_000_000, kindsMax: 512 };

/** Predicates of one kind, and values that they tell apart. */
interface Family {
	readonly predicate: fc.Arbitrary<object>;
	readonly values: readonly Json[];
}

const some = <Item>(items: readonly Item[], maxLength = 3) =>
	fc.uniqueArray(fc.constantFrom(...items), { minLength: 1, maxLength });
const letterCase = fc.constantFrom<object>({}, {}, { case: "sensitive" }, { case: "insensitive" });
const cased = (predicate: fc.Arbitrary<object>) =>
	fc.tuple(predicate, letterCase).map((parts): object => Object.assign({}, ...parts));

const RANGES = ["> 5", ">= 5", "< 5", "<= 5", "5", "1..5", "> 1, <= 7", "<= 1.5", "> 0", ">= 1, < 5", "5..7"];

const HOSTS = [
	"a.com",
	"*.a.com",
	"*.com",
	"b.a.com",
	"xa.com",
	"b.com:81",
	"*.a.com:81",
	"10.0.0.1",
	"*",
	"localhost",
];
const CLASSES = ["private", "loopback", "link-local", "metadata", "unspecified"];

const FILES = [
	"/srv/**",
	"/srv/a/**",
	"/srv/*",
	"/SRV/a/*",
	"{workspace}/**",
	"{workspace}/src/**",
	"{workspace}/src2/**",
	"{workspace}/src",
	"{home}/**",
	"**",
	"**/a",
	"**/src/**",
	"src/**",
	"src/a/*",
	"/data/{tenant}/**",
	"/data/{tenant}/in/*",
	"/data/acme/**",
	"/repo/**",
	"/repo/src/**",
	"C:/w/**",
	"/**",
];

const FAMILIES: Readonly<Record<string, Family>> = {
	number: {
		predicate: fc.constantFrom(...RANGES).map((number) => ({ number })),
		values: [-1, 0, 0.5, 1, 1.5, 3, 5, "5", "5.0", 5.5, 7, 8, "5x", true, { a: 1 }],
	},
	length: {
		predicate: fc.constantFrom(...RANGES).map((length) => ({ length })),
		values: ["", "a", "ab", "abcde", "abcdef", "abcdefgh", 5, { a: 1 }],
	},
	count: {
		predicate: fc.constantFrom(...RANGES).map((count) => ({ count })),
		values: [
			"a",
			["a"],
			["a", "b"],
			["a", "b", "c", "d", "e"],
			["a", "b", "c", "d", "e", "f", "g", "h"],
			[["a"]],
			{ a: 1 },
		],
	},
	oneOf: {
		predicate: cased(some(["a", "A", "b", 5, "5", "5.0", true, "true", "ab"], 4).map((oneOf) => ({ oneOf }))),
		values: ["a", "A", "a ", "b", 5, "5", "5.0", 5.5, true, false, "true", "yes", "ab", "c", { a: 1 }],
	},
	mixed: {
		predicate: fc.oneof(
			cased(some([3, "5", 7, "a", "1e1"]).map((oneOf) => ({ oneOf }))),
			fc.constantFrom(...RANGES).map((number) => ({ number })),
			fc.boolean().map((boolean) => ({ boolean })),
			fc.boolean().map((present) => ({ present })),
			fc.constant({ sameAs: "args.o" }),
		),
		values: [3, "3.0", 5, "5", "5.0", 7, 10, "1E1", "1e1", "a", "A", true, false, "true", { a: 1 }],
	},
	url: {
		predicate: fc.oneof(
			some(HOSTS, 2).map((hosts) => ({ url: { hosts } })),
			fc
				.record(
					{
						hosts: some(HOSTS),
						schemes: some(["https", "http"], 2),
						ports: some([443, 81, 80], 2),
						classes: some(CLASSES, 2),
					},
					{ requiredKeys: [] },
				)
				.filter((url) => Object.keys(url).length > 0)
				.map((url) => ({ url })),
		),
		values: [
			"https://a.com/",
			"http://b.a.com/",
			"https://c.b.a.com/",
			"https://xa.com/",
			"https://b.com:81/",
			"http://b.a.com:81/",
			"http://10.0.0.1/",
			"http://010.0.0.1/",
			"http://0.0.0.0/",
			"http://localhost:81/",
			"http://127.0.0.1/",
			"http://169.254.1.1/",
			"http://169.254.169.254/",
			"http://100.100.100.200/",
			"http://168.63.129.16/",
			"http://metadata/",
			"http://intranet/",
			"https://b.a.com:8443/",
			"ssh://a.com/",
			"file:///x",
			"nowhere",
		],
	},
	path: {
		predicate: cased(some(FILES, 2).map((path) => ({ path }))),
		values: [
			"/srv/a",
			"/srv/a/b",
			"/srv/b",
			"/SRV/a/b",
			"/repo",
			"/repo/src/a",
			"/repo/src",
			"/repo/src2/a",
			"src/a/b",
			"src",
			"../a",
			"~/x",
			"/home/a/x",
			"/data/acme/in/a",
			"/data/acme/x",
			"/data/beta/x",
			"/w/src/a",
			"/src/a",
			"C:/w/src/a",
			"c:\\w\\x",
			"/repo\\src\\a",
			"$HOME/a",
			7,
		],
	},
	email: {
		predicate: some(["*@a.com", "ann@a.com", "*@*.com", "*", "*@b.org"], 2).map((email) => ({ email })),
		values: ["ann@a.com", "Ann@A.com", "bob@a.com", "x@b.org", "ann@a.com, x@b.org", "x@c.com", "nobody", 7],
	},
	text: {
		predicate: cased(
			fc.oneof(
				some(["^a", "b$", "^[ab]", "a", "b", "^a b$", "[0-9]", "^", "^(a|b)+$"]).map((regex) => ({ regex })),
				some(["a", "b", "ab", " "]).map((substring) => ({ substring })),
				some(["a*", "*b", "*"]).map((glob) => ({ glob, style: "text" })),
				some(["/a/**", "/a/*"]).map((glob) => ({ glob, style: "path" })),
			),
		),
		values: ["a", "A", "b", "ab", "ba", "a b", "aab", "c", "/a/b", "/a/b/c", "\\a\\b", 7, true, { a: 1 }],
	},
};

const SELECTORS = [
	"args.v",
	"args.v",
	"args.v",
	"args.v | args.w",
	"args.v | args.V",
	"args.w",
	"args.o.v",
	"args.o.v | args.o.w",
	"args.o.v | args.o.V",
	"args.*",
	"args.o.*#key",
];

interface WrittenRule {
	readonly when: readonly object[];
	readonly require: readonly object[];
}

const testOf = (family: Family, selectors: readonly string[]) =>
	fc
		.record({
			in: fc.constantFrom(...selectors),
			predicate: family.predicate,
			missing: fc.constantFrom<object>({}, {}, { missing: "match" }, { missing: "ignore" }),
		})
		.map(({ predicate, missing, ...of }): object => ({
			...of,
			...predicate,
			...("present" in predicate ? {} : missing),
		}));

const ruleOf = (test: fc.Arbitrary<object>): fc.Arbitrary<WrittenRule> => {
	const tests = fc.oneof(
		fc.array(test, { minLength: 1, maxLength: 1 }),
		fc.array(test, { minLength: 1, maxLength: 2 }),
	);
	const none = fc.constant<object[]>([]);
	return fc.oneof(
		fc.record({ when: tests, require: none }),
		fc.record({ when: none, require: tests }),
		fc.record({ when: tests, require: tests }),
	);
};

/** The rule with some of its tests replaced by others, or left out. */
const changed = (rule: WrittenRule, test: fc.Arbitrary<object>): fc.Arbitrary<WrittenRule> => {
	const part = (tests: readonly object[]) =>
		fc
			.tuple(
				...tests.map((each) =>
					fc.oneof(
						fc.constant([each]),
						fc.constant([each]),
						test.map((own) => [own]),
						fc.constant([]),
					),
				),
			)
			.map((lists) => lists.flat());
	return fc
		.record({ when: part(rule.when), require: part(rule.require) })
		.map((of) => (of.when.length + of.require.length === 0 ? rule : of));
};

/** Rules of one test about one argument, of which many are within others. */
const plainRuleOf = ({ predicate }: Family): fc.Arbitrary<WrittenRule> => {
	const test = predicate.map((of): object => ({ in: "args.v", ...of }));
	return fc
		.tuple(test, fc.boolean())
		.map(([each, isWhen]) => (isWhen ? { when: [each], require: [] } : { when: [], require: [each] }));
};

const someRules = (family: Family, other: WrittenRule, rule: fc.Arbitrary<WrittenRule>) =>
	fc.record({
		universe: fc.record({ values: fc.constant(family.values), seed: fc.nat() }),
		other: fc.constant(other),
		rules: fc.array(rule, { minLength: 1, maxLength: 3 }),
	});

/** Addresses and files have the most kinds. */
const family = fc
	.constantFrom(...Object.keys(FAMILIES), "url", "url", "path", "path")
	.map((name) => FAMILIES[name] as Family);

/** Some rules, and another one; most look at the same. */
const cases = fc.oneof(
	family.chain((of) => plainRuleOf(of).chain((other) => someRules(of, other, plainRuleOf(of)))),
	fc
		.tuple(family, fc.uniqueArray(fc.constantFrom(...SELECTORS), { minLength: 1, maxLength: 2 }))
		.chain(([of, selectors]) => {
			const test = testOf(of, selectors);
			return ruleOf(test).chain((other) => someRules(of, other, fc.oneof(ruleOf(test), changed(other, test))));
		}),
);

function compiled(conditions: readonly WrittenRule[]): CompiledPolicySet | null {
	const written = conditions.map(({ when, require }, at) => ({
		name: `c${at}`,
		...(when.length === 0 ? {} : { when }),
		...(require.length === 0 ? {} : { require }),
	}));
	const text = JSON.stringify({
		apiVersion: "assent.dev/v1",
		kind: "Policy",
		metadata: { name: "p" },
		tools: { allow: "all" },
		conditions: written,
	});
	const set = compilePolicies([{ name: "p.yaml", text }], { budgetRoot: "tenant" });
	return set.ok ? set.value : null;
}

const conditionsOf = ({ policies }: CompiledPolicySet) => policies.flatMap(({ conditionRules }) => conditionRules);

const FACTS: readonly (SessionFacts | null)[] = [
	{ workspace: "/repo", home: "/home/a" },
	null,
	{ workspace: "/", home: "/" },
	{ workspace: "C:\\w", home: "/repo/src" },
	{ workspace: "/data/acme/in", home: null },
];

function argsOf(values: readonly Json[]): readonly JsonObject[] {
	const [first = null] = values;
	const pairsOf = (one: string, other: string): JsonObject[] =>
		values.flatMap((a) => values.map((b) => ({ [one]: a, [other]: b })));
	const flat: readonly JsonObject[] = [
		{},
		{ v: "" },
		{ v: [] },
		{ V: first },
		...values.map((v) => ({ v })),
		...values.map((w) => ({ w })),
		...values.map((v) => ({ v: [v, first] })),
		...values.map((v) => ({ v: [v, ""] })),
		...values.map((V) => ({ V, w: first })),
		...pairsOf("v", "w"),
		...pairsOf("v", "V"),
		...values.flatMap((v) => values.map((w) => ({ v: [v, w] }))),
	];
	return [
		...flat,
		...flat.map((o) => ({ o })),
		...values.flatMap((v) => (typeof v === "string" ? [{ o: { [v]: 1 } }] : [])),
	];
}

const NAMES = [
	["acme", "a"],
	["acme", "a"],
	["..", "a"],
] as const;

/** Calls of the universe that are asked about in one case: all is too much for each. */
const CALLS = 400;

/** A call that the one admits and the other does not. Files depend on what the call fills in. */
function beyond(narrow: CompiledPolicySet, wide: CompiledPolicySet, { values, seed }: Universe): string | null {
	const args = argsOf(values);
	const isFilled = JSON.stringify([narrow.policies, wide.policies]).includes('"path"');
	for (let tried = 0, at = seed; tried < CALLS; tried++, at += 7_919) {
		const [tenant, agent] = isFilled ? (NAMES[at % NAMES.length] as (typeof NAMES)[0]) : NAMES[0];
		const facts = isFilled ? (FACTS[at % FACTS.length] ?? null) : (FACTS[0] ?? null);
		const call = { tenant, agent, session: "s", tool: "t", args: args[at % args.length] ?? {}, facts, at: 0 };
		if (narrow.evaluate(call).fired.length === 0 && wide.evaluate(call).fired.length > 0) return JSON.stringify(call);
	}
	return null;
}

interface Universe {
	readonly values: readonly Json[];
	readonly seed: number;
}

describe("rules of conditions that are much alike", () => {
	it("fire between them wherever another one does only where no call says otherwise", () => {
		let proven = 0;
		fc.assert(
			fc.property(cases, ({ universe, rules, other }) => {
				const [a, b] = [compiled(rules), compiled([other])];
				fc.pre(a !== null && b !== null);
				const asker = new Asker(BOUNDS);
				if (!someFiresWherever(conditionsOf(a), conditionsOf(b)[0] as CompiledConditionRule, asker)) return;
				proven += 1;
				expect(beyond(a, b, universe)).toBeNull();
			}),
			{ numRuns: CASES, maxSkipsPerRun: 1_000 },
		);
		expect(proven).toBeGreaterThan(CASES / 20);
	});

	it("are lifted by an exception wherever by another one only where no call says otherwise", () => {
		let proven = 0;
		fc.assert(
			fc.property(cases, ({ universe, rules, other }) => {
				// What an exception asks for must be so for certain: as what is required, and its rule fires where it is not.
				const [a, b] = [rules.flatMap(testsOf), testsOf(other)].map((require) => compiled([{ when: [], require }]));
				fc.pre(a != null && b != null);
				const [own, theirs] = [a, b].map((set) => conditionsOf(set)[0]?.require ?? []);
				if (!appliesWherever(own ?? [], theirs ?? [], new Asker(BOUNDS))) return;
				proven += 1;
				expect(beyond(a, b, universe)).toBeNull();
			}),
			{ numRuns: CASES, maxSkipsPerRun: 1_000 },
		);
		expect(proven).toBeGreaterThan(CASES / 20);
	});
});

const testsOf = ({ when, require }: WrittenRule): readonly object[] => [...when, ...require];
