/** What a settlement had to do without: counters whose amount nobody reported, so that it cost what was reserved. */

import type { CounterName, Measure } from "../model/counters.ts";
import type { LedgerEntry } from "../model/entries.ts";
import { usedOf } from "../model/usage.ts";

export interface Unreported {
	readonly counter: CounterName;
	readonly measure: Extract<Measure, "tokens" | "cost" | "execution_time">;
	/** What it cost instead; 0 where neither the limit nor the call's estimate reserved anything. */
	readonly amount: number;
}

const NOTHING: readonly Unreported[] = [];

export function unreportedBy(entry: LedgerEntry): readonly Unreported[] {
	// An end that nobody saw is no report, as little as a deadline that has passed.
	if (entry.kind !== "usage.settled" || entry.status === "unknown") return NOTHING;
	const { tokens, costMicros, executionMs } = entry.usage;
	// Most reports know all, and every settlement is looked at.
	if (tokens !== null && costMicros !== null && executionMs !== null) return NOTHING;
	return entry.settlements.flatMap(({ counter, settled }): Unreported[] => {
		const { measure } = counter;
		if (measure !== "tokens" && measure !== "cost" && measure !== "execution_time") return [];
		return usedOf(counter.measure, entry.usage) === null ? [{ counter, measure, amount: settled }] : [];
	});
}
