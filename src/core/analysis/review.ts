/** Whether a set of policies may come into force in place of another one by the word of one operator. */
import type { CompiledPolicySet } from "../policy/compiled.ts";
import { type Comparison, compare } from "./comparison/compare.ts";
import { type Restart, restartsOf } from "./comparison/restarts.ts";

export interface Review {
	/** Of the next set with the one in force. */
	readonly comparison: Comparison;
	/** What of the set in force does not go on. */
	readonly restarts: readonly Restart[];
	/** Is a second operator needed? */
	readonly isNeeded: boolean;
}

/**
 * Operators' records, a halt among them, wait behind a review, which may take some twenty seconds. These are steps and no time, so that every
 * process comes to the same answer.
 */
const STEPS_MAX = 100_000_000;

/** One operator is enough for what is proven to be as strict, and goes on with every count of the set in force. */
export function reviewOf(inForce: CompiledPolicySet, next: CompiledPolicySet): Review {
	const comparison = compare(next, inForce, { stepsMax: STEPS_MAX });
	const restarts = restartsOf(inForce, next);
	return { comparison, restarts, isNeeded: comparison.isAtLeastAsStrict !== "yes" || restarts.length > 0 };
}
