/** What goes along with a decision, in words: redactions, times and messages. */
import { durationText } from "../../core/model/duration.ts";
import type { Obligations, Verdict } from "../../core/model/entries.ts";
import type { BudgetReading } from "../../core/model/readings.ts";

export function obligationLines({
	verdict,
	obligations,
	budgets,
}: {
	readonly verdict: Verdict;
	readonly obligations: Obligations;
	readonly budgets: readonly BudgetReading[];
}): string[] {
	const { redact, callDeadlineMs, leaseMs, messages } = obligations;
	const hasSlot = budgets.some(({ measure }) => measure === "concurrent_calls");
	return [
		...(redact.length === 0 ? [] : [`  before the call runs, redacts ${redact.join(", ")}`]),
		...(verdict === "deny" ? [] : [`  the call may take ${durationText(callDeadlineMs)}`]),
		...(verdict === "deny" || !hasSlot
			? []
			: [
					`  a tool that goes on after that keeps its slot until its end is reported, at most ${durationText(leaseMs)} from the decision`,
				]),
		...messages.map((message) => `  tells the model: ${message}`),
	];
}
