/** The pairs of a run by number: the same number and seed give the same pair, whatever was tried before. */
import fc from "fast-check";
import { type PolicyPair, pair } from "./pairs.ts";
import { type TrialOptions, type TriedPair, tryPair } from "./trial.ts";

export interface NumberedPair {
	readonly label: string;
	readonly tried: TriedPair;
	/** Pairs that were drawn before, and of which there is nothing to compare. */
	readonly passed: number;
}

export interface Fault {
	readonly number: number;
	readonly why: string;
	/** The smallest pair that was found with a fault. */
	readonly sources: PolicyPair["sources"];
}

/** How long a pair at fault is made smaller. */
const SHRINK_MS = 60_000;

export function tryNumber(seed: number, number: number): NumberedPair | Fault {
	for (let passed = 0; ; passed++) {
		const options = optionsFor(number, hash(hash(seed, number), passed));
		const [drawn] = fc.sample(pair, { numRuns: 1, seed: options.seed }) as [PolicyPair];
		try {
			const tried = tryPair(drawn, options);
			if (tried !== null) return { label: drawn.label, tried, passed };
		} catch (error) {
			return smallest(number, drawn, options, error as Error);
		}
	}
}

/** What costs as much as the comparison itself is done for some of the pairs. */
const optionsFor = (number: number, seed: number): TrialOptions => ({
	seed,
	isReversed: number % 4 === 1,
	isByRule: number % 4 === 3,
});

function smallest(number: number, drawn: PolicyPair, options: TrialOptions, error: Error): Fault {
	const why = String(error.stack);
	const result = fc.check(
		fc.property(pair, (each) => {
			tryPair(each, options);
		}),
		{ seed: options.seed, numRuns: 1, interruptAfterTimeLimit: SHRINK_MS },
	);
	const [least] = result.counterexample ?? [drawn];
	return {
		number,
		why: result.errorInstance instanceof Error ? String(result.errorInstance.stack) : why,
		sources: least.sources,
	};
}

/** Of two numbers another of 31 bits. */
function hash(one: number, other: number): number {
	let mixed = Math.imul(one ^ 0x9e3779b9, 0x85ebca6b) ^ Math.imul(other ^ 0x7f4a7c15, 0xc2b2ae35);
	mixed = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d);
	mixed = Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39);
	return (mixed ^ (mixed >>> 15)) & 0x7fffffff;
}
