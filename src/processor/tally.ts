/** What the entries of an acknowledged append mean to the meter. */
import { unreportedBy } from "../core/ledger/unreported.ts";
import type { DecisionBody, Effect, LedgerEntry, Verdict } from "../core/model/entries.ts";
import type { Meter } from "../ports/meter.ts";

/** Counts one valid entry. */
export function tally(meter: Meter, entry: LedgerEntry): void {
	for (const { kind } of entry.effects) tallyEffect(meter, kind);
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
			if (entry.code === "call.ungoverned") meter.callUngoverned();
			// As its dead letter: only what could not be read has a digest here.
			if (entry.recordDigest !== "") meter.deadLettered();
			return;
		case "usage.settled":
			if (entry.status === "unknown") meter.outcomeUnknown();
			for (const { measure } of unreportedBy(entry)) meter.usageUnreported(measure);
			return;
		case "decision.repeated":
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
			return;
	}
}

function tallyEffect(meter: Meter, kind: Effect["kind"]): void {
	switch (kind) {
		case "hold.expired":
		case "hold.ended":
			meter.decided("deny");
			return;
		case "reservation.expired":
			meter.reservationExpired();
			return;
		case "slot.expired":
			return;
	}
}

function tallyDecision(meter: Meter, verdict: Verdict, { reasons }: DecisionBody): void {
	meter.decided(verdict);
	if (verdict !== "deny") return;
	const isOverBudget = reasons.some(
		({ rule: { code, effect, mode } }) =>
			(code === "budget.exhausted" || code === "credential.budget") && effect === "deny" && mode === "enforce",
	);
	if (isOverBudget) meter.budgetRejected();
}
