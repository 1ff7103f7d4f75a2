/** A state over plain tables: what the compact one must be, whatever happens. */
import type { Layout } from "../../src/core/model/layout.ts";
import { accountCell } from "../../src/core/state/accounts.ts";
import { callCell } from "../../src/core/state/call.ts";
import { controlCell } from "../../src/core/state/control.ts";
import { haltCell } from "../../src/core/state/halt.ts";
import { sessionCell } from "../../src/core/state/session.ts";
import { type State, stateOver } from "../../src/core/state/state.ts";
import { PlainTable } from "./plain-table.ts";

export function plainState(layout: Layout): State {
	const tables = {
		calls: new PlainTable("calls", callCell),
		sessions: new PlainTable("sessions", sessionCell),
		accounts: new PlainTable("accounts", accountCell),
		halts: new PlainTable("halts", haltCell),
		controls: new PlainTable("controls", controlCell),
	};
	// The tables have hidden fields that no other class can have.
	return stateOver(tables as unknown as Parameters<typeof stateOver>[0], layout, 0, true);
}
