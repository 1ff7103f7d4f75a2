/**
 * Accounts: what limits have counted and which sequences were begun, by the scope that they look at. All of one scope key
 * makes one row of the state, for a call changes several parts of it at once.
 */

import { type Cell, count, list, pair, record, rowUnder } from "../base/cell.ts";
import { accountKey, accountPart, type CounterName } from "../model/counters.ts";
import type { BudgetUse } from "../model/entries.ts";
import type { Scope, Subject } from "../model/ids.ts";
import type { BegunSequence } from "../model/sequences.ts";
import type { EpochMs } from "../model/units.ts";
import { counterNameCell, scopeCell, sequenceNameCell } from "./entry-cells.ts";
import { type Buckets, passesAt } from "./window.ts";

export interface Counter {
	readonly name: CounterName;
	/** Open reservations: they count in every window. */
	readonly reserved: number;
	/** Life counters: what is settled and topped up forever. */
	readonly settled: number;
	readonly toppedUp: number;
	/** Window counters: the same by bucket. */
	readonly buckets: Buckets;
	readonly topUps: Buckets;
}

/** The counters of one tenant, agent or session; for `identical_calls` those of one repeated call, for caps those of one credential. */
export interface Account {
	readonly scope: Scope;
	readonly scopeKey: string;
	/** In the order of (policy, limit, measure, window). */
	readonly counters: readonly Counter[];
	/** In the order of (policy, sequence). */
	readonly begun: readonly BegunSequence[];
}

const buckets = list(pair(count, count));

/** Written out and not as a `record`: each step reads and writes several, and a loop over fields costs more. */
const counterCell: Cell<Counter> = {
	write: (to, counter) => {
		counterNameCell.write(to, counter.name);
		to.count(counter.reserved);
		to.count(counter.settled);
		to.count(counter.toppedUp);
		buckets.write(to, counter.buckets);
		buckets.write(to, counter.topUps);
	},
	read: (from) => ({
		name: counterNameCell.read(from),
		reserved: from.count(),
		settled: from.count(),
		toppedUp: from.count(),
		buckets: buckets.read(from),
		topUps: buckets.read(from),
	}),
};

export const accountCell = rowUnder<Account, "scopeKey">("scopeKey", {
	scope: scopeCell,
	counters: list(counterCell),
	begun: list(record<BegunSequence>({ name: sequenceNameCell, at: count })),
});

/**
 * From when on the account counts for nothing, so that a new one counts the same: nothing of it is open, nothing is settled,
 * topped up or begun for life, and its windows have passed. Null while that cannot be said.
 */
export function restsAt({ counters, begun }: Account): EpochMs | null {
	let at = 0;
	for (let place = 0; place < counters.length; place++) {
		const { name, reserved, settled, toppedUp, buckets, topUps } = counters[place] as Counter;
		if (reserved > 0 || settled > 0 || toppedUp > 0) return null;
		const { windowMs } = name;
		if (windowMs > 0) at = Math.max(at, passesAt(windowMs, buckets), passesAt(windowMs, topUps));
	}
	for (const { name, at: since } of begun) {
		if (name.withinMs === 0) return null;
		at = Math.max(at, since + name.withinMs);
	}
	return at;
}

/** What an open call has taken of a counter, until its outcome; the account is that of the call's own tenant, agent or session. */
export interface Reservation {
	readonly counter: CounterName;
	readonly amount: number;
}

export const reservationCell: Cell<Reservation> = {
	write: (to, { counter, amount }) => {
		counterNameCell.write(to, counter);
		to.count(amount);
	},
	read: (from) => ({ counter: counterNameCell.read(from), amount: from.count() }),
};

/** What a decision leaves open. */
export function reservationsOf(uses: readonly BudgetUse[]): Reservation[] {
	let count = 0;
	for (const { kind } of uses) if (kind === "reserved") count += 1;
	// Exactly as long as it is: an array that grew keeps room for three times as many, and there is one for every open call.
	const reservations = new Array<Reservation>(count);
	let place = 0;
	for (const { counter, amount, kind } of uses) if (kind === "reserved") reservations[place++] = { counter, amount };
	return reservations;
}

/** A counter that is changed in place. */
export type OwnCounter = { -readonly [Field in keyof Counter]: Counter[Field] };

/** An account whose counters are changed in place. A list that is read as empty belongs to all: it is replaced. */
export interface OwnAccount extends Account {
	counters: readonly OwnCounter[];
	begun: readonly BegunSequence[];
}

/** Its account may be changed, and what is changed leaves the other as it is. */
export const copyOf = ({ scope, scopeKey, counters, begun }: Account): OwnAccount => ({
	scope,
	scopeKey,
	counters: counters.map(ownCounter),
	begun,
});

/** A copy that may be changed in place. */
export const ownCounter = (counter: Counter): OwnCounter => ({
	...counter,
	buckets: [...counter.buckets],
	topUps: [...counter.topUps],
});

/** Accounts as they are for one ruling, by scope key; undefined where nothing was ever charged. */
export interface AccountsRead {
	get(scopeKey: string): Account | undefined;
}

/** Where accounts are changed and filed: a state's, or those of a step that is not written yet. */
export interface Accounts {
	/** The account, for changing in place; it is filed again if it was. */
	own(scopeKey: string): OwnAccount | undefined;
	set(scopeKey: string, account: Account): void;
}

/** Undefined when nothing was ever charged to it. */
export function counterOf(account: Account | undefined, name: CounterName): Counter | undefined {
	if (account === undefined) return undefined;
	const place = placeOf(account.counters, name);
	return place === -1 ? undefined : account.counters[place];
}

/** Something that changes a counter of its subject's account. */
interface CounterPart {
	readonly counter: CounterName;
	readonly repetition?: string;
}

/** An account that is being changed, and the next. */
interface Draft {
	readonly scope: Scope;
	/** Empty for the one of its whole scope. */
	readonly part: string;
	readonly account: OwnAccount;
	isChanged: boolean;
	next: Draft | null;
}

/**
 * Changes the counter of each part in the subject's accounts, in the order of the parts, and files each account once. `change`
 * is handed undefined where nothing was charged yet; it returns the counter that it changed or made, undefined where it did
 * neither.
 */
export function changeCounters<Part extends CounterPart>(
	accounts: Accounts,
	subject: Subject,
	parts: readonly Part[],
	change: (counter: OwnCounter | undefined, part: Part) => OwnCounter | undefined,
): void {
	let first: Draft | null = null;
	for (let index = 0; index < parts.length; index++) {
		const part = parts[index] as Part;
		const draft: Draft = draftFor(first, accounts, subject, part);
		first ??= draft;
		const { account } = draft;
		const place = placeOf(account.counters, part.counter);
		const changed = change(place === -1 ? undefined : account.counters[place], part);
		if (changed === undefined) continue;
		draft.isChanged = true;
		if (place === -1) account.counters = withCounter(account.counters, changed);
	}
	for (let draft = first; draft !== null; draft = draft.next) {
		if (draft.isChanged) accounts.set(draft.account.scopeKey, draft.account);
	}
}

/** There are few: a call has an account for each scope, one for its repetitions, and one for each credential. A new one goes behind the others. */
function draftFor(first: Draft | null, accounts: Accounts, subject: Subject, part: CounterPart): Draft {
	const { scope } = part.counter;
	const own = accountPart(part.counter, part.repetition ?? "");
	let last: Draft | null = null;
	for (let draft = first; draft !== null; draft = draft.next) {
		if (draft.scope === scope && draft.part === own) return draft;
		last = draft;
	}
	const scopeKey = accountKey(part.counter, subject, part.repetition);
	const account = accounts.own(scopeKey) ?? emptyAccount(scope, scopeKey);
	const draft: Draft = { scope, part: own, account, isChanged: false, next: null };
	if (last !== null) last.next = draft;
	return draft;
}

/** Changes one counter of the account of a key. */
export function changeCounter(
	accounts: Accounts,
	scopeKey: string,
	name: CounterName,
	change: (counter: OwnCounter | undefined) => OwnCounter,
): void {
	const account = accounts.own(scopeKey) ?? emptyAccount(name.scope, scopeKey);
	const place = placeOf(account.counters, name);
	const changed = change(place === -1 ? undefined : account.counters[place]);
	if (place === -1) account.counters = withCounter(account.counters, changed);
	accounts.set(scopeKey, account);
}

/** -1 when it is not there. It is named by the same object, unless its policy was compiled again or its account was read. */
function placeOf(counters: readonly Counter[], name: CounterName): number {
	for (let place = 0; place < counters.length; place++) if ((counters[place] as Counter).name === name) return place;
	for (let place = 0; place < counters.length; place++) if (isNamed(counters[place] as Counter, name)) return place;
	return -1;
}

/** The scope need not be compared: all counters of an account have the same. */
const isNamed = ({ name }: Counter, other: CounterName): boolean =>
	name === other ||
	(name.limit === other.limit &&
		name.policy === other.policy &&
		name.measure === other.measure &&
		name.windowMs === other.windowMs);

const NOTHING: readonly never[] = Object.freeze([]);

/** Nothing was counted or begun for it yet. */
export const emptyAccount = (scope: Scope, scopeKey: string): OwnAccount => ({
	scope,
	scopeKey,
	counters: NOTHING,
	begun: NOTHING,
});

/** In its place, so that an account is written the same whatever was charged first. */
function withCounter(counters: readonly OwnCounter[], counter: OwnCounter): readonly OwnCounter[] {
	if (counters.length === 0) return [counter];
	const place = counters.findIndex(({ name }) => isBefore(counter.name, name));
	return counters.toSpliced(place === -1 ? counters.length : place, 0, counter);
}

function isBefore(a: CounterName, b: CounterName): boolean {
	if (a.policy !== b.policy) return a.policy < b.policy;
	if (a.limit !== b.limit) return a.limit < b.limit;
	if (a.measure !== b.measure) return a.measure < b.measure;
	return a.windowMs < b.windowMs;
}
