/** Test cases of policies as data: steps that are taken one after the other, and what is to come of each, with places. */
import type { Place } from "../../base/errors.ts";
import type { OutcomeReported, Usage } from "../../model/inputs.ts";
import type { DurationMs, EpochMs } from "../../model/units.ts";
import type { DecidedCall, VoteLine } from "../trial.ts";

/** A file of cases. */
export interface PolicyCases {
	readonly file: string;
	/** As written, from the folder of the file. */
	readonly policies: readonly { readonly path: string; readonly place: Place }[];
	readonly cases: readonly TestCase[];
}

export interface TestCase {
	readonly name: string;
	readonly place: Place;
	readonly steps: readonly Step[];
}

export type Step = StepHead & (CallStep | OutcomeStep | VoteStep);

interface StepHead {
	readonly place: Place;
	/** Milliseconds since the epoch; null: as the step before. */
	readonly at: EpochMs | null;
	/** Null where nothing is expected: the step only leads to later ones. */
	readonly expected: Expectation | null;
}

interface CallStep {
	readonly kind: "call";
	readonly call: DecidedCall;
	/** Does it go on, once allowed, until a step reports its outcome? */
	readonly isOpen: boolean;
}

interface OutcomeStep {
	readonly kind: "outcome";
	readonly call: DecidedCall;
	readonly status: OutcomeReported["status"];
	readonly usage: Usage;
}

interface VoteStep {
	readonly kind: "vote";
	readonly call: DecidedCall;
	readonly vote: "granted" | "rejected";
	readonly by: string;
}

/** A word of an expectation that policies must know. */
export interface Named {
	readonly text: string;
	readonly place: Place;
}

export interface Expectation {
	readonly place: Place;
	readonly verdict: VoteLine["verdict"] | null;
	/** Among those that determine the verdict. */
	readonly rules: readonly Named[];
	/** All that determine it; null: not compared. */
	readonly exactly: readonly Named[] | null;
	/** All in mode `audit` that fire; null: not compared. */
	readonly audited: readonly Named[] | null;
	/** All exceptions that are used; null: not compared. */
	readonly exceptions: readonly Named[] | null;
	/** Codes among its reasons: of the one rule, where `rules` is one. */
	readonly reasons: readonly Named[];
	readonly obligations: ExpectedObligations | null;
	readonly budgets: readonly ExpectedBudget[];
}

/** What is null is not compared. */
export interface ExpectedObligations {
	readonly place: Place;
	readonly redact: readonly string[] | null;
	readonly deadlineMs: DurationMs | null;
	readonly leaseMs: DurationMs | null;
	readonly messages: readonly string[] | null;
}

/** Amounts as written: their unit is the limit's. */
export interface ExpectedBudget {
	readonly limit: Named;
	readonly amounts: readonly {
		readonly key: "before" | "after" | "max";
		readonly value: number | string;
		readonly place: Place;
	}[];
}
