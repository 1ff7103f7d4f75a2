/**
 * The ledger: exactly one entry for every input consumed, in the order in which it was consumed.
 *
 * An entry carries its own result, so that state is the fold of entries and never of re-evaluated intents. It holds no
 * argument text: a salted commitment, and spans as (pointer, start, end). What a field says is told in full by its schema
 * (core/codec/schemas), with which it is published.
 */
import type { CounterName } from "./counters.ts";
import type { CallId } from "./ids.ts";
import type {
	ErasureScope,
	HaltScope,
	InputTopic,
	OutcomeStatus,
	ReplyAddress,
	SessionFacts,
	Usage,
} from "./inputs.ts";
import type { SequenceName } from "./sequences.ts";
import type { DurationMs, EpochMs, Offset } from "./units.ts";

/** Changes when the same input could be decided differently by new code. */
export const SEMANTICS = 3;

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

/**
 * What a rule says each time it fires, or the step itself, which has rules of its own (then `policy` and `name` are empty).
 * A compiled policy has one frozen object for each, and every reason refers to that.
 */
export interface DeterminingRule {
	/** From the closed lists in core/engine/reasons and core/policy/reason-codes: `tool.denied`, `pattern.matched`, … */
	readonly code: string;
	readonly policy: string;
	readonly name: string;
	/** What the rule asks for; in mode `audit` it is recorded and has no force. */
	readonly effect: "deny" | "hold";
	readonly mode: Mode;
	readonly severity: Severity;
	/** The policy author's words, or the engine's; never argument text. */
	readonly message: string;
	/** What the policy's author files the rule under, such as `ASI02` or `T1485`: for alerts and reports. */
	readonly tags: readonly string[];
}

/** Why a call was decided as it was: one rule, and where in the arguments it found what it fires on. */
export interface Reason {
	readonly rule: DeterminingRule;
	readonly span: Span | null;
}

/** What the executor must do with an allowed call. */
export interface Obligations {
	/** JSON pointers into the arguments whose values are replaced by `[redacted]` before the call runs. */
	readonly redact: readonly string[];
	/** How long the call may take; the reservation is settled when it has passed. */
	readonly callDeadlineMs: DurationMs;
	/** How long its concurrency slots stay taken while nobody reports its end; never less than `callDeadlineMs`. */
	readonly leaseMs: DurationMs;
	/** Words for the model, attached to the call's result. */
	readonly messages: readonly string[];
}

/**
 * A budget as the decision saw it, and what the call takes of it. The account follows from the entry's call and the counter's
 * scope; settled + reserved are `before` in front of the decision and `before` + `amount` after it.
 */
export interface BudgetUse {
	readonly counter: CounterName;
	/** For `identical_calls`: the commitment of the call under its session's salt, 64 hex digits; else empty. */
	readonly repetition: string;
	/** With top-ups. */
	readonly max: number;
	readonly before: number;
	/** 0 where the call takes nothing: it was denied. */
	readonly amount: number;
	/** `reserved` is open until an outcome or the deadline; `settled` is final at once. */
	readonly kind: "none" | "reserved" | "settled";
}

/** Names a rule: in one policy no two rules have the same name. */
export interface RuleName {
	readonly policy: string;
	readonly rule: string;
}

/** What the approvers of one (policy, rule) pair must do before a held call may run. */
export interface Requirement extends RuleName {
	/** Globs over approver names. */
	readonly approvers: readonly string[];
	readonly quorum: number;
	/** How long the rule lets a hold wait. */
	readonly expiresAfterMs: DurationMs;
	/** May the human that the call is made for approve it, or who asked for it with a credential of theirs? The agent never may. */
	readonly selfAllowed: boolean;
}

/** The part that every decision shares, however it came about. */
export interface DecisionBody {
	/** Determining rules, strongest first, then audit findings. Empty: nothing fired and the tool is admitted. */
	readonly reasons: readonly Reason[];
	readonly obligations: Obligations;
	/** Every limit that counts the call, in (policy, order of the document). */
	readonly uses: readonly BudgetUse[];
	/** The sequences that the call begins, in (policy, order of the document). None unless it is allowed. */
	readonly begins: readonly SequenceName[];
	/** Digest of the policies in force, 64 hex digits; empty when none was active. */
	readonly policyDigest: string;
	/** Digest of the classifier that read the call for rules that ask what it would do, 64 hex digits; empty where none did. */
	readonly classifier: string;
}

/** The call that a decision is about. */
export interface CallRef extends CallId {
	readonly session: string;
	readonly actor: readonly string[];
	readonly onBehalfOf: string | null;
	/** To whom the credential was issued with which it was asked for. */
	readonly askedBy: string | null;
	/** Who signed the intent, where the policies name publishers. */
	readonly publisher: string | null;
	readonly tool: string;
	/** SHA-256(`assent.args.v1\0` ‖ salt ‖ JCS({tool, args})), 64 hex digits. */
	readonly commitment: string;
	readonly issuedAt: EpochMs;
	readonly sessionStartedAt: EpochMs;
}

/** Something that an entry does to another call than its own cause's. */
export interface Effect {
	/** A hold that nobody granted in time, or whose session ended; a call without an outcome by its deadline, or its lease. */
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
	/**
	 * Digest of the state before entry `seq` - 64 (of the empty state for entry 0), 64 hex digits, where `seq` is divisible by
	 * 64; else empty.
	 */
	readonly stateDigest: string;
}

export interface DecisionMadeEntry extends EntryHead {
	readonly kind: "decision.made";
	readonly call: CallRef;
	/** The executor that an allow goes to: the one that asked. */
	readonly executor: string;
	readonly verdict: FinalVerdict;
	readonly decision: DecisionBody;
	/** What the session declares from this entry on, which is its first; null: what it has declared. */
	readonly facts: SessionFacts | null;
}

export interface DecisionHeldEntry extends EntryHead {
	readonly kind: "decision.held";
	readonly call: CallRef;
	readonly decision: DecisionBody;
	readonly requirements: readonly Requirement[];
	readonly expiresAt: EpochMs;
	readonly address: ReplyAddress | null;
	/** What the session declares from this entry on, which is its first; null: what it has declared. */
	readonly facts: SessionFacts | null;
}

/** Whether a call may run. `open`: by whoever asked; `granted`: by the first who asks again; `taken`: by another executor. */
export type CallStatus = "open" | "granted" | "taken" | "held" | "closed" | "halted";

/** Which entry allowed a call: what is handed out for it says the same whenever it is asked for. */
export interface AllowRef {
	readonly seq: number;
	readonly at: EpochMs;
	/** Of the policies that allowed it, 64 hex digits. */
	readonly policyDigest: string;
}

export interface DecisionRepeatedEntry extends EntryHead {
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
	/** The entry that allowed it; null where it may not run, or not by whoever asked. */
	readonly allow: AllowRef | null;
	readonly expiresAt: EpochMs;
	readonly address: ReplyAddress | null;
}

/** One counter's part of a settlement; the account follows from the entry's call and session. */
export interface Settlement {
	readonly counter: CounterName;
	/** Given back from what was reserved. */
	readonly reserved: number;
	/** Settled at the admission's time (`admittedAt`). */
	readonly settled: number;
	/** Settled beyond the reservation, at this entry's time. */
	readonly excess: number;
}

/** A budget that a settlement pushed over its maximum: reported and carried, never refused. */
export interface Overshoot {
	readonly counter: CounterName;
	/** How far settled + reserved now stand above the maximum. */
	readonly debt: number;
	readonly mode: Mode;
	readonly severity: Severity;
	/** Those of the limit. */
	readonly tags: readonly string[];
}

export interface UsageSettledEntry extends EntryHead {
	readonly kind: "usage.settled";
	readonly call: CallId;
	readonly session: string;
	readonly status: OutcomeStatus;
	readonly usage: Usage;
	/** True when the reservation had already expired: the outcome can add, never refund. */
	readonly afterDeadline: boolean;
	readonly admittedAt: EpochMs;
	readonly settlements: readonly Settlement[];
	readonly overshoots: readonly Overshoot[];
}

export interface ApprovalRecordedEntry extends EntryHead {
	readonly kind: "approval.recorded";
	readonly approvalId: string;
	readonly by: string;
	readonly vote: "granted" | "rejected";
	readonly comment: string;
	readonly call: CallRef;
	/** `pending`: the quorum is not reached; `hold`: decided again and another hold rule fired; else final. */
	readonly result: "pending" | Verdict;
	/** The rules of the hold whose requirements name this approver: their votes are one more. None for a rejection. */
	readonly countedFor: readonly RuleName[];
	/** The fresh decision; null while pending. */
	readonly decision: DecisionBody | null;
	/** What is still asked for, when the call stays held. */
	readonly requirements: readonly Requirement[];
	readonly expiresAt: EpochMs;
	/** Where the answer goes, the latest submission's. */
	readonly address: ReplyAddress | null;
}

export interface PolicyActivatedEntry extends EntryHead {
	readonly kind: "policy.activated";
	readonly controlId: string;
	readonly by: string;
	readonly generation: number;
	readonly digest: string;
	/** The first of the two operators that were needed; empty where one was enough. */
	readonly proposedBy: string;
	/** Under it control records need a signature: it names operators or approvers. Known so even where its bundle is not. */
	readonly signed: boolean;
}

/** A second operator is needed, and this was the first. What was in force stays. */
export interface PolicyProposedEntry extends EntryHead {
	readonly kind: "policy.proposed";
	readonly controlId: string;
	readonly by: string;
	readonly generation: number;
	readonly digest: string;
}

export interface HaltSetEntry extends EntryHead {
	readonly kind: "halt.set";
	readonly controlId: string;
	readonly by: string;
	readonly scope: HaltScope;
	readonly reason: string;
}

export interface HaltLiftedEntry extends EntryHead {
	readonly kind: "halt.lifted";
	readonly controlId: string;
	readonly by: string;
	readonly scope: HaltScope;
	readonly reason: string;
}

export interface BudgetAdjustedEntry extends EntryHead {
	readonly kind: "budget.adjusted";
	readonly controlId: string;
	readonly by: string;
	readonly counter: CounterName;
	/** Of the account: `tenant`, `tenant/agent` or `tenant/agent/session`, percent-encoded. */
	readonly scopeKey: string;
	readonly change: "topup" | "reset";
	readonly amount: number;
}

export interface SessionEndedEntry extends EntryHead {
	readonly kind: "session.ended";
	readonly controlId: string;
	readonly by: string;
	readonly tenant: string;
	readonly agent: string;
	readonly session: string;
}

/** An operator's word that inputs are lost: none of them has an entry, and none ever will. */
export interface InputsSkippedEntry extends EntryHead {
	readonly kind: "inputs.skipped";
	readonly controlId: string;
	readonly by: string;
	readonly topic: InputTopic;
	readonly from: Offset;
	readonly until: Offset;
	readonly reason: string;
}

/** An operator's word that arguments were erased: what is behind it was decided by them, and cannot be decided again. */
export interface PayloadErasedEntry extends EntryHead {
	readonly kind: "payload.erased";
	readonly controlId: string;
	readonly by: string;
	readonly scope: ErasureScope;
	readonly intents: number;
	readonly reason: string;
}

export interface IntentAbandonedEntry extends EntryHead {
	readonly kind: "intent.abandoned";
	readonly call: CallId;
	readonly session: string;
	readonly reason: string;
}

export interface ClockTickedEntry extends EntryHead {
	readonly kind: "clock.ticked";
}

/** An input without effect on any table: unreadable, misrouted, a repetition of a control record, a grant out of place. */
export interface InputRejectedEntry extends EntryHead {
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
	| DecisionMadeEntry
	| DecisionHeldEntry
	| DecisionRepeatedEntry
	| UsageSettledEntry
	| ApprovalRecordedEntry
	| PolicyActivatedEntry
	| PolicyProposedEntry
	| HaltSetEntry
	| HaltLiftedEntry
	| BudgetAdjustedEntry
	| SessionEndedEntry
	| InputsSkippedEntry
	| PayloadErasedEntry
	| IntentAbandonedEntry
	| ClockTickedEntry
	| InputRejectedEntry;

export type EntryKind = LedgerEntry["kind"];
