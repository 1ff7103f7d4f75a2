/**
 * The ledger: exactly one entry for every input consumed, in the order in which it was consumed.
 *
 * An entry carries its own result, so that state is the fold of entries and never of re-evaluated intents. It holds no
 * argument text: a salted commitment, and spans as (pointer, start, end).
 */
import type { CallId, Scope } from "./ids.ts";
import type { HaltScope, InputTopic, ReplyAddress, Usage } from "./inputs.ts";
import type { DurationMs, EpochMs, Offset } from "./units.ts";

/** Changes when the same input could be decided differently by new code. */
export const SEMANTICS = 2;

export type Verdict = "allow" | "deny" | "hold";
export type FinalVerdict = "allow" | "deny";
export type Severity = "low" | "medium" | "high" | "critical";
export type Mode = "enforce" | "audit";

/** Which input an entry answers. */
export interface Cause {
	readonly topic: InputTopic;
	readonly partition: number;
	readonly offset: Offset;
}

/** Where in the arguments a pattern matched: UTF-16 code units of the leaf (or joined array) at `pointer`, end exclusive. */
export interface Span {
	readonly pointer: string;
	readonly start: number;
	readonly end: number;
}

/** One determining rule of a decision, or a rule of the step itself (then `policy` and `rule` are empty). */
export interface Reason {
	/** From the closed list in core/engine/reasons: `tool.denied`, `pattern.matched`, `budget.exhausted`, … */
	readonly code: string;
	readonly policy: string;
	readonly rule: string;
	/** What the rule asks for; in mode `audit` it is recorded and has no force. */
	readonly effect: "deny" | "hold";
	readonly mode: Mode;
	readonly severity: Severity;
	readonly span: Span | null;
	/** The policy author's words, or the engine's; never argument text. */
	readonly message: string;
}

/** What the executor must do with an allowed call. */
export interface Obligations {
	/** JSON pointers into the arguments whose values are replaced by `[redacted]` before the call runs. */
	readonly redact: readonly string[];
	/** How long the call may take; the reservation is settled when it has passed. */
	readonly callDeadlineMs: DurationMs;
	/**
	 * How long the call's concurrency slots stay taken while nobody reports that its tool has ended: a tool that outruns its
	 * deadline may still be running. Never less than `callDeadlineMs`.
	 */
	readonly leaseMs: DurationMs;
	/** Words for the model, attached to the call's result. */
	readonly messages: readonly string[];
}

/** What a limit counts. */
export type Measure = "tool_calls" | "tokens" | "cost" | "execution_time" | "concurrent_calls" | "identical_calls";

/** Which counter: key = (policy, limit, measure, window, scope key). */
export interface CounterId {
	readonly policy: string;
	readonly limit: string;
	readonly measure: Measure;
	/** Length of the sliding window; 0 means for life. */
	readonly windowMs: DurationMs;
	readonly scope: Scope;
	/** The scope's key, for `identical_calls` with the session's commitment of the call appended. */
	readonly scopeKey: string;
}

/** Which counter of an account. A changed `max` keeps the history; a changed measure or window starts anew. */
export type CounterName = Pick<CounterId, "policy" | "limit" | "measure" | "windowMs">;

/** An amount written against a counter. `reserved` is open until an outcome or the deadline; `settled` is final at once. */
export interface Charge {
	readonly counter: CounterId;
	readonly amount: number;
	readonly kind: "reserved" | "settled";
}

/** A budget as the decision saw it. `before` and `after` are settled + reserved; `max` includes top-ups. */
export interface BudgetReading {
	readonly policy: string;
	readonly limit: string;
	readonly measure: Measure;
	readonly windowMs: DurationMs;
	readonly scopeKey: string;
	readonly max: number;
	readonly before: number;
	readonly after: number;
}

/** What the approvers of one (policy, rule) pair must do before a held call may run. */
export interface Requirement {
	readonly policy: string;
	readonly rule: string;
	/** Globs over approver names. */
	readonly approvers: readonly string[];
	readonly quorum: number;
	/** How long the rule lets a hold wait. */
	readonly expiresAfterMs: DurationMs;
	/** May the one for whom the call is made approve it? The agent that asks never may. */
	readonly selfAllowed: boolean;
}

/** The part that every decision shares, however it came about. */
export interface DecisionBody {
	/** Determining rules, strongest first, then audit findings. Empty: nothing fired and the tool is admitted. */
	readonly reasons: readonly Reason[];
	readonly obligations: Obligations;
	readonly charges: readonly Charge[];
	readonly budgets: readonly BudgetReading[];
	/** Digest of the policies in force, 64 hex digits; empty when none was active. */
	readonly policyDigest: string;
}

/** The call that a decision is about. */
export interface CallRef extends CallId {
	readonly session: string;
	readonly actor: readonly string[];
	readonly onBehalfOf: string | null;
	readonly tool: string;
	/** SHA-256(`assent.args.v1\0` ‖ salt ‖ JCS({tool, args})), 64 hex digits. */
	readonly commitment: string;
	readonly issuedAt: EpochMs;
	readonly sessionStartedAt: EpochMs;
}

/** Something that an entry does to another call than its own cause's. */
export interface Effect {
	/**
	 * `hold.expired`: nobody approved in time; denied, reservation given back.
	 * `hold.ended`: its session ended; denied, reservation given back.
	 * `reservation.expired`: no outcome by the call's deadline; settled at the reserved amount. Its slots stay taken.
	 * `slot.expired`: no outcome by the end of its lease; its concurrency slots are free.
	 */
	readonly kind: "hold.expired" | "hold.ended" | "reservation.expired" | "slot.expired";
	readonly call: CallId;
	readonly session: string;
	readonly tool: string;
	/** Where the answer to a finalised hold goes. */
	readonly address: ReplyAddress | null;
	/** What a finalised hold was about, 64 hex digits; empty for a reservation, which nobody is told of. */
	readonly commitment: string;
}

/** What every entry starts with. */
export interface EntryHead {
	/** Index in the partition's ledger, dense from 0; the leaf's index in the Merkle tree. */
	readonly seq: number;
	/** Stream time at which it was decided. */
	readonly at: EpochMs;
	readonly semantics: number;
	readonly cause: Cause;
	/** The broker's timestamp of the cause. */
	readonly causeTime: EpochMs;
	/** Mark of the processor's clock: the deadline had passed. */
	readonly late: boolean;
	/** Mark of the processor's clock: the cause was stamped more than 5 min in the future. */
	readonly ahead: boolean;
	readonly effects: readonly Effect[];
	/** State digest before this entry, 64 hex digits, where `seq` is divisible by 64; else empty. */
	readonly stateDigest: string;
}

export interface DecisionMade extends EntryHead {
	readonly kind: "decision.made";
	readonly call: CallRef;
	/** To whom an allow goes: who asked. */
	readonly executor: string;
	readonly verdict: FinalVerdict;
	readonly decision: DecisionBody;
}

export interface DecisionHeld extends EntryHead {
	readonly kind: "decision.held";
	readonly call: CallRef;
	readonly decision: DecisionBody;
	readonly requirements: readonly Requirement[];
	readonly expiresAt: EpochMs;
	readonly address: ReplyAddress | null;
}

/**
 * Whether a call may run. `open`: by who asked, who now has it. `granted`: its hold was granted, and the first who asks again
 * gets it. `taken`: another executor has it.
 */
export type CallStatus = "open" | "granted" | "taken" | "held" | "closed" | "halted";

export interface DecisionRepeated extends EntryHead {
	readonly kind: "decision.repeated";
	readonly call: CallId;
	/** The call's and the submission's: they are the same. */
	readonly commitment: string;
	/** Who asked again; has the call from now on if `status` is open. */
	readonly executor: string;
	readonly verdict: Verdict;
	readonly firstReason: Reason | null;
	readonly obligations: Obligations;
	readonly status: CallStatus;
	readonly expiresAt: EpochMs;
	readonly address: ReplyAddress | null;
}

/** One counter's part of a settlement. */
export interface Settlement {
	readonly counter: CounterId;
	/** Given back from what was reserved. */
	readonly reserved: number;
	/** Settled at the admission's time (`admittedAt`). */
	readonly settled: number;
	/** Settled beyond the reservation, at this entry's time. */
	readonly excess: number;
}

/** A budget that a settlement pushed over its maximum: reported and carried, never refused. */
export interface Overshoot {
	readonly policy: string;
	readonly limit: string;
	readonly measure: Measure;
	readonly scopeKey: string;
	/** How far settled + reserved now stand above the maximum. */
	readonly debt: number;
	readonly mode: Mode;
	readonly severity: Severity;
}

export interface UsageSettled extends EntryHead {
	readonly kind: "usage.settled";
	readonly call: CallId;
	readonly session: string;
	readonly status: "ok" | "error";
	readonly usage: Usage;
	/** True when the reservation had already expired: the outcome can add, never refund. */
	readonly afterDeadline: boolean;
	readonly admittedAt: EpochMs;
	readonly settlements: readonly Settlement[];
	readonly overshoots: readonly Overshoot[];
}

export interface ApprovalRecorded extends EntryHead {
	readonly kind: "approval.recorded";
	readonly approvalId: string;
	readonly by: string;
	readonly vote: "granted" | "rejected";
	readonly comment: string;
	readonly call: CallRef;
	/** `pending`: the quorum is not reached; `hold`: decided anew and another hold rule fired; else final. */
	readonly result: "pending" | Verdict;
	/** The fresh decision; null while pending. */
	readonly decision: DecisionBody | null;
	/** What is still asked for, when the call stays held. */
	readonly requirements: readonly Requirement[];
	readonly expiresAt: EpochMs;
	/** Where the answer goes, the latest submission's. */
	readonly address: ReplyAddress | null;
}

export interface PolicyAdopted extends EntryHead {
	readonly kind: "policy.activated";
	readonly controlId: string;
	readonly by: string;
	readonly generation: number;
	readonly digest: string;
}

export interface HaltRecorded extends EntryHead {
	readonly kind: "halt.set" | "halt.lifted";
	readonly controlId: string;
	readonly by: string;
	readonly scope: HaltScope;
	readonly reason: string;
}

export interface BudgetRecorded extends EntryHead {
	readonly kind: "budget.adjusted";
	readonly controlId: string;
	readonly by: string;
	readonly counter: CounterId;
	readonly change: "topup" | "reset";
	readonly amount: number;
}

export interface SessionClosed extends EntryHead {
	readonly kind: "session.ended";
	readonly controlId: string;
	readonly by: string;
	readonly tenant: string;
	readonly agent: string;
	readonly session: string;
}

/** An operator's word that inputs are lost: none of them has an entry, and none ever will. */
export interface LossAccepted extends EntryHead {
	readonly kind: "inputs.skipped";
	readonly controlId: string;
	readonly by: string;
	readonly topic: InputTopic;
	readonly from: Offset;
	readonly until: Offset;
	readonly reason: string;
}

export interface AbandonmentRecorded extends EntryHead {
	readonly kind: "intent.abandoned";
	readonly call: CallId;
	readonly session: string;
	readonly reason: string;
}

export interface TickRecorded extends EntryHead {
	readonly kind: "clock.ticked";
}

/** An input without effect on any table: unreadable, misrouted, a repetition of a control record, a grant out of place. */
export interface InputRejected extends EntryHead {
	readonly kind: "input.rejected";
	/** From the closed list in core/engine/reasons. */
	readonly code: string;
	readonly detail: string;
	/** The intent it concerns, where its id could be read; empty strings otherwise. */
	readonly call: CallId;
	/** Of the submission that was rejected, 64 hex digits, not of the call whose id it used; empty for what is no intent. */
	readonly commitment: string;
	readonly severity: Severity;
	/** SHA-256 of the rejected record's bytes when they could not be read, 64 hex digits; else empty. */
	readonly recordDigest: string;
}

export type LedgerEntry =
	| DecisionMade
	| DecisionHeld
	| DecisionRepeated
	| UsageSettled
	| ApprovalRecorded
	| PolicyAdopted
	| HaltRecorded
	| BudgetRecorded
	| SessionClosed
	| LossAccepted
	| AbandonmentRecorded
	| TickRecorded
	| InputRejected;

export type EntryKind = LedgerEntry["kind"];
