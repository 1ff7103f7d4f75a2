/** What the entries of an acknowledged append mean to the meter. */
import type { DecisionBody, LedgerEntry, Verdict } from "../core/model/entries.ts";
import type { Meter } from "../ports/meter.ts";

/** Counts one valid entry. */
export function tally(meter: Meter, entry: LedgerEntry): void {
	for (const { kind } of entry.effects) if (kind !== "reservation.expired") meter.decided("deny");
	switch (entry.kind) {
		case "decision.made":
			tallyDecision(meter, entry.verdict, entry.decision);
			return;
		case "decision.held":
			meter.decided("hold");
			return;
		case "approval.recorded":
			if (entry.result !== "pending" && entry.decision !== null) tallyDecision(meter, entry.result, entry.decision);
			return;
		case "input.rejected":
			meter.inputRejected();
			// As its dead letter: only what could not be read has a digest here.
			if (entry.recordDigest !== "") meter.deadLettered();
			return;
		case "decision.repeated":
		case "usage.settled":
		case "policy.activated":
		case "halt.set":
		case "halt.lifted":
		case "budget.adjusted":
		case "session.ended":
		case "intent.abandoned":
		case "clock.ticked":
			return;
	}
}

function tallyDecision(meter: Meter, verdict: Verdict, { reasons }: DecisionBody): void {
	meter.decided(verdict);
	if (verdict !== "deny") return;
	const isOverBudget = reasons.some(
		({ code, effect, mode }) => code === "budget.exhausted" && effect === "deny" && mode === "enforce",
	);
	if (isOverBudget) meter.budgetRejected();
}
