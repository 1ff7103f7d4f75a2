/**
 * What is proven of sets whose sequences are much alike, against histories: calls that begin and complete them, just before their time
 * is over, at that moment and just after, in several sessions of several agents, and after an idle session was forgotten.
 * `ASSENT_POLICY_PAIRS` says how many pairs.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Comparison, compare } from "../../src/core/analysis/comparison/compare.ts";
import { type DecidedCall, DecideLoop } from "../../src/core/analysis/trial.ts";
import type { JsonObject } from "../../src/core/base/json.ts";
import { DEFAULT_LAYOUT } from "../../src/core/model/layout.ts";
import type { CompiledPolicySet } from "../../src/core/policy/compiled.ts";
import { isAdmitted } from "../fuzz-compare/brute-force.ts";
import { compiled, written } from "../fuzz-compare/pairs.ts";
import { Chance, callOf } from "../fuzz-compare/universe.ts";

const CASES = Number(process.env["ASSENT_POLICY_PAIRS"] ?? 300);

const HISTORIES = 16;
const CALLS = 10;

const NOTHING: JsonObject = {};
type Part = fc.Arbitrary<JsonObject>;
const joined = (...parts: readonly Part[]): Part =>
	fc.tuple(...parts).map((all): JsonObject => Object.assign({}, ...all));
const either = (...values: readonly JsonObject[]): Part => fc.constantFrom(...values);

const TOOLS = ["read", "rest", "send", "mail", "pay"];
const tools = either(
	...[["read"], ["read", "rest"], ["re*"], ["send"], ["send", "mail"], ["s*", "pay"], ["mail", "pay"]].map((of) => ({
		tools: of,
	})),
	{ tools: ["re*"], except: ["rest"] },
	{ tools: ["*"], except: ["read"] },
	{ tools: ["*"], except: ["re*"] },
	{ tools: ["*"], except: ["read", "pay"] },
);
const test = joined(
	either(
		{ number: "> 3" },
		{ number: "> 5" },
		{ number: ">= 5, < 9" },
		{ oneOf: [5, "a"] },
		{ oneOf: ["a"] },
		{ boolean: true },
	),
	either(NOTHING, NOTHING, { missing: "match" }, { missing: "ignore" }),
).map((of) => ({ in: "args.x", ...of }));
const VALUES = [1, 4, 5, 7, 9, "a", "A", "b", true, { a: 1 }];
const tests = fc.oneof(
	{ weight: 3, arbitrary: fc.constant(NOTHING) },
	test.map((when): JsonObject => ({ when })),
	test.map((require): JsonObject => ({ require })),
);

const within = either(NOTHING, ...["2s", "3s", "1m", "7d", "8d"].map((text) => ({ within: text })));
const scope = either({ scope: "session" }, { scope: "agent" });
const effect = either(NOTHING, NOTHING, { effect: "hold" }, { effect: "hold", approval: "two" });
const mode = either(NOTHING, NOTHING, NOTHING, { mode: "audit" });

/** What people change of a sequence, one at a time. */
const PARTS = { within, scope, effect, mode } as const;
const CALL_PARTS = { tools, tests } as const;
const calls = joined(...Object.values(CALL_PARTS));

const sequence = fc
	.tuple(joined(...Object.values(PARTS)), calls, calls)
	// biome-ignore lint/suspicious/noThenProperty: the key of a policy.
	.map(([of, after, completing]): JsonObject => ({ ...of, after, then: completing }));

/** Without what is said of any of these keys, and with what is said now. */
function replaced(whole: JsonObject, keys: readonly string[], part: JsonObject): JsonObject {
	return { ...Object.fromEntries(Object.entries(whole).filter(([key]) => !keys.includes(key))), ...part };
}

const KEYS = {
	within: ["within"],
	scope: ["scope"],
	effect: ["effect", "approval"],
	mode: ["mode"],
	tools: ["tools", "except"],
	tests: ["when", "require"],
} as const;

type Edit = (whole: JsonObject) => JsonObject;

const ofPart = (name: keyof typeof PARTS): fc.Arbitrary<Edit> =>
	PARTS[name].map((part) => (whole) => replaced(whole, KEYS[name], part));
const ofCalls = (end: "after" | "then", name: keyof typeof CALL_PARTS): fc.Arbitrary<Edit> =>
	CALL_PARTS[name].map((part) => (whole) => ({
		...whole,
		[end]: replaced(whole[end] as JsonObject, KEYS[name], part),
	}));

const edit = fc.oneof(
	{ weight: 2, arbitrary: ofPart("within") },
	ofPart("scope"),
	ofPart("effect"),
	ofPart("mode"),
	...(["after", "then"] as const).flatMap((end) => [ofCalls(end, "tools"), ofCalls(end, "tests")]),
);

/** Rules beside the sequences, which may stop what those do: most often none. */
const beside = fc.oneof(
	{ weight: 6, arbitrary: fc.constant(NOTHING) },
	either(
		{ tools: { allow: "all", deny: ["send"] } },
		{ tools: { allow: "all", deny: ["read"] } },
		{ tools: { allow: "all", hold: ["pay"] } },
		{ conditions: [{ name: "c", tools: ["send", "pay"], when: { in: "args.x", number: "> 3" } }] },
	),
);
const exceptions = fc.oneof(
	{ weight: 6, arbitrary: fc.constant<readonly JsonObject[]>([]) },
	joined(
		either(
			{ rules: ["s0"] },
			{ rules: ["s0"], tools: ["send"] },
			{ rules: ["s0"], when: { in: "args.x", number: "> 5" } },
		),
		either(NOTHING, { appliesTo: { agents: ["ops-*"] } }),
		either({ expires: "1970-01-01T00:00:03Z" }, { expires: "1970-02-01T00:00:00Z" }),
	).map((of): readonly JsonObject[] => [{ name: "e", owner: "ann", reason: "a trial", ...of }]),
);

interface Written {
	readonly sequences: readonly JsonObject[];
	readonly beside: JsonObject;
	readonly exceptions: readonly JsonObject[];
}

const named = (sequences: readonly JsonObject[]): readonly JsonObject[] =>
	sequences.map((each, place) => ({ name: `s${place}`, ...each }));

const documentOf = ({ sequences, beside, exceptions }: Written): JsonObject => ({
	tools: { allow: "all" },
	approvals: { default: { approvers: ["ann", "bob"] }, two: { approvers: ["*"], quorum: 2 } },
	...beside,
	...(sequences.length === 0 ? {} : { sequences: named(sequences) }),
	...(sequences.length === 0 || exceptions.length === 0 ? {} : { exceptions }),
});

/** The sequences after some edits, or with one less; others at their side now and then. */
const pairs = fc
	.record({
		sequences: fc.array(sequence, { minLength: 1, maxLength: 3 }),
		edits: fc.array(fc.record({ place: fc.nat(), edit }), { minLength: 1, maxLength: 2 }),
		isShorter: fc.integer({ min: 0, max: 9 }).map((of) => of === 0),
		isReversed: fc.boolean(),
		beside,
		exceptions,
		own: fc.option(fc.record({ beside, exceptions }), { freq: 6 }),
	})
	.map(({ sequences, edits, isShorter, isReversed, beside, exceptions, own }): readonly [Written, Written] => {
		const changed = [...sequences];
		for (const { place, edit } of edits) {
			const index = place % changed.length;
			changed[index] = edit(changed[index] as JsonObject);
		}
		const base = { sequences, beside, exceptions };
		const other = { ...base, sequences: isShorter ? changed.slice(1) : changed, ...(own ?? {}) };
		return isReversed ? [other, base] : [base, other];
	});

const AGENTS = ["coder", "ops-1"];
const SESSIONS = ["s", "s", "t"];

/** What may have passed since a call before: nearly as long as something counts, just as long, and longer. */
function distancesOf(sets: readonly CompiledPolicySet[]): readonly number[] {
	const lengths = sets.flatMap(({ policies }) =>
		policies.flatMap(({ sequences }) => sequences.map(({ sequence }) => sequence.withinMs)),
	);
	return [0, ...new Set([...lengths.filter((ms) => ms > 0), DEFAULT_LAYOUT.sessionMs])].flatMap((ms) =>
		[ms - 1, ms, ms + 1].filter((distance) => distance >= 0),
	);
}

/** Calls that the set executes, of some that are aimed at the distances; each is as far from one before. */
function executedBy(
	set: CompiledPolicySet,
	distances: readonly number[],
	chance: Chance,
	voters: readonly string[],
): readonly DecidedCall[] {
	const loop = new DecideLoop(set);
	const executed: DecidedCall[] = [];
	const known = [chance.pick(TOOLS), chance.pick(TOOLS), chance.pick(TOOLS)];
	const args = [NOTHING, { x: chance.pick(VALUES) }, { x: chance.pick(VALUES) }];
	const isAlone = chance.next() < 0.5;
	let now = 0;
	for (let made = 0; made < CALLS; made++) {
		const since = executed.length === 0 ? 0 : (chance.pick(executed).at ?? 0);
		now = Math.max(now, since + chance.pick(distances));
		const call = callOf({
			id: String(made),
			agent: isAlone ? "coder" : chance.pick(AGENTS),
			session: chance.pick(SESSIONS),
			tool: chance.pick(known),
			args: chance.pick(args),
			at: now,
		});
		if (isAdmitted(loop, call, voters, false)) executed.push(call);
	}
	return executed;
}

interface Tried {
	/** Calls that the one admits, and the other does not the last of them; null: none were found. */
	readonly beyond: string | null;
	/** Calls that were executed on both. */
	readonly executed: number;
}

function tryHistories(narrow: CompiledPolicySet, wide: CompiledPolicySet, seed: number): Tried {
	const distances = distancesOf([narrow, wide]);
	let executed = 0;
	for (let turn = 0; turn < HISTORIES; turn++) {
		const chance = new Chance(seed * HISTORIES + turn);
		const voters = chance.pick([[], ["ann"], ["bob", "ann"]]);
		const history = executedBy(narrow, distances, chance, voters);
		// Both from the start, without what was refused: that lets time pass, too, in which things are forgotten.
		const [own, other] = [new DecideLoop(narrow), new DecideLoop(wide)];
		for (const call of history) {
			if (!isAdmitted(own, call, voters, false)) break;
			if (!isAdmitted(other, call, voters, false))
				return { beyond: JSON.stringify({ voters, history, call }), executed };
			executed += 1;
		}
	}
	return { beyond: null, executed };
}

const isProven = ({ isAtLeastAsStrict, isAtMostAsStrict }: Comparison): readonly [boolean, boolean] => [
	isAtLeastAsStrict === "yes",
	isAtMostAsStrict === "yes",
];

describe("sets whose sequences are much alike", () => {
	it("are as strict as one another only where no history says otherwise", () => {
		let [proven, executed, different] = [0, 0, 0];
		fc.assert(
			fc.property(pairs, fc.nat(), (pair, seed) => {
				const [a, b] = pair.map((each) => compiled(written([documentOf(each)])));
				fc.pre(a != null && b != null && a.digest !== b.digest);
				const proofs = [compare(a, b), compare(a, b, { kindsMax: 0 })].map(isProven);
				for (const [narrow, wide, side] of [
					[a, b, 0],
					[b, a, 1],
				] as const) {
					const tried = tryHistories(narrow, wide, seed);
					if (tried.beyond !== null) different += 1;
					if (!proofs.some((proof) => proof[side])) continue;
					proven += 1;
					executed += tried.executed;
					expect(tried.beyond).toBeNull();
				}
			}),
			{ numRuns: CASES, maxSkipsPerRun: 1_000 },
		);
		expect(proven).toBeGreaterThan(CASES / 4);
		// What is not so is found out often: where it were said to be proven, that would show.
		expect(different).toBeGreaterThan(CASES / 4);
		expect(executed).toBeGreaterThan(CASES * HISTORIES);
	});
});
