/** A compiled set of policies, as the engine asks it. Made by `compile.ts`; the engine never sees YAML. */
import type { JsonObject } from "../base/json.ts";
import type { CounterName, Measure, Mode, Obligations, Reason, Requirement, Severity } from "../model/entries.ts";
import type { Scope } from "../model/ids.ts";
import type { DurationMs } from "../model/units.ts";

/** One call, as rules see it. */
export interface CallView {
	readonly tenant: string;
	readonly agent: string;
	readonly tool: string;
	readonly args: JsonObject;
}

/** A rule that fired, and for a hold what its approvers must do. */
export interface Finding {
	readonly reason: Reason;
	/** Present exactly when `reason.effect` is `hold`. */
	readonly requirement: Requirement | null;
}

/** A cap of one policy. */
export interface CompiledLimit {
	readonly policy: string;
	/** The limit's name, unique in its policy. */
	readonly name: string;
	/** The counter that it counts in, of the account of its scope. */
	readonly counter: CounterName;
	readonly measure: Measure;
	readonly scope: Scope;
	/** In the measure's own integer unit: calls, tokens, micro-units of cost, milliseconds. */
	readonly max: number;
	/** Sliding window; 0 for life. */
	readonly windowMs: DurationMs;
	/** What an admission reserves at least. */
	readonly reserve: number;
	readonly effect: "deny" | "hold";
	/** The stricter of the policy's and the limit's own: `audit` wins. */
	readonly mode: Mode;
	readonly severity: Severity;
	readonly message: string;
	/** For `effect: hold`. */
	readonly requirement: Requirement | null;
	/** Does the limit count calls of this tool? */
	readonly counts: (tool: string) => boolean;
}

/** What the set says of one call, before budgets. */
export interface PolicyFindings {
	/** Names of the policies that apply to the principal, in name order. */
	readonly applies: readonly string[];
	/** Does one of them enforce? If not, `policy.none`: what only records admits nobody. */
	readonly isEnforced: boolean;
	/** Tools and patterns that fired, in (policy, order of the document). Includes findings in mode `audit`. */
	readonly findings: readonly Finding[];
	/** Limits that count this call, in (policy, order of the document). */
	readonly limits: readonly CompiledLimit[];
	/** Merged over policies: union of redactions and messages, shortest deadline (default 10 min), longest lease. */
	readonly obligations: Obligations;
}

export interface CompiledPolicySet {
	/** SHA-256(`assent.policy.v1\0` ‖ JCS of the parsed policies by name), 64 hex digits. */
	readonly digest: string;
	/** Pure and total: a rule that cannot be evaluated is a finding of its own (`rule.failed`, deny). */
	judge(call: CallView): PolicyFindings;
	/** Finds a limit, for `BudgetAdjusted`. */
	limit(policy: string, name: string): CompiledLimit | null;
	/** Every limit, in (policy, order of the document): for overshoot reports and `budgets`. */
	readonly limits: readonly CompiledLimit[];
}
