/**
 * Accounts: what limits have counted, by the scope that they count. All counters of one scope key make one row of the
 * state, for a call charges several of them at once.
 */

import { count, list, pair, record, rowUnder } from "../base/cell.ts";
import { type AccountHolder, accountKey, type CounterName } from "../model/counters.ts";
import type { BudgetUse } from "../model/entries.ts";
import type { Scope } from "../model/ids.ts";
import type { EpochMs } from "../model/units.ts";
import { counterNameCell, scopeCell } from "./entry-cells.ts";
import { type Buckets, passesAt } from "./window.ts";

export interface Counter {
	readonly name: CounterName;
	/** Open reservations: they count in every window. */
	readonly reserved: number;
	/** Life counters: what is settled and topped up for ever. */
	readonly settled: number;
	readonly toppedUp: number;
	/** Window counters: the same by bucket. */
	readonly buckets: Buckets;
	readonly topUps: Buckets;
}

/** The counters of one tenant, agent or session; for `identical_calls` those of one repeated call. */
export interface Account {
	readonly scope: Scope;
	readonly scopeKey: string;
	/** In the order of (policy, limit, measure, window). */
	readonly counters: readonly Counter[];
}

const buckets = list(pair(count, count));

export const accountCell = rowUnder<Account, "scopeKey">("scopeKey", {
	scope: scopeCell,
	counters: list(
		record<Counter>({
			name: counterNameCell,
			reserved: count,
			settled: count,
			toppedUp: count,
			buckets,
			topUps: buckets,
		}),
	),
});

/**
 * From when on the account counts for nothing, so that a new one counts the same: nothing of it is open, nothing is settled
 * or topped up for life, and its windows have passed. Null while that cannot be said.
 */
export function restsAt({ counters }: Account): EpochMs | null {
	let at = 0;
	for (const { name, reserved, settled, toppedUp, buckets, topUps } of counters) {
		if (reserved > 0 || settled > 0 || toppedUp > 0) return null;
		const { windowMs } = name;
		if (windowMs > 0) at = Math.max(at, passesAt(windowMs, buckets), passesAt(windowMs, topUps));
	}
	return at;
}

/** What an open call has taken of a counter, until its outcome; the account is that of the call's own tenant, agent or session. */
export interface Reservation {
	readonly counter: CounterName;
	readonly amount: number;
}

export const reservationCell = record<Reservation>({ counter: counterNameCell, amount: count });

/** What a decision leaves open. */
export function reservationsOf(uses: readonly BudgetUse[]): Reservation[] {
	const reservations: Reservation[] = [];
	for (const { counter, amount, kind } of uses) if (kind === "reserved") reservations.push({ counter, amount });
	// Exactly as long as it is: an array that grew keeps room for three times as many, and there is one for every open call.
	return reservations.slice();
}

/** Where accounts are looked up and filed: a state's, or those of a step that is not written yet. */
export interface Accounts {
	get(scopeKey: string): Account | undefined;
	set(scopeKey: string, account: Account): void;
}

/** Undefined when nothing was ever charged to it. */
export function counterOf(account: Account | undefined, name: CounterName): Counter | undefined {
	if (account === undefined) return undefined;
	for (const counter of account.counters) if (isNamed(counter, name)) return counter;
	return undefined;
}

/** Something that changes a counter of its holder's account. */
interface CounterPart {
	readonly counter: CounterName;
	readonly repetition?: string;
}

/**
 * Changes the counter of each part in the holder's accounts, in the order of the parts, and files each account once. `change`
 * is handed undefined where nothing was charged yet, and what it leaves undefined does not come to be.
 */
export function changeCounters<Part extends CounterPart>(
	accounts: Accounts,
	holder: AccountHolder,
	parts: readonly Part[],
	change: (counter: Counter | undefined, part: Part) => Counter | undefined,
): void {
	for (let first = 0; first < parts.length; first++) {
		const { counter, repetition } = parts[first] as Part;
		const { scope } = counter;
		if (isEarlier(parts, first)) continue;
		const key = accountKey(scope, holder, repetition);
		const counters = [...(accounts.get(key)?.counters ?? [])];
		let isChanged = false;
		for (let next = first; next < parts.length; next++) {
			const part = parts[next] as Part;
			if (!isOfSameAccount(part, parts[first] as Part)) continue;
			const place = counters.findIndex((each) => isNamed(each, part.counter));
			const known = counters[place];
			const changed = change(known, part);
			if (changed === undefined || changed === known) continue;
			isChanged = true;
			if (known === undefined) insert(counters, changed);
			else counters[place] = changed;
		}
		if (isChanged) accounts.set(key, { scope, scopeKey: key, counters });
	}
}

/** Changes one counter of the account of a key. */
export function changeCounter(
	accounts: Accounts,
	scopeKey: string,
	name: CounterName,
	change: (counter: Counter | undefined) => Counter,
): void {
	const account = accounts.get(scopeKey);
	const counters = account?.counters.filter((counter) => !isNamed(counter, name)) ?? [];
	insert(counters, change(counterOf(account, name)));
	accounts.set(scopeKey, { scope: name.scope, scopeKey, counters });
}

/** The scope need not be compared: all counters of an account have the same. */
const isNamed = ({ name }: Counter, other: CounterName): boolean =>
	name === other ||
	(name.limit === other.limit &&
		name.policy === other.policy &&
		name.measure === other.measure &&
		name.windowMs === other.windowMs);

const isOfSameAccount = (a: CounterPart, b: CounterPart): boolean =>
	a.counter.scope === b.counter.scope && a.repetition === b.repetition;

const isEarlier = (parts: readonly CounterPart[], before: number): boolean => {
	const part = parts[before] as CounterPart;
	for (let each = 0; each < before; each++) if (isOfSameAccount(parts[each] as CounterPart, part)) return true;
	return false;
};

/** Into its place, so that an account is written the same whatever was charged first. */
function insert(into: Counter[], counter: Counter): void {
	const place = into.findIndex(({ name }) => isBefore(counter.name, name));
	into.splice(place === -1 ? into.length : place, 0, counter);
}

function isBefore(a: CounterName, b: CounterName): boolean {
	if (a.policy !== b.policy) return a.policy < b.policy;
	if (a.limit !== b.limit) return a.limit < b.limit;
	if (a.measure !== b.measure) return a.measure < b.measure;
	return a.windowMs < b.windowMs;
}
