/** What an entry answers whoever asked for the call, whatever form the answer is given in. */
import { denial, plainDenial } from "../../engine/reasons.ts";
import type { CallRef, CallStatus, DecisionBody, LedgerEntry, Reason, Verdict } from "../../model/entries.ts";
import type { CallId } from "../../model/ids.ts";
import type { EpochMs } from "../../model/units.ts";

export interface Answer {
	readonly call: CallId;
	/** Whose budgets the decision used; empty where it used none. */
	readonly session: string;
	/** What is answered: of a submission its commitment, of a record that could not be read its SHA-256. */
	readonly commitment: string;
	readonly verdict: Verdict;
	readonly status: CallStatus;
	readonly decision: DecisionBody;
	/** While held: when the hold expires; else 0. */
	readonly expiresAt: EpochMs;
}

/** Null: the entry answers no call. `policyDigest` is that of the policies in force. */
export function answerOf(entry: LedgerEntry, policyDigest: string): Answer | null {
	switch (entry.kind) {
		case "decision.made":
			return decided(entry.call, entry.verdict, entry.decision, { expiresAt: 0, allowed: "open" });
		case "decision.held":
			return decided(entry.call, "hold", entry.decision, { expiresAt: entry.expiresAt, allowed: "open" });
		case "approval.recorded":
			return entry.result === "pending" || entry.decision === null
				? null
				: // Several may wait, and the last asker may be gone by now: the first to ask again has the call.
					decided(entry.call, entry.result, entry.decision, { expiresAt: entry.expiresAt, allowed: "granted" });
		case "decision.repeated": {
			const { call, commitment, verdict, status, obligations, firstReason, expiresAt } = entry;
			const reasons = firstReason === null ? [] : [firstReason];
			const decision = { reasons, obligations, uses: [], begins: [], policyDigest, classifier: "" };
			return { call, session: "", commitment, verdict, status, decision, expiresAt };
		}
		case "input.rejected": {
			if (entry.cause.topic !== "intents" || !isNamed(entry.call)) return null;
			// It is denied to whoever submitted it; the table of calls is not touched.
			const { call, commitment, recordDigest, code, severity, detail } = entry;
			const about = { call, session: "", commitment: commitment || recordDigest };
			return denied(about, denial(code, severity, detail), policyDigest);
		}
		case "usage.settled":
		case "policy.activated":
		case "policy.proposed":
		case "halt.set":
		case "halt.lifted":
		case "budget.adjusted":
		case "session.ended":
		case "inputs.skipped":
		case "payload.erased":
		case "intent.abandoned":
		case "clock.ticked":
			return null;
	}
}

/** An answer that no policy gave. */
export const denied = (
	{ call, session, commitment }: Pick<Answer, "call" | "session" | "commitment">,
	reason: Reason,
	policyDigest: string,
): Answer => ({
	call,
	session,
	commitment,
	verdict: "deny",
	status: "closed",
	decision: plainDenial(reason, policyDigest),
	expiresAt: 0,
});

const decided = (
	call: CallRef,
	verdict: Verdict,
	decision: DecisionBody,
	{ expiresAt, allowed }: { readonly expiresAt: EpochMs; readonly allowed: CallStatus },
): Answer => ({
	call,
	session: call.session,
	commitment: call.commitment,
	verdict,
	status: verdict === "allow" ? allowed : verdict === "hold" ? "held" : "closed",
	decision,
	expiresAt: verdict === "hold" ? expiresAt : 0,
});

const isNamed = ({ tenant, agent, id }: CallId): boolean => tenant !== "" && agent !== "" && id !== "";
