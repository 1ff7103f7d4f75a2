/**
 * What a processor consumes: the records of `intents` and `control`, decoded.
 *
 * Everything here came through a decoder, so that sizes, depths and strings are within bounds (core/codec). What a field says
 * is told in full by its schema there (schemas/inputs.ts), with which it is published.
 */
import type { CanonicalJson } from "../base/canonical-json.ts";
import type { JsonObject } from "../base/json.ts";
import type { CallId, Principal, Subject } from "./ids.ts";
import type { CostMicros, DurationMs, EpochMs, Offset } from "./units.ts";

export type InputTopic = "intents" | "control";

/** What a session says of itself: the folders of its machine. Null: it does not say. */
export interface SessionFacts {
	/** Where relative paths begin. */
	readonly workspace: string | null;
	/** What `~` stands for. */
	readonly home: string | null;
}

export const isSameFacts = (one: SessionFacts | null, other: SessionFacts | null): boolean =>
	(one?.workspace ?? null) === (other?.workspace ?? null) && (one?.home ?? null) === (other?.home ?? null);

/** What a credential lets its bearer spend, for life: whoever vouches for the bearer says it with every intent. */
export interface SpendingCap {
	/** The credential's own, unique per tenant and agent: what was spent under it is counted by this name. */
	readonly name: string;
	readonly measure: "tool_calls" | "tokens" | "cost";
	/** In the measure's own unit: calls, tokens, millionths of the currency unit. */
	readonly max: number;
}

/** One tool call that an agent wants to make. */
export interface IntentSubmitted {
	readonly type: "intent.submitted";
	readonly id: string;
	readonly principal: Principal;
	readonly tool: string;
	/** The arguments, parsed from `argsText`. */
	readonly args: JsonObject;
	/** The arguments as canonical JSON (RFC 8785), exactly as they were published. */
	readonly argsText: CanonicalJson;
	/** Makes the commitment unguessable; 16 to 64 bytes, drawn by the publisher for each intent. */
	readonly salt: Uint8Array;
	/** The same for every intent of a session, so that identical calls can be counted; 16 to 64 bytes. */
	readonly sessionSalt: Uint8Array;
	readonly estimate: { readonly tokens: number; readonly costMicros: CostMicros };
	readonly issuedAt: EpochMs;
	/** When the publisher stops waiting for the first reply. */
	readonly deadline: EpochMs;
	/** Who would run the call: a random text, drawn once for each run. Empty: its allow is answered once. */
	readonly executor: string;
	/** What the session declares: the first intent that is decided of it says so for all of them. Null: what it has declared. */
	readonly facts: SessionFacts | null;
	/** What the credential that it was asked with, and those that this one came from, may spend. None: no more than policies say. */
	readonly caps: readonly SpendingCap[];
}

/**
 * An intent as it is published where arguments are sealed (core/codec/sealed.ts): its arguments and salts are under a key that is kept
 * outside the log, and are gone once that is destroyed. Everything else of it is in the clear.
 */
export interface IntentSealed extends Omit<IntentSubmitted, "type" | "args" | "argsText" | "salt" | "sessionSalt"> {
	readonly type: "intent.sealed";
	readonly nonce: Uint8Array;
	readonly sealed: Uint8Array;
}

/** How a call ended. `unknown`: nobody saw its end, it may have run or be running. */
export type OutcomeStatus = "ok" | "error" | "unknown";

/** What a call used. Null: nobody can tell, and it costs what was reserved for it. */
export interface Usage {
	readonly tokens: number | null;
	readonly costMicros: CostMicros | null;
	readonly executionMs: DurationMs | null;
}

/** What came of an allowed call. */
export interface OutcomeReported {
	readonly type: "outcome.reported";
	readonly call: CallId;
	/** Routes the record when the partition key is as narrow as a session. */
	readonly session: string;
	/** Who reports it: a sub-agent speaks for its own calls and those below it, the root agent (empty) for all. */
	readonly actor: readonly string[];
	readonly status: OutcomeStatus;
	readonly usage: Usage;
	/** How similar its output is to others: a digest that `driftOf` compares (core/base/sketch). Empty: none. */
	readonly sketch: string;
}

/** The publisher attests that the call never ran and never will. */
export interface IntentAbandoned {
	readonly type: "intent.abandoned";
	readonly call: CallId;
	readonly session: string;
	/** Who says so, as in a report. */
	readonly actor: readonly string[];
	readonly reason: string;
	/** Whose run it attests; a call that was handed to another executor stays as it is. Empty: whoever has it. */
	readonly executor: string;
}

/** What every control record carries: an id under which it is deduplicated, and who issued it. */
export interface ControlHead {
	readonly id: string;
	readonly issuedBy: string;
	readonly issuedAt: EpochMs;
}

export interface ApprovalGranted extends ControlHead {
	readonly type: "approval.granted";
	readonly call: CallId;
	readonly session: string;
	/** Of the call that the approver has seen, as its hold names it: a vote for another call under the same id counts for nothing. */
	readonly commitment: string;
	readonly comment: string;
}

export interface ApprovalRejected extends ControlHead {
	readonly type: "approval.rejected";
	readonly call: CallId;
	readonly session: string;
	readonly commitment: string;
	readonly comment: string;
}

/** What a halt stops. A missing part means "all": `{}` stops everybody. */
export interface HaltScope {
	readonly tenant: string | null;
	readonly agent: string | null;
	readonly session: string | null;
}

export interface HaltSet extends ControlHead {
	readonly type: "halt.set";
	readonly scope: HaltScope;
	readonly reason: string;
}

export interface HaltLifted extends ControlHead {
	readonly type: "halt.lifted";
	readonly scope: HaltScope;
	readonly reason: string;
}

export interface PolicyActivated extends ControlHead {
	readonly type: "policy.activated";
	/** Highest generation seen + 1; only a greater (generation, id) is adopted. */
	readonly generation: number;
	/** Policy digest, 64 hex digits: which bundle of the `policies` topic. */
	readonly digest: string;
	/** Whoever issued it asks for a second operator: the set is not known to be as strict as the one in force. */
	readonly needsReview: boolean;
}

/** What orders activations: only a later one is adopted, so that late repetitions change nothing. */
export const isLaterActivation = (
	one: Pick<PolicyActivated, "generation" | "id">,
	other: Pick<PolicyActivated, "generation" | "id"> | undefined,
): boolean =>
	other === undefined ||
	one.generation > other.generation ||
	(one.generation === other.generation && one.id > other.id);

export interface BudgetAdjusted extends ControlHead {
	readonly type: "budget.adjusted";
	readonly policy: string;
	readonly limit: string;
	readonly tenant: string;
	readonly agent: string;
	readonly session: string;
	readonly change: "topup" | "reset";
	/** By how much a top-up raises the maximum, in the limit's own unit; 0 for a reset. */
	readonly amount: number;
}

export interface SessionEnded extends ControlHead {
	readonly type: "session.ended";
	readonly tenant: string;
	readonly agent: string;
	readonly session: string;
}

/** Inputs that are gone and were never decided are passed over: the partition goes on behind them. */
export interface InputsSkipped extends ControlHead {
	readonly type: "inputs.skipped";
	readonly topic: InputTopic;
	/** Where the partition stands: the first offset that is gone. */
	readonly from: Offset;
	/** The first offset that is left. */
	readonly until: Offset;
	readonly reason: string;
}

/** Whose arguments are erased: those of an agent, of one of its sessions, or of one intent. */
export interface ErasureScope {
	readonly tenant: string;
	readonly agent: string;
	readonly session: string | null;
	/** Its id, unique per tenant and agent. */
	readonly intent: string | null;
}

/** Keys and salts of arguments are about to be destroyed: what was decided stands, and what it was about is gone. */
export interface PayloadErased extends ControlHead {
	readonly type: "payload.erased";
	readonly scope: ErasureScope;
	/** Intents whose key there was. */
	readonly intents: number;
	readonly reason: string;
}

/** Time passes: written by a partition's owner while something in it waits for time. */
export interface ClockTicked extends ControlHead {
	readonly type: "clock.ticked";
}

export type IntentsRecord = IntentSubmitted | OutcomeReported | IntentAbandoned;

export type ControlRecord =
	| ApprovalGranted
	| ApprovalRejected
	| HaltSet
	| HaltLifted
	| PolicyActivated
	| BudgetAdjusted
	| SessionEnded
	| InputsSkipped
	| PayloadErased
	| ClockTicked;

export type InputRecord = IntentsRecord | ControlRecord;

/** What is on the input topics: an intent may be sealed there, and is plain for whoever decides it. */
export type StoredInput = InputRecord | IntentSealed;

/** Records about one principal, which belong in that principal's partition; all others go to a partition by its number. */
export type RoutedRecord = IntentsRecord | ApprovalGranted | ApprovalRejected | BudgetAdjusted | SessionEnded;

/** The principal that a record is about: its partition and its key follow from it. */
export function subjectOf(record: RoutedRecord): Subject {
	switch (record.type) {
		case "intent.submitted":
			return record.principal;
		case "outcome.reported":
		case "intent.abandoned":
		case "approval.granted":
		case "approval.rejected":
			return { tenant: record.call.tenant, agent: record.call.agent, session: record.session };
		case "budget.adjusted":
		case "session.ended":
			return record;
	}
}

/** Where a reply goes: one of the reply topics, and the submission's own id, which the reply echoes. */
export interface ReplyAddress {
	/** `replies` or `replies.<name>`, without the deployment's prefix. */
	readonly topic: string;
	readonly replyId: string;
}
