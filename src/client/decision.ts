/** What the client hands to its user: a decision, and the error that a denied call throws. */
import type { BudgetReading, Obligations, Reason, Verdict } from "../core/model/entries.ts";
import type { IntentSubmitted } from "../core/model/inputs.ts";
import type { DecisionReplied } from "../core/model/records.ts";
import type { EpochMs } from "../core/model/units.ts";
import { NO_OBLIGATIONS } from "../core/policy/compiled.ts";

/** `reply`: from the ledger. `timeout`: nobody answered in time, which is a denial of the client's own. */
export type DecisionSource = "reply" | "timeout";

export interface Decision {
	readonly id: string;
	readonly verdict: Verdict;
	/** May an allowed call run? Only on `open`. */
	readonly status: "open" | "held" | "closed" | "halted";
	readonly source: DecisionSource;
	readonly reasons: readonly Reason[];
	readonly obligations: Obligations;
	readonly budgets: readonly BudgetReading[];
	readonly policyDigest: string;
	/** While held: when the hold expires; else 0. */
	readonly expiresAt: EpochMs;
	/** The ledger entry that says so; -1 for a timeout. */
	readonly partition: number;
	readonly seq: number;
}

export function decisionOf(reply: DecisionReplied): Decision {
	const { verdict, status, reasons, obligations, budgets, policyDigest, expiresAt, partition, seq } = reply;
	return {
		id: reply.call.id,
		verdict,
		status,
		source: "reply",
		reasons,
		obligations,
		budgets,
		policyDigest,
		expiresAt,
		partition,
		seq,
	};
}

/** No decision in time is a denial of the client's own. */
export const timeoutOf = (intent: IntentSubmitted): Decision => ({
	id: intent.id,
	verdict: "deny",
	status: "closed",
	source: "timeout",
	reasons: [],
	obligations: NO_OBLIGATIONS,
	budgets: [],
	policyDigest: "",
	expiresAt: 0,
	partition: -1,
	seq: -1,
});

/** May the call run now? An allow counts only while it is open. */
export const mayRun = (decision: Decision): boolean => decision.verdict === "allow" && decision.status === "open";

/** Thrown by a guarded tool whose call must not run. The message is written for the model that asked. */
export class ToolCallDenied extends Error {
	readonly decision: Decision;
	readonly tool: string;

	constructor(tool: string, decision: Decision) {
		super(messageForModel(tool, decision));
		this.name = "ToolCallDenied";
		this.decision = decision;
		this.tool = tool;
	}
}

/** Thrown by a guarded tool that ran longer than its policy allows. The outcome is reported as an error. */
export class ToolCallTimedOut extends Error {
	constructor(tool: string, deadlineMs: number) {
		super(`The call to \`${tool}\` was stopped: policy allows it ${deadlineMs} ms. Ask for less at a time.`);
		this.name = "ToolCallTimedOut";
	}
}

function messageForModel(tool: string, decision: Decision): string {
	if (decision.source === "timeout") {
		return `The call to \`${tool}\` did not run: no decision came in time. Wait before you try again.`;
	}
	if (decision.verdict === "hold") {
		return `The call to \`${tool}\` did not run: it waits for a human's approval. Go on with something else.`;
	}
	if (decision.verdict === "allow") {
		const why = decision.status === "halted" ? "the agent is halted" : "this call is closed; a new one needs a new id";
		return `The call to \`${tool}\` did not run: ${why}.`;
	}
	const reasons = decision.reasons.filter((reason) => reason.mode === "enforce").map((reason) => reason.message);
	const why = reasons.length === 0 ? "policy does not allow it" : reasons.join("; ");
	return `The call to \`${tool}\` was denied: ${why}. Do not repeat it unchanged; choose another way or ask the user.`;
}
