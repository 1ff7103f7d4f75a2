/**
 * Accounts: what limits have counted, by the scope that they count. All counters of one scope key make one row of the
 * state, for a call charges several of them at once.
 */

import type { Charge, CounterId, CounterName } from "../model/entries.ts";
import type { Scope } from "../model/ids.ts";
import type { EpochMs } from "../model/units.ts";
import { type Buckets, passesAt } from "./window.ts";

export interface Counter {
	readonly id: CounterId;
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

/**
 * From when on the account counts for nothing, so that a new one counts the same: nothing of it is open, nothing is settled
 * or topped up for life, and its windows have passed. Null while that cannot be said.
 */
export function restsAt({ counters }: Account): EpochMs | null {
	let at = 0;
	for (const { id, reserved, settled, toppedUp, buckets, topUps } of counters) {
		if (reserved > 0 || settled > 0 || toppedUp > 0) return null;
		if (id.windowMs > 0) at = Math.max(at, passesAt(id.windowMs, buckets), passesAt(id.windowMs, topUps));
	}
	return at;
}

/** What an open call has taken of a counter, until its outcome. */
export interface Reservation {
	readonly counter: CounterId;
	readonly amount: number;
}

/** What charges leave open, account by account: in the order in which accounts come up, and in an account in that of the charges. */
export function reservationsOf(charges: readonly Charge[]): Reservation[] {
	const reservations: Reservation[] = [];
	for (let first = 0; first < charges.length; first++) {
		const { scopeKey } = (charges[first] as Charge).counter;
		if (isEarlier(charges, first, scopeKey)) continue;
		for (let at = first; at < charges.length; at++) {
			const { counter, amount, kind } = charges[at] as Charge;
			if (kind === "reserved" && counter.scopeKey === scopeKey) reservations.push({ counter, amount });
		}
	}
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

/**
 * Changes the counter of each part, in their order, and files each account once. `change` is handed undefined where
 * nothing was charged yet, and what it leaves undefined does not come to be.
 */
export function changeCounters<Part extends { readonly counter: CounterId }>(
	accounts: Accounts,
	parts: readonly Part[],
	change: (counter: Counter | undefined, part: Part) => Counter | undefined,
): void {
	for (let first = 0; first < parts.length; first++) {
		const { scope, scopeKey } = (parts[first] as Part).counter;
		if (isEarlier(parts, first, scopeKey)) continue;
		const counters = [...(accounts.get(scopeKey)?.counters ?? [])];
		let isChanged = false;
		for (let at = first; at < parts.length; at++) {
			const part = parts[at] as Part;
			if (part.counter.scopeKey !== scopeKey) continue;
			const place = counters.findIndex((counter) => isNamed(counter, part.counter));
			const known = counters[place];
			const changed = change(known, part);
			if (changed === undefined || changed === known) continue;
			isChanged = true;
			if (known === undefined) insert(counters, changed);
			else counters[place] = changed;
		}
		if (isChanged) accounts.set(scopeKey, { scope, scopeKey, counters });
	}
}

const isNamed = ({ id }: Counter, name: CounterName): boolean =>
	id === name ||
	(id.limit === name.limit &&
		id.policy === name.policy &&
		id.measure === name.measure &&
		id.windowMs === name.windowMs);

const isEarlier = (parts: readonly { readonly counter: CounterId }[], before: number, scopeKey: string): boolean => {
	for (let at = 0; at < before; at++) if (parts[at]?.counter.scopeKey === scopeKey) return true;
	return false;
};

/** Into its place, so that an account is written the same whatever was charged first. */
function insert(into: Counter[], counter: Counter): void {
	const place = into.findIndex(({ id }) => isBefore(counter.id, id));
	into.splice(place === -1 ? into.length : place, 0, counter);
}

function isBefore(a: CounterName, b: CounterName): boolean {
	if (a.policy !== b.policy) return a.policy < b.policy;
	if (a.limit !== b.limit) return a.limit < b.limit;
	if (a.measure !== b.measure) return a.measure < b.measure;
	return a.windowMs < b.windowMs;
}
