/**
 * Forgetting: closed calls, idle sessions, accounts that count for nothing and old control ids, so that the state stays as
 * large as its times and no larger. At most 64 rows a step, in the order of (time, table, key), and never with an effect on
 * another row.
 */
import type { EpochMs } from "../model/units.ts";
import { restsAt } from "./accounts.ts";
import { callTimesCell } from "./call.ts";
import { sessionForgetAt } from "./session.ts";
import { type ForgettableTable, queueAccount, queueOrphans, queueSession, type State } from "./state.ts";

const FORGET_MAX = 64;

/** Forgets what nobody needs any more. Rows that turn out to be needed cost nothing. */
export function forget(state: State): void {
	let forgotten = 0;
	while (forgotten < FORGET_MAX) {
		if (state.orphaned.size > 0) {
			// Few: what a session has left goes before the next session does.
			const [session] = smallest(state.orphaned, 1) as [string];
			state.orphaned.delete(session);
			forgotten += forgetOrphans(state, session, FORGET_MAX - forgotten);
			continue;
		}
		const table = earliest(state);
		if (table === null) return;
		forgotten += forgetFirst(state, table);
	}
}

/** Is something older than what is remembered at this time? The next step at or after it forgets. */
export const isForgettable = ({ forgettable, orphaned }: State, at: EpochMs): boolean =>
	orphaned.size > 0 || TABLES.some((table) => forgettable[table].firstTime < at);

/** Of rows with the same time, in the order of the tables' names. */
const TABLES = ["accounts", "calls", "controls", "sessions"] as const satisfies readonly ForgettableTable[];

/** The table whose row goes next; null when none is old enough. */
function earliest({ forgettable, streamTime }: State): ForgettableTable | null {
	let first: ForgettableTable | null = null;
	let time = streamTime;
	for (const table of TABLES) {
		const { firstTime } = forgettable[table];
		if (firstTime >= time) continue;
		first = table;
		time = firstTime;
	}
	return first;
}

function forgetFirst(state: State, table: ForgettableTable): 0 | 1 {
	const queue = state.forgettable[table];
	const { key, time } = queue.peek() as { readonly key: string; readonly time: EpochMs };
	switch (table) {
		case "calls":
			state.forgotten.calls = Math.max(state.forgotten.calls, state.calls.glance(key, callTimesCell)?.issuedAt ?? 0);
			state.calls.delete(key);
			state.lapsed.delete(key);
			return 1;
		case "controls":
			state.forgotten.controls = Math.max(state.forgotten.controls, state.controls.get(key) ?? 0);
			state.controls.delete(key);
			return 1;
		case "sessions":
			queue.remove(key);
			return forgetSession(state, key, time);
		case "accounts":
			queue.remove(key);
			return forgetAccount(state, key, time);
	}
}

function forgetSession(state: State, key: string, time: EpochMs): 0 | 1 {
	const session = state.sessions.get(key);
	if (session === undefined || session.openCalls > 0) return 0;
	if (sessionForgetAt(state.layout, session) > time) {
		queueSession(state, key, session);
		return 0;
	}
	state.sessions.delete(key);
	state.forgotten.sessions = Math.max(state.forgotten.sessions, session.lastSeenAt);
	queueOrphans(state, key);
	return 1;
}

function forgetAccount(state: State, key: string, time: EpochMs): 0 | 1 {
	const account = state.accounts.get(key);
	if (account === undefined) return 0;
	if (restsAt(account) !== time) {
		queueAccount(state, account);
		return 0;
	}
	state.accounts.delete(key);
	return 1;
}

/** How many of a forgotten session's accounts are looked out at once: a session can have very many. */
const ORPHANS_AHEAD = 4_096;

/** The smallest keys first, so that two states which hold the same accounts forget the same ones next. */
function forgetOrphans(state: State, session: string, atMost: number): number {
	const { accounts, accountsBySession, orphansNext: next } = state;
	// A session of the same name that has begun meanwhile takes over what is left: never less than it would be charged.
	if (accountsBySession.sizeOf(session) === 0 || state.sessions.has(session)) {
		next.length = 0;
		return 0;
	}
	let forgotten = 0;
	while (forgotten < atMost && accountsBySession.sizeOf(session) > 0) {
		if (next.length === 0) next.push(...smallest(accountsBySession.keysOf(session), ORPHANS_AHEAD).reverse());
		const key = next.pop() as string;
		if (!accountsBySession.has(session, key)) continue;
		accounts.delete(key);
		forgotten += 1;
	}
	queueOrphans(state, session);
	return forgotten;
}

function smallest(keys: Iterable<string>, count: number): string[] {
	const kept: string[] = [];
	let bound: string | undefined;
	for (const key of keys) {
		if (bound !== undefined && key >= bound) continue;
		kept.push(key);
		if (kept.length < 2 * count) continue;
		kept.sort();
		kept.length = count;
		bound = kept[count - 1];
	}
	return kept.sort().slice(0, count);
}
