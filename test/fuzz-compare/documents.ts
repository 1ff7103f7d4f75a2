/** Random policies that say anything the language has, out of few words, so that two of them often speak of the same calls. */
import fc from "fast-check";
import type { Json, JsonObject } from "../../src/core/base/json.ts";
import { meaningful } from "./meaning.ts";
import {
	ADDRESS_CLASSES_USED,
	ATTRIBUTES_ASKED,
	CATEGORY_WORDS,
	CONFIDENCES,
	EMAILS,
	EXEMPT_REGEXES,
	EXPIRIES,
	HOSTS,
	LISTED,
	ONE_OF,
	PATHS,
	PATTERN_SELECTORS,
	RANGES,
	REDACTED,
	REGEXES,
	SIZES,
	STAGES,
	SUBSTRINGS,
	TEST_PATHS,
	TEST_SELECTORS,
	TEXT_GLOBS,
	TOOL_GLOBS,
} from "./words.ts";

type Part = fc.Arbitrary<JsonObject>;

const NOTHING: JsonObject = {};

/** One of these, written as a member; the first is that it is not said, and the likeliest. */
const perhaps = (key: string, ...values: readonly Json[]): Part =>
	fc.constantFrom<JsonObject>(NOTHING, NOTHING, ...values.map((value) => ({ [key]: value })));

const joined = (...parts: readonly Part[]): Part =>
	fc.tuple(...parts).map((all) => Object.assign({}, ...all) as JsonObject);

const member = (key: string, value: fc.Arbitrary<Json>): Part => value.map((of) => ({ [key]: of }));

const some = <Item extends Json>(items: readonly Item[], maxLength = 3): fc.Arbitrary<Item[]> =>
	fc.uniqueArray(fc.constantFrom(...items), { minLength: 1, maxLength });

/** One text alone, or a list. */
const listed = (items: readonly string[]): fc.Arbitrary<Json> => fc.oneof(fc.constantFrom(...items), some(items));

const toolGlobs = fc.oneof({ weight: 2, arbitrary: some(TOOL_GLOBS, 1) }, some(TOOL_GLOBS));
/** Some tools, but not all of them: an `except` that leaves none is refused. */
const exceptSome = fc.constantFrom<JsonObject>(
	{ tools: ["*"], except: ["fs.read"] },
	{ tools: ["*"], except: ["bash", "mail"] },
	{ tools: ["fs.*"], except: ["fs.read"] },
	{ tools: ["[bm]*"], except: ["m*"] },
);
const about: Part = fc.oneof({ weight: 3, arbitrary: fc.constant(NOTHING) }, member("tools", toolGlobs), exceptSome);

const kind: Part = fc.oneof(
	member("regex", listed(REGEXES)),
	member("substring", listed(SUBSTRINGS)),
	joined(member("glob", listed(TEXT_GLOBS)), fc.constant({ style: "text" })),
	joined(member("glob", listed(PATHS)), fc.constant({ style: "path" })),
);
const letterCase = perhaps("case", "sensitive", "insensitive");
const missing = perhaps("missing", "match", "ignore");
const stage = fc.oneof({ weight: 40, arbitrary: fc.constant(NOTHING) }, member("stage", fc.constantFrom(...STAGES)));
const tags = fc.oneof({ weight: 12, arbitrary: fc.constant(NOTHING) }, fc.constant<JsonObject>({ tags: ["ASI02"] }));

const force = joined(
	fc.constantFrom<JsonObject>(
		NOTHING,
		NOTHING,
		NOTHING,
		{ mode: "audit" },
		{ effect: "hold" },
		{ effect: "hold", approval: "two" },
		{ effect: "hold", approval: "ann" },
		{ effect: "hold", mode: "audit" },
	),
	stage,
	tags,
);

const exempt: Part = joined(
	fc.oneof(
		member("regex", listed(EXEMPT_REGEXES)),
		member("glob", listed(["rm*", "/srv/*"])).map((of) => ({ ...of, style: "text" })),
		member("glob", listed(["/srv/**", "/srv/*", "/tmp/**"])).map((of) => ({ ...of, style: "path" })),
	),
	letterCase,
);

const patternRule = joined(
	kind,
	letterCase,
	about,
	member("in", fc.oneof(fc.constantFrom(...PATTERN_SELECTORS), some(PATTERN_SELECTORS, 2))),
	fc.oneof(fc.constant(NOTHING), member("unless", exempt)),
	missing,
	force,
);

const range = fc.constantFrom(...RANGES);
const size = fc.constantFrom(...SIZES);
const predicate: Part = fc.oneof(
	member("number", range),
	member("length", size),
	member("count", size),
	joined(member("oneOf", some(ONE_OF)), letterCase),
	member("boolean", fc.boolean()),
	member("present", fc.boolean()),
	joined(fc.constant({ sameAs: "args.command" }), letterCase),
	fc
		.record(
			{
				hosts: some(HOSTS, 2),
				schemes: some(["https", "http"], 2),
				ports: some([443, 81], 2),
				classes: some(ADDRESS_CLASSES_USED, 2),
			},
			{ requiredKeys: [] },
		)
		.filter((url) => Object.keys(url).length > 0)
		.map((url): JsonObject => ({ url: url as JsonObject })),
	joined(member("path", listed(TEST_PATHS)), letterCase),
	member("email", listed(EMAILS)),
	joined(kind, letterCase),
);
const test: Part = fc
	.tuple(
		joined(member("in", fc.oneof(fc.constantFrom(...TEST_SELECTORS), some(TEST_SELECTORS, 2))), predicate),
		missing,
	)
	.map(([of, missing]) => ({ ...of, ...("present" in of ? {} : missing) }));
const tests: fc.Arbitrary<Json> = fc.oneof(test, fc.array(test, { minLength: 1, maxLength: 2 }));
const conditionRule = joined(
	fc.oneof(member("when", tests), member("require", tests), joined(member("when", tests), member("require", tests))),
	about,
	force,
);

/** Amounts of money are in millionths of a unit here: a call of a history costs a few of those. */
const measured = fc.oneof(
	fc.record({ measure: fc.constant("tool_calls"), max: fc.constantFrom(0, 1, 2, 4, 6) }),
	fc.record({ measure: fc.constant("identical_calls"), max: fc.constantFrom(1, 2) }),
	fc.record({ measure: fc.constant("concurrent_calls"), max: fc.constantFrom(0, 1, 2) }),
	fc.record({ measure: fc.constant("tokens"), max: fc.constantFrom(0, 5, 10) }),
	fc.record({ measure: fc.constant("cost"), max: fc.constantFrom(0, "0.000005", "0.00001") }),
	fc.record({ measure: fc.constant("tokens"), max: fc.constantFrom(5, 10), reserve: fc.constantFrom(1, 5) }),
	fc.record({
		measure: fc.constant("cost"),
		max: fc.constant("0.00001"),
		reserve: fc.constantFrom("0.000001", "0.000005"),
	}),
	fc.record({
		measure: fc.constant("execution_time"),
		max: fc.constantFrom("1s", "3s"),
		reserve: fc.constantFrom("100ms", "1s"),
	}),
);
const limit: Part = measured.chain((of) =>
	joined(
		fc.constant<JsonObject>(of),
		member(
			"scope",
			of.measure === "identical_calls" ? fc.constant("session") : fc.constantFrom("session", "agent", "tenant"),
		),
		of.measure === "concurrent_calls" ? fc.constant(NOTHING) : perhaps("per", "60ms", "1m", "2m", "1h"),
		about,
		fc.constantFrom<JsonObject>(
			NOTHING,
			NOTHING,
			{ effect: "hold" },
			{ effect: "hold", approval: "ann" },
			{ mode: "audit" },
		),
		stage,
	),
);

const obligation: Part = joined(
	fc.oneof(
		member("redact", some(REDACTED, 2)),
		member("deadline", fc.constantFrom("1s", "30m")),
		member("lease", fc.constantFrom("20m", "2h")),
	),
	about,
);

const toolEntry = (more: Part): fc.Arbitrary<Json> =>
	fc.oneof(fc.constantFrom(...TOOL_GLOBS), joined(fc.oneof(member("tools", toolGlobs), exceptSome), more));
const deny = toolEntry(joined(perhaps("mode", "audit"), stage));
const hold = toolEntry(joined(perhaps("mode", "audit"), perhaps("approval", "two", "ann"), stage));
const allow = fc.array(toolEntry(fc.constant(NOTHING)), { minLength: 1, maxLength: 3 });

const exception = joined(
	fc.record({ rules: fc.array(fc.nat(20), { minLength: 1, maxLength: 2 }) }),
	about,
	fc.oneof(
		fc.constant(NOTHING),
		member(
			"when",
			test.map(({ missing: _, ...of }) => of),
		),
	),
	perhaps("appliesTo", { agents: ["ops-*"] }),
	member("expires", fc.constantFrom(...EXPIRIES)),
	fc.constant<JsonObject>({ owner: "ann", reason: "a trial" }),
);

const intentAsked = joined(
	fc.oneof(fc.constant<JsonObject>({ categories: ["dangerous"] }), member("categories", some(CATEGORY_WORDS.slice(1)))),
	perhaps("confidence", ...CONFIDENCES),
);
const attributes = fc.constantFrom<Json[]>(...ATTRIBUTES_ASKED);
const factAsked = joined(
	fc.constant<JsonObject>({ fact: "command" }),
	fc.oneof(member("has", attributes), member("all", attributes), fc.constant(NOTHING)),
	fc.oneof({ weight: 2, arbitrary: fc.constant(NOTHING) }, member("none", attributes)),
);
const intentRule = joined(intentAsked, about, force);
const factRule = joined(factAsked, about, force);
const commandsRule = joined(member("only", some(LISTED)), about, force);

const callKind = joined(
	fc.oneof({ weight: 14, arbitrary: fc.constant(NOTHING) }, member("intents", intentAsked), member("facts", factAsked)),
	about,
	fc.oneof(
		{ weight: 2, arbitrary: fc.constant(NOTHING) },
		fc.constant<JsonObject>({ when: { in: "args.command", oneOf: ["rm", "x"] } }),
		fc.constant<JsonObject>({ require: { in: "args.command", regex: "rm" } }),
		member("when", test),
	),
);
const sequence = joined(
	member("after", callKind),
	member("then", callKind),
	member("scope", fc.constantFrom("session", "agent")),
	perhaps("within", "1s", "1m"),
	force,
);

const few = (one: fc.Arbitrary<Json>, maxLength: number): fc.Arbitrary<Json[]> =>
	fc.oneof(fc.constant<Json[]>([]), fc.array(one, { maxLength }));

const named = (entries: readonly Json[], prefix: string): readonly Json[] =>
	entries.map((entry, index) => (typeof entry === "object" ? { name: `${prefix}${index}`, ...entry } : entry));

/** How decisions call the rules that an exception can lift. */
const liftable = (list: "deny" | "hold", entries: readonly Json[]): readonly string[] =>
	entries.map((entry) =>
		typeof entry === "object" ? String((entry as JsonObject)["name"]) : `tools.${list}[${String(entry)}]`,
	);

/** What the classifier reads is asked in one of a few policies. */
const seldom = (one: fc.Arbitrary<Json>): fc.Arbitrary<Json[]> =>
	fc.oneof({ weight: 16, arbitrary: fc.constant<Json[]>([]) }, fc.array(one, { minLength: 1, maxLength: 2 }));

/** A policy without a name. */
export const document: Part = fc
	.record({
		appliesTo: fc.constantFrom<JsonObject>(
			NOTHING,
			NOTHING,
			NOTHING,
			{ tenants: ["acme"] },
			{ agents: ["ops-*"] },
			{ tenants: ["a*"], agents: ["coder"] },
		),
		mode: fc.oneof({ weight: 9, arbitrary: fc.constant("enforce") }, fc.constant("audit")),
		stage,
		admitted: fc.oneof(
			fc.constantFrom<JsonObject>(
				{ allow: "all" },
				{ allow: "all" },
				{ allow: "all" },
				{ allow: "none" },
				{ default: "hold" },
				{ default: "hold", approval: "two" },
				{ default: "deny" },
			),
			member("allow", allow),
			member("allow", allow).map((of): JsonObject => ({ default: "hold", ...of })),
		),
		deny: few(deny, 2),
		hold: few(hold, 2),
		patterns: few(patternRule, 3),
		conditions: few(conditionRule, 3),
		intents: seldom(intentRule),
		facts: seldom(factRule),
		commands: seldom(commandsRule),
		sequences: few(sequence, 1),
		exceptions: few(exception, 1),
		limits: few(limit, 2),
		obligations: few(obligation, 1),
		approvals: fc.record({
			default: fc.constantFrom<JsonObject>({ approvers: ["*"] }, { approvers: ["ann", "bob"] }),
			two: fc.constantFrom<JsonObject>(
				{ approvers: ["*"], quorum: 2 },
				{ approvers: ["a*", "bob"], quorum: 2, self: "allowed" },
			),
			ann: fc.constantFrom<JsonObject>({ approvers: ["ann"], expires: "10m" }, { approvers: ["ann"], self: "allowed" }),
		}),
	})
	.map(({ stage, admitted, deny, hold, patterns, conditions, sequences, exceptions, limits, ...of }) => {
		const sections = {
			patterns: named(patterns, "p"),
			conditions: named(conditions, "c"),
			intents: named(of.intents, "i"),
			facts: named(of.facts, "f"),
			commands: named(of.commands, "w"),
			sequences: named(sequences, "s"),
		};
		const lists = { deny: named(deny, "d"), hold: named(hold, "h") };
		const rules = [
			...liftable("deny", lists.deny),
			...liftable("hold", lists.hold),
			...Object.values(sections).flatMap((section) => section.map((rule) => String((rule as JsonObject)["name"]))),
			...("allow" in admitted && admitted["allow"] !== "all"
				? ["default" in admitted ? "tools.default" : "tools.allow"]
				: []),
		];
		const lifting = exceptions.map((exception): JsonObject => {
			const { rules: picked, ...rest } = exception as JsonObject & { readonly rules: readonly number[] };
			return { ...rest, rules: [...new Set(picked.map((place) => rules[place % rules.length] ?? ""))] };
		});
		return meaningful({
			...of,
			...stage,
			tools: { ...admitted, ...lists },
			...sections,
			limits: named(limits, "l"),
			exceptions: rules.length === 0 ? [] : named(lifting, "e"),
		}) as JsonObject;
	});
