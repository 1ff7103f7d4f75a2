/**
 * Schemas of `intents` and `control`. The call's names come first in every record that has a call, so that a denial can
 * be sent even where a later field is out of bounds.
 */

import { ARGS_LENGTH_MAX } from "../../model/bounds.ts";
import type { InputRecord } from "../../model/inputs.ts";
import {
	count,
	digest,
	executor,
	label,
	longText,
	name,
	oneOf,
	type RecordShape,
	record,
	type Shape,
	salt,
	words,
} from "../shape.ts";
import type { Definition, Family, Lead } from "./definition.ts";
import { callId, haltScope, outcomeStatus, principal, usage } from "./parts.ts";

const estimate = record("Estimate", "What the publisher expects the call to use.", {
	tokens: count,
	costMicros: count,
});

const intentSubmitted = record("IntentSubmitted", "One tool call that an agent wants to make.", {
	id: name,
	principal,
	tool: name,
	argsText: longText(ARGS_LENGTH_MAX),
	salt,
	sessionSalt: salt,
	estimate,
	issuedAt: count,
	deadline: count,
	executor,
});

const outcomeReported = record("OutcomeReported", "What came of an allowed call.", {
	call: callId,
	session: name,
	status: outcomeStatus,
	usage,
});

const intentAbandoned = record("IntentAbandoned", "The publisher attests that the call never ran and never will.", {
	call: callId,
	session: name,
	reason: words,
	executor,
});

/** What every control record carries. */
const head: Readonly<Record<string, Shape>> = { id: name, issuedBy: name, issuedAt: count };

const approval = { call: callId, session: name, ...head, comment: words };
const halt = { ...head, scope: haltScope, reason: words };

const input = (family: Family, type: InputRecord["type"], lead: Lead, shape: RecordShape): Definition => ({
	family,
	types: [type],
	lead,
	shape,
	older: [],
});

export const INPUT_DEFINITIONS: readonly Definition[] = [
	input("intents", "intent.submitted", "intent", intentSubmitted),
	input("intents", "outcome.reported", "call", outcomeReported),
	input("intents", "intent.abandoned", "call", intentAbandoned),
	input(
		"control",
		"approval.granted",
		"call",
		record("ApprovalGranted", "An approver lets a held call run.", approval),
	),
	input(
		"control",
		"approval.rejected",
		"call",
		record("ApprovalRejected", "An approver refuses a held call.", approval),
	),
	input("control", "halt.set", null, record("HaltSet", "An operator stops agents.", halt)),
	input("control", "halt.lifted", null, record("HaltLifted", "An operator lets halted agents go on.", halt)),
	input(
		"control",
		"policy.activated",
		null,
		record("PolicyActivated", "An operator puts a policy bundle into force.", { ...head, generation: count, digest }),
	),
	input(
		"control",
		"budget.adjusted",
		null,
		record("BudgetAdjusted", "An operator raises or resets a budget for one scope key.", {
			...head,
			policy: name,
			limit: name,
			tenant: name,
			agent: label,
			session: label,
			change: oneOf("topup", "reset"),
			amount: count,
		}),
	),
	input(
		"control",
		"session.ended",
		null,
		record("SessionEnded", "A session takes no further intents.", {
			...head,
			tenant: name,
			agent: name,
			session: name,
		}),
	),
	input(
		"control",
		"inputs.skipped",
		null,
		record("InputsSkipped", "An operator lets a partition go on behind inputs that are gone.", {
			...head,
			topic: oneOf("intents", "control"),
			from: count,
			until: count,
			reason: words,
		}),
	),
	input("control", "clock.ticked", null, record("ClockTicked", "Time passes.", head)),
];
