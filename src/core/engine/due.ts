/**
 * What falls due: holds that nobody approved, reservations that no outcome settled, slots whose lease has run out. Turned
 * into effects by the next entry, in the order of (due, id), at most 32 of them and 8 KiB; the rest rides on the entries that follow.
 */
import type { Effect } from "../model/entries.ts";
import { callIdOf, callKey } from "../model/ids.ts";
import type { EpochMs } from "../model/units.ts";
import {
	type Account,
	type Accounts,
	type AccountsRead,
	changeCounters,
	copyOf,
	type OwnAccount,
	type OwnCounter,
	type Reservation,
} from "../state/accounts.ts";
import { type Call, isOpenOrHeld } from "../state/call.ts";
import type { State } from "../state/state.ts";
import { giveBack, isSlot, lapse, settle } from "./budget.ts";

const EFFECTS_MAX = 32;
const EFFECT_BYTES_MAX = 8_192;
/** Fixed parts of an encoded effect, generously: a commitment is the most of them. */
const EFFECT_OVERHEAD = 130;

/** Is the call's hold or reservation over at `at`, written or not? */
export const isOverdue = (call: Call, at: EpochMs): boolean => isOpenOrHeld(call) && call.dueAt <= at;

/** When the next item falls due; null when nothing waits. */
export function nextDueAt(state: State): EpochMs | null {
	return state.due.peek()?.time ?? null;
}

const NOTHING_DUE: readonly Effect[] = Object.freeze([]);

/** The effects of the step at `at`. `except` is the call that the step's own input settles. */
export function dueEffects(state: State, at: EpochMs, except: string | null): readonly Effect[] {
	// Asked for its time alone: whose it is need not be read from the row.
	if (state.due.firstTime > at) return NOTHING_DUE;
	const effects: Effect[] = [];
	let bytes = 0;
	for (const key of state.due.first(EFFECTS_MAX + 1, at)) {
		if (key === except || effects.length === EFFECTS_MAX) continue;
		const call = state.calls.get(key) as Call;
		bytes += EFFECT_OVERHEAD + sizeOf(call);
		if (effects.length > 0 && bytes > EFFECT_BYTES_MAX) break;
		effects.push(effectOf(call));
	}
	return effects;
}

/** What a due call's reservation becomes: given back for a hold, settled in full for an allowed call, then its slots. */
export function chargeDue(accounts: Accounts, call: Call, at: EpochMs): void {
	const change = (counter: OwnCounter | undefined, part: Reservation): OwnCounter | undefined => {
		if (counter === undefined) return undefined;
		if (call.phase === "held") return giveBack(counter, part.amount);
		if (call.phase === "open") return settle(counter, lapse(part), call.decidedAt, at);
		return isSlot(counter.name) ? giveBack(counter, part.amount) : undefined;
	};
	changeCounters(accounts, call, call.reserved, change);
}

/** Accounts as they are after the effects of this very step, for what the step decides next: each when it is asked for. */
export function accountsAfter(state: State, effects: readonly Effect[], at: EpochMs): AccountsRead {
	const calls = effects.map(({ call }) => state.calls.get(callKey(call)) as Call);
	const after = new Map<string, Account>();
	return {
		get(key) {
			const known = after.get(key);
			const before = known === undefined ? state.accounts.get(key) : undefined;
			if (before === undefined) return known;
			const account = chargedAll(before, calls, at);
			after.set(key, account);
			return account;
		},
	};
}

/** The account after all of these have fallen due: itself if none is counted there. */
function chargedAll(account: Account, calls: readonly Call[], at: EpochMs): Account {
	let own: OwnAccount | null = null;
	const accounts: Accounts = {
		own(key) {
			if (key !== account.scopeKey) return undefined;
			own ??= copyOf(account);
			return own;
		},
		set() {},
	};
	for (const call of calls) chargeDue(accounts, call, at);
	return own ?? account;
}

function effectOf(call: Call): Effect {
	return {
		kind: kindOf(call),
		call: callIdOf(call),
		session: call.session,
		tool: call.tool,
		address: call.hold?.address ?? null,
		commitment: call.hold === null ? "" : call.commitment,
	};
}

function kindOf({ phase, hold }: Call): Effect["kind"] {
	if (phase === "held") return hold?.isEnded ? "hold.ended" : "hold.expired";
	return phase === "open" ? "reservation.expired" : "slot.expired";
}

/** UTF-8 is at most three bytes for each UTF-16 unit. */
const sizeOf = (call: Call): number =>
	3 *
	(call.tenant.length +
		call.agent.length +
		call.id.length +
		call.session.length +
		call.tool.length +
		(call.hold?.address?.replyId.length ?? 0) +
		(call.hold?.address?.topic.length ?? 0));
