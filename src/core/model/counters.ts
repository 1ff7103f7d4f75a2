/** Counters: what limits count, by name, and the key of the account in which they count it. */
import { type Scope, type Subject, scopeKey } from "./ids.ts";
import type { DurationMs } from "./units.ts";

/** What a limit counts. */
export type Measure = "tool_calls" | "tokens" | "cost" | "execution_time" | "concurrent_calls" | "identical_calls";

/**
 * Names the counter of a limit in each account of its scope. A compiled policy has one frozen object for each of its limits,
 * and everything that names the counter refers to that. A changed maximum keeps the history; a changed measure, window or
 * scope starts again.
 */
export interface CounterName {
	readonly policy: string;
	readonly limit: string;
	readonly measure: Measure;
	/** Length of the sliding window; 0 means for life. */
	readonly windowMs: DurationMs;
	readonly scope: Scope;
}

/**
 * The key of the account that a counter belongs to: its scope's key. Each repeated call of a session has an account of its
 * own, under the session's key, `#` and the repetition; parts of a key never hold a `#`.
 */
export function accountKey(scope: Scope, subject: Subject, repetition = ""): string {
	const key = scopeKey(scope, subject);
	return repetition === "" ? key : `${key}#${repetition}`;
}

export const isSameCounter = (a: CounterName, b: CounterName): boolean =>
	a === b ||
	(a.limit === b.limit &&
		a.policy === b.policy &&
		a.measure === b.measure &&
		a.windowMs === b.windowMs &&
		a.scope === b.scope);
