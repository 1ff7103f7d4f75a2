/** Counters: what limits count, by name, and the key of the account in which they count it. */
import { keyPart, type Scope, type Subject, scopeKey } from "./ids.ts";
import type { SpendingCap } from "./inputs.ts";
import type { DurationMs } from "./units.ts";

/** What a limit counts. */
export type Measure = "tool_calls" | "tokens" | "cost" | "execution_time" | "concurrent_calls" | "identical_calls";

/**
 * Names the counter of a limit in each account of its scope. A compiled policy has one frozen object for each of its limits,
 * and everything that names the counter refers to that. A changed maximum keeps the history; a changed measure, window or
 * scope starts again.
 */
export interface CounterName {
	/** Empty for what a credential may spend. */
	readonly policy: string;
	readonly limit: string;
	readonly measure: Measure;
	/** Length of the sliding window; 0 means for life. */
	readonly windowMs: DurationMs;
	readonly scope: Scope;
}

/** Names the counter of a cap: that of no policy, under the name of the credential. */
export const capCounter = ({ name, measure }: SpendingCap): CounterName => ({
	policy: "",
	limit: name,
	measure,
	windowMs: 0,
	scope: "agent",
});

/** Counts what was spent with a credential. */
export const isCap = ({ policy }: Pick<CounterName, "policy">): boolean => policy === "";

/**
 * The key of the account that a counter belongs to: its scope's key. Each repeated call of a session has an account of its
 * own, under the session's key, `#` and the repetition, and so has each credential of an agent, under its name: there may be many,
 * and a step reads an account as a whole. Parts of a key never hold a `#`.
 */
export function accountKey(counter: AccountOf, subject: Subject, repetition = ""): string {
	const key = scopeKey(counter.scope, subject);
	const part = accountPart(counter, repetition);
	return part === "" ? key : `${key}#${part}`;
}

/** What says to which account of its scope a counter belongs. */
type AccountOf = Pick<CounterName, "policy" | "limit" | "scope">;

/** Which account of its scope: empty for the one of all other counters. */
export const accountPart = (counter: AccountOf, repetition: string): string =>
	isCap(counter) ? keyPart(counter.limit) : repetition;

export const isSameCounter = (a: CounterName, b: CounterName): boolean =>
	a === b ||
	(a.limit === b.limit &&
		a.policy === b.policy &&
		a.measure === b.measure &&
		a.windowMs === b.windowMs &&
		a.scope === b.scope);
