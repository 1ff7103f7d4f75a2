/** A decision, as the client hands it to its user. */

import { redacted } from "../core/arguments/redaction.ts";
import type { Problem } from "../core/base/errors.ts";
import { freezeDeep } from "../core/base/frozen.ts";
import type { JsonObject } from "../core/base/json.ts";
import type { CallStatus, Obligations, Verdict } from "../core/model/entries.ts";
import type { IntentSubmitted } from "../core/model/inputs.ts";
import { NO_OBLIGATIONS } from "../core/model/obligations.ts";
import { type BudgetReading, decisionReading, type ReasonReading } from "../core/model/readings.ts";
import type { DecisionReplied } from "../core/model/records.ts";
import type { SequenceName } from "../core/model/sequences.ts";
import type { EpochMs } from "../core/model/units.ts";

/**
 * `reply`: from the ledger. Denials of the client's own are `timeout`: nobody answered in time, and `closed`: the client was
 * closed, or lost its log, while the call waited; and `token`: the allow's token was not accepted where the call was about to run.
 */
export type DecisionSource = "reply" | "timeout" | "closed" | "token";

export interface Decision {
	readonly id: string;
	readonly verdict: Verdict;
	/** May an allowed call run? Only on `open`: it is this request's then. `taken`: another executor has it, and runs it or has run it. */
	readonly status: CallStatus;
	/** Under which this decision was asked for: an allow goes to one executor. */
	readonly executor: string;
	/**
	 * The arguments as they may run: the frozen parse of the very text that was decided, redactions applied. Run these, never
	 * the object that you asked with, which may be another by now. Null for what must not run.
	 */
	readonly args: JsonObject | null;
	readonly source: DecisionSource;
	readonly reasons: readonly ReasonReading[];
	readonly obligations: Obligations;
	readonly budgets: readonly BudgetReading[];
	/** The sequences of policies that the call begins: others are stopped after it. */
	readonly begins: readonly SequenceName[];
	readonly policyDigest: string;
	/** While held: when the hold expires; else 0. */
	readonly expiresAt: EpochMs;
	/** The ledger entry that says so; -1 for a denial of the client's own. */
	readonly partition: number;
	readonly seq: number;
	/** What the executor of an allowed call shows and uses up; empty where it may not run, and where no processor has a key. */
	readonly token: string;
}

export function decisionOf(reply: DecisionReplied, { executor, args }: IntentSubmitted): Decision {
	const { verdict, status, call, session, expiresAt, partition, seq } = reply;
	const { reasons, obligations, budgets, begins, policyDigest } = decisionReading(reply.decision, { ...call, session });
	return {
		id: call.id,
		verdict,
		status,
		executor,
		args: mayRun(reply) ? freezeDeep(redacted(args, obligations.redact)) : null,
		source: "reply",
		reasons,
		obligations,
		budgets,
		begins,
		policyDigest,
		expiresAt,
		partition,
		seq,
		token: reply.token,
	};
}

/** No decision in time is a denial of the client's own. */
export const undecided = (intent: IntentSubmitted, source: "timeout" | "closed"): Decision => ({
	id: intent.id,
	verdict: "deny",
	status: "closed",
	executor: intent.executor,
	args: null,
	source,
	reasons: [],
	obligations: NO_OBLIGATIONS,
	budgets: [],
	begins: [],
	policyDigest: "",
	expiresAt: 0,
	partition: -1,
	seq: -1,
	token: "",
});

/** An allow whose token was not accepted is a denial of the client's own. */
export const refusedOf = (decision: Decision, { code, message }: Problem): Decision => ({
	...decision,
	verdict: "deny",
	status: "closed",
	args: null,
	source: "token",
	reasons: [
		{
			code,
			policy: "",
			rule: "",
			effect: "deny",
			mode: "enforce",
			severity: "high",
			span: null,
			message,
			tags: [],
		},
	],
	token: "",
});

/** May the call run now? An allow counts only while it is open. */
export const mayRun = (decision: Pick<Decision, "verdict" | "status">): boolean =>
	decision.verdict === "allow" && decision.status === "open";
