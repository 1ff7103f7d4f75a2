/** An intent: decided once, and answered again with what was decided whenever it is submitted again. */
import type {
	CallRef,
	CallStatus,
	DecisionBody,
	DecisionMadeEntry,
	EntryHead,
	FinalVerdict,
	LedgerEntry,
} from "../../model/entries.ts";
import { callIdOf, callKey, isAbove, sessionKey } from "../../model/ids.ts";
import type { IntentSubmitted, SessionFacts } from "../../model/inputs.ts";
import type { EpochMs } from "../../model/units.ts";
import { type Call, isOpenOrHeld, verdictOf } from "../../state/call.ts";
import type { State } from "../../state/state.ts";
import { bounded } from "../budget.ts";
import { isOverdue } from "../due.ts";
import { judge } from "../judge/judge.ts";
import { engineReason, expiryReason, plainDenial, type Rejection } from "../reasons.ts";
import { admissionDenial, isAhead, isHalted, isMisrouted } from "./admission.ts";
import type { DecideContext } from "./context.ts";
import { commitmentOf, rejected } from "./rejection.ts";
import { publisherOf } from "./signer.ts";

export function decideIntent(context: DecideContext, intent: IntentSubmitted): LedgerEntry {
	const { state, head, input } = context;
	const { executor } = intent;
	const asked = commitmentOf(intent);
	const call: CallRef = {
		tenant: intent.principal.tenant,
		agent: intent.principal.agent,
		id: intent.id,
		session: intent.principal.session,
		actor: intent.principal.actor,
		onBehalfOf: intent.principal.onBehalfOf,
		askedBy: intent.principal.askedBy,
		publisher: publisherOf(context),
		tool: intent.tool,
		commitment: asked,
		issuedAt: intent.issuedAt,
		sessionStartedAt: intent.principal.sessionStartedAt ?? intent.issuedAt,
	};
	if (isMisrouted(state, intent)) return rejectedCall(head, "intent.misrouted", call);
	const known = state.calls.get(callKey(call));
	if (known !== undefined) {
		const isSame = known.commitment === asked && known.session === call.session;
		return isSame && isAbove(call.actor, known.actor)
			? repeated(context, known, executor)
			: rejectedCall(head, "intent.id_reused", call);
	}
	if (isAhead(intent, head.at)) return rejectedCall(head, "intent.ahead", call);
	const session = state.sessions.get(sessionKey(call));
	const denial = admissionDenial(state, { input, session }, intent, head.at);
	if (denial !== null) {
		return made(head, { call, executor, facts: null }, "deny", plainDenial(engineReason(denial), state.policy.digest));
	}
	const facts = session === undefined ? intent.facts : null;
	const { verdict, decision, requirements } = judge(intent, context.policies, {
		at: head.at,
		facts: session === undefined ? facts : session.facts,
		accounts: context.accounts,
		isSatisfied: nothingGranted,
		isFresh: true,
	});
	if (verdict !== "hold") return made(head, { call, executor, facts }, verdict, decision);
	const expiresAt = bounded(head.at + Math.min(...requirements.map((requirement) => requirement.expiresAfterMs)));
	return { ...head, kind: "decision.held", call, decision, requirements, expiresAt, address: input.address, facts };
}

/** Field by field: a copy of the head to which fields are added keeps those apart, and this is made for nearly every call. */
const made = (
	{ seq, at, semantics, cause, causeTime, late, ahead, effects, stateDigest }: EntryHead,
	{ call, executor, facts }: { readonly call: CallRef; readonly executor: string; readonly facts: SessionFacts | null },
	verdict: FinalVerdict,
	decision: DecisionBody,
): DecisionMadeEntry => ({
	seq,
	at,
	semantics,
	cause,
	causeTime,
	late,
	ahead,
	effects,
	stateDigest,
	kind: "decision.made",
	call,
	executor,
	verdict,
	decision,
	facts,
});

const rejectedCall = (head: EntryHead, code: Rejection, call: CallRef): LedgerEntry =>
	rejected(head, code, callIdOf(call), call.commitment);

const nothingGranted = (): boolean => false;

/** Asked again: the recorded verdict, and whether the call may still run, by this executor. */
function repeated(context: DecideContext, call: Call, executor: string): LedgerEntry {
	const { state, head, input } = context;
	const isExpired = call.phase === "held" && isOverdue(call, head.at);
	const status = statusFor(state, call, executor, head.at);
	return {
		...head,
		kind: "decision.repeated",
		call: callIdOf(call),
		commitment: call.commitment,
		executor,
		verdict: isExpired ? "deny" : verdictOf(call),
		firstReason: isExpired ? expiryReason(call.hold?.isEnded === true) : call.firstReason,
		obligations: call.obligations,
		status,
		allow: status === "open" && call.allow !== null ? { ...call.allow, at: call.decidedAt } : null,
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
