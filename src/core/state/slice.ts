/** A part of a state as plain rows: what an operator asks about, without the many closed calls that nobody does. */
import type { Json } from "../base/json.ts";
import { keyPart } from "../model/ids.ts";
import type { Layout } from "../model/layout.ts";
import type { EpochMs } from "../model/units.ts";
import { isOpenOrHeld } from "./call.ts";
import { headOf, type StateHead } from "./head.ts";
import { loadRows, stateUnder, type TableRows } from "./image.ts";
import type { State } from "./state.ts";

/** What of the state is wanted beside its head and its halts. */
export interface SliceWanted {
	/** Calls that wait for a human. */
	readonly held?: boolean;
	/** At most this many of the calls whose end nobody saw. */
	readonly lapsed?: number;
	/** Open and held calls that are due at this time. */
	readonly dueAt?: EpochMs;
	/** Calls that an operator's name can mean: an intent id, or the whole key. */
	readonly named?: string;
	/** `counted`: what limits have counted; `all`: repeated calls and credentials, too. */
	readonly accounts?: "counted" | "all";
}

/** Rows go from one process to another as texts, in base64. */
export interface StateSlice {
	readonly head: StateHead;
	readonly calls: readonly string[];
	readonly accounts: readonly string[];
	readonly halts: readonly string[];
}

export function sliceOf(state: State, { held, lapsed = 0, dueAt, named, accounts }: SliceWanted): StateSlice {
	const calls = new Set<string>();
	if (held === true) for (const keys of state.heldBySession.values()) for (const key of keys) calls.add(key);
	for (const key of state.lapsed) {
		if (calls.size >= lapsed) break;
		calls.add(key);
	}
	if (dueAt !== undefined) for (const key of overdueKeys(state, dueAt)) calls.add(key);
	if (named !== undefined) for (const key of keysNamed(state, named)) calls.add(key);
	return {
		head: headOf(state),
		calls: texts(state.calls.rowsOf(calls)),
		accounts: accounts === undefined ? [] : texts(state.accounts.rowsOf(accountKeys(state, accounts))),
		halts: texts(state.halts.rows()),
	};
}

/** The keys of open and held calls that are due at this time. */
export function* overdueKeys(state: State, at: EpochMs): IterableIterator<string> {
	for (const key of state.due.until(at)) {
		const call = state.calls.get(key);
		if (call !== undefined && isOpenOrHeld(call)) yield key;
	}
}

/** The keys of calls that an operator's name can mean: an intent id, or the whole key. */
export function* keysNamed(state: State, name: string): IterableIterator<string> {
	if (state.calls.has(name)) yield name;
	for (const key of state.calls.keys(`/${keyPart(name)}`)) if (key !== name) yield key;
}

/** Repeated calls and credentials have an account each, under the key of their session or agent, `#` and what tells them apart. */
function* accountKeys(state: State, which: "counted" | "all"): IterableIterator<string> {
	for (const key of state.accounts.keys()) if (which === "all" || !key.includes("#")) yield key;
}

/** A state that holds what the slice does. */
export function stateOfSlice(layout: Layout, { head, calls, accounts, halts }: StateSlice): State {
	const state = stateUnder(layout, head, "", { isDigested: false });
	loadRows(state, "calls", rows(calls));
	loadRows(state, "accounts", rows(accounts));
	loadRows(state, "halts", rows(halts));
	return state;
}

const texts = (all: TableRows): string[] => all.map((row) => Buffer.from(row).toString("base64"));

const rows = (all: readonly string[]): TableRows => all.map((row) => Buffer.from(row, "base64"));

/** Whether what came from another process has the form of a slice; its rows are that process's own. */
export function isSlice(value: unknown): value is StateSlice {
	if (typeof value !== "object" || value === null) return false;
	const { head, calls, accounts, halts } = value as Record<string, Json>;
	return (
		typeof head === "object" && head !== null && Array.isArray(calls) && Array.isArray(accounts) && Array.isArray(halts)
	);
}
