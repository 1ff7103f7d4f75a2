/**
 * The fold: (state, entry) → state. It needs no policy and no clock: an entry carries its own result and its charges.
 *
 * The state is handed over: `evolve` files new rows in its tables and returns it, and the caller never looks at the old one
 * again. Copying a state of a million calls for each entry would cost more than the step.
 *
 * E1  Depends on the state and the entry alone: the same ledger folds to the same digest on every machine.
 * E2  Forgetting is done here, at most 64 rows a step, and has no effect on any other row.
 */

import type { AccountHolder } from "../model/counters.ts";
import type { DecisionBody, Effect, LedgerEntry, UsageSettledEntry } from "../model/entries.ts";
import { callIdOf, callKey, sessionKey } from "../model/ids.ts";
import type { EpochMs } from "../model/units.ts";
import { type Accounts, changeCounter, changeCounters, type Reservation, reservationsOf } from "../state/accounts.ts";
import { type Call, type Hold, isWaiting, sessionOf, withVote } from "../state/call.ts";
import { forget } from "../state/forgetting.ts";
import { haltKey } from "../state/halt.ts";
import { putAccount, putCall, putControl, putSession, type State } from "../state/state.ts";
import { bounded, emptyCounter, givenBack, isSlot, raised, reset, settled, taken } from "./budget.ts";
import { chargeDue } from "./due.ts";
import { engineReason, expiryReason, isBeforePolicy } from "./reasons.ts";

/** What a closed call has reserved: one for all, for there are many. */
const NOTHING: readonly Reservation[] = [];

export function evolve(state: State, entry: LedgerEntry): State {
	state.nextSeq = entry.seq + 1;
	state.streamTime = entry.at;
	state.inputs[entry.cause.topic] = entry.cause.offset + 1;
	for (const effect of entry.effects) applyEffect(state, effect, entry.at);
	apply(state, entry);
	forget(state);
	state.digests.step(state);
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
				closedAt: isAllowed ? null : entry.at,
				reserved: isAllowed ? reservationsOf(decision.uses) : NOTHING,
				hold: null,
			});
			take(state, entry.call, decision, entry.at);
			enterSession(state, entry, isAllowed ? 1 : 0, decision.reasons[0]?.rule.code);
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
				closedAt: null,
				reserved: reservationsOf(entry.decision.uses),
				hold,
			});
			take(state, entry.call, entry.decision, entry.at);
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
			changeCounter(accountsOf(state), entry.scopeKey, entry.counter, (counter = emptyCounter(entry.counter)) =>
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
			abandon(state, callKey(entry.call), entry.at);
			return;
		case "clock.ticked":
		case "input.rejected":
			return;
	}
}

const fresh = (entry: Extract<LedgerEntry, { kind: "decision.made" | "decision.held" }>, decision: DecisionBody) => ({
	...callIdOf(entry.call),
	session: entry.call.session,
	tool: entry.call.tool,
	commitment: entry.call.commitment,
	firstReason: decision.reasons[0] ?? null,
	obligations: decision.obligations,
	issuedAt: entry.call.issuedAt,
	decidedAt: entry.at,
});

const accountsOf = (state: State): Accounts => ({
	get: (scopeKey) => state.accounts.get(scopeKey),
	set: (_, account) => putAccount(state, account),
});

function take(state: State, holder: AccountHolder, { uses }: DecisionBody, at: EpochMs): void {
	changeCounters(accountsOf(state), holder, uses, (counter, use) =>
		use.kind === "none" ? undefined : taken(counter ?? emptyCounter(use.counter), use, at),
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
		lastSeenAt: entry.at,
		openCalls: (known?.openCalls ?? 0) + opened,
		isEnded: known?.isEnded ?? false,
	});
}

/** A call of the session is over. Only now does the session begin to be idle, however long the call has waited. */
function leaveSession(state: State, call: Call, at: EpochMs): void {
	const key = sessionOf(call);
	const session = state.sessions.get(key);
	if (session !== undefined) putSession(state, key, { ...session, lastSeenAt: at, openCalls: session.openCalls - 1 });
}

function applyEffect(state: State, effect: Effect, at: EpochMs): void {
	const key = callKey(effect.call);
	const call = state.calls.get(key);
	if (call === undefined || !isWaiting(call)) return;
	chargeDue(accountsOf(state), call, at);
	const next = afterEffect(call, effect.kind, at);
	putCall(state, key, next);
	if (!isWaiting(next)) leaveSession(state, call, at);
}

function afterEffect(call: Call, kind: Effect["kind"], at: EpochMs): Call {
	switch (kind) {
		case "reservation.expired": {
			const hasSlot = call.reserved.some(({ counter }) => isSlot(counter));
			const lapsed = { ...call, phase: "lapsed", executor: null } as const;
			return hasSlot
				? { ...lapsed, dueAt: bounded(call.decidedAt + call.obligations.leaseMs) }
				: { ...lapsed, dueAt: 0, closedAt: at };
		}
		case "slot.expired":
			return { ...call, dueAt: 0, closedAt: at, reserved: call.reserved.filter(({ counter }) => !isSlot(counter)) };
		case "hold.expired":
		case "hold.ended":
			return { ...call, ...closed("denied", at), firstReason: expiryReason(kind === "hold.ended") };
	}
}

/** What is left of a call that is over and owes nothing. */
const closed = (phase: "denied" | "abandoned" | "settled", at: EpochMs) =>
	({ phase, dueAt: 0, closedAt: at, executor: null, reserved: NOTHING, hold: null }) as const;

function abandon(state: State, key: string, at: EpochMs): void {
	const call = state.calls.get(key);
	if (call === undefined) return;
	giveBack(state, call);
	putCall(state, key, { ...call, ...closed("abandoned", at), firstReason: engineReason("intent.abandoned") });
	leaveSession(state, call, at);
}

function giveBack(state: State, call: Call): void {
	changeCounters(accountsOf(state), call, call.reserved, (counter, { amount }) =>
		counter === undefined ? undefined : givenBack(counter, amount),
	);
}

function settleUsage(state: State, entry: UsageSettledEntry): void {
	const key = callKey(entry.call);
	const call = state.calls.get(key);
	if (call === undefined) return;
	// Of a late outcome's counters some may have been forgotten: those of a forgotten session for good, others begin anew.
	const isKnown = state.sessions.has(sessionOf(call));
	const parts = isKnown ? entry.settlements : entry.settlements.filter(({ counter }) => counter.scope !== "session");
	changeCounters(accountsOf(state), call, parts, (counter, part) =>
		counter === undefined && part.excess === 0
			? undefined
			: settled(counter ?? emptyCounter(part.counter), part, entry.admittedAt, entry.at),
	);
	putCall(state, key, { ...call, ...closed("settled", entry.at) });
	if (isWaiting(call)) leaveSession(state, call, entry.at);
}

function applyVote(state: State, entry: Extract<LedgerEntry, { kind: "approval.recorded" }>): void {
	const key = callKey(entry.call);
	const call = state.calls.get(key);
	if (call === undefined || call.hold === null) return;
	const { hold } = call;
	const { decision } = entry;
	const voted = withVote(hold.requirements, entry.countedFor, entry.by);
	if (decision === null) {
		putCall(state, key, { ...call, hold: { ...hold, requirements: voted } });
		return;
	}
	giveBack(state, call);
	take(state, entry.call, decision, entry.at);
	const decided = {
		...call,
		firstReason: decision.reasons[0] ?? null,
		obligations: decision.obligations,
		decidedAt: entry.at,
		reserved: reservationsOf(decision.uses),
	};
	switch (entry.result) {
		case "pending":
		case "hold": {
			const requirements = entry.requirements.map((requirement) => ({ ...requirement, votes: [] }));
			putCall(state, key, { ...decided, hold: { ...hold, requirements, satisfied: [...hold.satisfied, ...voted] } });
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
			putCall(state, key, { ...decided, ...closed("denied", entry.at) });
			leaveSession(state, call, entry.at);
			return;
	}
}

/** No further intent is admitted, and what the session holds falls due at once. */
function endSession(state: State, of: { tenant: string; agent: string; session: string }, at: EpochMs): void {
	const key = sessionKey(of);
	const known = state.sessions.get(key);
	putSession(state, key, {
		lastSeenAt: at,
		openCalls: known?.openCalls ?? 0,
		isEnded: true,
	});
	for (const name of [...(state.heldBySession.get(key) ?? [])]) {
		const call = state.calls.get(name);
		if (call === undefined || call.hold === null) continue;
		putCall(state, name, { ...call, dueAt: Math.min(call.dueAt, at), hold: { ...call.hold, isEnded: true } });
	}
}
