/**
 * What `policy lint` proves is tried with the engine: what a finding calls idle is taken away, and a history of calls, outcomes
 * and votes comes out the same, for principals and sessions of every kind, and with whatever else is in the set.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/core/analysis/lint/finding.ts";
import { lintFiles } from "../../src/core/analysis/lint/lint.ts";
import { type DecidedCall, DecideLoop } from "../../src/core/analysis/trial.ts";
import type { JsonObject } from "../../src/core/base/json.ts";
import type { Usage } from "../../src/core/model/inputs.ts";
import type { PolicySourceText } from "../../src/core/model/records.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import type { CompiledPolicySet } from "../../src/core/policy/compiled.ts";

const NAMES = ["a", "b", "ab", "A", "a*", "*b", "?", "a?", "{a,b}", "*"] as const;
const TOOLS = ["a", "b", "ab", "A", "aab", "ba", "c", "ａ", "a\u200b", "\u200bb"] as const;
const TEXTS = ["x", "y", "xy", "X", "yx", "", "xx", "x/y", "z"] as const;
/** When it is linted, and when the histories begin; exceptions expire before and after. */
const NOW = Date.UTC(2026, 0, 1);

const one = fc.constantFrom;
const names = fc.uniqueArray(one(...NAMES), { minLength: 1, maxLength: 3 });
const listOf = (texts: readonly string[]): string => `[${texts.map((text) => `'${text}'`).join(", ")}]`;

/** `tools`, now and then with `except`. */
const about = fc
	.tuple(fc.oneof({ weight: 2, arbitrary: fc.constant(["*"]) }, names), fc.option(names, { freq: 5, nil: null }))
	.map(([tools, except]) => {
		const less = except?.filter((name) => name !== "*") ?? [];
		return `tools: ${listOf(tools)}${less.length === 0 ? "" : `, except: ${listOf(less)}`}`;
	});
const force = one("", "", "", "", ", mode: audit", ", stage: 30%", ", stage: 70%");
const effect = one("", "", ", effect: hold", ", effect: hold, approval: two");

/** The keys of one rule, with what gives it force. */
const ruleOf = (...parts: readonly fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
	fc.tuple(...parts, force).map((texts) => `${texts.slice(0, -1).join(", ")}${texts.at(-1)}`);

const withEffect = (rule: fc.Arbitrary<string>): fc.Arbitrary<string> =>
	fc.tuple(rule, effect, one("", "", ", severity: high")).map((texts) => texts.join(""));

const pattern = withEffect(
	ruleOf(
		one(
			...["substring: x", "substring: X, case: sensitive", "regex: 'xy?'", "regex: '^x'", "regex: '^[xy]+$'"],
			...["regex: [x, y]", "glob: 'x*', style: text", "glob: '**', style: path", "glob: 'x/**', style: path"],
			...["regex: '^', unless: { regex: '^x$' }", "substring: x, unless: { regex: 'y' }"],
			"regex: x, unless: { substring: x, case: insensitive }",
		),
		one("in: args", "in: args.p", "in: args.q", "in: args.p | args.q", "in: tool"),
		about,
		one("missing: ignore", "missing: match"),
	),
);
const TESTS = [
	"{ in: args.p, oneOf: [x, y] }",
	"{ in: args.p, regex: x }",
	"{ in: args.q, length: '> 1', missing: match }",
	"[{ in: args.p, present: true }, { in: args.q, oneOf: [x] }]",
] as const;
const condition = withEffect(
	ruleOf(
		fc.tuple(one("when", "require"), one(...TESTS)).map((keys) => keys.join(": ")),
		about,
	),
);
const sequence = withEffect(
	ruleOf(
		names.map(
			(tools) => `after: { tools: ${listOf(tools)}${tools.includes("*") ? ", when: { in: args.q, regex: x }" : ""} }`,
		),
		fc
			.tuple(names, one("", ", when: { in: args.p, regex: x }"))
			.map(([tools, when]) => `then: { tools: ${listOf(tools)}${when} }`),
		one("scope: session", "scope: agent, within: 2m"),
	),
);
const limit = fc
	.tuple(
		ruleOf(
			one("measure: tool_calls", "measure: tool_calls", "measure: concurrent_calls", "measure: cost, reserve: 1"),
			one("max: 1", "max: 2", "max: 3"),
			about,
		),
		one("scope: session", "scope: agent"),
		one("", "", ", per: 1m", ", per: 1h"),
		one("", "", "", ", effect: hold"),
	)
	.map(([rule, scope, per, held]) => `${rule}, ${scope}${rule.includes("concurrent") ? "" : per}${held}`);
const obligation = fc.tuple(one("deadline: 1m", "redact: [args.p]"), about).map((keys) => keys.join(", "));

interface WrittenException {
	/** Places among the rules that there are: of its own policy and of the other one. */
	readonly rules: readonly number[];
	readonly keys: string;
}

const exception: fc.Arbitrary<WrittenException> = fc.record({
	rules: fc.array(fc.nat(1_000), { minLength: 1, maxLength: 2 }),
	keys: fc
		.tuple(
			about,
			one("", "", ", appliesTo: { agents: [a] }", ", when: { in: args.p, oneOf: [x] }"),
			one("2025-01-01T00:00:00Z", ...Array.from({ length: 4 }, () => "2027-01-01T00:00:00Z")),
		)
		.map(([tools, rest, expires]) => `${tools}${rest}, owner: ann, reason: r, expires: ${expires}`),
});

/** One entry a line, so that the line of a finding tells which it is about. */
interface Written {
	readonly head: string;
	/** Words, or entries. */
	readonly allow: string | readonly string[];
	readonly deny: readonly string[];
	readonly hold: readonly string[];
	readonly patterns: readonly string[];
	readonly conditions: readonly string[];
	readonly sequences: readonly string[];
	readonly limits: readonly string[];
	readonly obligations: readonly string[];
	readonly exceptions: readonly WrittenException[];
}

const plainName = one(...NAMES).map((name) => `'${name}'`);
const listed = fc.oneof(
	{ weight: 2, arbitrary: plainName },
	fc.tuple(about, force).map((keys) => `{ ${keys.join("")} }`),
);
const held = fc.oneof(
	{ weight: 2, arbitrary: plainName },
	fc.tuple(about, one("", "", ", approval: two", ", approval: soon"), force).map((keys) => `{ ${keys.join("")} }`),
);
const admitted = fc.oneof(
	{ weight: 3, arbitrary: plainName },
	about.map((keys) => `{ ${keys} }`),
);
/** What may be different in a copy. */
const CHANGES: readonly ((entry: string) => string)[] = [
	(entry) => entry,
	(entry) => entry.replace(/, (?:stage|mode): [^,}]+?(?=,| \}|$)/, ""),
	(entry) => entry.replace(/, stage: 30%/, ", stage: 70%"),
	(entry) => entry.replace(/, approval: two/, ", approval: soon"),
	(entry) => entry.replace(/, approval: (?:two|soon)/, ""),
	(entry) => entry.replaceAll(/'a'/g, "'A'"),
];
/** A few rules of one section, and copies of them. */
const some = (rule: fc.Arbitrary<string>, maxLength = 3): fc.Arbitrary<readonly string[]> =>
	fc
		.tuple(fc.array(rule, { maxLength }), fc.option(one(...CHANGES)))
		.map(([rules, change]) => (change === null ? rules : [...rules, ...rules.slice(0, 1).map(change)]));
const none = fc.constant<readonly never[]>([]);
/** Two entries that differ in what decides which of them is idle. */
const twins = (rule: fc.Arbitrary<string>): fc.Arbitrary<readonly string[]> =>
	fc
		.tuple(rule, one(...CHANGES), one(...CHANGES))
		.map(([entry, first, second]) => [first(entry), second(entry)])
		.chain((entries) => one(entries, entries.toReversed()));
const twinHold = fc
	.tuple(one("tools: ['a']", "tools: ['a', 'A']", "tools: ['*']"), one(", approval: two", ""), one("", ", stage: 30%"))
	.map((keys) => `{ ${keys.join("")} }`);
const twinPattern = fc
	.tuple(
		one("substring: x", "regex: '^'"),
		one(", effect: hold, approval: two", ""),
		one("", ", stage: 30%", ", mode: audit"),
	)
	.map((keys) => keys.join(""));
const head = one("", "", "", "", "mode: audit\n", "mode: audit\n", "stage: 40%\n", "appliesTo: { agents: [a] }\n");
const allowing = fc.oneof(
	one("allow: all", "default: hold", "default: deny", "default: allow"),
	fc.uniqueArray(admitted, { minLength: 1, maxLength: 3 }),
);

/** Of each section by itself, which the others would hide, and of all together. */
const policy: fc.Arbitrary<Written> = fc.oneof(
	...[0, 1, 2, 3, 4, 4].map((only) =>
		fc.record({
			head,
			allow: only === 0 ? allowing : fc.constant("allow: all"),
			deny: only === 0 ? some(listed) : none,
			hold: only === 0 ? some(held) : none,
			patterns: only === 1 ? some(pattern) : none,
			conditions: only === 2 ? some(condition) : none,
			sequences: only === 3 ? some(sequence, 2) : none,
			limits: only === 4 ? some(limit) : none,
			obligations: none,
			exceptions: fc.array(exception, { maxLength: 1 }),
		}),
	),
	...[0, 1].map((which) =>
		fc.record({
			head: fc.constant(""),
			allow: which === 0 ? one("default: deny", "default: hold", "allow: all") : fc.constant("allow: all"),
			deny: none,
			hold: which === 0 ? twins(twinHold) : none,
			patterns: which === 1 ? twins(twinPattern) : none,
			conditions: none,
			sequences: none,
			limits: none,
			obligations: none,
			exceptions: fc.array(exception, { maxLength: 1 }),
		}),
	),
	...[0, 1, 2, 3].map(() =>
		fc.record({
			head,
			allow: allowing,
			deny: some(listed, 2),
			hold: some(held, 1),
			patterns: some(pattern, 1),
			conditions: some(condition, 1),
			sequences: some(sequence, 1),
			limits: some(limit, 1),
			obligations: fc.array(obligation, { minLength: 1, maxLength: 1 }),
			exceptions: fc.array(exception, { maxLength: 2 }),
		}),
	),
);

const SECTIONS = ["patterns", "conditions", "sequences", "limits"] as const;
const POLICIES = ["p", "q"] as const;

/** Rules by their ids, and the names that exceptions know them by. */
function rulesIn(written: Written): ReadonlyMap<string, string> {
	const { allow, deny, hold } = written;
	const rules = new Map<string, string>();
	if (typeof allow !== "string") rules.set("", "tools.allow");
	else if (/default: (?:hold|deny)/.test(allow)) rules.set("", "tools.default");
	for (const [list, entries] of Object.entries({ deny, hold })) {
		for (const [at, entry] of entries.entries())
			rules.set(`${list}${at}`, entry.startsWith("{") ? `${list}${at}` : `tools.${list}[${entry.slice(1, -1)}]`);
	}
	for (const section of ["patterns", "conditions", "sequences"] as const)
		for (const at of written[section].keys()) rules.set(`${section}${at}`, `${section}${at}`);
	return rules;
}

/** The files of the set, without one of their entries: rules keep their names when others are taken away. */
function sourcesOf(set: readonly Written[], without = ""): PolicySourceText[] {
	return set.map((written, index) => {
		const own: string = POLICIES[index] ?? "";
		const isLeft = (id: string): boolean => without !== `${own}.${id}`;
		const lines = (list: string, entries: readonly string[], indent: string): string =>
			entries
				.map((entry, at) => [`${list}${at}`, entry] as const)
				.flatMap(([id, entry]) => (isLeft(id) ? [`${indent}  - ${named(entry, id)} # ${id}\n`] : []))
				.join("");
		const section = (list: string, entries: readonly string[], indent = ""): string => {
			const text = lines(list, entries, indent);
			return text === "" ? "" : `${indent}${list}:\n${text}`;
		};
		const lifting = written.exceptions.flatMap(({ rules, keys }) => {
			const known = set.flatMap((other, at) =>
				[...rulesIn(other)].flatMap(([id, name]) =>
					`${POLICIES[at]}.${id}` === without || (at !== index && written.head.startsWith("mode"))
						? []
						: [[`${POLICIES[at]}.${id}`, at === index ? name : `${POLICIES[at]}/${name}`] as const],
				),
			);
			const all = set.flatMap((other, at) =>
				[...rulesIn(other)].flatMap(([id]) =>
					at !== index && written.head.startsWith("mode") ? [] : [`${POLICIES[at]}.${id}`],
				),
			);
			const chosen = new Map<string, string>(known);
			const texts = rules.flatMap((at) => chosen.get(all[at % Math.max(all.length, 1)] ?? "") ?? []);
			return [texts.length === 0 ? null : `{ rules: ${listOf([...new Set(texts)])}, ${keys} }`];
		});
		const exceptions = lifting
			.map((entry, at) => [`exceptions${at}`, entry] as const)
			.flatMap(([id, entry]) => (entry !== null && isLeft(id) ? [`  - ${named(entry, id)} # ${id}\n`] : []))
			.join("");
		const isAudited = written.head.startsWith("mode");
		const text = `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: ${own} }
${written.head}approvals: { default: { approvers: [ann] }, two: { approvers: [ann, bo], quorum: 2 }, soon: { approvers: [ann], expires: 1m } }
tools:
${typeof written.allow === "string" ? `  ${written.allow}\n` : section("allow", written.allow, "  ") || "  allow: none\n"}${section("deny", written.deny, "  ")}${section("hold", written.hold, "  ")}${SECTIONS.map(
	(each) => section(each, written[each]),
).join("")}${section("obligations", written.obligations)}${exceptions === "" ? "" : `exceptions:\n${exceptions}`}`;
		// Nothing is staged where nothing has force.
		return { name: `${own}.yaml`, text: isAudited ? text.replaceAll(/, stage: \d+%/g, "") : text };
	});
}

/** Entries of `allow` and `obligations` have no name. */
const named = (entry: string, id: string): string =>
	/^(?:allow|obligations)/.test(id)
		? id.startsWith("obligations")
			? `{ ${entry} }`
			: entry
		: entry.startsWith("{")
			? `{ name: ${id}, ${entry.slice(2)}`
			: /^(?:deny|hold)/.test(id)
				? entry
				: `{ name: ${id}, ${entry} }`;

const UNKNOWN: Usage = { tokens: null, costMicros: null, executionMs: null };

/** A step of a history: a call, or what comes of an earlier one. */
type Step =
	| { readonly kind: "call"; readonly call: Omit<DecidedCall, "id" | "at">; readonly isOpen: boolean }
	| { readonly kind: "end" | "grant"; readonly of: number; readonly by: string };

const text = one(...TEXTS);
const args: fc.Arbitrary<JsonObject> = fc.oneof(
	fc.constant({}),
	fc.record({ p: fc.oneof(text, fc.array(text, { maxLength: 3 }), fc.constant(5)) }),
	fc.record({ p: text, q: text }),
	fc.record({ q: fc.record({ r: text }) }),
);
const step = fc.record({
	after: one(0, 0, 1, 50_000, 100_000, 3_600_000),
	step: fc.oneof<fc.MaybeWeightedArbitrary<Step>[]>(
		{
			weight: 2,
			arbitrary: fc.record({
				kind: fc.constant("call" as const),
				call: fc.record({
					tenant: fc.constant("t"),
					agent: one("a", "a", "b"),
					// On different sides of the stages.
					session: one("s1", "s2", "s3", "s4"),
					onBehalfOf: fc.constant(null),
					tool: one(...TOOLS),
					args,
					estimate: fc.constant({ tokens: 0, costMicros: 0 }),
					usage: fc.constant(UNKNOWN),
					facts: fc.constant(null),
				}),
				isOpen: fc.boolean(),
			}),
		},
		fc.record({
			kind: one("end" as const, "grant" as const, "grant" as const),
			of: fc.nat(1_000),
			by: one("ann", "ann", "bo"),
		}),
	),
});

type History = readonly { readonly after: number; readonly step: Step }[];

/** What comes of each step of each history; null: the set does not load. */
function outcomesOf(sources: readonly PolicySourceText[], histories: readonly History[]): readonly string[] | null {
	const set = compilePolicies(sources, { budgetRoot: "tenant" });
	return set.ok ? histories.flatMap((history) => outcomesIn(set.value, history)) : null;
}

function outcomesIn(set: CompiledPolicySet, history: History): readonly string[] {
	const loop = new DecideLoop(set);
	const calls: DecidedCall[] = [];
	let at = NOW;
	return history.map(({ after, step: taken }, index): string => {
		at += after;
		if (taken.kind === "call") {
			const call = { ...taken.call, id: `c${index}`, at };
			calls.push(call);
			const { verdict, obligations } = taken.isOpen ? loop.ask(call) : loop.decide(call);
			return `${verdict} ${JSON.stringify(obligations)}`;
		}
		const call = calls[calls.length - 1 - (taken.of % Math.min(calls.length, 3))];
		if (call === undefined) return "";
		if (taken.kind === "end") return loop.report({ call, status: "ok", usage: UNKNOWN, at }) ?? "ended";
		return loop.vote({ call, vote: "granted", by: taken.by, at }).verdict;
	});
}

/** What is left when the entry of a list at this place is taken away. */
function withoutEntry(sources: readonly PolicySourceText[], { place }: Finding): PolicySourceText[] {
	return sources.map((source) => {
		if (source.name !== place.file) return source;
		const lines = source.text.split("\n");
		const line = lines[(place.line ?? 0) - 1] ?? "";
		const from = (place.column ?? 1) - 1;
		const rest = line.slice(from).replace(/^'[^']*'(?:, )?/, "");
		lines[(place.line ?? 0) - 1] = /^\s*- $/.test(line.slice(0, from))
			? "#"
			: `${rest.startsWith("]") ? line.slice(0, from).replace(/, $/, "") : line.slice(0, from)}${rest}`;
		return { ...source, text: lines.join("\n") };
	});
}

/** Is a name of an entry of `allow` meant and not the entry, or a rule of an exception and not the exception? */
const isOneOfSeveral = (line: string, { id, place }: Finding): boolean =>
	id === "allowed-then-denied"
		? /\[[^\]]*,/.test(line) && !line.includes("except")
		: id === "idle-exception" && line[(place.column ?? 0) - 1] === "'" && /rules: \['[^']*', /.test(line);

/** What is proven to change nothing when it is taken away. */
const IDLE = [
	...["dead-rule", "denied-anyway", "allowed-then-denied", "shadowed-rule", "duplicate-rule", "unreached-limit"],
	...["idle-exception", "expired-exception", "no-force", "redundant-entry"],
];

describe("what lint proves to be idle", () => {
	it("changes nothing when it is taken away", () => {
		const seen = new Map<string, number>();
		const histories = fc.array(fc.array(step, { minLength: 12, maxLength: 12 }), { minLength: 3, maxLength: 3 });
		fc.assert(
			fc.property(fc.array(policy, { minLength: 1, maxLength: 2 }), histories, (set, given) => {
				const sources = sourcesOf(set);
				const files = lintFiles(sources, { at: NOW });
				const whole = sources.map((source) => source.text).join("---\n");
				const before = outcomesOf(sources, given);
				if (before === null) throw new Error(`does not load:\n${whole}`);
				for (const finding of files.flatMap(({ linted }) => (linted.ok ? linted.value.findings : []))) {
					const { id, place } = finding;
					if (!IDLE.includes(id)) continue;
					const line = sources.find(({ name }) => name === place.file)?.text.split("\n")[(place.line ?? 0) - 1];
					const [, idle = ""] = /# (\w+)$/.exec(line ?? "") ?? [];
					const left =
						id === "redundant-entry" || isOneOfSeveral(line ?? "", finding)
							? withoutEntry(sources, finding)
							: sourcesOf(set, `${place.file.replace(".yaml", "")}.${idle}`);
					seen.set(id, (seen.get(id) ?? 0) + 1);
					const after = outcomesOf(left, given);
					if (after === null) throw new Error(`${id} leaves nothing that loads:\n${whole}`);
					expect(after, `${id}: ${finding.message}\n${whole}`).toEqual(before);
				}
			}),
			{ numRuns: 200 },
		);
		for (const id of IDLE) expect(seen.get(id) ?? 0, id).toBeGreaterThan(0);
	}, 120_000);
});
