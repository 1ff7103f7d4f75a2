/** A state over plain tables: what the compact one must be, whatever happens. */
import type { Layout } from "../../src/core/model/layout.ts";
import { accountCell } from "../../src/core/state/accounts.ts";
import { callCell } from "../../src/core/state/call.ts";
import { controlCell } from "../../src/core/state/control.ts";
import { StateDigests } from "../../src/core/state/digest.ts";
import { haltCell } from "../../src/core/state/halt.ts";
import { emptyHead } from "../../src/core/state/head.ts";
import { sessionCell } from "../../src/core/state/session.ts";
import type { State } from "../../src/core/state/state.ts";
import { PlainTable } from "./plain-table.ts";

export function plainState(layout: Layout): State {
	const calls = new PlainTable("calls", callCell);
	const sessions = new PlainTable("sessions", sessionCell);
	const accounts = new PlainTable("accounts", accountCell);
	const halts = new PlainTable("halts", haltCell);
	const controls = new PlainTable("controls", controlCell);
	const head = emptyHead(0);
	const state = {
		...head,
		layout,
		calls,
		sessions,
		accounts,
		halts,
		controls,
		digests: new StateDigests([calls, sessions, accounts, halts, controls], head, true),
		due: calls.queue(),
		forgettable: {
			accounts: accounts.queue(),
			calls: calls.queue(),
			controls: controls.queue(),
			sessions: sessions.queue(),
		},
		heldBySession: new Map(),
		accountsBySession: new Map(),
		orphaned: new Set(),
		orphansNext: [],
	};
	// The tables have hidden fields that no other class can have.
	return state as unknown as State;
}
