/**
 * Calls of which nobody knows whether they ran, as a person has to look at them: allowed, and no outcome came in time, or one that says
 * that nobody saw their end. A call leaves this list when an outcome tells its end, or when its id is forgotten.
 */
import { isOverdue } from "../core/engine/due.ts";
import type { CounterName } from "../core/model/counters.ts";
import { type CallId, callIdOf, callKey } from "../core/model/ids.ts";
import type { Layout } from "../core/model/layout.ts";
import type { EpochMs } from "../core/model/units.ts";
import type { Reservation } from "../core/state/accounts.ts";
import { type Call, callForgetAt } from "../core/state/call.ts";
import type { State } from "../core/state/state.ts";
import type { Log } from "../ports/log/log.ts";
import type { ReadStateOptions } from "../reading/partition-view.ts";
import { isWanted, type PrincipalFilter, partitionsOf } from "../reading/principal-filter.ts";
import { lookAt } from "./questions.ts";

export interface UnknownCall {
	readonly partition: number;
	readonly call: CallId;
	readonly session: string;
	readonly tool: string;
	/** What it was about, 64 hex digits. */
	readonly commitment: string;
	/** It may have run since. */
	readonly allowedAt: EpochMs;
	/** What it has cost, in each measure's own unit; of `concurrent_calls` the slot that it still takes. */
	readonly charged: readonly ChargedUse[];
	/** Until when it takes a slot, because its tool may still run; null when it takes none. */
	readonly slotUntil: EpochMs | null;
	/** Until when it is on this list; null while that is not known, because its time to be over has not been written yet. */
	readonly listedUntil: EpochMs | null;
}

export interface ChargedUse extends Pick<CounterName, "policy" | "limit" | "measure" | "windowMs" | "scope"> {
	readonly amount: number;
}

export interface UnknownCalls {
	/** The longest ago allowed first. */
	readonly calls: readonly UnknownCall[];
	/** Partitions had more of them than are looked at. */
	readonly isCut: boolean;
}

/** Looked at in one partition; in memory and on their way to whoever asks they stay bounded. */
const PARTITION_MAX = 10_000;

export async function unknownCalls(
	log: Log,
	layout: Layout,
	options: { readonly filter: PrincipalFilter; readonly now: EpochMs; readonly reading?: ReadStateOptions },
): Promise<UnknownCalls> {
	const { filter, now, reading } = options;
	const calls: UnknownCall[] = [];
	let isCut = false;
	for (const partition of partitionsOf(layout, filter)) {
		const wanted = { lapsed: PARTITION_MAX + 1, dueAt: now };
		const state = await lookAt(log, layout, partition, { wanted, reading });
		const found = [...unknownOf(state, now)].slice(0, PARTITION_MAX + 1);
		if (found.length > PARTITION_MAX) isCut = true;
		for (const call of found.slice(0, PARTITION_MAX)) {
			if (isWanted(filter, call)) calls.push(unknownOfCall(partition, call, layout));
		}
	}
	return { calls: calls.sort(byTime), isCut };
}

/** Also of calls whose time is up and that no entry has reached yet. */
function* unknownOf(state: State, now: EpochMs): IterableIterator<Call> {
	const at = Math.max(now, state.streamTime);
	for (const key of state.lapsed) yield state.calls.get(key) as Call;
	for (const key of state.due.until(at)) {
		const call = state.calls.get(key);
		if (call?.phase === "open" && isOverdue(call, at)) yield call;
	}
}

const unknownOfCall = (partition: number, call: Call, layout: Layout): UnknownCall => ({
	partition,
	call: callIdOf(call),
	session: call.session,
	tool: call.tool,
	commitment: call.commitment,
	allowedAt: call.decidedAt,
	charged: call.reserved.map(chargedOf),
	slotUntil: slotUntilOf(call),
	listedUntil: call.closedAt === null ? null : callForgetAt(layout, call),
});

const chargedOf = ({ counter: { policy, limit, measure, windowMs, scope }, amount }: Reservation): ChargedUse => ({
	...{ policy, limit, measure, windowMs, scope },
	amount,
});

function slotUntilOf({ reserved, decidedAt, obligations }: Call): EpochMs | null {
	const hasSlot = reserved.some(({ counter }) => counter.measure === "concurrent_calls");
	return hasSlot ? decidedAt + obligations.leaseMs : null;
}

const byTime = (a: UnknownCall, b: UnknownCall): number =>
	a.allowedAt - b.allowedAt || (callKey(a.call) < callKey(b.call) ? -1 : 1);
