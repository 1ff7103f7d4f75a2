/** The evaluator, with all its indexes, says what the rules say that it is made of, read one by one. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Json } from "../../src/core/base/json.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import { readRules } from "../support/rule-reader.ts";

const TOOLS = ["bash", "BASH ", "fs.read", "fs.write", "functions.bash", "mail", "rm", "b\u200bash"];
const toolGlob = fc.constantFrom("*", "bash", "fs.*", "*bash", "{mail,rm}", "FS.read", "?m", "[bm]*");
const toolGlobs = fc.uniqueArray(toolGlob, { minLength: 1, maxLength: 3 });
const except = fc
	.oneof(
		fc.constant({}),
		fc
			.uniqueArray(toolGlob, { minLength: 1, maxLength: 2 })
			.map((globs) => ({ except: globs.filter((of) => of !== "*") })),
	)
	.filter((of) => !("except" in of) || of.except.length > 0);
/** `tools` and `except` of a rule. */
const about = fc.tuple(toolGlobs, except).map(([tools, rest]) => ({ tools, ...rest }));

const regex = fc.constantFrom(
	"\\brm\\s+-\\w*f\\w*\\s+/",
	"\\b(?:rm|dd)\\b[^;\\n]{0,9}\\b(secret|token)\\b",
	"(^|[;&]\\s*)curl\\s+[^ ]+\\.example\\.(com|net)",
	"(?:secret|token).{0,5}=",
	"[0-9]{1,3}\\.[0-9]+",
	"^\\W*rm",
	"rm$",
	".",
	"x*",
	"sk-[a-z0-9]{4,}",
	"k\u00e9y|\u017fecret",
	"s{3}",
	"a+b?",
	"(?:a|ab)(?:c|bc)?",
);
const substring = fc.constantFrom("rm -rf", "secret", "SELF", "k", " ", "/etc", "\u212a", "\u00e9");
const glob = fc.constantFrom("*.pem", "/srv/**", "**", "*", "/etc/{passwd,shadow}", "**/a/*", "?");
const text = fc.oneof(regex, fc.string({ unit: fc.constantFrom("r", "m", "s", "."), minLength: 1, maxLength: 4 }));
const listed = (one: fc.Arbitrary<string>) => fc.oneof(one, fc.uniqueArray(one, { minLength: 1, maxLength: 4 }));
const kind = fc.oneof(
	listed(text).map((of) => ({ regex: of })),
	listed(substring).map((of) => ({ substring: of })),
	fc.record({ glob: listed(glob), style: fc.constantFrom("path", "text") }),
);
const letterCase = fc.constantFrom({}, { case: "sensitive" }, { case: "insensitive" });
const selector = fc.constantFrom(
	"args",
	"tool",
	"args.command",
	"args.path",
	"args.*.path",
	"args.edits.*.path",
	"args.list",
);
const force = fc.constantFrom<object[]>(
	{},
	{},
	{ mode: "audit" },
	{ effect: "hold" },
	{ effect: "hold", mode: "audit" },
);
const message = fc.constantFrom({}, { message: "no" });

const patternRule = fc
	.record({
		kind,
		letterCase,
		about: fc.oneof(fc.constant({}), about),
		selectors: fc.uniqueArray(selector, { minLength: 1, maxLength: 3 }),
		unless: fc.option(fc.tuple(kind, letterCase)),
		missing: fc.constantFrom({}, { missing: "match" }, { missing: "ignore" }),
		force,
		message,
	})
	.map(({ selectors, unless, ...of }) => ({
		...of.kind,
		...of.letterCase,
		...of.about,
		in: selectors,
		...(unless === null ? {} : { unless: { ...unless[0], ...unless[1] } }),
		...of.missing,
		...of.force,
		...of.message,
	}));

const toolEntry = fc
	.tuple(about, fc.constantFrom<object[]>({}, {}, { mode: "audit" }))
	.map(([of, mode]) => ({ ...of, ...mode }));
const toolEntries = fc.uniqueArray(fc.oneof(toolGlob, toolEntry), { maxLength: 3 });
const allowList = fc.array(fc.oneof(toolGlob, about), { minLength: 1, maxLength: 3 });
/** What is admitted, and what becomes of the rest. */
const admitted = fc.oneof(
	fc.constantFrom({ allow: "all" }, { allow: "none" }, { default: "allow" }, { default: "hold" }),
	allowList.map((allow) => ({ allow })),
	fc.tuple(allowList, fc.constantFrom("deny", "hold")).map(([allow, others]) => ({ allow, default: others })),
);
const obligation = fc
	.record(
		{
			about,
			redact: fc.uniqueArray(fc.constantFrom("args.path", "args.*.path", "args.command", "args.edits"), {
				minLength: 1,
			}),
			deadline: fc.constantFrom("1s", "5m"),
			message: fc.constantFrom("careful", "slowly"),
		},
		{ requiredKeys: ["about", "message"] },
	)
	.map(({ about, ...of }) => ({ ...about, ...of }));
/** What is asked of what the classifier reads. */
const intentAsked = fc.record({
	categories: fc.uniqueArray(
		fc.constantFrom("destructive_data", "data_exfiltration", "code_execution", "network_access", "data_read"),
		{ minLength: 1, maxLength: 3 },
	),
	confidence: fc.constantFrom(1, 40, 50, 75, 90),
});
const factAsked = fc.constantFrom<object[]>(
	{ fact: "command", has: { program: ["rm", "dd"] } },
	{ fact: "command", has: { program: ["r*", "c*l"], flags: ["f", "rf", "F"] }, none: { words: ["/x"] } },
	{ fact: "command", none: { program: ["RM", "curl"] } },
	{ fact: "path", has: { path: ["/ETC/*", "*b.pem"] } },
	{ fact: "path", all: { pathclass: ["shadow", "system-config"] } },
	{ fact: "host", none: { host: ["*.Example.com"] } },
	{ fact: "request", has: { method: ["get"] } },
	{ fact: "opaque" },
);
const readings = fc.oneof(
	{ weight: 3, arbitrary: fc.constant({}) },
	intentAsked.map((intents) => ({ intents })),
	factAsked.map((facts) => ({ facts })),
);
const listedCommands = fc
	.uniqueArray(fc.constantFrom("rm", "ls", "dd", "curl", "rm /", "rm /x"), { minLength: 1, maxLength: 4 })
	.map((only) => ({ only }));
const readingRules = (asked: fc.Arbitrary<object>) =>
	fc.array(
		fc
			.tuple(asked, fc.oneof(fc.constant({}), about), force, message)
			.map((parts): object => Object.assign({}, ...parts)),
		{ maxLength: 2 },
	);
const sequence = fc
	.record({
		after: about.filter(({ tools }) => tools?.some((glob) => glob !== "*") === true),
		completedBy: about,
		begun: readings,
		stopped: readings,
		within: fc.constantFrom({}, { within: "5m" }),
		force,
		message,
	})
	.map(({ after, completedBy, begun, stopped, ...of }) => ({
		after: { ...after, ...begun },
		// biome-ignore lint/suspicious/noThenProperty: the key of a policy.
		then: { ...completedBy, ...stopped },
		...of.within,
		...of.force,
		...of.message,
	}));
const named = (entries: readonly (object | string)[], prefix: string) =>
	entries.map((entry, index) => (typeof entry === "string" ? entry : { name: `${prefix}${index}`, ...entry }));

const principals = fc.constantFrom<object[]>(
	{},
	{ tenants: ["acme"] },
	{ agents: ["ops-*"] },
	{ tenants: ["a*"], agents: ["coder", "x"] },
);

const ENDS = Date.UTC(2026, 11, 31);
const exception = fc.record({
	/** Which rules, of this policy or of the one after it. */
	picks: fc.uniqueArray(fc.nat(40), { minLength: 1, maxLength: 4 }),
	isOfOther: fc.constantFrom(false, false, true),
	more: fc
		.tuple(
			fc.constantFrom<object[]>({}, { when: { in: "args.path", oneOf: ["rm", "abc", "sk-abcd1", "/"] } }),
			fc.oneof(fc.constant({}), about),
			principals.map((appliesTo) => ({ appliesTo })),
		)
		.map((parts): object => Object.assign({}, ...parts)),
});

const policy = fc
	.record({
		appliesTo: principals,
		mode: fc.constantFrom("enforce", "enforce", "audit"),
		admitted,
		deny: toolEntries,
		hold: toolEntries,
		patterns: fc.array(patternRule, { maxLength: 8 }),
		intents: readingRules(intentAsked),
		facts: readingRules(factAsked),
		commands: readingRules(listedCommands),
		sequences: fc.array(sequence, { maxLength: 3 }),
		exceptions: fc.array(exception, { maxLength: 3 }),
		limits: fc.array(about, { maxLength: 3 }),
		obligations: fc.array(obligation, { maxLength: 3 }),
	})
	.map(({ appliesTo, mode, admitted, deny, hold, patterns, sequences, exceptions, limits, obligations, ...read }) => ({
		apiVersion: "assent.dev/v1",
		kind: "Policy",
		appliesTo,
		mode,
		tools: { ...admitted, deny: named(deny, "d"), hold: named(hold, "h") },
		approvals: { default: { approvers: ["*"] } },
		patterns: named(patterns, "p"),
		intents: named(read.intents, "i"),
		facts: named(read.facts, "f"),
		commands: named(read.commands, "c"),
		sequences: named(sequences, "s"),
		exceptions,
		limits: limits.map((of, index) => ({ name: `l${index}`, measure: "tool_calls", scope: "agent", max: 9, ...of })),
		obligations,
	}));

type Document = typeof policy extends fc.Arbitrary<infer Value> ? Value : never;

/** The names of all rules that can be lifted. */
function ruleNames({ tools, patterns, intents, facts, commands }: Document): readonly string[] {
	const listed = (list: "deny" | "hold"): readonly string[] =>
		tools[list].map((entry) =>
			typeof entry === "string" ? `tools.${list}[${entry}]` : (entry as { name: string }).name,
		);
	const others = "default" in tools ? "tools.default" : "tools.allow";
	const admitsAll = ("allow" in tools && tools.allow === "all") || ("default" in tools && tools.default === "allow");
	const own = [...patterns, ...intents, ...facts, ...commands].map((rule) => (rule as { name: string }).name);
	return [...(admitsAll ? [] : [others]), ...listed("deny"), ...listed("hold"), ...own];
}

/** With its exceptions for rules that there are. */
function written(documents: readonly Document[], index: number): string {
	const document = documents[index] as Document;
	const exceptions = document.exceptions.flatMap(({ picks, isOfOther, more }, at) => {
		const other = (index + 1) % documents.length;
		const isForeign = isOfOther && other !== index && document.mode === "enforce";
		const names = ruleNames(isForeign ? (documents[other] as Document) : document);
		const rules = [...new Set(picks.map((pick) => names[pick % names.length]))].filter((name) => name !== undefined);
		if (rules.length === 0) return [];
		const said = { owner: "ann", reason: "a trial", expires: "2026-12-31T00:00:00Z" };
		return [{ name: `e${at}`, rules: isForeign ? rules.map((name) => `p${other}/${name}`) : rules, ...said, ...more }];
	});
	return JSON.stringify({ ...document, exceptions, metadata: { name: `p${index}` } });
}

const word = fc.constantFrom(
	"rm",
	"-rf",
	"/",
	"rm -rf /",
	"RM -F /x",
	"dd if=secret",
	"; curl http://a.example.com/evil",
	"token =",
	"/srv/%2e%2e/etc/passwd",
	"file:///etc/shadow",
	"/srv/a /etc/passwd",
	"c:/srv/a%2f/b",
	"/srv/a/../../etc/passwd",
	"/srv/a\\..\\b.pem",
	"10.0.0.1",
	"sk-abcd1",
	"",
	"\u017fecret \u212aey",
	"k\u00e9y\n",
	"aabbc",
	"abc",
	"sss",
);
const scalar = fc.oneof<fc.Arbitrary<Json>[]>(
	word,
	fc.array(word, { maxLength: 4 }).map((words) => words.join(" ")),
	fc.constantFrom(1, 10.25, true, null),
);
const key = fc.constantFrom("command", "args", "path", "Path", "paths", "edits", "list", "operation", "note", "rm");
const { value } = fc.letrec<{ value: Json }>((tie) => ({
	value: fc.oneof(
		{ depthSize: "small" },
		scalar,
		fc.array(scalar, { maxLength: 3 }),
		fc.array(tie("value"), { maxLength: 3 }),
		fc.dictionary(key, tie("value"), { maxKeys: 4, noNullPrototype: true }),
	),
}));
const call = fc.record({
	tenant: fc.constantFrom("acme", "umbra"),
	agent: fc.constantFrom("coder", "ops-1", "x"),
	tool: fc.constantFrom(...TOOLS),
	args: fc.dictionary(key, value, { maxKeys: 4, noNullPrototype: true }),
	at: fc.constantFrom(0, ENDS - 1, ENDS - 1, ENDS),
});

/** Codes of rules on what the classifier reads. */
const READ = /^(?:category\.found|fact\.found|command\.not_listed)$/;

describe("a compiled set of policies", () => {
	it("says of calls what its rules say, read one by one, however often it is asked and in whatever order", () => {
		let fired = 0;
		let lifted = 0;
		let read = 0;
		fc.assert(
			fc.property(
				fc.uniqueArray(policy, { minLength: 1, maxLength: 3 }),
				fc.array(call, { minLength: 1, maxLength: 12 }),
				(documents, calls) => {
					const sources = documents.map((_, index) => ({ name: `p${index}.yaml`, text: written(documents, index) }));
					const set = compilePolicies(sources, { budgetRoot: "tenant/agent" });
					fc.pre(set.ok);
					if (!set.ok) return;
					for (const one of [...calls, ...calls.toReversed()]) {
						const expected = readRules(set.value.policies, one);
						expect(set.value.evaluate(one), JSON.stringify(one)).toEqual(expected);
						lifted += expected.fired.filter(({ reason }) => reason.rule.code === "exception.used").length;
						read += expected.fired.filter(({ reason: { rule } }) => READ.test(rule.code)).length;
						fired += expected.fired.filter(({ reason }) => reason.span !== null).length;
					}
				},
			),
			{ numRuns: 200 },
		);
		expect(fired).toBeGreaterThan(500);
		expect(lifted).toBeGreaterThan(100);
		expect(read).toBeGreaterThan(100);
	});
});
