/** What came of a call: an outcome settles what it reserved, an abandonment gives it back. */
import { cutTo, INTEGER_MAX, MESSAGE_LENGTH_MAX } from "../../model/bounds.ts";
import { accountKey, isSameCounter } from "../../model/counters.ts";
import type { LedgerEntry, Overshoot, Settlement } from "../../model/entries.ts";
import { callIdOf, isAbove } from "../../model/ids.ts";
import type { IntentAbandoned, OutcomeReported } from "../../model/inputs.ts";
import { counterOf, ownCounter } from "../../state/accounts.ts";
import type { Call } from "../../state/call.ts";
import { bounded, emptyCounter, settle, settlementOf, settlementUnseen, toppedUp, used } from "../budget.ts";
import { isOverdue } from "../due.ts";
import { isMisrouted } from "./admission.ts";
import { callIn, type DecideContext } from "./context.ts";
import { rejected } from "./rejection.ts";

export function decideOutcome(context: DecideContext, outcome: OutcomeReported): LedgerEntry {
	const { state, head } = context;
	if (isMisrouted(state, outcome)) return rejected(head, "intent.misrouted", outcome.call);
	const call = callIn(state, outcome);
	if (call !== undefined && !isAbove(outcome.actor, call.actor)) return rejected(head, "call.foreign", outcome.call);
	// It ran although it was not allowed to. Time that ran out, a halt or the end of its session revoke no allow.
	if (call === undefined || call.phase === "denied" || call.phase === "held" || call.phase === "abandoned") {
		return rejected(head, "call.ungoverned", outcome.call);
	}
	if (call.phase === "settled") return rejected(head, "outcome.repeated", outcome.call);

	const when = call.phase === "lapsed" ? "lapsed" : isOverdue(call, head.at) ? "overdue" : "in-time";
	const settled = outcome.status === "unknown" ? settlementUnseen : settlementOf;
	const settlements = call.reserved.map((part) => settled(part, outcome.usage, when));
	// Field by field, as a decision is made: there is one for nearly every call.
	return {
		seq: head.seq,
		at: head.at,
		semantics: head.semantics,
		cause: head.cause,
		causeTime: head.causeTime,
		late: head.late,
		ahead: head.ahead,
		effects: head.effects,
		stateDigest: head.stateDigest,
		kind: "usage.settled",
		call: callIdOf(call),
		session: call.session,
		status: outcome.status,
		usage: outcome.usage,
		afterDeadline: when !== "in-time",
		admittedAt: call.decidedAt,
		settlements,
		overshoots: overshootsOf(context, call, settlements),
	};
}

const NO_OVERSHOOTS: readonly Overshoot[] = [];

/** Only what goes beyond its reservation can push a budget over its maximum. */
function overshootsOf(context: DecideContext, call: Call, settlements: readonly Settlement[]): readonly Overshoot[] {
	if (!settlements.some(({ excess }) => excess > 0)) return NO_OVERSHOOTS;
	const { at } = context.head;
	return settlements.flatMap((part): Overshoot[] => {
		const { counter: name, excess } = part;
		const limit = excess === 0 ? null : (context.policies?.limit(name.policy, name.limit, call) ?? null);
		if (limit === null || !isSameCounter(limit.counter, name)) return [];
		const counter = counterOf(context.accounts.get(accountKey(name, call)), name) ?? emptyCounter(name);
		const max = bounded(limit.max + toppedUp(counter, at));
		const before = used(counter, at);
		// All that is settled, in whatever window: where even that fits, as nearly always, nothing need be booked to see it.
		if (before < INTEGER_MAX && before - part.reserved + part.settled + excess <= max) return [];
		const debt = used(settle(ownCounter(counter), part, call.decidedAt, at), at) - max;
		return debt <= 0
			? []
			: [{ counter: limit.counter, debt, mode: limit.mode, severity: limit.severity, tags: limit.tags }];
	});
}

export function decideAbandonment(context: DecideContext, record: IntentAbandoned): LedgerEntry {
	const { state, head } = context;
	if (isMisrouted(state, record)) return rejected(head, "intent.misrouted", record.call);
	const call = callIn(state, record);
	if (call === undefined) return rejected(head, "intent.unknown", record.call);
	if (!isAbove(record.actor, call.actor)) return rejected(head, "call.foreign", record.call);
	const isOpen = (call.phase === "open" || call.phase === "held") && !isOverdue(call, head.at);
	if (!isOpen) return rejected(head, "intent.closed", record.call);
	// While it is held or granted nobody has it; a wait that was given up ends a hold, but takes no grant from others that wait.
	const isOthers = call.phase === "open" && record.executor !== "" && record.executor !== call.executor;
	if (isOthers) return rejected(head, "intent.taken", record.call);
	return {
		...head,
		kind: "intent.abandoned",
		call: callIdOf(call),
		session: call.session,
		reason: cutTo(record.reason, MESSAGE_LENGTH_MAX),
	};
}
