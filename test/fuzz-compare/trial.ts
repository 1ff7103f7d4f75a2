/** One pair of sets: compared, and everything that the comparison says held against brute force and executed again. */
import { type Comparison, compare, type Witness } from "../../src/core/analysis/comparison/compare.ts";
import { type DecidedCall, DecideLoop, type DecisionLine } from "../../src/core/analysis/trial.ts";
import type { CompiledPolicySet } from "../../src/core/policy/compiled.ts";
import { BruteForce } from "./brute-force.ts";
import { compiled, type PolicyPair } from "./pairs.ts";

export interface TriedPair {
	readonly comparison: Comparison;
	/** Proofs that were held against brute force, and witnesses that were executed again. */
	readonly proofs: number;
	readonly witnesses: number;
}

export interface TrialOptions {
	readonly seed: number;
	/** Compares the two the other way round as well: the same must be proven. */
	readonly isReversed: boolean;
	/** Compares rule by rule as well, as if the sets told too many kinds of tools apart. */
	readonly isByRule: boolean;
}

/** Null: the loader refuses one of the two, or they say the same. Throws where the comparison says what is not so. */
export function tryPair({ sources, isLayered }: PolicyPair, options: TrialOptions): TriedPair | null {
	const [a, b] = [compiled(sources[0]), compiled(sources[1])];
	if (a === null || b === null || a.digest === b.digest) return null;
	return trySets([a, b], { ...options, isLayered });
}

function trySets(
	sets: readonly [CompiledPolicySet, CompiledPolicySet],
	{ seed, isReversed, isByRule, isLayered }: TrialOptions & { readonly isLayered: boolean },
): TriedPair {
	const [a, b] = sets;
	const comparison = compare(a, b);
	const force = new BruteForce(sets, seed);
	// Each direction once, whoever says that it is proven.
	const known: [string | null | undefined, string | null | undefined] = [undefined, undefined];
	const beyond = (narrow: 0 | 1): string | null => {
		const before = known[narrow];
		const found = before === undefined ? force.beyond(narrow) : before;
		known[narrow] = found;
		return found;
	};
	const expectStricter = (narrow: 0 | 1, by: string): void => {
		const why = beyond(narrow);
		if (why !== null)
			throw new Error(`${by}, but the ${narrow === 0 ? "first" : "second"} admits what the other does not: ${why}`);
	};
	let [proofs, witnesses] = [0, 0];
	const expectSound = (said: Comparison, by: string): void => {
		const { isAtLeastAsStrict, isAtMostAsStrict, looser, stricter } = said;
		for (const [narrow, is] of [
			[0, isAtLeastAsStrict],
			[1, isAtMostAsStrict],
		] as const) {
			if (is !== "yes") continue;
			proofs += 1;
			expectStricter(narrow, by);
		}
		for (const [claims, narrow, is] of [
			[looser, 0, isAtLeastAsStrict],
			[stricter, 1, isAtMostAsStrict],
		] as const) {
			if ((is === "no") !== claims.some((claim) => claim.is === "broken"))
				throw new Error(`${by}: \`no\` without a claim`);
			for (const claim of claims) {
				if ((claim.is === "broken") !== (claim.witness !== null)) throw new Error(`${by}: a claim without a witness`);
				if (claim.witness === null) continue;
				witnesses += 1;
				expectWitness(claim.witness, sets[narrow], sets[narrow === 0 ? 1 : 0]);
			}
		}
	};
	expectSound(comparison, "proven");
	if (isLayered) expectStricter(0, "loaded as a layer");
	if (isByRule) expectSound(compare(a, b, { kindsMax: 0 }), "proven rule by rule");
	if (isReversed) {
		// Which calls are tried first may depend on the order; what is proven does not.
		const reverse = compare(b, a);
		const isSame =
			(comparison.isAtLeastAsStrict === "yes") === (reverse.isAtMostAsStrict === "yes") &&
			(comparison.isAtMostAsStrict === "yes") === (reverse.isAtLeastAsStrict === "yes");
		if (!isSame) throw new Error("the other way round something else is proven");
		expectSound(
			{
				...reverse,
				isAtLeastAsStrict: reverse.isAtMostAsStrict,
				isAtMostAsStrict: reverse.isAtLeastAsStrict,
				looser: reverse.stricter,
				stricter: reverse.looser,
			},
			"proven the other way round",
		);
	}
	return { comparison, proofs, witnesses };
}

/** Runs it again, on both, from the calls alone. */
function expectWitness(witness: Witness, narrow: CompiledPolicySet, wide: CompiledPolicySet): void {
	const [own, other] = [rerun(witness, narrow), rerun(witness, wide)];
	const rank = (verdict: string): number => (verdict === "allow" ? 0 : verdict === "deny" ? 2 : 1);
	const { redact, callDeadlineMs } = own.obligations;
	const isBare = (pointer: string): boolean =>
		!redact.some((each) => pointer === each || pointer.startsWith(`${each}/`));
	const owesLess =
		own.verdict === other.verdict &&
		own.verdict !== "deny" &&
		(callDeadlineMs > other.obligations.callDeadlineMs || other.obligations.redact.some(isBare));
	if (own.isAdmittedBefore && other.isAdmittedBefore && (owesLess || rank(own.verdict) < rank(other.verdict))) return;
	throw new Error(`no witness: ${JSON.stringify([witness, own, other])}`);
}

interface Rerun {
	readonly isAdmittedBefore: boolean;
	readonly verdict: string;
	readonly obligations: DecisionLine["obligations"];
}

function rerun(witness: Witness, set: CompiledPolicySet): Rerun {
	const loop = new DecideLoop(set);
	const lines = witness.calls.map((call) => (witness.isOpen ? loop.ask(call) : loop.decide(call)));
	const last = lines.at(-1) as DecisionLine;
	let verdict: string = last.verdict;
	for (const { by, at } of witness.votes) {
		if (verdict === "allow" || verdict === "deny") break;
		verdict = loop.vote({ call: witness.calls.at(-1) as DecidedCall, vote: "granted", by, at }).verdict;
	}
	const isAdmittedBefore = lines.slice(0, -1).every((line) => line.verdict === "allow");
	return { isAdmittedBefore, verdict, obligations: last.obligations };
}
