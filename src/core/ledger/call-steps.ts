/** What an entry decides on calls: its own cause's, and those on which its effects are final. */
import type { LedgerEntry, Verdict } from "../model/entries.ts";
import type { CallId } from "../model/ids.ts";

export interface CallStep {
	readonly call: CallId;
	readonly verdict: Verdict;
	/** In words, behind `the call was`. */
	readonly what: string;
	/** Of one submission alone, which was refused: what was decided under the id otherwise stands. */
	readonly isAside?: boolean;
}

/** None where it decides nothing: a settlement, a repeated answer, a vote that was not the last. */
export function callSteps(entry: LedgerEntry): readonly CallStep[] {
	const expired = entry.effects.flatMap(({ kind, call }): readonly CallStep[] => {
		if (kind === "hold.expired") return [{ call, verdict: "deny", what: "denied, because nobody approved it in time" }];
		if (kind === "hold.ended") return [{ call, verdict: "deny", what: "denied, because its session ended" }];
		return [];
	});
	return [...expired, ...ownStep(entry)];
}

function ownStep(entry: LedgerEntry): readonly CallStep[] {
	switch (entry.kind) {
		case "decision.made":
			return [{ call: entry.call, verdict: entry.verdict, what: entry.verdict === "allow" ? "allowed" : "denied" }];
		case "decision.held":
			return [{ call: entry.call, verdict: "hold", what: "held for approval" }];
		case "approval.recorded":
			return entry.result === "pending" ? [] : [voteStep(entry, entry.result)];
		case "input.rejected":
			if (entry.cause.topic !== "intents" || entry.call.id === "") return [];
			return [
				{ call: entry.call, verdict: "deny", what: `refused as it was submitted (${entry.code})`, isAside: true },
			];
		case "decision.repeated":
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
			return [];
	}
}

function voteStep({ call, by, vote }: Extract<LedgerEntry, { kind: "approval.recorded" }>, verdict: Verdict): CallStep {
	const then = { allow: "allowed", deny: "denied", hold: "held for another approval" }[verdict];
	return { call, verdict, what: `${then} after ${by} had ${vote} it` };
}
