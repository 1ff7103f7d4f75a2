/** A compiled set of policies, as the engine asks it. Made by `compile.ts`; the engine never sees YAML. */
import type { JsonObject } from "../base/json.ts";
import type { Obligations } from "../model/entries.ts";
import type { Subject } from "../model/ids.ts";
import type { SessionFacts } from "../model/inputs.ts";
import type { SequenceName } from "../model/sequences.ts";
import type { EpochMs } from "../model/units.ts";
import type { CompiledLimit, CompiledPolicy, FiredRule } from "./rules.ts";
import type { CompiledTrust } from "./trust.ts";

export type { CompiledLimit, FiredRule } from "./rules.ts";

/** One call, as rules see it. */
export interface CallView {
	readonly tenant: string;
	readonly agent: string;
	readonly tool: string;
	readonly args: JsonObject;
	/** Their canonical text, where it is at hand: what is read in the call is then remembered. */
	readonly argsText?: string;
	/** Without it, what depends on the session is in doubt. */
	readonly session?: string;
	/** What the session declares; without it, what depends on that is in doubt. */
	readonly facts?: SessionFacts | null;
	/** When it is decided; without it no exception applies, because each ends. */
	readonly at?: EpochMs;
}

/** What the set says of one call, before budgets. Frozen, and the same object for many calls. */
export interface Evaluation {
	/** Names of the policies that apply to the principal, in name order. */
	readonly applies: readonly string[];
	/** Does one of them enforce? If not, `policy.none`: what only records admits nobody. */
	readonly isEnforced: boolean;
	/**
	 * Rules on tools, patterns and conditions that fired, in (policy, order of the document). Includes those in mode `audit`; in
	 * place of each that an exception lifts there is the use of the exception, which has no force.
	 */
	readonly fired: readonly FiredRule[];
	/** Sequences that this call begins, once it is admitted, in (policy, order of the document). */
	readonly begins: readonly SequenceName[];
	/** What stops this call where one of these was begun, in the same order. */
	readonly completes: readonly Completion[];
	/** Limits that count this call, in (policy, order of the document). */
	readonly limits: readonly CompiledLimit[];
	/** Merged over policies: union of redactions and messages, shortest deadline (default 10 min), longest lease. */
	readonly obligations: Obligations;
	/** Digest of the classifier where a rule asked what it reads in the call, 64 hex digits; else empty. */
	readonly classifier: string;
}

/** A sequence of which a call is the second part, and what is said of it where the first came in time. */
export interface Completion {
	readonly sequence: SequenceName;
	readonly fired: FiredRule;
}

export interface CompiledPolicySet {
	/** SHA-256(`assent.policy.v1\0` ‖ JCS of the parsed policies by name, and of whose keys are believed), 64 hex digits. */
	readonly digest: string;
	/** What the policies say, as data, in name order. */
	readonly policies: readonly CompiledPolicy[];
	/** Whose keys are believed; null: everybody is. */
	readonly trust: CompiledTrust | null;
	/** Pure and total: a rule that cannot be evaluated fires as `rule.failed`, and denies. */
	evaluate(call: CallView): Evaluation;
	/** Finds a limit, as it is for calls of a session; without one, as it is where every stage is in force. */
	limit(policy: string, name: string, session?: Subject): CompiledLimit | null;
	/** Every limit, in (policy, order of the document): for overshoot reports and `budgets`. */
	readonly limits: readonly CompiledLimit[];
}

/** The same set where everybody is believed: for whoever tries policies on what is not signed, or was judged before. */
export const withoutTrust = (set: CompiledPolicySet): CompiledPolicySet =>
	set.trust === null
		? set
		: {
				digest: set.digest,
				policies: set.policies,
				trust: null,
				limits: set.limits,
				evaluate: (call) => set.evaluate(call),
				limit: (policy, name, session) => set.limit(policy, name, session),
			};
