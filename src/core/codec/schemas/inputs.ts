/**
 * Schemas of `intents` and `control`. The call's names come first in every record that has a call, so that a denial can
 * be sent even where a later field is out of bounds.
 */

import type { CanonicalJson } from "../../base/canonical-json.ts";
import { ARGS_LENGTH_MAX, CAPS_MAX, NONCE_BYTES, SEALED_BYTES_MAX, SEALED_BYTES_MIN } from "../../model/bounds.ts";
import type { ControlHead, IntentSubmitted, SpendingCap, StoredInput } from "../../model/inputs.ts";
import {
	bytesBetween,
	capName,
	count,
	digest,
	executor,
	type FieldsOf,
	field,
	label,
	list,
	longText,
	name,
	nullable,
	oneOf,
	type RecordShapeOf,
	record,
	salt,
	sketch,
	words,
	yesNo,
} from "../shape.ts";
import { type BodyOf, type Definition, definitionsOf, type Lead, type Placed } from "./definition.ts";
import {
	budgetChange,
	callId,
	erasureScope,
	haltScope,
	inputTopic,
	outcomeStatus,
	principal,
	REPORTER,
	sessionFacts,
	usage,
} from "./parts.ts";

type InputType = StoredInput["type"];

/** What is written of an input. An intent's `args` are the parse of its `argsText`. */
type InputBody<Type extends InputType> = Type extends "intent.submitted"
	? Omit<IntentSubmitted, "type" | "args">
	: BodyOf<StoredInput, "type", Type>;

const intents = <Body>(lead: Lead, shape: RecordShapeOf<Body>): Placed<Body> => ({ family: "intents", lead, shape });
const control = <Body>(shape: RecordShapeOf<Body>, lead: Lead = null): Placed<Body> => ({
	family: "control",
	lead,
	shape,
});

const estimate = record<IntentSubmitted["estimate"]>("Estimate", "What the publisher expects the call to use.", {
	tokens: field(count, "Tokens."),
	costMicros: field(count, "Money, in millionths of the deployment's currency unit."),
});

const spendingCap = record<SpendingCap>("SpendingCap", "What a credential lets its bearer spend, for life.", {
	name: field(
		capName,
		"The credential's own name, unique per tenant and agent: what was spent under it is counted by this.",
	),
	measure: field(oneOf("tool_calls", "tokens", "cost"), "What is counted."),
	max: field(count, "How much may be spent: calls, tokens or millionths of the currency unit."),
});

/** What is in the clear of every intent. */
const CALL_FIELDS: FieldsOf<Omit<InputBody<"intent.submitted">, "argsText" | "salt" | "sessionSalt">> = {
	id: field(
		name,
		"The call's id, unique per tenant and agent: the same id is the same call, however often it is sent.",
	),
	principal: field(principal, "Who asks."),
	tool: field(name, "The tool that is to be called."),
	estimate: field(estimate, "What the publisher expects the call to use."),
	issuedAt: field(count, "When the intent was made, in milliseconds since 1970 by the publisher's clock."),
	deadline: field(count, "When the publisher stops waiting for the first reply, in milliseconds since 1970."),
	executor: field(
		executor,
		"Who would run the call: an opaque random text, drawn once for each run and kept over its resends. An allow goes to one executor; whoever asks under another is told that the call is taken. Empty: its allow is answered once, for a resend cannot be told from a second asker.",
	),
	facts: field(
		nullable(sessionFacts),
		"What the session declares: the first intent that is decided of it says so for all of them, and one that says otherwise is denied. Null: what the session has declared.",
	),
	caps: field(
		list(spendingCap, CAPS_MAX),
		"What the credential that the call is asked with, and those that this one was issued from, may spend for life. Empty: no more than policies say.",
	),
};

const intentSubmitted = record<InputBody<"intent.submitted">>(
	"IntentSubmitted",
	"One tool call that an agent wants to make.",
	{
		id: CALL_FIELDS.id,
		principal: CALL_FIELDS.principal,
		tool: CALL_FIELDS.tool,
		argsText: field(longText<CanonicalJson>(ARGS_LENGTH_MAX), "The arguments: an object as canonical JSON (RFC 8785)."),
		salt: field(salt, "Makes the commitment unguessable: random bytes, drawn by the publisher for each intent."),
		sessionSalt: field(
			salt,
			"Random bytes, the same for every intent of a session, so that identical calls can be counted.",
		),
		estimate: CALL_FIELDS.estimate,
		issuedAt: CALL_FIELDS.issuedAt,
		deadline: CALL_FIELDS.deadline,
		executor: CALL_FIELDS.executor,
		facts: CALL_FIELDS.facts,
		caps: CALL_FIELDS.caps,
	},
);

const intentSealed = record<InputBody<"intent.sealed">>(
	"IntentSealed",
	"One tool call that an agent wants to make, whose arguments and salts are under a key that is kept outside the log.",
	{
		id: CALL_FIELDS.id,
		principal: CALL_FIELDS.principal,
		tool: CALL_FIELDS.tool,
		nonce: field(bytesBetween(NONCE_BYTES, NONCE_BYTES), "Of the cipher, 12 bytes."),
		sealed: field(
			bytesBetween(SEALED_BYTES_MIN, SEALED_BYTES_MAX),
			"AES-256-GCM over the salt (32 bytes), the session's salt (32 bytes) and the arguments as canonical JSON (UTF-8), with the tag behind it, as docs/privacy.md says. Without its key the record is denied.",
		),
		estimate: CALL_FIELDS.estimate,
		issuedAt: CALL_FIELDS.issuedAt,
		deadline: CALL_FIELDS.deadline,
		executor: CALL_FIELDS.executor,
		facts: CALL_FIELDS.facts,
		caps: CALL_FIELDS.caps,
	},
);

const outcomeReported = record<InputBody<"outcome.reported">>("OutcomeReported", "What came of an allowed call.", {
	call: field(callId, "The call."),
	session: field(name, "The call's session: routes the record when the partition key is as narrow as a session."),
	actor: REPORTER,
	status: field(
		outcomeStatus,
		"How the tool ended; `unknown`: nobody saw it, and the call costs at least what was reserved for it.",
	),
	usage: field(usage, "What the call used."),
	sketch: field(
		sketch,
		"A digest of the tool's output by which it can be compared with others, computed as docs/design/drift.md says; empty: none.",
	),
});

const intentAbandoned = record<InputBody<"intent.abandoned">>(
	"IntentAbandoned",
	"The publisher attests that the call never ran and never will.",
	{
		call: field(callId, "The call."),
		session: field(name, "The call's session: routes the record when the partition key is as narrow as a session."),
		actor: REPORTER,
		reason: field(words, "Why, in the publisher's words."),
		executor: field(
			executor,
			"Whose run it attests; a call that was handed to another executor stays as it is. Empty: whoever has it.",
		),
	},
);

/** What every control record carries. */
const head: FieldsOf<ControlHead> = {
	id: field(name, "The control record's own id: however often it is sent, it counts once."),
	issuedBy: field(name, "Who issued it."),
	issuedAt: field(count, "When it was issued, in milliseconds since 1970 by the issuer's clock."),
};

const approval: FieldsOf<InputBody<"approval.granted" | "approval.rejected">> = {
	call: field(callId, "The held call."),
	session: field(name, "The call's session: routes the record when the partition key is as narrow as a session."),
	commitment: field(
		digest,
		"Which tool with which arguments the approver has seen, 64 hex digits as the hold names them: a vote for another call under the same id counts for nothing.",
	),
	...head,
	comment: field(words, "The approver's words."),
};

const halt: FieldsOf<InputBody<"halt.set" | "halt.lifted">> = {
	...head,
	scope: field(haltScope, "What the halt stops."),
	reason: field(words, "Why, in the operator's words."),
};

const approvalGranted = record<InputBody<"approval.granted">>(
	"ApprovalGranted",
	"An approver lets a held call run.",
	approval,
);
const approvalRejected = record<InputBody<"approval.rejected">>(
	"ApprovalRejected",
	"An approver refuses a held call.",
	approval,
);
const haltSet = record<InputBody<"halt.set">>("HaltSet", "An operator stops agents.", halt);
const haltLifted = record<InputBody<"halt.lifted">>("HaltLifted", "An operator lets halted agents go on.", halt);

const policyActivated = record<InputBody<"policy.activated">>(
	"PolicyActivated",
	"An operator puts a policy bundle into force.",
	{
		...head,
		generation: field(count, "Highest generation seen + 1; only a greater (generation, id) is adopted."),
		digest: field(digest, "Which bundle of the topic `policies`, 64 hex digits."),
		needsReview: field(yesNo, "Whether a second operator must activate the same bundle before it comes into force."),
	},
);

const budgetAdjusted = record<InputBody<"budget.adjusted">>(
	"BudgetAdjusted",
	"An operator raises or resets one budget of one tenant, agent or session.",
	{
		...head,
		policy: field(name, "The policy that holds the limit."),
		limit: field(name, "The limit's name within the policy."),
		tenant: field(name, "Whose budget."),
		agent: field(label, "The agent; empty for a limit that counts tenants."),
		session: field(label, "The session; empty for a limit that counts tenants or agents."),
		change: field(budgetChange, "`topup` raises the maximum, `reset` clears what was counted."),
		amount: field(count, "By how much a top-up raises the maximum, in the limit's own unit; 0 for a reset."),
	},
);

const sessionEnded = record<InputBody<"session.ended">>("SessionEnded", "A session takes no further intents.", {
	...head,
	tenant: field(name, "The session's tenant."),
	agent: field(name, "The session's root agent."),
	session: field(name, "The session."),
});

const inputsSkipped = record<InputBody<"inputs.skipped">>(
	"InputsSkipped",
	"An operator lets a partition go on behind inputs that are gone and were never decided.",
	{
		...head,
		topic: field(inputTopic, "Where the inputs were."),
		from: field(count, "The first offset that is gone, at which the partition waits."),
		until: field(count, "The first offset that is left."),
		reason: field(words, "Why, in the operator's words."),
	},
);

const payloadErased = record<InputBody<"payload.erased">>(
	"PayloadErased",
	"An operator destroys the keys and salts under which arguments are sealed: what was decided stands, what it was about is gone.",
	{
		...head,
		scope: field(erasureScope, "Whose arguments."),
		intents: field(count, "Intents whose key there was when it was issued."),
		reason: field(words, "Why, in the operator's words."),
	},
);

const clockTicked = record<InputBody<"clock.ticked">>(
	"ClockTicked",
	"Time passes: written by a partition's owner while something in it waits for time.",
	head,
);

const INPUTS: { readonly [Type in InputType]: Placed<InputBody<Type>> } = {
	"intent.submitted": intents("intent", intentSubmitted),
	"intent.sealed": intents("intent", intentSealed),
	"outcome.reported": intents("call", outcomeReported),
	"intent.abandoned": intents("call", intentAbandoned),
	"approval.granted": control(approvalGranted, "call"),
	"approval.rejected": control(approvalRejected, "call"),
	"halt.set": control(haltSet),
	"halt.lifted": control(haltLifted),
	"policy.activated": control(policyActivated),
	"budget.adjusted": control(budgetAdjusted),
	"session.ended": control(sessionEnded),
	"inputs.skipped": control(inputsSkipped),
	"payload.erased": control(payloadErased),
	"clock.ticked": control(clockTicked),
};

/** One for each type of input: a type that is missing in the list above does not compile. */
export const INPUT_DEFINITIONS: readonly Definition[] = definitionsOf(INPUTS);
