/** What a set of policies does not go on counting when it comes into force in place of another one. */
import { isSameCounter } from "../../model/counters.ts";
import { isSameSequence, type SequenceName } from "../../model/sequences.ts";
import type { CompiledPolicySet } from "../../policy/compiled.ts";

/** A limit or a sequence of the set in force. */
export interface Restart {
	readonly kind: "limit" | "sequence";
	readonly policy: string;
	readonly name: string;
}

/**
 * The limits and sequences of `inForce` whose counts, and calls that began them, `next` does not continue: it has none of the same policy
 * and name, or one with another measure, window or scope. What only records has no force that could be lost. `compare` says nothing of
 * this: the histories that it is about begin under one set.
 */
export function restartsOf(inForce: CompiledPolicySet, next: CompiledPolicySet): readonly Restart[] {
	const sequences = next.policies.flatMap((policy) => policy.sequences.map(({ sequence }) => sequence));
	return inForce.policies.flatMap((policy): Restart[] => [
		...policy.limits
			.filter(
				({ mode, counter }) =>
					mode === "enforce" && !next.limits.some((limit) => isSameCounter(limit.counter, counter)),
			)
			.map(({ name }) => ({ kind: "limit" as const, policy: policy.name, name })),
		...policy.sequences
			.filter(
				({ sequence, fired }) =>
					fired.reason.rule.mode === "enforce" && !sequences.some((other) => isContinued(sequence, other)),
			)
			.map(({ sequence }) => ({ kind: "sequence" as const, policy: policy.name, name: sequence.sequence })),
	]);
}

/** Sequences are kept in the account of their scope. */
const isContinued = (one: SequenceName, other: SequenceName): boolean =>
	one.scope === other.scope && isSameSequence(one, other);
