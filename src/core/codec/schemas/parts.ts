/** Records inside records: who asks, which call, reasons, charges, budgets. Field by field the types of core/model. */
import { ACTOR_PARTS_MAX } from "../../model/bounds.ts";
import {
	count,
	digest,
	digestOrNone,
	key,
	label,
	list,
	name,
	nullable,
	oneOf,
	record,
	words,
	yesNo,
} from "../shape.ts";

export const severity = oneOf("low", "medium", "high", "critical");
export const mode = oneOf("enforce", "audit");
export const verdict = oneOf("allow", "deny", "hold");
export const finalVerdict = oneOf("allow", "deny");
export const callStatus = oneOf("open", "granted", "taken", "held", "closed", "halted");
export const outcomeStatus = oneOf("ok", "error");
const measure = oneOf("tool_calls", "tokens", "cost", "execution_time", "concurrent_calls", "identical_calls");

const actor = list(name, ACTOR_PARTS_MAX);

export const callId = record("CallId", "Names one intent: ids are unique per tenant and agent.", {
	tenant: name,
	agent: name,
	id: name,
});

/** The same record where the call may be unknown: three empty strings. */
export const callIdOrNone = record("CallId", "Names one intent; three empty strings where it could not be read.", {
	tenant: label,
	agent: label,
	id: label,
});

/** Tenant, agent and session come first: they can be read even where a later field is out of bounds. */
export const principal = record("Principal", "Who asks.", {
	tenant: name,
	agent: name,
	session: name,
	actor,
	onBehalfOf: nullable(name),
	sessionStartedAt: nullable(count),
});

export const callRef = record("CallRef", "The call that a decision is about.", {
	tenant: name,
	agent: name,
	id: name,
	session: name,
	actor,
	onBehalfOf: nullable(name),
	tool: name,
	commitment: digest,
	issuedAt: count,
	sessionStartedAt: count,
});

export const usage = record(
	"Usage",
	"What a call used: tokens, millionths of the currency unit, milliseconds; null where nobody can tell.",
	{ tokens: nullable(count), costMicros: nullable(count), executionMs: nullable(count) },
);

export const haltScope = record("HaltScope", "What a halt stops; null means all.", {
	tenant: nullable(name),
	agent: nullable(name),
	session: nullable(name),
});

export const replyAddress = record("ReplyAddress", "Where a reply goes, and the submission's id that it echoes.", {
	topic: name,
	replyId: name,
});

export const cause = record("Cause", "The input that an entry answers.", {
	topic: oneOf("intents", "control"),
	partition: count,
	offset: count,
});

export const span = record("Span", "Where a pattern matched: UTF-16 code units of the leaf at a JSON pointer.", {
	pointer: key,
	start: count,
	end: count,
});

export const reason = record("Reason", "One determining rule of a decision.", {
	code: name,
	policy: label,
	rule: label,
	effect: oneOf("deny", "hold"),
	mode,
	severity,
	span: nullable(span),
	message: words,
});

export const obligations = record("Obligations", "What the executor must do with an allowed call.", {
	redact: list(key),
	callDeadlineMs: count,
	leaseMs: count,
	messages: list(words),
});

export const counterId = record("CounterId", "Which counter; a window of 0 means for life.", {
	policy: name,
	limit: name,
	measure,
	windowMs: count,
	scope: oneOf("tenant", "agent", "session"),
	scopeKey: key,
});

const charge = record("Charge", "An amount written against a counter.", {
	counter: counterId,
	amount: count,
	kind: oneOf("reserved", "settled"),
});

export const budgetReading = record("BudgetReading", "A budget as the decision saw it.", {
	policy: name,
	limit: name,
	measure,
	windowMs: count,
	scopeKey: key,
	max: count,
	before: count,
	after: count,
});

export const requirement = record("Requirement", "What approvers must do before a held call may run.", {
	policy: label,
	rule: label,
	approvers: list(name),
	quorum: count,
	expiresAfterMs: count,
	selfAllowed: yesNo,
});

export const decisionBody = record("DecisionBody", "The part that every decision shares.", {
	reasons: list(reason),
	obligations,
	charges: list(charge),
	budgets: list(budgetReading),
	policyDigest: digestOrNone,
});

export const effect = record("Effect", "Something that an entry does to another call than its cause's.", {
	kind: oneOf("hold.expired", "hold.ended", "reservation.expired", "slot.expired"),
	call: callId,
	session: name,
	tool: name,
	address: nullable(replyAddress),
	commitment: digestOrNone,
});

export const settlement = record("Settlement", "One counter's part of a settlement.", {
	counter: counterId,
	reserved: count,
	settled: count,
	excess: count,
});

export const overshoot = record("Overshoot", "A budget that a settlement pushed over its maximum.", {
	policy: name,
	limit: name,
	measure,
	scopeKey: key,
	debt: count,
	mode,
	severity,
});

export const layout = record("Layout", "What a deployment can never change without new ledgers.", {
	partitions: count,
	budgetRoot: oneOf("tenant", "tenant/agent", "tenant/agent/session"),
	dedupeMs: count,
	sessionMs: count,
});
