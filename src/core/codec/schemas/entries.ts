/** Schemas of the ledger: one for each kind of entry. */
import type { EntryHead, EntryKind, HaltSetEntry, LedgerEntry } from "../../model/entries.ts";
import {
	count,
	digest,
	digestOrNone,
	executor,
	type FieldsOf,
	field,
	key,
	label,
	list,
	name,
	nullable,
	oneOf,
	type RecordShapeOf,
	record,
	words,
	yesNo,
} from "../shape.ts";
import { type BodyOf, type Definition, definitionsOf, type Placed } from "./definition.ts";
import {
	allowRef,
	budgetChange,
	callId,
	callIdOrNone,
	callRef,
	callStatus,
	cause,
	counterName,
	decisionBody,
	effect,
	erasureScope,
	finalVerdict,
	haltScope,
	inputTopic,
	obligations,
	outcomeStatus,
	overshoot,
	reason,
	replyAddress,
	requirement,
	ruleName,
	sessionFacts,
	settlement,
	severity,
	usage,
	verdict,
} from "./parts.ts";

type EntryBody<Kind extends EntryKind> = BodyOf<LedgerEntry, "kind", Kind>;

const entry = <Body>(shape: RecordShapeOf<Body>): Placed<Body> => ({ family: "entry", lead: null, shape });

/** What every entry starts with. */
const head: FieldsOf<EntryHead> = {
	seq: field(count, "Index in the partition's ledger, dense from 0; the leaf's index in its Merkle tree."),
	at: field(count, "Stream time at which it was decided, in milliseconds since 1970."),
	semantics: field(
		count,
		"Version of the rules of deciding: changes when the same input could be decided differently.",
	),
	cause: field(cause, "Which input it answers."),
	causeTime: field(count, "The broker's timestamp of that input, in milliseconds since 1970."),
	late: field(yesNo, "Mark of the processor's clock: the intent's deadline had passed."),
	ahead: field(yesNo, "Mark of the processor's clock: the input was stamped more than 5 minutes in the future."),
	effects: field(list(effect), "What time, or the end of a session, did to other calls before this input was decided."),
	stateDigest: field(
		digestOrNone,
		"Digest of the state before entry `seq` - 64 (of the empty state for entry 0), 64 hex digits, where `seq` is divisible by 64; else empty.",
	),
};

const CONTROL_ID = field(name, "Id of the control record.");
const ISSUED_BY = field(name, "Who issued the control record.");
const CALL_SESSION = field(name, "The call's session.");
const ADDRESS = field(nullable(replyAddress), "Where the answer goes; null when nobody waits for one.");

const FACTS = field(
	nullable(sessionFacts),
	"What the session declares from this entry on, which is its first; null: what it has declared.",
);

const decisionMade = record<EntryBody<"decision.made">>("DecisionMadeEntry", "A call was allowed or denied.", {
	...head,
	call: field(callRef, "The call."),
	executor: field(executor, "The executor that an allow goes to: the one that asked."),
	verdict: field(finalVerdict, "The verdict."),
	decision: field(decisionBody, "How it came about."),
	facts: FACTS,
});

const decisionHeld = record<EntryBody<"decision.held">>("DecisionHeldEntry", "A call waits for people.", {
	...head,
	call: field(callRef, "The call."),
	decision: field(decisionBody, "How it came about."),
	requirements: field(list(requirement), "What approvers must do, one for each rule that holds the call."),
	expiresAt: field(count, "When the hold expires, in milliseconds since 1970."),
	address: ADDRESS,
	facts: FACTS,
});

const decisionRepeated = record<EntryBody<"decision.repeated">>(
	"DecisionRepeatedEntry",
	"A call was submitted again and got the recorded verdict.",
	{
		...head,
		call: field(callId, "The call."),
		commitment: field(digest, "The call's and the submission's, which are the same; 64 hex digits."),
		executor: field(executor, "Who asked again; has the call from now on if `status` is `open`."),
		verdict: field(verdict, "The recorded verdict."),
		firstReason: field(nullable(reason), "The strongest rule of the recorded decision, if one fired."),
		obligations: field(obligations, "What the executor must do with the call."),
		status: field(
			callStatus,
			"Whether the call may run. `open`: by whoever asked, who now has it. `granted`: its hold was granted, and the first who asks again gets it. `taken`: another executor has it.",
		),
		allow: field(nullable(allowRef), "The entry that allowed it; null where `status` is not `open`."),
		expiresAt: field(count, "While held: when the hold expires, in milliseconds since 1970; else 0."),
		address: ADDRESS,
	},
);

const usageSettled = record<EntryBody<"usage.settled">>(
	"UsageSettledEntry",
	"An outcome replaced a call's reservations.",
	{
		...head,
		call: field(callId, "The call."),
		session: CALL_SESSION,
		status: field(outcomeStatus, "Whether the tool ended well."),
		usage: field(usage, "What the call used, as reported."),
		afterDeadline: field(yesNo, "True when the reservation had already expired: the outcome can add, never refund."),
		admittedAt: field(count, "When the call was admitted, in milliseconds since 1970."),
		settlements: field(list(settlement), "What became of each reservation."),
		overshoots: field(list(overshoot), "Budgets that are now over their maximum."),
	},
);

const approvalRecorded = record<EntryBody<"approval.recorded">>(
	"ApprovalRecordedEntry",
	"An approver's vote on a held call, and what came of it.",
	{
		...head,
		approvalId: CONTROL_ID,
		by: field(name, "The approver."),
		vote: field(oneOf("granted", "rejected"), "The approver's vote."),
		comment: field(words, "The approver's words."),
		call: field(callRef, "The call."),
		countedFor: field(
			list(ruleName),
			"The rules of the hold whose requirements name this approver: their votes are one more. None for a rejection.",
		),
		result: field(
			oneOf("pending", "allow", "deny", "hold"),
			"`pending`: the quorum is not reached; `hold`: decided again and another hold rule fired; else final.",
		),
		decision: field(nullable(decisionBody), "The fresh decision; null while pending."),
		requirements: field(list(requirement), "What is still required, when the call stays held."),
		expiresAt: field(count, "When the hold expires, in milliseconds since 1970."),
		address: field(nullable(replyAddress), "Where the answer goes: the latest submission's address."),
	},
);

const policyActivated = record<EntryBody<"policy.activated">>(
	"PolicyActivatedEntry",
	"A policy bundle came into force in this partition.",
	{
		...head,
		controlId: CONTROL_ID,
		by: ISSUED_BY,
		generation: field(count, "Its generation, the highest so far."),
		digest: field(digest, "Which bundle of the topic `policies`, 64 hex digits."),
		proposedBy: field(label, "The first of the two operators that were needed; empty where one was enough."),
		signed: field(yesNo, "Under it control records need a signature: it names operators or approvers."),
	},
);

const policyProposed = record<EntryBody<"policy.proposed">>(
	"PolicyProposedEntry",
	"A policy bundle was proposed in this partition: it comes into force when a second operator activates it. What was in force stays.",
	{
		...head,
		controlId: CONTROL_ID,
		by: ISSUED_BY,
		generation: field(count, "Its generation."),
		digest: field(digest, "Which bundle of the topic `policies`, 64 hex digits."),
	},
);

const halt: FieldsOf<Omit<HaltSetEntry, "kind">> = {
	...head,
	controlId: CONTROL_ID,
	by: ISSUED_BY,
	scope: field(haltScope, "What the halt stops."),
	reason: field(words, "Why, in the operator's words."),
};

const haltSet = record<EntryBody<"halt.set">>("HaltSetEntry", "Agents were stopped.", halt);
const haltLifted = record<EntryBody<"halt.lifted">>(
	"HaltLiftedEntry",
	"A halt was lifted: its agents may go on.",
	halt,
);

const budgetAdjusted = record<EntryBody<"budget.adjusted">>(
	"BudgetAdjustedEntry",
	"A counter was topped up or reset.",
	{
		...head,
		controlId: CONTROL_ID,
		by: ISSUED_BY,
		counter: field(counterName, "The counter."),
		scopeKey: field(key, "Of the account: `tenant`, `tenant/agent` or `tenant/agent/session`, percent-encoded."),
		change: field(budgetChange, "`topup` raises the maximum, `reset` clears what was counted."),
		amount: field(count, "By how much a top-up raises the maximum, in the limit's own unit; 0 for a reset."),
	},
);

const sessionEnded = record<EntryBody<"session.ended">>("SessionEndedEntry", "A session takes no further intents.", {
	...head,
	controlId: CONTROL_ID,
	by: ISSUED_BY,
	tenant: field(name, "The session's tenant."),
	agent: field(name, "The session's root agent."),
	session: field(name, "The session."),
});

const inputsSkipped = record<EntryBody<"inputs.skipped">>(
	"InputsSkippedEntry",
	"An operator's word that inputs are lost: none of them has an entry, and none ever will.",
	{
		...head,
		controlId: CONTROL_ID,
		by: ISSUED_BY,
		topic: field(inputTopic, "Where the inputs were."),
		from: field(count, "The first offset that is gone."),
		until: field(count, "The first offset that is left."),
		reason: field(words, "Why, in the operator's words."),
	},
);

const payloadErased = record<EntryBody<"payload.erased">>(
	"PayloadErasedEntry",
	"An operator's word that arguments were erased: what is behind it was decided by them, and cannot be decided again.",
	{
		...head,
		controlId: CONTROL_ID,
		by: ISSUED_BY,
		scope: field(erasureScope, "Whose arguments."),
		intents: field(count, "Intents whose key there was when it was issued."),
		reason: field(words, "Why, in the operator's words."),
	},
);

const intentAbandoned = record<EntryBody<"intent.abandoned">>(
	"IntentAbandonedEntry",
	"A call that never ran was closed and refunded.",
	{
		...head,
		call: field(callId, "The call."),
		session: CALL_SESSION,
		reason: field(words, "Why, in the publisher's words."),
	},
);

const clockTicked = record<EntryBody<"clock.ticked">>("ClockTickedEntry", "Time passed.", head);

const inputRejected = record<EntryBody<"input.rejected">>(
	"InputRejectedEntry",
	"An input without effect on any table: unreadable, misrouted, a repetition of a control record, a grant out of place.",
	{
		...head,
		code: field(name, "Why it was rejected, from the closed list of reasons."),
		detail: field(words, "Why, as a sentence; never argument text."),
		call: field(callIdOrNone, "The call it concerns, where its id could be read; empty strings otherwise."),
		commitment: field(
			digestOrNone,
			"Of the submission that was rejected, 64 hex digits, not of the call whose id it used; empty for what is no intent.",
		),
		severity: field(severity, "How grave it is."),
		recordDigest: field(
			digestOrNone,
			"SHA-256 of the rejected record's bytes when they could not be read, 64 hex digits; else empty.",
		),
	},
);

const ENTRIES: { readonly [Kind in EntryKind]: Placed<EntryBody<Kind>> } = {
	"decision.made": entry(decisionMade),
	"decision.held": entry(decisionHeld),
	"decision.repeated": entry(decisionRepeated),
	"usage.settled": entry(usageSettled),
	"approval.recorded": entry(approvalRecorded),
	"policy.activated": entry(policyActivated),
	"policy.proposed": entry(policyProposed),
	"halt.set": entry(haltSet),
	"halt.lifted": entry(haltLifted),
	"budget.adjusted": entry(budgetAdjusted),
	"session.ended": entry(sessionEnded),
	"inputs.skipped": entry(inputsSkipped),
	"payload.erased": entry(payloadErased),
	"intent.abandoned": entry(intentAbandoned),
	"clock.ticked": entry(clockTicked),
	"input.rejected": entry(inputRejected),
};

/** One for each kind of entry: a kind that is missing in the list above does not compile. */
export const ENTRY_DEFINITIONS: readonly Definition[] = definitionsOf(ENTRIES);
