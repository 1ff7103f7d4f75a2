/** Sequences: after one call was admitted, others are stopped for a time. What began them is kept by name. */
import type { Scope } from "./ids.ts";
import type { DurationMs, EpochMs } from "./units.ts";

/** How widely a sequence looks: over the calls of one session, or of one agent. */
export type SequenceScope = Exclude<Scope, "tenant">;

/**
 * Names a sequence of a policy, and says for how long a call that began it counts. A compiled policy has one frozen object for
 * each of its sequences, and everything that names the sequence refers to that.
 */
export interface SequenceName {
	readonly policy: string;
	readonly sequence: string;
	readonly scope: SequenceScope;
	/** From the admission on; 0: as long as the session or the agent is known. */
	readonly withinMs: DurationMs;
}

/** A sequence that an admitted call of an account's scope has begun. */
export interface BegunSequence {
	readonly name: SequenceName;
	/** When the last call that begins it was admitted. */
	readonly at: EpochMs;
}

/** In an account, whose scope is the sequence's. A changed time keeps what was begun. */
export const isSameSequence = (one: SequenceName, other: SequenceName): boolean =>
	one === other || (one.sequence === other.sequence && one.policy === other.policy);
