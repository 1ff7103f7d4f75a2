/** Schemas of the ledger: one for each kind of entry, one for both kinds of halt. */
import type { EntryKind } from "../../model/entries.ts";
import {
	count,
	digest,
	digestOrNone,
	executor,
	list,
	name,
	nullable,
	oneOf,
	type RecordShape,
	record,
	type Shape,
	words,
	yesNo,
} from "../shape.ts";
import type { Definition } from "./definition.ts";
import {
	callId,
	callIdOrNone,
	callRef,
	callStatus,
	cause,
	counterId,
	decisionBody,
	effect,
	finalVerdict,
	haltScope,
	obligations,
	outcomeStatus,
	overshoot,
	reason,
	replyAddress,
	requirement,
	settlement,
	severity,
	usage,
	verdict,
} from "./parts.ts";

/** What every entry starts with. */
const head: Readonly<Record<string, Shape>> = {
	seq: count,
	at: count,
	semantics: count,
	cause,
	causeTime: count,
	late: yesNo,
	ahead: yesNo,
	effects: list(effect),
	stateDigest: digestOrNone,
};

const entry = (kinds: readonly EntryKind[], shape: RecordShape): Definition => ({
	family: "entry",
	types: kinds,
	lead: null,
	shape,
	older: [],
});

const decisionMade = record("DecisionMade", "A call was allowed or denied.", {
	...head,
	call: callRef,
	executor,
	verdict: finalVerdict,
	decision: decisionBody,
});

const decisionHeld = record("DecisionHeld", "A call waits for people.", {
	...head,
	call: callRef,
	decision: decisionBody,
	requirements: list(requirement),
	expiresAt: count,
	address: nullable(replyAddress),
});

const decisionRepeated = record("DecisionRepeated", "A call was submitted again and got the recorded verdict.", {
	...head,
	call: callId,
	commitment: digest,
	executor,
	verdict,
	firstReason: nullable(reason),
	obligations,
	status: callStatus,
	expiresAt: count,
	address: nullable(replyAddress),
});

const usageSettled = record("UsageSettled", "An outcome replaced a call's reservations.", {
	...head,
	call: callId,
	session: name,
	status: outcomeStatus,
	usage,
	afterDeadline: yesNo,
	admittedAt: count,
	settlements: list(settlement),
	overshoots: list(overshoot),
});

const approvalRecorded = record("ApprovalRecorded", "An approver's vote on a held call, and what came of it.", {
	...head,
	approvalId: name,
	by: name,
	vote: oneOf("granted", "rejected"),
	comment: words,
	call: callRef,
	result: oneOf("pending", "allow", "deny", "hold"),
	decision: nullable(decisionBody),
	requirements: list(requirement),
	expiresAt: count,
	address: nullable(replyAddress),
});

/** Who caused an entry by a control record. */
const control: Readonly<Record<string, Shape>> = { controlId: name, by: name };

const policyAdopted = record("PolicyAdopted", "A policy bundle came into force in this partition.", {
	...head,
	...control,
	generation: count,
	digest,
});

const haltRecorded = record("HaltRecorded", "A halt was set or lifted.", {
	...head,
	kind: oneOf("halt.set", "halt.lifted"),
	...control,
	scope: haltScope,
	reason: words,
});

const budgetRecorded = record("BudgetRecorded", "A counter was topped up or reset.", {
	...head,
	...control,
	counter: counterId,
	change: oneOf("topup", "reset"),
	amount: count,
});

const sessionClosed = record("SessionClosed", "A session takes no further intents.", {
	...head,
	...control,
	tenant: name,
	agent: name,
	session: name,
});

const lossAccepted = record("LossAccepted", "Inputs that are gone were passed over: none of them was decided.", {
	...head,
	...control,
	topic: oneOf("intents", "control"),
	from: count,
	until: count,
	reason: words,
});

const abandonmentRecorded = record("AbandonmentRecorded", "A call that never ran was closed and refunded.", {
	...head,
	call: callId,
	session: name,
	reason: words,
});

const inputRejected = record("InputRejected", "An input without effect on any table.", {
	...head,
	code: name,
	detail: words,
	call: callIdOrNone,
	commitment: digestOrNone,
	severity,
	recordDigest: digestOrNone,
});

export const ENTRY_DEFINITIONS: readonly Definition[] = [
	entry(["decision.made"], decisionMade),
	entry(["decision.held"], decisionHeld),
	entry(["decision.repeated"], decisionRepeated),
	entry(["usage.settled"], usageSettled),
	entry(["approval.recorded"], approvalRecorded),
	entry(["policy.activated"], policyAdopted),
	entry(["halt.set", "halt.lifted"], haltRecorded),
	entry(["budget.adjusted"], budgetRecorded),
	entry(["session.ended"], sessionClosed),
	entry(["inputs.skipped"], lossAccepted),
	entry(["intent.abandoned"], abandonmentRecorded),
	entry(["clock.ticked"], record("TickRecorded", "Time passed.", head)),
	entry(["input.rejected"], inputRejected),
];
