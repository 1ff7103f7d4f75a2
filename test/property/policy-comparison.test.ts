/**
 * What the comparison of policies says against brute force: every call of a small universe and many histories are tried on both
 * sets, votes included, and every witness is executed again. `ASSENT_POLICY_PAIRS` says how many pairs of sets.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Comparison, compare, type Witness } from "../../src/core/analysis/comparison/compare.ts";
import { type DecidedCall, DecideLoop, type DecisionLine } from "../../src/core/analysis/trial.ts";
import type { JsonObject } from "../../src/core/base/json.ts";
import { nameTest } from "../../src/core/match/name-globs.ts";
import type { Requirement } from "../../src/core/model/entries.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import type { CompiledPolicySet } from "../../src/core/policy/compiled.ts";

const PAIRS = Number(process.env["ASSENT_POLICY_PAIRS"] ?? 100);

const TOOLS = ["bash", "BASH ", "b\u200bash", "fs.read", "fs.write", "mail"];
const toolGlob = fc.constantFrom("*", "*", "bash", "Bash", "fs.*", "fs.read", "m*", "[bm]*");
const toolGlobs = fc.oneof(
	toolGlob.map((glob) => [glob]),
	toolGlob.map((glob) => [glob]),
	fc.uniqueArray(toolGlob, { minLength: 1, maxLength: 3 }),
);
/** Some tools, but not all of them: an `except` that leaves none is refused. */
const exceptSome = fc.constantFrom(
	{ tools: ["*"], except: ["fs.read"] },
	{ tools: ["*"], except: ["bash", "mail"] },
	{ tools: ["fs.*"], except: ["fs.read"] },
	{ tools: ["[bm]*"], except: ["m*"] },
);
const about = fc.oneof(
	{ weight: 3, arbitrary: fc.constant<object>({}) },
	toolGlobs.map((tools): object => ({ tools })),
	exceptSome,
);

const regex = fc.constantFrom("rm", "rm -rf", "^rm", "^", "rm$", "r.?m", "(rm|dd)", "\\brm\\b", "[0-9]", "x*");
const substring = fc.constantFrom("rm", "RM", "dd", " ", "/etc", "7", "command");
const textGlob = fc.constantFrom("rm*", "*", "/srv/*", "*dd*", "{rm,dd}");
const pathGlob = fc.constantFrom("/srv/**", "/srv/*", "/tmp/**", "**", "/etc/passwd");
const listed = (one: fc.Arbitrary<string>) => fc.oneof(one, fc.uniqueArray(one, { minLength: 1, maxLength: 3 }));
const kind = fc.oneof(
	listed(regex).map((of): object => ({ regex: of })),
	listed(substring).map((of): object => ({ substring: of })),
	listed(textGlob).map((of): object => ({ glob: of, style: "text" })),
	listed(pathGlob).map((of): object => ({ glob: of, style: "path" })),
);
const exempt = fc.oneof(
	listed(fc.constantFrom("rm -rf", "^rm", "dd", "[0-9]", "/etc")).map((of): object => ({ regex: of })),
	listed(fc.constantFrom("rm*", "/srv/*")).map((of): object => ({ glob: of, style: "text" })),
	listed(fc.constantFrom("/srv/**", "/srv/*", "/tmp/**")).map((of): object => ({ glob: of, style: "path" })),
);
const letterCase = fc.constantFrom<object>({}, {}, { case: "sensitive" }, { case: "insensitive" });
const selector = fc.constantFrom("args", "args", "args.command", "args.path", "args.*", "args.x.path", "tool");

const force = fc.constantFrom<object>(
	{},
	{},
	{},
	{ mode: "audit" },
	{ effect: "hold" },
	{ effect: "hold", approval: "two" },
	{ effect: "hold", approval: "ann" },
	{ effect: "hold", mode: "audit" },
);

const patternRule = fc
	.record({
		kind,
		letterCase,
		about,
		in: fc.oneof(selector, fc.uniqueArray(selector, { minLength: 1, maxLength: 2 })),
		unless: fc.option(fc.tuple(exempt, letterCase), { freq: 2 }),
		missing: fc.constantFrom({}, {}, { missing: "match" }, { missing: "ignore" }),
		force,
	})
	.map(({ kind, letterCase, about, unless, missing, force, ...of }): object => ({
		...kind,
		...letterCase,
		...about,
		...of,
		...(unless === null ? {} : { unless: { ...unless[0], ...unless[1] } }),
		...missing,
		...force,
	}));

const range = fc.constantFrom("> 5", ">= 5", "< 5", "1..10", "5", "> 1, <= 7", "<= 1.5");
const predicate = fc.oneof(
	range.map((number): object => ({ number })),
	range.map((length): object => ({ length })),
	range.map((count): object => ({ count })),
	fc
		.tuple(fc.uniqueArray(fc.constantFrom("rm", "RM", 5, "5", true, "x"), { minLength: 1, maxLength: 3 }), letterCase)
		.map(([oneOf, of]): object => ({ oneOf, ...of })),
	fc.boolean().map((boolean): object => ({ boolean })),
	fc.boolean().map((present): object => ({ present })),
	fc.constant({ sameAs: "args.command" }),
	fc
		.record(
			{
				hosts: fc.uniqueArray(fc.constantFrom("a.com", "*.a.com", "*.com", "b.com:81", "10.0.0.1", "*"), {
					minLength: 1,
					maxLength: 2,
				}),
				schemes: fc.constantFrom(["https"], ["https", "http"]),
				ports: fc.constantFrom([443], [81, 443]),
				classes: fc.constantFrom(["private"], ["private", "loopback"], ["link-local"]),
			},
			{ requiredKeys: [] },
		)
		.filter((url) => Object.keys(url).length > 0)
		.map((url): object => ({ url })),
	listed(
		fc.constantFrom("/srv/**", "/srv/a", "/tmp/*", "{workspace}/**", "{workspace}/x", "/data/{tenant}/**", "a/*", "**"),
	).map((path): object => ({
		path,
	})),
	listed(fc.constantFrom("*@a.com", "ann@a.com", "*@*.com")).map((email): object => ({ email })),
	kind,
);
const test = fc
	.record({
		in: fc.oneof(
			fc.constantFrom("args.command", "args.path", "args.x.path", "args.*", "args.x.*#key", "args.list"),
			fc.constant("args.command | args.path"),
		),
		predicate,
		missing: fc.constantFrom({}, {}, { missing: "match" }, { missing: "ignore" }),
	})
	.map(({ predicate, missing, ...of }): object => ({
		...of,
		...predicate,
		...("present" in predicate ? {} : missing),
	}));
const certainTest = test.map(({ missing: _, ...of }: { missing?: string }): object => of);
const tests = fc.oneof(test, fc.array(test, { minLength: 1, maxLength: 2 }));
const conditionRule = fc
	.tuple(
		fc.oneof(
			tests.map((when): object => ({ when })),
			tests.map((require): object => ({ require })),
			fc.record({ when: tests, require: tests }),
		),
		about,
		force,
	)
	.map((parts): object => Object.assign({}, ...parts));

const limit = fc
	.oneof(
		fc.record({ measure: fc.constant("tool_calls"), max: fc.constantFrom(0, 1, 2, 4, 6) }),
		fc.record({ measure: fc.constant("identical_calls"), max: fc.constantFrom(1, 2) }),
		fc.record({ measure: fc.constant("concurrent_calls"), max: fc.constantFrom(0, 2) }),
		fc.record({ measure: fc.constantFrom("tokens", "cost"), max: fc.constantFrom(0, 5, 10) }),
		fc.record({ measure: fc.constant("tokens"), max: fc.constantFrom(5, 10), reserve: fc.constantFrom(1, 5) }),
		fc.record({
			measure: fc.constant("execution_time"),
			max: fc.constantFrom("1s", "3s"),
			reserve: fc.constantFrom("100ms", "1s"),
		}),
	)
	.chain((of) =>
		fc
			.tuple(
				of.measure === "identical_calls" ? fc.constant("session") : fc.constantFrom("session", "agent", "tenant"),
				fc.constantFrom({}, {}, { per: "60ms" }, { per: "1m" }, { per: "2m" }, { per: "1h" }),
				about,
				fc.constantFrom<object>({}, {}, { effect: "hold" }, { mode: "audit" }),
			)
			.map(([scope, per, tools, force]): object => ({
				...of,
				scope,
				...(of.measure === "concurrent_calls" ? {} : per),
				...tools,
				...force,
			})),
	);

/** The key, spelled so that nobody takes the record for a promise. */
const THEN = "then";

const obligation = fc.oneof(
	fc.record({ redact: fc.uniqueArray(fc.constantFrom("args.path", "args.*", "args.x.path"), { minLength: 1 }) }),
	fc.record({ deadline: fc.constantFrom("1s", "30m") }),
	fc.record({ lease: fc.constantFrom("20m", "2h") }),
);

const toolEntries = fc.uniqueArray(fc.oneof(toolGlob, fc.record({ tools: toolGlobs }), exceptSome), { maxLength: 2 });
const few = <Item>(one: fc.Arbitrary<Item>, maxLength: number) =>
	fc.oneof(fc.constant<Item[]>([]), fc.array(one, { maxLength }));

const exception = fc.record({
	pick: fc.nat(20),
	about,
	when: fc.option(certainTest, { nil: undefined }),
	expires: fc.constantFrom("1970-01-01T00:00:30Z", "1970-01-01T00:05:00Z"),
});

const callKind = fc
	.tuple(
		about,
		fc.constantFrom<object>(
			{},
			{},
			{ when: { in: "args.command", oneOf: ["rm", "x"] } },
			{ require: { in: "args.command", regex: "rm" } },
		),
	)
	.map((parts): object => Object.assign({}, ...parts));
const sequence = fc
	.tuple(
		fc.record({ after: callKind, [THEN]: callKind, scope: fc.constantFrom("session", "agent") }),
		fc.constantFrom<object>({}, { within: "1s" }, { within: "1m" }),
		force,
	)
	.map((parts): object => Object.assign({}, ...parts));

const document = fc.record({
	appliesTo: fc.constantFrom<object>(
		{},
		{},
		{},
		{ tenants: ["acme"] },
		{ agents: ["ops-*"] },
		{ tenants: ["a*"], agents: ["coder"] },
	),
	mode: fc.constantFrom("enforce", "enforce", "enforce", "audit"),
	admitted: fc.oneof(
		fc.constantFrom<object>(
			{ allow: "all" },
			{ allow: "all" },
			{ allow: "none" },
			{ default: "hold" },
			{ default: "deny" },
		),
		toolGlobs.map((allow): object => ({ allow })),
		toolGlobs.map((allow): object => ({ default: "hold", allow })),
	),
	deny: toolEntries,
	hold: toolEntries,
	patterns: few(patternRule, 3),
	conditions: few(conditionRule, 2),
	sequences: few(sequence, 1),
	exceptions: few(exception, 1),
	limits: few(limit, 2),
	obligations: few(obligation, 1),
});
type Document = typeof document extends fc.Arbitrary<infer Value> ? Value : never;

const named = (entries: readonly (object | string)[], prefix: string) =>
	entries.map((entry, index) => (typeof entry === "string" ? entry : { name: `${prefix}${index}`, ...entry }));

function written({ admitted, deny, hold, exceptions, ...of }: Document, name: string, more: object = {}): string {
	const patterns = named(of.patterns, "p");
	const conditions = named(of.conditions, "c");
	const sequences = named(of.sequences, "s");
	const lists = { deny: named(deny, "d"), hold: named(hold, "h") };
	const nameOf = (list: "deny" | "hold", entry: object | string): string =>
		typeof entry === "string" ? `tools.${list}[${entry}]` : (entry as { name: string }).name;
	const rules = [
		...lists.deny.map((entry) => nameOf("deny", entry)),
		...lists.hold.map((entry) => nameOf("hold", entry)),
		...[...patterns, ...conditions, ...sequences].map((rule) => (rule as { name: string }).name),
	];
	return JSON.stringify({
		apiVersion: "assent.dev/v1",
		kind: "Policy",
		metadata: { name },
		...more,
		...of,
		tools: { ...admitted, ...lists },
		patterns,
		conditions,
		sequences,
		limits: named(of.limits, "l"),
		exceptions:
			rules.length === 0
				? []
				: exceptions.map(({ pick, about, when, expires }, index) => ({
						name: `e${index}`,
						rules: [rules[pick % rules.length]],
						...about,
						...(when === undefined ? {} : { when }),
						owner: "ann",
						reason: "a trial",
						expires,
					})),
		approvals: {
			default: { approvers: ["*"] },
			two: { approvers: ["*"], quorum: 2 },
			ann: { approvers: ["ann"], expires: "10m" },
		},
	});
}

/** Null: the loader refuses one of them, such as a rule that can never fire. */
function compiled(documents: readonly Document[]): CompiledPolicySet | null {
	const set = compilePolicies(
		documents.map((each, at) => ({ name: `${at}.yaml`, text: written(each, `p${at}`) })),
		{ budgetRoot: "tenant" },
	);
	return set.ok ? set.value : null;
}

const ARGS: readonly JsonObject[] = [
	{},
	{ command: "rm" },
	{ command: "rm -rf" },
	{ command: "RM", path: "/srv/a" },
	{ command: "dd", path: "/tmp/a" },
	{ command: "x", path: "x" },
	{ command: 5 },
	{ command: "5", path: 5 },
	{ command: 7, path: "rm" },
	{ command: true },
	{ command: ["rm", "-rf"] },
	{ command: ["/srv/a", "/tmp/b"] },
	{ path: "/srv/../etc/passwd" },
	{ path: "/srv/a\\..\\b" },
	{ path: "/srv/a/b" },
	{ path: "a/b" },
	{ path: "/data/acme/x" },
	{ path: "/repo/x" },
	{ path: "" },
	{ path: { a: "rm" } },
	{ x: { path: "rm" } },
	{ x: { path: "/srv/a", rm: 1 } },
	{ x: "rm" },
	{ Path: "rm", path: "/srv/a" },
	{ command: "https://a.com/", path: "https://x.a.com/" },
	{ command: "http://b.com:81/", path: "http://10.0.0.1/" },
	{ command: "ann@a.com", path: "ann@a.com, bob@b.com" },
	{ list: ["a", "b", "c", "d", "e", "f"] },
	{ list: [1, 6] },
	{ list: [] },
];

const AGENTS = [
	["acme", "coder"],
	["acme", "ops-1"],
	["beta", "coder"],
	["beta", "ops-1"],
] as const;

const TIMES = [0, 30_000, 300_000];

const callOf = (parts: Partial<DecidedCall>): DecidedCall => ({
	id: "1",
	tenant: "acme",
	agent: "coder",
	session: "s",
	onBehalfOf: null,
	tool: "bash",
	args: {},
	estimate: { tokens: 0, costMicros: 0 },
	usage: { tokens: null, costMicros: null, executionMs: null },
	facts: { workspace: "/repo", home: "/home/a" },
	at: 0,
	...parts,
});

const CALLS: readonly DecidedCall[] = AGENTS.flatMap(([tenant, agent]) =>
	TOOLS.flatMap((tool) => ARGS.map((args) => callOf({ tenant, agent, tool, args }))),
);

const VOTERS: readonly (readonly string[])[] = [[], ["ann"], ["bob"], ["ann", "bob"]];

/** What stands against a call: nothing, votes that are missing, or a denial. A limit of nothing denies the first call. */
function asked(
	set: CompiledPolicySet,
	call: DecidedCall,
): { readonly isDenied: boolean; readonly asks: readonly Requirement[] } {
	const { applies, isEnforced, fired, limits } = set.evaluate({ ...call, at: call.at ?? 0 });
	const isNothingLeft = limits.some(({ max, mode, effect }) => max === 0 && mode === "enforce" && effect === "deny");
	const inForce = fired.filter(({ reason }) => reason.rule.mode === "enforce");
	return {
		isDenied:
			applies.length === 0 ||
			!isEnforced ||
			isNothingLeft ||
			inForce.some(({ reason }) => reason.rule.effect === "deny"),
		asks: inForce.flatMap(({ requirement }) => requirement ?? []),
	};
}

/** Do these people grant it all, if they wait so long? */
const isGranted = (asks: readonly Requirement[], voters: readonly string[], waitMs: number): boolean =>
	asks.every(
		({ approvers, quorum, expiresAfterMs }) =>
			waitMs < expiresAfterMs && voters.filter(nameTest(approvers, false)).length >= quorum,
	);

const redacted = (set: CompiledPolicySet, call: DecidedCall): readonly string[] =>
	set.evaluate({ ...call, at: call.at ?? 0 }).obligations.redact;

/** Everything that one admits, the other does. */
function expectStricter(narrow: CompiledPolicySet, wide: CompiledPolicySet, seed: number): void {
	const isTimed = [narrow, wide].some(({ policies }) => policies.some(({ exceptions }) => exceptions.length > 0));
	for (const call of isTimed ? TIMES.flatMap((at) => CALLS.map((each) => ({ ...each, at }))) : CALLS) {
		const own = asked(narrow, call);
		if (own.isDenied) continue;
		const other = asked(wide, call);
		const isAdmitted = (voters: readonly string[], waitMs: number): boolean =>
			!isGranted(own.asks, voters, waitMs) || (!other.isDenied && isGranted(other.asks, voters, waitMs));
		if (!VOTERS.every((voters) => [0, 900_000].every((waitMs) => isAdmitted(voters, waitMs))))
			expect.fail(`not stricter: ${JSON.stringify(call)}`);
		const paths = redacted(narrow, call);
		const bare = redacted(wide, call).filter(
			(pointer) => !paths.some((each) => pointer === each || pointer.startsWith(`${each}/`)),
		);
		if (bare.length > 0) expect.fail(`not redacted: ${bare.join()} of ${JSON.stringify(call)}`);
	}
	for (let turn = 0; turn < HISTORIES; turn++) expectHistory(narrow, wide, seed * HISTORIES + turn);
}

const HISTORIES = 4;

/** One random history: what the one executes, the other does. */
function expectHistory(narrow: CompiledPolicySet, wide: CompiledPolicySet, seed: number): void {
	const chance = chances(seed);
	const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(chance() * items.length)] as Item;
	const [own, other] = [new DecideLoop(narrow), new DecideLoop(wide)];
	const openShare = pick([0, 0, 0.5, 1]);
	const open: DecidedCall[] = [];
	const tools = [pick(TOOLS), pick(TOOLS)];
	const args = [pick(ARGS), {}];
	const pace = pick([0, 1, 20, 1_000, 30_000]);
	const executed: DecidedCall[] = [];
	let at = 0;
	for (let made = 0; made < 40; made++) {
		at += Math.floor(chance() * 2 * pace);
		if (openShare < 1 && open.length > 0 && chance() < 0.3) {
			const [call] = open.splice(Math.floor(chance() * open.length), 1) as [DecidedCall];
			for (const loop of [own, other]) loop.report({ call, status: "ok", usage: call.usage, at });
		}
		const isOpen = chance() < openShare;
		const [tenant, agent] = chance() < 0.8 ? AGENTS[0] : pick(AGENTS);
		const tokens = pick([0, 0, 1, 4]);
		const call = callOf({
			id: String(made),
			tenant,
			agent,
			session: pick(["s", "t"]),
			tool: pick(tools),
			args: pick(args),
			estimate: { tokens, costMicros: tokens },
			usage: { tokens: pick([null, 0, 3, 9]), costMicros: pick([null, 2]), executionMs: pick([null, 10, 2_000]) },
			at,
		});
		if ((isOpen ? own.ask(call) : own.decide(call)).verdict !== "allow") continue;
		executed.push(call);
		if (isOpen) open.push(call);
		const { verdict, reason } = isOpen ? other.ask(call) : other.decide(call);
		if (verdict !== "allow")
			expect.fail(`not stricter: ${reason}, ${openShare} open, after ${JSON.stringify(executed)}`);
	}
}

/** Mulberry32. */
function chances(seed: number): () => number {
	let state = seed | 0;
	return () => {
		state = (state + 0x6d2b79f5) | 0;
		let mixed = Math.imul(state ^ (state >>> 15), state | 1);
		mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
		return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
	};
}

/** Runs it again, on both, from the calls alone. */
function expectWitness(witness: Witness, narrow: CompiledPolicySet, wide: CompiledPolicySet): void {
	const [own, other] = [narrow, wide].map((set) => {
		const loop = new DecideLoop(set);
		const lines = witness.calls.map((call) => (witness.isOpen ? loop.ask(call) : loop.decide(call)));
		const before = lines.slice(0, -1).every(({ verdict }) => verdict === "allow");
		const last = lines.at(-1) as DecisionLine;
		let verdict: string = last.verdict;
		for (const { by, at } of witness.votes) {
			if (verdict === "allow" || verdict === "deny") break;
			verdict = loop.vote({ call: witness.calls.at(-1) as DecidedCall, vote: "granted", by, at }).verdict;
		}
		return { before, verdict, obligations: last.obligations };
	}) as [Rerun, Rerun];
	const rank = (verdict: string): number => (verdict === "allow" ? 0 : verdict === "deny" ? 2 : 1);
	const { redact, callDeadlineMs } = own.obligations;
	const owesLess =
		own.verdict === other.verdict &&
		own.verdict !== "deny" &&
		(callDeadlineMs > other.obligations.callDeadlineMs ||
			other.obligations.redact.some((each) => !redact.some((one) => each === one || each.startsWith(`${one}/`))));
	if (own.before && other.before && (owesLess || rank(own.verdict) < rank(other.verdict))) return;
	expect.fail(`no witness: ${JSON.stringify([witness, own, other])}`);
}

interface Rerun {
	readonly before: boolean;
	readonly verdict: string;
	readonly obligations: DecisionLine["obligations"];
}

function expectSound(comparison: Comparison, a: CompiledPolicySet, b: CompiledPolicySet, seed: number): void {
	const { isAtLeastAsStrict, isAtMostAsStrict, looser, stricter } = comparison;
	if (isAtLeastAsStrict === "yes") expectStricter(a, b, seed);
	if (isAtMostAsStrict === "yes") expectStricter(b, a, seed);
	for (const { is, witness } of looser) {
		expect(is === "broken").toBe(witness !== null);
		if (witness !== null) expectWitness(witness, a, b);
	}
	for (const { witness } of stricter) if (witness !== null) expectWitness(witness, b, a);
}

/** One document, and another that differs in a section or two: most of what is compared has much in common. */
const pair = fc.oneof(
	fc.tuple(fc.array(document, { minLength: 1, maxLength: 2 }), fc.array(document, { minLength: 1, maxLength: 2 })),
	fc
		.tuple(
			document,
			document,
			fc.uniqueArray(
				fc.constantFrom(
					...([
						"appliesTo",
						"mode",
						"admitted",
						"deny",
						"hold",
						"patterns",
						"conditions",
						"sequences",
						"exceptions",
						"limits",
						"obligations",
					] as const),
				),
				{ minLength: 1, maxLength: 2 },
			),
		)
		.map(([one, other, keys]): [Document[], Document[]] => [
			[one],
			[{ ...one, ...Object.fromEntries(keys.map((key) => [key, other[key]])) } as Document],
		]),
	fc.tuple(document, document).map(([one, other]): [Document[], Document[]] => [[one], [one, other]]),
);

describe("two sets of policies", { timeout: 240_000 }, () => {
	it("are equal where they differ in order alone", () => {
		const reversed = (value: unknown): unknown => {
			if (Array.isArray(value)) return value.map(reversed).reverse();
			if (typeof value !== "object" || value === null) return value;
			return Object.fromEntries(
				Object.entries(value)
					.map(([key, member]) => [key, reversed(member)])
					.reverse(),
			);
		};
		fc.assert(
			fc.property(document, (one) => {
				const text = written(one, "p0");
				const read = [text, JSON.stringify(reversed(JSON.parse(text)))].map((each) =>
					compilePolicies([{ name: "0.yaml", text: each }], { budgetRoot: "tenant" }),
				);
				const [a, b] = read;
				fc.pre(a?.ok === true && b?.ok === true);
				if (!(a?.ok && b?.ok)) return;
				const isRead = JSON.stringify(compare(a.value, b.value)).includes("not compared yet");
				expect(compare(a.value, b.value).relation).toBe(isRead ? "unknown" : "equal");
			}),
			{ numRuns: Math.ceil(PAIRS / 2), maxSkipsPerRun: 1_000 },
		);
	});

	it("are stricter than one another only where no call and no history says otherwise, and witnesses show what they show", () => {
		const counts: Record<string, number> = {};
		fc.assert(
			fc.property(pair, fc.nat(), ([one, other], seed) => {
				const [a, b] = [compiled(one), compiled(other)];
				fc.pre(a !== null && b !== null);
				const comparison = compare(a, b);
				counts[comparison.relation] = (counts[comparison.relation] ?? 0) + 1;
				expectSound(comparison, a, b, seed);
				// Which calls are tried first may depend on the order; what is proven does not.
				const reverse = compare(b, a);
				const pairs = [
					[comparison.isAtLeastAsStrict, reverse.isAtMostAsStrict],
					[comparison.isAtMostAsStrict, reverse.isAtLeastAsStrict],
				];
				for (const [there, back] of pairs) expect(there === "yes").toBe(back === "yes");
			}),
			{ numRuns: PAIRS, maxSkipsPerRun: 1_000 },
		);
		// Of most kinds there were some: nothing is proven about what never came.
		expect(Object.keys(counts).length).toBeGreaterThan(3);
	});

	it("are as strict with a layer more as without it", () => {
		let loaded = 0;
		fc.assert(
			fc.property(document, document, fc.nat(), (base, layer, seed) => {
				const texts = [written(base, "p0"), written(layer, "p1", { extends: "p0" })];
				const sources = texts.map((text, at) => ({ name: `${at}.yaml`, text }));
				const layered = compilePolicies(sources, { budgetRoot: "tenant" });
				const alone = compilePolicies(sources.slice(0, 1), { budgetRoot: "tenant" });
				fc.pre(layered.ok && alone.ok);
				loaded += 1;
				expectStricter(layered.value, alone.value, seed);
			}),
			{ numRuns: PAIRS, maxSkipsPerRun: 1_000 },
		);
		expect(loaded).toBe(PAIRS);
	});

	it("also where rules are compared one by one, because they tell too many kinds of tools apart", () => {
		const counts: Record<string, number> = {};
		fc.assert(
			fc.property(pair, fc.nat(), ([one, other], seed) => {
				const [a, b] = [compiled(one), compiled(other)];
				fc.pre(a !== null && b !== null);
				const comparison = compare(a, b, { kindsMax: 0 });
				counts[comparison.relation] = (counts[comparison.relation] ?? 0) + 1;
				expectSound(comparison, a, b, seed);
			}),
			{ numRuns: PAIRS, maxSkipsPerRun: 1_000 },
		);
		expect(Object.keys(counts).length).toBeGreaterThan(3);
	});
});
