/** A state made again of its head and its rows, as snapshots carry and slices show them. */
import type { Layout } from "../model/layout.ts";
import type { Account } from "./accounts.ts";
import type { StateHead } from "./head.ts";
import {
	emptyState,
	indexAccount,
	indexCall,
	queueAccount,
	queueControl,
	queueOrphans,
	queueSession,
	type State,
	type StateOptions,
	sessionOfAccount,
} from "./state.ts";

/** The state's tables by name: their rows are written and read one piece after the other. */
export const TABLE_NAMES = ["calls", "sessions", "accounts", "halts", "controls"] as const;
export type TableName = (typeof TABLE_NAMES)[number];

/** Keys and values, as tables write them. */
export type TableRows = readonly Uint8Array[];

/** Changes when a row of the state is written in another way. */
export const ROWS_FORMAT = 1;

/** The state of a head, without any row yet. */
export function stateUnder(layout: Layout, head: StateHead, nextDigest: string, options?: StateOptions): State {
	const state = emptyState(layout, head.partition, options);
	state.streamTime = head.streamTime;
	Object.assign(state.forgotten, head.forgotten);
	state.nextSeq = head.nextSeq;
	Object.assign(state.inputs, head.inputs);
	state.policy = head.policy;
	state.digests.restore(head, nextDigest);
	return state;
}

/** Files rows that a table did not have, and keeps the indexes in step. Throws RangeError where something is no row. */
export function loadRows(state: State, name: TableName, rows: TableRows): void {
	for (const row of rows) loadRow(state, name, row);
}

function loadRow(state: State, name: TableName, row: Uint8Array): void {
	switch (name) {
		case "calls": {
			const { key, value } = state.calls.load(row);
			indexCall(state, key, value);
			return;
		}
		case "sessions": {
			const { key, value } = state.sessions.load(row);
			queueSession(state, key, value);
			return;
		}
		case "accounts":
			indexLoaded(state, state.accounts.load(row).value);
			return;
		case "controls": {
			const { key, value } = state.controls.load(row);
			queueControl(state, key, value);
			return;
		}
		case "halts":
			state.halts.load(row);
			return;
	}
}

function indexLoaded(state: State, account: Account): void {
	indexAccount(state, account);
	queueAccount(state, account);
	if (account.scope !== "session") return;
	const session = sessionOfAccount(account.scopeKey);
	// Once for each session. Where the session is there after all, the item is untrue and costs nothing.
	if (!state.sessions.has(session) && state.accountsBySession.sizeOf(session) === 1) queueOrphans(state, session);
}
