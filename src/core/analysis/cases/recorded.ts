/** What was recorded of calls, from which cases can be written: decisions with their intents, and what came of them. */
import type { CallRef, Obligations, Verdict } from "../../model/entries.ts";
import type { CallId } from "../../model/ids.ts";
import type { IntentSubmitted, OutcomeReported, SessionFacts, Usage } from "../../model/inputs.ts";
import type { BudgetReading, ReasonReading } from "../../model/readings.ts";
import type { SequenceName } from "../../model/sequences.ts";
import type { EpochMs } from "../../model/units.ts";

export type RecordedStep = RecordedCall | RecordedOutcome | RecordedVote;

export interface RecordedCall {
	readonly kind: "call";
	/** The ledger's time. */
	readonly at: EpochMs;
	readonly call: CallRef;
	/** Null: it is gone from the log, and the arguments with it. */
	readonly intent: IntentSubmitted | null;
	/** What its session had declared. */
	readonly facts: SessionFacts | null;
	readonly verdict: Verdict;
	readonly reasons: readonly ReasonReading[];
	readonly obligations: Obligations;
	readonly budgets: readonly BudgetReading[];
	readonly begins: readonly SequenceName[];
	readonly policyDigest: string;
	/** Digest of the classifier that read the call; empty where no rule asked it. */
	readonly classifier: string;
}

export interface RecordedOutcome {
	readonly kind: "outcome";
	readonly at: EpochMs;
	readonly call: CallId;
	readonly status: OutcomeReported["status"];
	readonly usage: Usage;
}

export interface RecordedVote {
	readonly kind: "vote";
	readonly at: EpochMs;
	readonly call: CallId;
	readonly vote: "granted" | "rejected";
	readonly by: string;
	readonly result: "pending" | Verdict;
	readonly reasons: readonly ReasonReading[];
}
