/** A part of a state as plain rows: what an operator asks about, without the many closed calls that nobody does. */
import type { Json } from "../base/json.ts";
import type { Layout } from "../model/layout.ts";
import type { EpochMs } from "../model/units.ts";
import { isOpenOrHeld } from "./call.ts";
import { headOf, loadRows, type State, type StateHead, stateUnder, type TableRows } from "./state.ts";

/** What of the state is wanted beside its head and its halts. */
export interface SliceWanted {
	/** Calls that wait for a human. */
	readonly held?: boolean;
	/** Open and held calls that are due at this time. */
	readonly dueAt?: EpochMs;
	/** Calls that an operator's name can mean: an intent id, or the whole key. */
	readonly named?: string;
	/** `counted`: what limits have counted; `all`: repeated calls, too. */
	readonly accounts?: "counted" | "all";
}

export interface StateSlice {
	readonly head: StateHead;
	readonly calls: TableRows;
	readonly accounts: TableRows;
	readonly halts: TableRows;
}

export function sliceOf(state: State, wanted: SliceWanted): StateSlice {
	const calls = new Set<string>();
	if (wanted.held === true) for (const keys of state.heldBySession.values()) for (const key of keys) calls.add(key);
	const { named, dueAt } = wanted;
	if (named !== undefined || dueAt !== undefined) {
		for (const [key, call] of state.calls.entries()) {
			const isNamed = named !== undefined && (key === named || call.id === named);
			const isDue = dueAt !== undefined && isOpenOrHeld(call) && call.dueAt <= dueAt;
			if (isNamed || isDue) calls.add(key);
		}
	}
	return {
		head: headOf(state),
		calls: state.calls.rowsOf(calls),
		accounts: wanted.accounts === undefined ? [] : state.accounts.rowsOf(accountKeys(state, wanted.accounts)),
		halts: state.halts.rows(),
	};
}

/** Repeated calls have an account each, under the session's key and `#` their commitment. */
function* accountKeys(state: State, which: "counted" | "all"): IterableIterator<string> {
	for (const [key] of state.accounts.entries()) if (which === "all" || !key.includes("#")) yield key;
}

/** A state that holds what the slice does. */
export function stateOfSlice(layout: Layout, { head, calls, accounts, halts }: StateSlice): State {
	const state = stateUnder(layout, head);
	loadRows(state, "calls", calls);
	loadRows(state, "accounts", accounts);
	loadRows(state, "halts", halts);
	return state;
}

/** Whether what came from another process has the form of a slice; its rows are that process's own. */
export function isSlice(value: unknown): value is StateSlice {
	if (typeof value !== "object" || value === null) return false;
	const { head, calls, accounts, halts } = value as Record<string, Json>;
	return (
		typeof head === "object" && head !== null && Array.isArray(calls) && Array.isArray(accounts) && Array.isArray(halts)
	);
}
