/** What entries do to accounts: take, settle, give back, adjust, begin sequences. */
import { isCap } from "../../model/counters.ts";
import type { BudgetAdjustedEntry, BudgetUse, UsageSettledEntry } from "../../model/entries.ts";
import type { Subject } from "../../model/ids.ts";
import type { SequenceName } from "../../model/sequences.ts";
import type { EpochMs } from "../../model/units.ts";
import { type Account, type Accounts, changeCounter, changeCounters, type OwnAccount } from "../../state/accounts.ts";
import { begin as beginIn } from "../../state/begun-sequences.ts";
import type { Call } from "../../state/call.ts";
import { putAccount, type State } from "../../state/state.ts";
import * as budget from "../budget.ts";
import { chargeDue } from "../due.ts";

/** The accounts of a state, kept in step with what is derived from them. */
class FiledAccounts implements Accounts {
	readonly #state: State;

	constructor(state: State) {
		this.#state = state;
	}

	own(scopeKey: string): OwnAccount | undefined {
		return this.#state.accounts.own(scopeKey) as OwnAccount | undefined;
	}

	set(_: string, account: Account): void {
		putAccount(this.#state, account);
	}
}

export function take(state: State, subject: Subject, uses: readonly BudgetUse[], at: EpochMs): void {
	changeCounters(new FiledAccounts(state), subject, uses, (counter, use) =>
		use.kind === "none" ? undefined : budget.take(counter ?? budget.emptyCounter(use.counter), use, at),
	);
}

/** An admitted call begins sequences: whatever becomes of it, it may have run. */
export function begin(state: State, subject: Subject, sequences: readonly SequenceName[], at: EpochMs): void {
	if (sequences.length > 0) beginIn(new FiledAccounts(state), subject, sequences, at);
}

/** As if it had never been: a hold that is over, or decided again. */
export function giveBack(state: State, call: Call): void {
	changeCounters(new FiledAccounts(state), call, call.reserved, (counter, { amount }) =>
		counter === undefined ? undefined : budget.giveBack(counter, amount),
	);
}

/**
 * An abandoned call never ran, says the side that asked for it. So a credential, whose budget bounds that very side, has spent what it
 * was allowed; all else comes back.
 */
export function abandon(state: State, call: Call, at: EpochMs): void {
	changeCounters(new FiledAccounts(state), call, call.reserved, (counter, part) => {
		if (counter === undefined) return undefined;
		const isSpent = call.phase === "open" && isCap(part.counter);
		return isSpent
			? budget.settle(counter, budget.lapse(part), call.decidedAt, at)
			: budget.giveBack(counter, part.amount);
	});
}

/**
 * Of a late outcome's counters some may have been forgotten: those of a forgotten session for good (`isKnown` is false), others
 * start again.
 */
export function settle(state: State, subject: Subject, entry: UsageSettledEntry, isKnown: boolean): void {
	const { settlements, admittedAt, at } = entry;
	const parts = isKnown ? settlements : settlements.filter(({ counter }) => counter.scope !== "session");
	changeCounters(new FiledAccounts(state), subject, parts, (counter, part) =>
		counter === undefined && part.excess === 0
			? undefined
			: budget.settle(counter ?? budget.emptyCounter(part.counter), part, admittedAt, at),
	);
}

/** A call is due: its reservation is given back, settled in full, or its slots are free. */
export const settleDue = (state: State, call: Call, at: EpochMs): void => chargeDue(new FiledAccounts(state), call, at);

export function adjust(state: State, entry: BudgetAdjustedEntry): void {
	changeCounter(
		new FiledAccounts(state),
		entry.scopeKey,
		entry.counter,
		(counter = budget.emptyCounter(entry.counter)) =>
			entry.change === "topup" ? budget.raise(counter, entry.amount, entry.at) : budget.reset(counter),
	);
}
