/**
 * What falls due: holds that nobody approved, reservations that no outcome settled, slots whose lease has run out. Turned
 * into effects by the next entry, in the order of (due, id), at most 32 of them and 8 KiB; the rest rides on the entries that follow.
 */
import type { Timed } from "../base/table/row-queue.ts";
import type { Effect } from "../model/entries.ts";
import { callIdOf, callKey } from "../model/ids.ts";
import type { EpochMs } from "../model/units.ts";
import {
	type Account,
	type Accounts,
	type AccountsRead,
	changeCounters,
	copyOf,
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

/**
 * The effects of the step at `at`. `except` is the call that the step's own input settles. What is due is put back as it was:
 * `evolve` takes it out.
 */
export function dueEffects(state: State, at: EpochMs, except: string | null): readonly Effect[] {
	// Asked for its time alone: whose it is need not be read from the row.
	if (state.due.firstTime > at) return NOTHING_DUE;
	const due: Timed[] = [];
	const effects: Effect[] = [];
	let bytes = 0;
	while (effects.length < EFFECTS_MAX) {
		const top = state.due.peek();
		if (top === undefined || top.time > at) break;
		const call = state.calls.get(top.key) as Call;
		const size = EFFECT_OVERHEAD + sizeOf(call);
		if (top.key !== except) {
			if (effects.length > 0 && bytes + size > EFFECT_BYTES_MAX) break;
			bytes += size;
			effects.push(effectOf(call));
		}
		due.push(top);
		state.due.remove(top.key);
	}
	for (const { key, time } of due) state.due.set(key, time);
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

/** Accounts as they are after the effects of this very step, for what the step decides next. */
export function accountsAfter(state: State, effects: readonly Effect[], at: EpochMs): AccountsRead {
	const after = new Map<string, Account>();
	const accounts: Accounts = {
		own(key) {
			const account = after.get(key) ?? state.accounts.get(key);
			return account && copyOf(account);
		},
		set: (key, account) => after.set(key, account),
	};
	for (const effect of effects) {
		const call = state.calls.get(callKey(effect.call));
		if (call !== undefined) chargeDue(accounts, call, at);
	}
	return { get: (key) => after.get(key) ?? state.accounts.get(key) };
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
