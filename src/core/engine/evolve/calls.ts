/** Calls as the fold keeps them: decided, held, voted on, settled, abandoned, due. */
import type {
	ApprovalRecordedEntry,
	CallRef,
	DecisionHeldEntry,
	DecisionMadeEntry,
	DecisionRepeatedEntry,
	Effect,
	IntentAbandonedEntry,
	Reason,
	Requirement,
	UsageSettledEntry,
} from "../../model/entries.ts";
import { callKey } from "../../model/ids.ts";
import type { EpochMs } from "../../model/units.ts";
import { type Reservation, reservationsOf } from "../../state/accounts.ts";
import { type Call, isWaiting, type OpenRequirement, sessionOf, withVote } from "../../state/call.ts";
import { putCall, type State } from "../../state/state.ts";
import { bounded, isSlot } from "../budget.ts";
import { engineReason, expiryReason } from "../reasons.ts";
import { abandon, begin, giveBack, settle, settleDue, take } from "./budgets.ts";
import { enterSession, leaveSession } from "./sessions.ts";

/** What a closed call has reserved: one for all, for there are many. */
const NOTHING: readonly Reservation[] = Object.freeze([]);

export function decided(state: State, entry: DecisionMadeEntry): void {
	const { call, decision, at } = entry;
	const isAllowed = entry.verdict === "allow";
	putCall(state, callKey(call), {
		tenant: call.tenant,
		agent: call.agent,
		id: call.id,
		session: call.session,
		actor: call.actor,
		tool: call.tool,
		commitment: call.commitment,
		phase: isAllowed ? "open" : "denied",
		firstReason: decision.reasons[0] ?? null,
		obligations: decision.obligations,
		issuedAt: call.issuedAt,
		decidedAt: at,
		dueAt: isAllowed ? bounded(at + decision.obligations.callDeadlineMs) : 0,
		executor: isAllowed ? entry.executor : null,
		allow: isAllowed ? { seq: entry.seq, policyDigest: decision.policyDigest } : null,
		closedAt: isAllowed ? null : at,
		reserved: isAllowed ? reservationsOf(decision.uses) : NOTHING,
		hold: null,
	});
	take(state, call, decision.uses, at);
	begin(state, call, decision.begins, at);
	const denial = decision.reasons[0]?.rule.code;
	enterSession(state, call, at, { opened: isAllowed ? 1 : 0, denial, facts: entry.facts });
}

export function held(state: State, entry: DecisionHeldEntry): void {
	const { call, decision, at } = entry;
	putCall(state, callKey(call), {
		tenant: call.tenant,
		agent: call.agent,
		id: call.id,
		session: call.session,
		actor: call.actor,
		tool: call.tool,
		commitment: call.commitment,
		phase: "held",
		firstReason: decision.reasons[0] ?? null,
		obligations: decision.obligations,
		issuedAt: call.issuedAt,
		decidedAt: at,
		dueAt: entry.expiresAt,
		executor: null,
		allow: null,
		closedAt: null,
		reserved: reservationsOf(decision.uses),
		hold: {
			reasons: decision.reasons,
			requirements: opened(entry.requirements),
			satisfied: [],
			expiresAt: entry.expiresAt,
			isEnded: false,
			intentOffset: entry.cause.offset,
			address: entry.address,
			...whoseOf(call),
		},
	});
	take(state, call, decision.uses, at);
	enterSession(state, call, at, { opened: 1, denial: undefined, facts: entry.facts });
}

const whoseOf = ({ onBehalfOf, askedBy, publisher, sessionStartedAt }: CallRef) => ({
	onBehalfOf,
	askedBy,
	publisher,
	sessionStartedAt,
});

const opened = (requirements: readonly Requirement[]): readonly OpenRequirement[] =>
	requirements.map((requirement) => ({ ...requirement, votes: [] }));

/** The first who asks again for a granted call has it; the answer to a held one goes to the latest address. */
export function repeated(state: State, entry: DecisionRepeatedEntry): void {
	const key = callKey(entry.call);
	const call = state.calls.get(key);
	if (call?.phase === "open" && entry.status === "open" && call.executor === null) {
		putCall(state, key, { ...call, executor: entry.executor });
	}
	if (call?.phase !== "held" || call.hold === null || entry.address === null) return;
	putCall(state, key, { ...call, hold: { ...call.hold, address: entry.address } });
}

export function voted(state: State, entry: ApprovalRecordedEntry): void {
	const key = callKey(entry.call);
	const call = state.calls.get(key);
	if (call === undefined || call.hold === null) return;
	const { hold } = call;
	const { decision, at } = entry;
	const reasons = decision?.reasons ?? hold.reasons;
	const requirements = withVote(hold.requirements, entry.countedFor, entry.by);
	if (decision === null) {
		putCall(state, key, { ...call, hold: { ...hold, requirements } });
		return;
	}
	giveBack(state, call);
	take(state, entry.call, decision.uses, at);
	begin(state, call, decision.begins, at);
	const next: Call = {
		...call,
		firstReason: decision.reasons[0] ?? null,
		obligations: decision.obligations,
		decidedAt: at,
		reserved: reservationsOf(decision.uses),
	};
	switch (entry.result) {
		case "pending":
		case "hold": {
			const satisfied = [...hold.satisfied, ...requirements];
			putCall(state, key, { ...next, hold: { ...hold, reasons, requirements: opened(entry.requirements), satisfied } });
			return;
		}
		case "allow": {
			const dueAt = bounded(at + decision.obligations.callDeadlineMs);
			const allow = { seq: entry.seq, policyDigest: decision.policyDigest };
			putCall(state, key, { ...next, phase: "open", allow, dueAt, hold: null });
			return;
		}
		case "deny":
			putCall(state, key, closed(next, "denied", next.firstReason, at));
			leaveSession(state, call, at);
			return;
	}
}

export function ended(state: State, entry: UsageSettledEntry): void {
	const key = callKey(entry.call);
	const call = state.calls.get(key);
	if (call === undefined) return;
	settle(state, call, entry, state.sessions.has(sessionOf(call)));
	const next = entry.status === "unknown" ? unseen(call, entry) : closed(call, "settled", call.firstReason, entry.at);
	putCall(state, key, next);
	if (isWaiting(call) && !isWaiting(next)) leaveSession(state, call, entry.at);
}

/** As if its time were up; a later outcome adds only to what it has cost by now. */
function unseen(call: Call, { settlements, at }: UsageSettledEntry): Call {
	const lapsed = call.phase === "lapsed" ? call : afterEffect(call, "reservation.expired", at);
	if (!settlements.some(({ excess }) => excess > 0)) return lapsed;
	const reserved = lapsed.reserved.map(({ counter, amount }, place) => ({
		counter,
		amount: amount + (settlements[place]?.excess ?? 0),
	}));
	return { ...lapsed, reserved };
}

export function abandoned(state: State, entry: IntentAbandonedEntry): void {
	const key = callKey(entry.call);
	const call = state.calls.get(key);
	if (call === undefined) return;
	abandon(state, call, entry.at);
	putCall(state, key, closed(call, "abandoned", engineReason("intent.abandoned"), entry.at));
	leaveSession(state, call, entry.at);
}

/** What time, or the end of a session, does to a call. */
export function affected(state: State, effect: Effect, at: EpochMs): void {
	const key = callKey(effect.call);
	const call = state.calls.get(key);
	if (call === undefined || !isWaiting(call)) return;
	settleDue(state, call, at);
	const next = afterEffect(call, effect.kind, at);
	putCall(state, key, next);
	if (!isWaiting(next)) leaveSession(state, call, at);
}

function afterEffect(call: Call, kind: Effect["kind"], at: EpochMs): Call {
	switch (kind) {
		case "reservation.expired": {
			const hasSlot = call.reserved.some(({ counter }) => isSlot(counter));
			const lapsed = { ...call, phase: "lapsed", executor: null, allow: null } as const;
			return hasSlot
				? { ...lapsed, dueAt: bounded(call.decidedAt + call.obligations.leaseMs) }
				: { ...lapsed, dueAt: 0, closedAt: at };
		}
		case "slot.expired":
			return { ...call, dueAt: 0, closedAt: at, reserved: call.reserved.filter(({ counter }) => !isSlot(counter)) };
		case "hold.expired":
		case "hold.ended":
			return closed(call, "denied", expiryReason(kind === "hold.ended"), at);
	}
}

/** What is left of a call that is over and owes nothing. */
const closed = (
	call: Call,
	phase: "denied" | "abandoned" | "settled",
	firstReason: Reason | null,
	at: EpochMs,
): Call => ({
	tenant: call.tenant,
	agent: call.agent,
	id: call.id,
	session: call.session,
	actor: call.actor,
	tool: call.tool,
	commitment: call.commitment,
	phase,
	firstReason,
	obligations: call.obligations,
	issuedAt: call.issuedAt,
	decidedAt: call.decidedAt,
	dueAt: 0,
	executor: null,
	allow: null,
	closedAt: at,
	reserved: NOTHING,
	hold: null,
});
