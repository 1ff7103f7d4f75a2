/**
 * The fold: (state, entry) → state. It needs no policy and no clock: an entry carries its own result and its charges.
 *
 * The state is handed over: `evolve` files new rows in its tables and returns it, and the caller never looks at the old one
 * again. Copying a state of a million calls for each entry would cost more than the step.
 *
 * E1  Depends on the state and the entry alone: the same ledger folds to the same digest on every machine.
 * E2  Forgetting is done here, at most 64 rows a step, and has no effect on any other row.
 */
import { type Accounts, type Counter, changeCounters, type Reservation, reservationsOf } from "../model/accounts.ts";
import type { DecisionBody, Effect, LedgerEntry, UsageSettled } from "../model/entries.ts";
import { type CallId, callKey, sessionKey } from "../model/ids.ts";
import {
	type Call,
	callForgetAt,
	type Hold,
	haltKey,
	isOpenOrHeld,
	isWaiting,
	putAccount,
	putCall,
	putControl,
	putSession,
	queueSession,
	type State,
	sessionOf,
} from "../model/state.ts";
import type { EpochMs } from "../model/units.ts";
import { isBeforePolicy } from "./admit.ts";
import { satisfiedBy, withVote } from "./approval.ts";
import { bounded, charged, emptyCounter, isSlot, raised, released, reset, settled } from "./budget.ts";
import { expiryReason } from "./decide.ts";
import { chargeDue } from "./due.ts";

const FORGET_MAX = 64;

/** What a closed call has reserved: one for all, for there are many. */
const NOTHING: readonly Reservation[] = [];

export function evolve(state: State, entry: LedgerEntry): State {
	state.nextSeq = entry.seq + 1;
	state.streamTime = entry.at;
	state.inputs[entry.cause.topic] = entry.cause.offset + 1;
	for (const effect of entry.effects) applyEffect(state, effect, entry.at);
	apply(state, entry);
	forget(state);
	return state;
}

function apply(state: State, entry: LedgerEntry): void {
	switch (entry.kind) {
		case "decision.made": {
			const isAllowed = entry.verdict === "allow";
			const { decision } = entry;
			putCall(state, callKey(entry.call), {
				...fresh(entry, decision),
				phase: isAllowed ? "open" : "denied",
				dueAt: isAllowed ? entry.at + decision.obligations.callDeadlineMs : 0,
				executor: isAllowed ? entry.executor : null,
				reserved: isAllowed ? reservationsOf(decision.charges) : NOTHING,
				hold: null,
			});
			charge(state, decision, entry.at);
			enterSession(state, entry, isAllowed ? 1 : 0, decision.reasons[0]?.code);
			return;
		}
		case "decision.held": {
			const hold: Hold = {
				requirements: entry.requirements.map((requirement) => ({ ...requirement, votes: [] })),
				satisfied: [],
				expiresAt: entry.expiresAt,
				isEnded: false,
				intentOffset: entry.cause.offset,
				address: entry.address,
				actor: entry.call.actor,
				onBehalfOf: entry.call.onBehalfOf,
				sessionStartedAt: entry.call.sessionStartedAt,
			};
			putCall(state, callKey(entry.call), {
				...fresh(entry, entry.decision),
				phase: "held",
				dueAt: entry.expiresAt,
				executor: null,
				reserved: reservationsOf(entry.decision.charges),
				hold,
			});
			charge(state, entry.decision, entry.at);
			enterSession(state, entry, 1, undefined);
			return;
		}
		case "decision.repeated": {
			const key = callKey(entry.call);
			const call = state.calls.get(key);
			if (call?.phase === "open" && entry.status === "open" && call.executor === null) {
				putCall(state, key, { ...call, executor: entry.executor });
			}
			if (call?.phase !== "held" || call.hold === null || entry.address === null) return;
			putCall(state, key, { ...call, hold: { ...call.hold, address: entry.address } });
			return;
		}
		case "usage.settled":
			settleUsage(state, entry);
			return;
		case "approval.recorded":
			putControl(state, entry.approvalId, entry.at);
			applyVote(state, entry);
			return;
		case "policy.activated":
			putControl(state, entry.controlId, entry.at);
			state.policy = { digest: entry.digest, generation: entry.generation, activationId: entry.controlId };
			return;
		case "halt.set":
			putControl(state, entry.controlId, entry.at);
			state.halts.set(haltKey(entry.scope), { ...entry.scope, since: entry.at, by: entry.by, reason: entry.reason });
			return;
		case "halt.lifted":
			putControl(state, entry.controlId, entry.at);
			state.halts.delete(haltKey(entry.scope));
			return;
		case "budget.adjusted": {
			putControl(state, entry.controlId, entry.at);
			changeCounters(accountsOf(state), [entry], (counter = emptyCounter(entry.counter)) =>
				entry.change === "topup" ? raised(counter, entry.amount, entry.at) : reset(counter),
			);
			return;
		}
		case "session.ended":
			putControl(state, entry.controlId, entry.at);
			endSession(state, entry, entry.at);
			return;
		case "inputs.skipped":
			putControl(state, entry.controlId, entry.at);
			state.inputs[entry.topic] = entry.until;
			return;
		case "intent.abandoned":
			close(state, callKey(entry.call), "abandoned", released);
			return;
		case "clock.ticked":
		case "input.rejected":
			return;
	}
}

const fresh = (entry: Extract<LedgerEntry, { kind: "decision.made" | "decision.held" }>, decision: DecisionBody) => ({
	id: idOf(entry.call),
	session: entry.call.session,
	tool: entry.call.tool,
	commitment: entry.call.commitment,
	firstReason: decision.reasons[0] ?? null,
	obligations: decision.obligations,
	issuedAt: entry.call.issuedAt,
	decidedAt: entry.at,
});

const idOf = ({ tenant, agent, id }: CallId): CallId => ({ tenant, agent, id });

const accountsOf = (state: State): Accounts => ({
	get: (scopeKey) => state.accounts.get(scopeKey),
	set: (_, account) => putAccount(state, account),
});

function charge(state: State, { charges }: DecisionBody, at: EpochMs): void {
	changeCounters(accountsOf(state), charges, (counter, each) =>
		charged(counter ?? emptyCounter(each.counter), each, at),
	);
}

function enterSession(
	state: State,
	entry: Extract<LedgerEntry, { kind: "decision.made" | "decision.held" }>,
	opened: 0 | 1,
	denial: string | undefined,
): void {
	const key = sessionKey(entry.call);
	const known = state.sessions.get(key);
	if (known === undefined && isBeforePolicy(denial)) return;
	putSession(state, key, {
		startedAt: known?.startedAt ?? entry.call.sessionStartedAt,
		lastSeenAt: entry.at,
		openCalls: (known?.openCalls ?? 0) + opened,
		isEnded: known?.isEnded ?? false,
	});
}

function leaveSession(state: State, call: Call): void {
	const key = sessionOf(call);
	const session = state.sessions.get(key);
	if (session !== undefined) putSession(state, key, { ...session, openCalls: Math.max(0, session.openCalls - 1) });
}

function applyEffect(state: State, effect: Effect, at: EpochMs): void {
	const key = callKey(effect.call);
	const call = state.calls.get(key);
	if (call === undefined || !isWaiting(call)) return;
	chargeDue(accountsOf(state), call, at);
	const next = afterEffect(call, effect.kind);
	putCall(state, key, next);
	if (!isWaiting(next)) leaveSession(state, call);
}

function afterEffect(call: Call, kind: Effect["kind"]): Call {
	switch (kind) {
		case "reservation.expired": {
			const hasSlot = call.reserved.some(({ counter }) => isSlot(counter));
			return {
				...call,
				phase: "lapsed",
				executor: null,
				dueAt: hasSlot ? bounded(call.decidedAt + call.obligations.leaseMs) : 0,
			};
		}
		case "slot.expired":
			return { ...call, dueAt: 0, reserved: call.reserved.filter(({ counter }) => !isSlot(counter)) };
		case "hold.expired":
		case "hold.ended":
			return { ...call, phase: "denied", dueAt: 0, reserved: NOTHING, hold: null, firstReason: expiryReason(call) };
	}
}

/** Ends a held or open call and gives its reservations back by `give`. */
function close(
	state: State,
	key: string,
	phase: "denied" | "abandoned",
	give: (counter: Counter, amount: number) => Counter,
): Call | null {
	const call = state.calls.get(key);
	if (call === undefined || !isOpenOrHeld(call)) return null;
	giveBack(state, call, give);
	putCall(state, key, { ...call, phase, dueAt: 0, executor: null, reserved: NOTHING, hold: null });
	leaveSession(state, call);
	return call;
}

function giveBack(state: State, call: Call, give: (counter: Counter, amount: number) => Counter): void {
	changeCounters(accountsOf(state), call.reserved, (counter, { amount }) =>
		counter === undefined ? undefined : give(counter, amount),
	);
}

function settleUsage(state: State, entry: UsageSettled): void {
	const key = callKey(entry.call);
	const call = state.calls.get(key);
	if (call === undefined) return;
	// A counter may have gone with its session, which was forgotten before this late outcome came.
	changeCounters(accountsOf(state), entry.settlements, (counter, part) =>
		counter === undefined ? undefined : settled(counter, part, entry.admittedAt, entry.at),
	);
	putCall(state, key, { ...call, phase: "settled", dueAt: 0, executor: null, reserved: NOTHING });
	if (isWaiting(call)) leaveSession(state, call);
}

function applyVote(state: State, entry: Extract<LedgerEntry, { kind: "approval.recorded" }>): void {
	const key = callKey(entry.call);
	const call = state.calls.get(key);
	if (call === undefined || call.hold === null) return;
	const { hold } = call;
	const { decision } = entry;
	if (decision === null) {
		putCall(state, key, { ...call, hold: { ...hold, requirements: withVote(hold, entry.by).requirements } });
		return;
	}
	giveBack(state, call, released);
	charge(state, decision, entry.at);
	const decided = {
		...call,
		firstReason: decision.reasons[0] ?? null,
		obligations: decision.obligations,
		decidedAt: entry.at,
		reserved: reservationsOf(decision.charges),
	};
	switch (entry.result) {
		case "pending":
		case "hold": {
			const requirements = entry.requirements.map((requirement) => ({ ...requirement, votes: [] }));
			putCall(state, key, { ...decided, hold: { ...hold, requirements, satisfied: satisfiedBy(hold) } });
			return;
		}
		case "allow":
			putCall(state, key, {
				...decided,
				phase: "open",
				dueAt: entry.at + decision.obligations.callDeadlineMs,
				hold: null,
			});
			return;
		case "deny":
			putCall(state, key, { ...decided, phase: "denied", dueAt: 0, reserved: NOTHING, hold: null });
			leaveSession(state, call);
			return;
	}
}

/** No further intent is admitted, and what the session holds falls due at once. */
function endSession(state: State, of: { tenant: string; agent: string; session: string }, at: EpochMs): void {
	const key = sessionKey(of);
	const known = state.sessions.get(key);
	putSession(state, key, {
		startedAt: known?.startedAt ?? at,
		lastSeenAt: at,
		openCalls: known?.openCalls ?? 0,
		isEnded: true,
	});
	for (const name of [...(state.heldBySession.get(key) ?? [])].sort()) {
		const call = state.calls.get(name);
		if (call === undefined || call.hold === null) continue;
		putCall(state, name, { ...call, dueAt: Math.min(call.dueAt, at), hold: { ...call.hold, isEnded: true } });
	}
}

/** Old ids and idle sessions, in the order of (time, table, key). Entries of the heap that are untrue cost nothing. */
function forget(state: State): void {
	let forgotten = 0;
	while (forgotten < FORGET_MAX) {
		const top = state.forgettable.peek();
		if (top === undefined || top.time >= state.streamTime) return;
		state.forgettable.pop();
		switch (top.table) {
			case "calls": {
				const call = state.calls.get(top.row);
				if (call === undefined || isWaiting(call) || callForgetAt(state.layout, call) > top.time) break;
				state.calls.delete(top.row);
				forgotten += 1;
				break;
			}
			case "controls": {
				const seenAt = state.controls.get(top.row);
				if (seenAt === undefined || seenAt + state.layout.dedupeMs > top.time) break;
				state.controls.delete(top.row);
				forgotten += 1;
				break;
			}
			case "sessions":
				state.sessionsQueued.delete(top.row);
				forgotten += forgetSession(state, top.row, top.time);
				break;
		}
	}
}

function forgetSession(state: State, key: string, time: EpochMs): 0 | 1 {
	const session = state.sessions.get(key);
	if (session === undefined || session.openCalls > 0) return 0;
	if (session.lastSeenAt + state.layout.sessionMs > time) {
		queueSession(state, key, session);
		return 0;
	}
	state.sessions.delete(key);
	for (const account of state.accountsBySession.get(key) ?? []) state.accounts.delete(account);
	state.accountsBySession.delete(key);
	return 1;
}
