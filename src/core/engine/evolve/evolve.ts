/**
 * The fold: (state, entry) → state. It needs no policy and no clock: an entry carries its own result, and all that the state
 * takes from it.
 *
 * The state is handed over: `evolve` files new rows in its tables and returns it, and the caller never looks at the old one
 * again. Copying a state of a million calls for each entry would cost more than the step.
 *
 * E1  Depends on the state and the entry alone: the same ledger folds to the same digest on every machine.
 * E2  Forgetting is done here, at most 64 rows a step, and has no effect on any other row.
 */
import type { LedgerEntry } from "../../model/entries.ts";
import { forget } from "../../state/forgetting.ts";
import { putControl, type State } from "../../state/state.ts";
import { adjust } from "./budgets.ts";
import { abandoned, affected, decided, ended, held, repeated, voted } from "./calls.ts";
import { commanded } from "./commands.ts";
import { endSession } from "./sessions.ts";

export function evolve(state: State, entry: LedgerEntry): State {
	state.nextSeq = entry.seq + 1;
	state.streamTime = entry.at;
	state.inputs[entry.cause.topic] = entry.cause.offset + 1;
	if (entry.effects.length > 0) for (const effect of entry.effects) affected(state, effect, entry.at);
	apply(state, entry);
	forget(state);
	state.digests.step(state);
	return state;
}

function apply(state: State, entry: LedgerEntry): void {
	switch (entry.kind) {
		case "decision.made":
			decided(state, entry);
			return;
		case "decision.held":
			held(state, entry);
			return;
		case "decision.repeated":
			repeated(state, entry);
			return;
		case "usage.settled":
			ended(state, entry);
			return;
		case "approval.recorded":
			putControl(state, entry.approvalId, entry.at);
			voted(state, entry);
			return;
		case "policy.activated":
		case "policy.proposed":
		case "halt.set":
		case "halt.lifted":
		case "inputs.skipped":
			putControl(state, entry.controlId, entry.at);
			commanded(state, entry);
			return;
		case "budget.adjusted":
			putControl(state, entry.controlId, entry.at);
			adjust(state, entry);
			return;
		case "session.ended":
			putControl(state, entry.controlId, entry.at);
			endSession(state, entry, entry.at);
			return;
		case "payload.erased":
			putControl(state, entry.controlId, entry.at);
			return;
		case "intent.abandoned":
			abandoned(state, entry);
			return;
		case "clock.ticked":
		case "input.rejected":
			return;
	}
}
