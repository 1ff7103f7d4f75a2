/**
 * One step: (state, input, policies) → ledger entry. Pure and total: no clock, no randomness, no I/O; the state is read and
 * not changed (its digest and its heap of due items keep their caches).
 *
 * D1  Every input gets exactly one entry.
 * D2  Doubt denies: what cannot be read, evaluated or computed is a denial or a rejection with a reason of its own.
 * D3  Order of a step: advance stream time; turn due items into effects; decide the input (docs/design/step.md#order-of-a-step).
 */

import { commitment } from "../base/digest.ts";
import { isSameCounter } from "../model/counters.ts";
import {
	type CallRef,
	type CallStatus,
	type Cause,
	type EntryHead,
	type InputRejectedEntry,
	type LedgerEntry,
	type Overshoot,
	SEMANTICS,
	type Severity,
} from "../model/entries.ts";
import { type CallId, callIdOf, callKey, scopeKey, sessionKey } from "../model/ids.ts";
import {
	type ApprovalGranted,
	type ApprovalRejected,
	type BudgetAdjusted,
	type ControlRecord,
	type InputsSkipped,
	type IntentAbandoned,
	type IntentSubmitted,
	isLaterActivation,
	type OutcomeReported,
} from "../model/inputs.ts";
import type { EpochMs } from "../model/units.ts";
import type { CompiledPolicySet } from "../policy/compiled.ts";
import { type Account, counterOf } from "../state/accounts.ts";
import { type Call, isOpenOrHeld, verdictOf } from "../state/call.ts";
import { DIGEST_EVERY } from "../state/digest.ts";
import { haltKey } from "../state/halt.ts";
import type { State } from "../state/state.ts";
import { admissionDenial, controlRejection, isAhead, isHalted, isMisrouted } from "./admit.ts";
import { isDecisive, recordVote, voteRejection } from "./approval.ts";
import { bounded, emptyCounter, settled, settlementOf, toppedUp, used } from "./budget.ts";
import { accountsAfter, dueEffects, isOverdue } from "./due.ts";
import type { Input, ReadInput, UnreadableInput } from "./input.ts";
import { cut, engineReason, expiryReason, plainDenial, REJECTIONS, type Rejection } from "./reasons.ts";
import { judge } from "./verdict.ts";

/** Compiled bundles by digest. `invalid`: the bundle is there and does not compile. `null`: it is not there. */
export interface PolicyCatalogue {
	get(digest: string): CompiledPolicySet | "invalid" | null;
}

export function decide(state: State, input: Input, catalogue: PolicyCatalogue): LedgerEntry {
	const at = timeOf(state, input);
	const own = input.kind === "read" ? ownCall(input) : null;
	const effects = dueEffects(state, at, own);
	const head: EntryHead = {
		seq: state.nextSeq,
		at,
		semantics: SEMANTICS,
		cause: input.cause,
		causeTime: input.time,
		late: input.late,
		ahead: input.ahead,
		effects,
		stateDigest: state.nextSeq % DIGEST_EVERY === 0 ? state.digests.next(state) : "",
	};
	if (input.kind === "unreadable") return unreadable(head, input);

	const overlay = effects.length === 0 ? null : accountsAfter(state, effects, at);
	const step: Step = {
		state,
		head,
		input,
		policies: compiledOf(catalogue, state.policy.digest),
		account: (key) => overlay?.get(key) ?? state.accounts.get(key),
	};
	const { record } = input;
	switch (record.type) {
		case "intent.submitted":
			return decideIntent(step, record);
		case "outcome.reported":
			return decideOutcome(step, record);
		case "intent.abandoned":
			return decideAbandonment(step, record);
		case "approval.granted":
		case "approval.rejected":
		case "halt.set":
		case "halt.lifted":
		case "policy.activated":
		case "budget.adjusted":
		case "session.ended":
		case "inputs.skipped":
		case "clock.ticked":
			return decideControl(step, record, catalogue);
	}
}

interface Step {
	readonly state: State;
	readonly head: EntryHead;
	readonly input: ReadInput;
	readonly policies: CompiledPolicySet | null;
	/** Accounts after this step's effects. */
	readonly account: (scopeKey: string) => Account | undefined;
}

function compiledOf(catalogue: PolicyCatalogue, digest: string): CompiledPolicySet | null {
	const found = digest === "" ? null : catalogue.get(digest);
	return found === "invalid" ? null : found;
}

/** The call that the input itself settles: no effect of the same step may do it first. */
function ownCall(input: ReadInput): string | null {
	const { record } = input;
	return record.type === "outcome.reported" || record.type === "intent.abandoned" ? callKey(record.call) : null;
}

function unreadable(head: EntryHead, input: UnreadableInput): LedgerEntry {
	return {
		...head,
		kind: "input.rejected",
		code: "record.unreadable",
		detail: cut(`${input.code}: ${input.detail}`),
		call: input.call ?? NO_CALL,
		commitment: "",
		severity: REJECTIONS["record.unreadable"].severity,
		recordDigest: input.recordDigest,
	};
}

const NO_CALL: CallId = { tenant: "", agent: "", id: "" };

function rejected(head: EntryHead, code: Rejection, call: CallId = NO_CALL, about = ""): InputRejectedEntry {
	const { detail, severity }: { detail: string; severity: Severity } = REJECTIONS[code];
	return { ...head, kind: "input.rejected", code, detail, call, commitment: about, severity, recordDigest: "" };
}

const commitmentOf = ({ salt, tool, argsText }: IntentSubmitted): string => commitment(salt, tool, argsText);

/** Stands in for an entry that cannot be written: the same head and effects, no effect of its own. */
export function rejectOversized(head: EntryHead, input: Input): InputRejectedEntry {
	const { seq, at, semantics, cause, causeTime, late, ahead, effects, stateDigest } = head;
	const bare: EntryHead = { seq, at, semantics, cause, causeTime, late, ahead, effects, stateDigest };
	const isIntent = input.kind === "read" && input.record.type === "intent.submitted";
	return rejected(bare, "entry.oversized", subjectOf(input), isIntent ? commitmentOf(input.record) : "");
}

/** The call that an input is about. */
function subjectOf(input: Input): CallId {
	if (input.kind === "unreadable") return input.call ?? NO_CALL;
	const { record } = input;
	if (record.type === "intent.submitted") {
		return { tenant: record.principal.tenant, agent: record.principal.agent, id: record.id };
	}
	return "call" in record ? record.call : NO_CALL;
}

function decideIntent(step: Step, intent: IntentSubmitted): LedgerEntry {
	const { state, head, input } = step;
	const id: CallId = { tenant: intent.principal.tenant, agent: intent.principal.agent, id: intent.id };
	const asked = commitmentOf(intent);
	if (isMisrouted(state, intent)) return rejected(head, "intent.misrouted", id, asked);

	const call: CallRef = {
		...id,
		session: intent.principal.session,
		actor: intent.principal.actor,
		onBehalfOf: intent.principal.onBehalfOf,
		tool: intent.tool,
		commitment: asked,
		issuedAt: intent.issuedAt,
		sessionStartedAt: intent.principal.sessionStartedAt ?? intent.issuedAt,
	};
	const { executor } = intent;
	const known = state.calls.get(callKey(id));
	if (known !== undefined) {
		const isSame = known.commitment === asked && known.session === call.session;
		return isSame ? repeated(step, known, executor) : rejected(head, "intent.id_reused", id, asked);
	}
	if (isAhead(intent, head.at)) return rejected(head, "intent.ahead", id, asked);
	const denial = admissionDenial(state, input, intent, head.at);
	if (denial !== null) {
		const decision = plainDenial(engineReason(denial), state.policy.digest);
		return { ...head, kind: "decision.made", call, executor, verdict: "deny", decision };
	}
	const { verdict, decision, requirements } = judge(intent, step.policies, {
		at: head.at,
		account: step.account,
		isSatisfied: () => false,
		isFresh: true,
	});
	if (verdict !== "hold") return { ...head, kind: "decision.made", call, executor, verdict, decision };
	const expiresAt = bounded(head.at + Math.min(...requirements.map((requirement) => requirement.expiresAfterMs)));
	return { ...head, kind: "decision.held", call, decision, requirements, expiresAt, address: input.address };
}

/** Asked again: the recorded verdict, and whether the call may still run, by this executor. */
function repeated(step: Step, call: Call, executor: string): LedgerEntry {
	const { state, head, input } = step;
	const isExpired = call.phase === "held" && isOverdue(call, head.at);
	return {
		...head,
		kind: "decision.repeated",
		call: callIdOf(call),
		commitment: call.commitment,
		executor,
		verdict: isExpired ? "deny" : verdictOf(call),
		firstReason: isExpired ? expiryReason(call.hold?.isEnded === true) : call.firstReason,
		obligations: call.obligations,
		status: statusFor(state, call, executor, head.at),
		expiresAt: call.phase === "held" && !isExpired ? call.dueAt : 0,
		address: input.address,
	};
}

function statusFor(state: State, call: Call, executor: string, at: EpochMs): CallStatus {
	if (!isOpenOrHeld(call) || isOverdue(call, at)) return "closed";
	if (isHalted(state, call)) return "halted";
	if (call.phase === "held") return "held";
	if (call.executor === null) {
		// Granted, and nobody's yet: what an ended session has not begun it does not begin any more.
		return state.sessions.get(sessionKey(call))?.isEnded ? "closed" : "open";
	}
	// Without a name nobody can tell a resend from a second asker: an allow is then answered once.
	return executor !== "" && executor === call.executor ? "open" : "taken";
}

function decideOutcome(step: Step, outcome: OutcomeReported): LedgerEntry {
	const { state, head } = step;
	if (isMisrouted(state, outcome)) return rejected(head, "intent.misrouted", outcome.call);
	const call = callIn(state, outcome);
	if (call === undefined || call.phase === "denied" || call.phase === "held" || call.phase === "abandoned") {
		return rejected(head, "call.ungoverned", outcome.call);
	}
	if (call.phase === "settled") return rejected(head, "outcome.repeated", outcome.call);

	const state_ = call.phase === "lapsed" ? "lapsed" : isOverdue(call, head.at) ? "overdue" : "in-time";
	const settlements = call.reserved.map((part) => settlementOf(part, outcome.usage, state_));
	const overshoots = settlements.flatMap((part): Overshoot[] => {
		const { counter: name } = part;
		const limit = step.policies?.limit(name.policy, name.limit) ?? null;
		if (limit === null || !isSameCounter(limit.counter, name)) return [];
		const counter = counterOf(step.account(scopeKey(name.scope, call)), name) ?? emptyCounter(name);
		const after = settled(counter, part, call.decidedAt, head.at);
		const debt = used(after, head.at) - bounded(limit.max + toppedUp(after, head.at));
		if (debt <= 0 || part.excess === 0) return [];
		return [{ counter: limit.counter, debt, mode: limit.mode, severity: limit.severity }];
	});
	return {
		...head,
		kind: "usage.settled",
		call: callIdOf(call),
		session: call.session,
		status: outcome.status,
		usage: outcome.usage,
		afterDeadline: state_ !== "in-time",
		admittedAt: call.decidedAt,
		settlements,
		overshoots,
	};
}

/** The call that a record is about. One of the same id in another session is another call. */
function callIn(state: State, of: { readonly call: CallId; readonly session: string }): Call | undefined {
	const call = state.calls.get(callKey(of.call));
	return call?.session === of.session ? call : undefined;
}

function decideAbandonment(step: Step, record: IntentAbandoned): LedgerEntry {
	const { state, head } = step;
	if (isMisrouted(state, record)) return rejected(head, "intent.misrouted", record.call);
	const call = callIn(state, record);
	if (call === undefined) return rejected(head, "intent.unknown", record.call);
	const isOpen = (call.phase === "open" || call.phase === "held") && !isOverdue(call, head.at);
	if (!isOpen) return rejected(head, "intent.closed", record.call);
	// While it is held or granted nobody has it; a wait that was given up ends a hold, but takes no grant from who else waits.
	const isOthers = call.phase === "open" && record.executor !== "" && record.executor !== call.executor;
	if (isOthers) return rejected(head, "intent.taken", record.call);
	return { ...head, kind: "intent.abandoned", call: callIdOf(call), session: call.session, reason: cut(record.reason) };
}

function decideControl(step: Step, record: ControlRecord, catalogue: PolicyCatalogue): LedgerEntry {
	const { state, head } = step;
	if ("session" in record && isMisrouted(state, record)) {
		return rejected(head, "control.misrouted", "call" in record ? record.call : NO_CALL);
	}
	const rejection = controlRejection(state, step.input, record, head.at);
	if (rejection !== null) return rejected(head, rejection);
	switch (record.type) {
		case "clock.ticked":
			return { ...head, kind: "clock.ticked" };
		case "approval.granted":
		case "approval.rejected":
			return decideVote(step, record);
		case "policy.activated": {
			if (!isLaterActivation(record, { ...state.policy, id: state.policy.activationId }))
				return rejected(head, "policy.superseded");
			if (catalogue.get(record.digest) === "invalid") return rejected(head, "policy.invalid");
			const { generation, digest } = record;
			return { ...head, kind: "policy.activated", controlId: record.id, by: record.issuedBy, generation, digest };
		}
		case "halt.lifted":
		case "halt.set": {
			const { type: kind, scope } = record;
			if (kind === "halt.lifted" && !state.halts.has(haltKey(scope))) return rejected(head, "halt.unknown");
			return { ...head, kind, controlId: record.id, by: record.issuedBy, scope, reason: cut(record.reason) };
		}
		case "budget.adjusted":
			return decideAdjustment(step, record);
		case "session.ended": {
			const { tenant, agent, session } = record;
			return { ...head, kind: "session.ended", controlId: record.id, by: record.issuedBy, tenant, agent, session };
		}
		case "inputs.skipped": {
			const { type: kind, id: controlId, issuedBy: by, topic, from, until, reason } = record;
			if (!isSkip(state, record, head.cause)) return rejected(head, "inputs.unfit");
			return { ...head, kind, controlId, by, topic, from, until, reason: cut(reason) };
		}
	}
}

/** It is about where the partition stands. On `control` itself it lies behind what is gone, and is read before its turn. */
const isSkip = ({ inputs }: State, { topic, from, until }: InputsSkipped, cause: Cause): boolean =>
	from === inputs[topic] && until > from && (topic !== "control" || cause.offset >= until);

function decideVote(step: Step, vote: ApprovalGranted | ApprovalRejected): LedgerEntry {
	const { state, head, input } = step;
	const call = callIn(state, vote);
	const rejection = voteRejection(state, call, vote, head.at);
	if (rejection !== null || call === undefined || call.hold === null) {
		return rejected(head, rejection ?? "approval.closed", vote.call);
	}
	if (isDecisive(call.hold, vote) && input.blind === true) return rejected(head, "policy.unavailable", vote.call);
	return recordVote(head, {
		call,
		hold: call.hold,
		vote,
		intent: intentOf(call, input.heldIntent ?? null),
		policies: step.policies,
		policyDigest: state.policy.digest,
		account: step.account,
	});
}

/** What lies at the hold's cause must be the call that was held, to the last byte. */
function intentOf(call: Call, read: IntentSubmitted | null): IntentSubmitted | null {
	if (read === null || read.id !== call.id) return null;
	const { tenant, agent, session } = read.principal;
	const isWhose = tenant === call.tenant && agent === call.agent && session === call.session;
	return isWhose && commitmentOf(read) === call.commitment ? read : null;
}

function decideAdjustment(step: Step, record: BudgetAdjusted): LedgerEntry {
	const { state, head, input } = step;
	if (input.blind === true) return rejected(head, "policy.unavailable");
	const limit = step.policies?.limit(record.policy, record.limit) ?? null;
	if (limit === null || limit.measure === "identical_calls") return rejected(head, "budget.unknown");
	if (limit.scope !== "tenant" && record.agent === "") return rejected(head, "budget.unknown");
	// A counter goes when its session is forgotten: without one it would stay for ever.
	if (limit.scope === "session" && !state.sessions.has(sessionKey(record))) return rejected(head, "session.unknown");
	return {
		...head,
		kind: "budget.adjusted",
		controlId: record.id,
		by: record.issuedBy,
		counter: limit.counter,
		scopeKey: scopeKey(limit.scope, record),
		change: record.change,
		amount: record.change === "topup" ? record.amount : 0,
	};
}

/** Stream time of the step that consumes `input`. */
export const timeOf = (state: State, input: Pick<Input, "ahead" | "time">): EpochMs =>
	input.ahead ? state.streamTime : Math.max(state.streamTime, input.time);
