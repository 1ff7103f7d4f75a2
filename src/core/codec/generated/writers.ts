/** Made by `npm run schemas` out of core/codec/schemas: the writers of the present records. */
import { refuse, within } from "../body-fault.ts";
import { beginList, beginNullable, bytesWriter, digestWriter, endList, sharedWriter, textWriter, type BodyWriter, wordWriter, writeBoolean, writeCount } from "../body-writer.ts";
import { counterName, determiningRule, obligations, sequenceName } from "../schemas/parts.ts";
import type { Sink } from "../sink.ts";

type Fields = { readonly [name: string]: unknown };

const text1To256 = textWriter({ lengthMin: 1, lengthMax: 256, controls: false });

function text1To256List16(sink: Sink, value: unknown): boolean {
	if (!beginList(sink, value, 16)) return false;
	for (let item = 0; item < value.length; item++) {
		if (!text1To256(sink, value[item])) return within(sink, `[${item}]`);
	}
	return endList(sink);
}

function principal(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["tenant"]) || within(sink, "tenant")) &&
		(text1To256(sink, fields["agent"]) || within(sink, "agent")) &&
		(text1To256(sink, fields["session"]) || within(sink, "session")) &&
		(text1To256List16(sink, fields["actor"]) || within(sink, "actor")) &&
		((beginNullable(sink, fields["onBehalfOf"] !== null) && (fields["onBehalfOf"] === null || text1To256(sink, fields["onBehalfOf"]))) || within(sink, "onBehalfOf")) &&
		((beginNullable(sink, fields["askedBy"] !== null) && (fields["askedBy"] === null || text1To256(sink, fields["askedBy"]))) || within(sink, "askedBy")) &&
		((beginNullable(sink, fields["sessionStartedAt"] !== null) && (fields["sessionStartedAt"] === null || writeCount(sink, fields["sessionStartedAt"]))) || within(sink, "sessionStartedAt"))
	);
}

const text0To900000WithControls = textWriter({ lengthMin: 0, lengthMax: 900000, controls: true });

const bytes16To64 = bytesWriter({ lengthMin: 16, lengthMax: 64 });

function estimate(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(writeCount(sink, fields["tokens"]) || within(sink, "tokens")) &&
		(writeCount(sink, fields["costMicros"]) || within(sink, "costMicros"))
	);
}

const text0To64 = textWriter({ lengthMin: 0, lengthMax: 64, controls: false });

const text1To1024 = textWriter({ lengthMin: 1, lengthMax: 1024, controls: false });

function sessionFacts(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		((beginNullable(sink, fields["workspace"] !== null) && (fields["workspace"] === null || text1To1024(sink, fields["workspace"]))) || within(sink, "workspace")) &&
		((beginNullable(sink, fields["home"] !== null) && (fields["home"] === null || text1To1024(sink, fields["home"]))) || within(sink, "home"))
	);
}

const text1To64 = textWriter({ lengthMin: 1, lengthMax: 64, controls: false });

const wordToolCallsTokensCost = wordWriter(["tool_calls", "tokens", "cost"]);

function spendingCap(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To64(sink, fields["name"]) || within(sink, "name")) &&
		(wordToolCallsTokensCost(sink, fields["measure"]) || within(sink, "measure")) &&
		(writeCount(sink, fields["max"]) || within(sink, "max"))
	);
}

function spendingCapList16(sink: Sink, value: unknown): boolean {
	if (!beginList(sink, value, 16)) return false;
	for (let item = 0; item < value.length; item++) {
		if (!spendingCap(sink, value[item])) return within(sink, `[${item}]`);
	}
	return endList(sink);
}

function intentSubmitted(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["id"]) || within(sink, "id")) &&
		(principal(sink, fields["principal"]) || within(sink, "principal")) &&
		(text1To256(sink, fields["tool"]) || within(sink, "tool")) &&
		(text0To900000WithControls(sink, fields["argsText"]) || within(sink, "argsText")) &&
		(bytes16To64(sink, fields["salt"]) || within(sink, "salt")) &&
		(bytes16To64(sink, fields["sessionSalt"]) || within(sink, "sessionSalt")) &&
		(estimate(sink, fields["estimate"]) || within(sink, "estimate")) &&
		(writeCount(sink, fields["issuedAt"]) || within(sink, "issuedAt")) &&
		(writeCount(sink, fields["deadline"]) || within(sink, "deadline")) &&
		(text0To64(sink, fields["executor"]) || within(sink, "executor")) &&
		((beginNullable(sink, fields["facts"] !== null) && (fields["facts"] === null || sessionFacts(sink, fields["facts"]))) || within(sink, "facts")) &&
		(spendingCapList16(sink, fields["caps"]) || within(sink, "caps"))
	);
}

const bytes12To12 = bytesWriter({ lengthMin: 12, lengthMax: 12 });

const bytes80To950000 = bytesWriter({ lengthMin: 80, lengthMax: 950000 });

function intentSealed(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["id"]) || within(sink, "id")) &&
		(principal(sink, fields["principal"]) || within(sink, "principal")) &&
		(text1To256(sink, fields["tool"]) || within(sink, "tool")) &&
		(bytes12To12(sink, fields["nonce"]) || within(sink, "nonce")) &&
		(bytes80To950000(sink, fields["sealed"]) || within(sink, "sealed")) &&
		(estimate(sink, fields["estimate"]) || within(sink, "estimate")) &&
		(writeCount(sink, fields["issuedAt"]) || within(sink, "issuedAt")) &&
		(writeCount(sink, fields["deadline"]) || within(sink, "deadline")) &&
		(text0To64(sink, fields["executor"]) || within(sink, "executor")) &&
		((beginNullable(sink, fields["facts"] !== null) && (fields["facts"] === null || sessionFacts(sink, fields["facts"]))) || within(sink, "facts")) &&
		(spendingCapList16(sink, fields["caps"]) || within(sink, "caps"))
	);
}

function callId(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["tenant"]) || within(sink, "tenant")) &&
		(text1To256(sink, fields["agent"]) || within(sink, "agent")) &&
		(text1To256(sink, fields["id"]) || within(sink, "id"))
	);
}

const wordOkErrorUnknown = wordWriter(["ok", "error", "unknown"]);

function usage(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		((beginNullable(sink, fields["tokens"] !== null) && (fields["tokens"] === null || writeCount(sink, fields["tokens"]))) || within(sink, "tokens")) &&
		((beginNullable(sink, fields["costMicros"] !== null) && (fields["costMicros"] === null || writeCount(sink, fields["costMicros"]))) || within(sink, "costMicros")) &&
		((beginNullable(sink, fields["executionMs"] !== null) && (fields["executionMs"] === null || writeCount(sink, fields["executionMs"]))) || within(sink, "executionMs"))
	);
}

const text0To256 = textWriter({ lengthMin: 0, lengthMax: 256, controls: false });

function outcomeReported(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(callId(sink, fields["call"]) || within(sink, "call")) &&
		(text1To256(sink, fields["session"]) || within(sink, "session")) &&
		(text1To256List16(sink, fields["actor"]) || within(sink, "actor")) &&
		(wordOkErrorUnknown(sink, fields["status"]) || within(sink, "status")) &&
		(usage(sink, fields["usage"]) || within(sink, "usage")) &&
		(text0To256(sink, fields["sketch"]) || within(sink, "sketch"))
	);
}

const text0To2048WithControls = textWriter({ lengthMin: 0, lengthMax: 2048, controls: true });

function intentAbandoned(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(callId(sink, fields["call"]) || within(sink, "call")) &&
		(text1To256(sink, fields["session"]) || within(sink, "session")) &&
		(text1To256List16(sink, fields["actor"]) || within(sink, "actor")) &&
		(text0To2048WithControls(sink, fields["reason"]) || within(sink, "reason")) &&
		(text0To64(sink, fields["executor"]) || within(sink, "executor"))
	);
}

const digest = digestWriter(false);

function approvalGranted(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(callId(sink, fields["call"]) || within(sink, "call")) &&
		(text1To256(sink, fields["session"]) || within(sink, "session")) &&
		(digest(sink, fields["commitment"]) || within(sink, "commitment")) &&
		(text1To256(sink, fields["id"]) || within(sink, "id")) &&
		(text1To256(sink, fields["issuedBy"]) || within(sink, "issuedBy")) &&
		(writeCount(sink, fields["issuedAt"]) || within(sink, "issuedAt")) &&
		(text0To2048WithControls(sink, fields["comment"]) || within(sink, "comment"))
	);
}

function approvalRejected(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(callId(sink, fields["call"]) || within(sink, "call")) &&
		(text1To256(sink, fields["session"]) || within(sink, "session")) &&
		(digest(sink, fields["commitment"]) || within(sink, "commitment")) &&
		(text1To256(sink, fields["id"]) || within(sink, "id")) &&
		(text1To256(sink, fields["issuedBy"]) || within(sink, "issuedBy")) &&
		(writeCount(sink, fields["issuedAt"]) || within(sink, "issuedAt")) &&
		(text0To2048WithControls(sink, fields["comment"]) || within(sink, "comment"))
	);
}

function haltScope(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		((beginNullable(sink, fields["tenant"] !== null) && (fields["tenant"] === null || text1To256(sink, fields["tenant"]))) || within(sink, "tenant")) &&
		((beginNullable(sink, fields["agent"] !== null) && (fields["agent"] === null || text1To256(sink, fields["agent"]))) || within(sink, "agent")) &&
		((beginNullable(sink, fields["session"] !== null) && (fields["session"] === null || text1To256(sink, fields["session"]))) || within(sink, "session"))
	);
}

function haltSet(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["id"]) || within(sink, "id")) &&
		(text1To256(sink, fields["issuedBy"]) || within(sink, "issuedBy")) &&
		(writeCount(sink, fields["issuedAt"]) || within(sink, "issuedAt")) &&
		(haltScope(sink, fields["scope"]) || within(sink, "scope")) &&
		(text0To2048WithControls(sink, fields["reason"]) || within(sink, "reason"))
	);
}

function haltLifted(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["id"]) || within(sink, "id")) &&
		(text1To256(sink, fields["issuedBy"]) || within(sink, "issuedBy")) &&
		(writeCount(sink, fields["issuedAt"]) || within(sink, "issuedAt")) &&
		(haltScope(sink, fields["scope"]) || within(sink, "scope")) &&
		(text0To2048WithControls(sink, fields["reason"]) || within(sink, "reason"))
	);
}

function policyActivated(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["id"]) || within(sink, "id")) &&
		(text1To256(sink, fields["issuedBy"]) || within(sink, "issuedBy")) &&
		(writeCount(sink, fields["issuedAt"]) || within(sink, "issuedAt")) &&
		(writeCount(sink, fields["generation"]) || within(sink, "generation")) &&
		(digest(sink, fields["digest"]) || within(sink, "digest")) &&
		(writeBoolean(sink, fields["needsReview"]) || within(sink, "needsReview"))
	);
}

const wordTopupReset = wordWriter(["topup", "reset"]);

function budgetAdjusted(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["id"]) || within(sink, "id")) &&
		(text1To256(sink, fields["issuedBy"]) || within(sink, "issuedBy")) &&
		(writeCount(sink, fields["issuedAt"]) || within(sink, "issuedAt")) &&
		(text1To256(sink, fields["policy"]) || within(sink, "policy")) &&
		(text1To256(sink, fields["limit"]) || within(sink, "limit")) &&
		(text1To256(sink, fields["tenant"]) || within(sink, "tenant")) &&
		(text0To256(sink, fields["agent"]) || within(sink, "agent")) &&
		(text0To256(sink, fields["session"]) || within(sink, "session")) &&
		(wordTopupReset(sink, fields["change"]) || within(sink, "change")) &&
		(writeCount(sink, fields["amount"]) || within(sink, "amount"))
	);
}

function sessionEnded(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["id"]) || within(sink, "id")) &&
		(text1To256(sink, fields["issuedBy"]) || within(sink, "issuedBy")) &&
		(writeCount(sink, fields["issuedAt"]) || within(sink, "issuedAt")) &&
		(text1To256(sink, fields["tenant"]) || within(sink, "tenant")) &&
		(text1To256(sink, fields["agent"]) || within(sink, "agent")) &&
		(text1To256(sink, fields["session"]) || within(sink, "session"))
	);
}

const wordIntentsControl = wordWriter(["intents", "control"]);

function inputsSkipped(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["id"]) || within(sink, "id")) &&
		(text1To256(sink, fields["issuedBy"]) || within(sink, "issuedBy")) &&
		(writeCount(sink, fields["issuedAt"]) || within(sink, "issuedAt")) &&
		(wordIntentsControl(sink, fields["topic"]) || within(sink, "topic")) &&
		(writeCount(sink, fields["from"]) || within(sink, "from")) &&
		(writeCount(sink, fields["until"]) || within(sink, "until")) &&
		(text0To2048WithControls(sink, fields["reason"]) || within(sink, "reason"))
	);
}

function erasureScope(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["tenant"]) || within(sink, "tenant")) &&
		(text1To256(sink, fields["agent"]) || within(sink, "agent")) &&
		((beginNullable(sink, fields["session"] !== null) && (fields["session"] === null || text1To256(sink, fields["session"]))) || within(sink, "session")) &&
		((beginNullable(sink, fields["intent"] !== null) && (fields["intent"] === null || text1To256(sink, fields["intent"]))) || within(sink, "intent"))
	);
}

function payloadErased(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["id"]) || within(sink, "id")) &&
		(text1To256(sink, fields["issuedBy"]) || within(sink, "issuedBy")) &&
		(writeCount(sink, fields["issuedAt"]) || within(sink, "issuedAt")) &&
		(erasureScope(sink, fields["scope"]) || within(sink, "scope")) &&
		(writeCount(sink, fields["intents"]) || within(sink, "intents")) &&
		(text0To2048WithControls(sink, fields["reason"]) || within(sink, "reason"))
	);
}

function clockTicked(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["id"]) || within(sink, "id")) &&
		(text1To256(sink, fields["issuedBy"]) || within(sink, "issuedBy")) &&
		(writeCount(sink, fields["issuedAt"]) || within(sink, "issuedAt"))
	);
}

function cause(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(wordIntentsControl(sink, fields["topic"]) || within(sink, "topic")) &&
		(writeCount(sink, fields["partition"]) || within(sink, "partition")) &&
		(writeCount(sink, fields["offset"]) || within(sink, "offset"))
	);
}

const wordHoldExpiredHoldEndedReservationExpiredSlotExpired = wordWriter(["hold.expired", "hold.ended", "reservation.expired", "slot.expired"]);

function replyAddress(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["topic"]) || within(sink, "topic")) &&
		(text1To256(sink, fields["replyId"]) || within(sink, "replyId"))
	);
}

const digestOrNone = digestWriter(true);

function effect(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(wordHoldExpiredHoldEndedReservationExpiredSlotExpired(sink, fields["kind"]) || within(sink, "kind")) &&
		(callId(sink, fields["call"]) || within(sink, "call")) &&
		(text1To256(sink, fields["session"]) || within(sink, "session")) &&
		(text1To256(sink, fields["tool"]) || within(sink, "tool")) &&
		((beginNullable(sink, fields["address"] !== null) && (fields["address"] === null || replyAddress(sink, fields["address"]))) || within(sink, "address")) &&
		(digestOrNone(sink, fields["commitment"]) || within(sink, "commitment"))
	);
}

function effectList1024(sink: Sink, value: unknown): boolean {
	if (!beginList(sink, value, 1024)) return false;
	for (let item = 0; item < value.length; item++) {
		if (!effect(sink, value[item])) return within(sink, `[${item}]`);
	}
	return endList(sink);
}

function callRef(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["tenant"]) || within(sink, "tenant")) &&
		(text1To256(sink, fields["agent"]) || within(sink, "agent")) &&
		(text1To256(sink, fields["id"]) || within(sink, "id")) &&
		(text1To256(sink, fields["session"]) || within(sink, "session")) &&
		(text1To256List16(sink, fields["actor"]) || within(sink, "actor")) &&
		((beginNullable(sink, fields["onBehalfOf"] !== null) && (fields["onBehalfOf"] === null || text1To256(sink, fields["onBehalfOf"]))) || within(sink, "onBehalfOf")) &&
		((beginNullable(sink, fields["askedBy"] !== null) && (fields["askedBy"] === null || text1To256(sink, fields["askedBy"]))) || within(sink, "askedBy")) &&
		((beginNullable(sink, fields["publisher"] !== null) && (fields["publisher"] === null || text1To256(sink, fields["publisher"]))) || within(sink, "publisher")) &&
		(text1To256(sink, fields["tool"]) || within(sink, "tool")) &&
		(digest(sink, fields["commitment"]) || within(sink, "commitment")) &&
		(writeCount(sink, fields["issuedAt"]) || within(sink, "issuedAt")) &&
		(writeCount(sink, fields["sessionStartedAt"]) || within(sink, "sessionStartedAt"))
	);
}

const wordAllowDeny = wordWriter(["allow", "deny"]);

const wordDenyHold = wordWriter(["deny", "hold"]);

const wordEnforceAudit = wordWriter(["enforce", "audit"]);

const wordLowMediumHighCritical = wordWriter(["low", "medium", "high", "critical"]);

function text0To256List10(sink: Sink, value: unknown): boolean {
	if (!beginList(sink, value, 10)) return false;
	for (let item = 0; item < value.length; item++) {
		if (!text0To256(sink, value[item])) return within(sink, `[${item}]`);
	}
	return endList(sink);
}

function ownDeterminingRule(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["code"]) || within(sink, "code")) &&
		(text0To256(sink, fields["policy"]) || within(sink, "policy")) &&
		(text0To256(sink, fields["name"]) || within(sink, "name")) &&
		(wordDenyHold(sink, fields["effect"]) || within(sink, "effect")) &&
		(wordEnforceAudit(sink, fields["mode"]) || within(sink, "mode")) &&
		(wordLowMediumHighCritical(sink, fields["severity"]) || within(sink, "severity")) &&
		(text0To2048WithControls(sink, fields["message"]) || within(sink, "message")) &&
		(text0To256List10(sink, fields["tags"]) || within(sink, "tags"))
	);
}

const determiningRuleShared = sharedWriter(determiningRule.fragments, ownDeterminingRule);

const text0To8192WithControls = textWriter({ lengthMin: 0, lengthMax: 8192, controls: true });

function span(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text0To8192WithControls(sink, fields["pointer"]) || within(sink, "pointer")) &&
		(writeCount(sink, fields["start"]) || within(sink, "start")) &&
		(writeCount(sink, fields["end"]) || within(sink, "end"))
	);
}

function reason(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(determiningRuleShared(sink, fields["rule"]) || within(sink, "rule")) &&
		((beginNullable(sink, fields["span"] !== null) && (fields["span"] === null || span(sink, fields["span"]))) || within(sink, "span"))
	);
}

function reasonList1024(sink: Sink, value: unknown): boolean {
	if (!beginList(sink, value, 1024)) return false;
	for (let item = 0; item < value.length; item++) {
		if (!reason(sink, value[item])) return within(sink, `[${item}]`);
	}
	return endList(sink);
}

function text0To8192WithControlsList1024(sink: Sink, value: unknown): boolean {
	if (!beginList(sink, value, 1024)) return false;
	for (let item = 0; item < value.length; item++) {
		if (!text0To8192WithControls(sink, value[item])) return within(sink, `[${item}]`);
	}
	return endList(sink);
}

function text0To2048WithControlsList1024(sink: Sink, value: unknown): boolean {
	if (!beginList(sink, value, 1024)) return false;
	for (let item = 0; item < value.length; item++) {
		if (!text0To2048WithControls(sink, value[item])) return within(sink, `[${item}]`);
	}
	return endList(sink);
}

function ownObligations(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text0To8192WithControlsList1024(sink, fields["redact"]) || within(sink, "redact")) &&
		(writeCount(sink, fields["callDeadlineMs"]) || within(sink, "callDeadlineMs")) &&
		(writeCount(sink, fields["leaseMs"]) || within(sink, "leaseMs")) &&
		(text0To2048WithControlsList1024(sink, fields["messages"]) || within(sink, "messages"))
	);
}

const obligationsShared = sharedWriter(obligations.fragments, ownObligations);

const wordToolCallsTokensCostExecutionTimeConcurrentCallsIdenticalCalls = wordWriter(["tool_calls", "tokens", "cost", "execution_time", "concurrent_calls", "identical_calls"]);

const wordTenantAgentSession = wordWriter(["tenant", "agent", "session"]);

function ownCounterName(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text0To256(sink, fields["policy"]) || within(sink, "policy")) &&
		(text1To256(sink, fields["limit"]) || within(sink, "limit")) &&
		(wordToolCallsTokensCostExecutionTimeConcurrentCallsIdenticalCalls(sink, fields["measure"]) || within(sink, "measure")) &&
		(writeCount(sink, fields["windowMs"]) || within(sink, "windowMs")) &&
		(wordTenantAgentSession(sink, fields["scope"]) || within(sink, "scope"))
	);
}

const counterNameShared = sharedWriter(counterName.fragments, ownCounterName);

const wordNoneReservedSettled = wordWriter(["none", "reserved", "settled"]);

function budgetUse(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(counterNameShared(sink, fields["counter"]) || within(sink, "counter")) &&
		(digestOrNone(sink, fields["repetition"]) || within(sink, "repetition")) &&
		(writeCount(sink, fields["max"]) || within(sink, "max")) &&
		(writeCount(sink, fields["before"]) || within(sink, "before")) &&
		(writeCount(sink, fields["amount"]) || within(sink, "amount")) &&
		(wordNoneReservedSettled(sink, fields["kind"]) || within(sink, "kind"))
	);
}

function budgetUseList1024(sink: Sink, value: unknown): boolean {
	if (!beginList(sink, value, 1024)) return false;
	for (let item = 0; item < value.length; item++) {
		if (!budgetUse(sink, value[item])) return within(sink, `[${item}]`);
	}
	return endList(sink);
}

const wordAgentSession = wordWriter(["agent", "session"]);

function ownSequenceName(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["policy"]) || within(sink, "policy")) &&
		(text1To256(sink, fields["sequence"]) || within(sink, "sequence")) &&
		(wordAgentSession(sink, fields["scope"]) || within(sink, "scope")) &&
		(writeCount(sink, fields["withinMs"]) || within(sink, "withinMs"))
	);
}

const sequenceNameShared = sharedWriter(sequenceName.fragments, ownSequenceName);

function sequenceNameSharedList1024(sink: Sink, value: unknown): boolean {
	if (!beginList(sink, value, 1024)) return false;
	for (let item = 0; item < value.length; item++) {
		if (!sequenceNameShared(sink, value[item])) return within(sink, `[${item}]`);
	}
	return endList(sink);
}

function decisionBody(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(reasonList1024(sink, fields["reasons"]) || within(sink, "reasons")) &&
		(obligationsShared(sink, fields["obligations"]) || within(sink, "obligations")) &&
		(budgetUseList1024(sink, fields["uses"]) || within(sink, "uses")) &&
		(sequenceNameSharedList1024(sink, fields["begins"]) || within(sink, "begins")) &&
		(digestOrNone(sink, fields["policyDigest"]) || within(sink, "policyDigest")) &&
		(digestOrNone(sink, fields["classifier"]) || within(sink, "classifier"))
	);
}

function decisionMadeEntry(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(writeCount(sink, fields["semantics"]) || within(sink, "semantics")) &&
		(cause(sink, fields["cause"]) || within(sink, "cause")) &&
		(writeCount(sink, fields["causeTime"]) || within(sink, "causeTime")) &&
		(writeBoolean(sink, fields["late"]) || within(sink, "late")) &&
		(writeBoolean(sink, fields["ahead"]) || within(sink, "ahead")) &&
		(effectList1024(sink, fields["effects"]) || within(sink, "effects")) &&
		(digestOrNone(sink, fields["stateDigest"]) || within(sink, "stateDigest")) &&
		(callRef(sink, fields["call"]) || within(sink, "call")) &&
		(text0To64(sink, fields["executor"]) || within(sink, "executor")) &&
		(wordAllowDeny(sink, fields["verdict"]) || within(sink, "verdict")) &&
		(decisionBody(sink, fields["decision"]) || within(sink, "decision")) &&
		((beginNullable(sink, fields["facts"] !== null) && (fields["facts"] === null || sessionFacts(sink, fields["facts"]))) || within(sink, "facts"))
	);
}

function text1To256List1024(sink: Sink, value: unknown): boolean {
	if (!beginList(sink, value, 1024)) return false;
	for (let item = 0; item < value.length; item++) {
		if (!text1To256(sink, value[item])) return within(sink, `[${item}]`);
	}
	return endList(sink);
}

function requirement(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text0To256(sink, fields["policy"]) || within(sink, "policy")) &&
		(text0To256(sink, fields["rule"]) || within(sink, "rule")) &&
		(text1To256List1024(sink, fields["approvers"]) || within(sink, "approvers")) &&
		(writeCount(sink, fields["quorum"]) || within(sink, "quorum")) &&
		(writeCount(sink, fields["expiresAfterMs"]) || within(sink, "expiresAfterMs")) &&
		(writeBoolean(sink, fields["selfAllowed"]) || within(sink, "selfAllowed"))
	);
}

function requirementList1024(sink: Sink, value: unknown): boolean {
	if (!beginList(sink, value, 1024)) return false;
	for (let item = 0; item < value.length; item++) {
		if (!requirement(sink, value[item])) return within(sink, `[${item}]`);
	}
	return endList(sink);
}

function decisionHeldEntry(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(writeCount(sink, fields["semantics"]) || within(sink, "semantics")) &&
		(cause(sink, fields["cause"]) || within(sink, "cause")) &&
		(writeCount(sink, fields["causeTime"]) || within(sink, "causeTime")) &&
		(writeBoolean(sink, fields["late"]) || within(sink, "late")) &&
		(writeBoolean(sink, fields["ahead"]) || within(sink, "ahead")) &&
		(effectList1024(sink, fields["effects"]) || within(sink, "effects")) &&
		(digestOrNone(sink, fields["stateDigest"]) || within(sink, "stateDigest")) &&
		(callRef(sink, fields["call"]) || within(sink, "call")) &&
		(decisionBody(sink, fields["decision"]) || within(sink, "decision")) &&
		(requirementList1024(sink, fields["requirements"]) || within(sink, "requirements")) &&
		(writeCount(sink, fields["expiresAt"]) || within(sink, "expiresAt")) &&
		((beginNullable(sink, fields["address"] !== null) && (fields["address"] === null || replyAddress(sink, fields["address"]))) || within(sink, "address")) &&
		((beginNullable(sink, fields["facts"] !== null) && (fields["facts"] === null || sessionFacts(sink, fields["facts"]))) || within(sink, "facts"))
	);
}

const wordAllowDenyHold = wordWriter(["allow", "deny", "hold"]);

const wordOpenGrantedTakenHeldClosedHalted = wordWriter(["open", "granted", "taken", "held", "closed", "halted"]);

function allowRef(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(digest(sink, fields["policyDigest"]) || within(sink, "policyDigest"))
	);
}

function decisionRepeatedEntry(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(writeCount(sink, fields["semantics"]) || within(sink, "semantics")) &&
		(cause(sink, fields["cause"]) || within(sink, "cause")) &&
		(writeCount(sink, fields["causeTime"]) || within(sink, "causeTime")) &&
		(writeBoolean(sink, fields["late"]) || within(sink, "late")) &&
		(writeBoolean(sink, fields["ahead"]) || within(sink, "ahead")) &&
		(effectList1024(sink, fields["effects"]) || within(sink, "effects")) &&
		(digestOrNone(sink, fields["stateDigest"]) || within(sink, "stateDigest")) &&
		(callId(sink, fields["call"]) || within(sink, "call")) &&
		(digest(sink, fields["commitment"]) || within(sink, "commitment")) &&
		(text0To64(sink, fields["executor"]) || within(sink, "executor")) &&
		(wordAllowDenyHold(sink, fields["verdict"]) || within(sink, "verdict")) &&
		((beginNullable(sink, fields["firstReason"] !== null) && (fields["firstReason"] === null || reason(sink, fields["firstReason"]))) || within(sink, "firstReason")) &&
		(obligationsShared(sink, fields["obligations"]) || within(sink, "obligations")) &&
		(wordOpenGrantedTakenHeldClosedHalted(sink, fields["status"]) || within(sink, "status")) &&
		((beginNullable(sink, fields["allow"] !== null) && (fields["allow"] === null || allowRef(sink, fields["allow"]))) || within(sink, "allow")) &&
		(writeCount(sink, fields["expiresAt"]) || within(sink, "expiresAt")) &&
		((beginNullable(sink, fields["address"] !== null) && (fields["address"] === null || replyAddress(sink, fields["address"]))) || within(sink, "address"))
	);
}

function settlement(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(counterNameShared(sink, fields["counter"]) || within(sink, "counter")) &&
		(writeCount(sink, fields["reserved"]) || within(sink, "reserved")) &&
		(writeCount(sink, fields["settled"]) || within(sink, "settled")) &&
		(writeCount(sink, fields["excess"]) || within(sink, "excess"))
	);
}

function settlementList1024(sink: Sink, value: unknown): boolean {
	if (!beginList(sink, value, 1024)) return false;
	for (let item = 0; item < value.length; item++) {
		if (!settlement(sink, value[item])) return within(sink, `[${item}]`);
	}
	return endList(sink);
}

function overshoot(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(counterNameShared(sink, fields["counter"]) || within(sink, "counter")) &&
		(writeCount(sink, fields["debt"]) || within(sink, "debt")) &&
		(wordEnforceAudit(sink, fields["mode"]) || within(sink, "mode")) &&
		(wordLowMediumHighCritical(sink, fields["severity"]) || within(sink, "severity")) &&
		(text0To256List10(sink, fields["tags"]) || within(sink, "tags"))
	);
}

function overshootList1024(sink: Sink, value: unknown): boolean {
	if (!beginList(sink, value, 1024)) return false;
	for (let item = 0; item < value.length; item++) {
		if (!overshoot(sink, value[item])) return within(sink, `[${item}]`);
	}
	return endList(sink);
}

function usageSettledEntry(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(writeCount(sink, fields["semantics"]) || within(sink, "semantics")) &&
		(cause(sink, fields["cause"]) || within(sink, "cause")) &&
		(writeCount(sink, fields["causeTime"]) || within(sink, "causeTime")) &&
		(writeBoolean(sink, fields["late"]) || within(sink, "late")) &&
		(writeBoolean(sink, fields["ahead"]) || within(sink, "ahead")) &&
		(effectList1024(sink, fields["effects"]) || within(sink, "effects")) &&
		(digestOrNone(sink, fields["stateDigest"]) || within(sink, "stateDigest")) &&
		(callId(sink, fields["call"]) || within(sink, "call")) &&
		(text1To256(sink, fields["session"]) || within(sink, "session")) &&
		(wordOkErrorUnknown(sink, fields["status"]) || within(sink, "status")) &&
		(usage(sink, fields["usage"]) || within(sink, "usage")) &&
		(writeBoolean(sink, fields["afterDeadline"]) || within(sink, "afterDeadline")) &&
		(writeCount(sink, fields["admittedAt"]) || within(sink, "admittedAt")) &&
		(settlementList1024(sink, fields["settlements"]) || within(sink, "settlements")) &&
		(overshootList1024(sink, fields["overshoots"]) || within(sink, "overshoots"))
	);
}

const wordGrantedRejected = wordWriter(["granted", "rejected"]);

function ruleName(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text0To256(sink, fields["policy"]) || within(sink, "policy")) &&
		(text0To256(sink, fields["rule"]) || within(sink, "rule"))
	);
}

function ruleNameList1024(sink: Sink, value: unknown): boolean {
	if (!beginList(sink, value, 1024)) return false;
	for (let item = 0; item < value.length; item++) {
		if (!ruleName(sink, value[item])) return within(sink, `[${item}]`);
	}
	return endList(sink);
}

const wordPendingAllowDenyHold = wordWriter(["pending", "allow", "deny", "hold"]);

function approvalRecordedEntry(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(writeCount(sink, fields["semantics"]) || within(sink, "semantics")) &&
		(cause(sink, fields["cause"]) || within(sink, "cause")) &&
		(writeCount(sink, fields["causeTime"]) || within(sink, "causeTime")) &&
		(writeBoolean(sink, fields["late"]) || within(sink, "late")) &&
		(writeBoolean(sink, fields["ahead"]) || within(sink, "ahead")) &&
		(effectList1024(sink, fields["effects"]) || within(sink, "effects")) &&
		(digestOrNone(sink, fields["stateDigest"]) || within(sink, "stateDigest")) &&
		(text1To256(sink, fields["approvalId"]) || within(sink, "approvalId")) &&
		(text1To256(sink, fields["by"]) || within(sink, "by")) &&
		(wordGrantedRejected(sink, fields["vote"]) || within(sink, "vote")) &&
		(text0To2048WithControls(sink, fields["comment"]) || within(sink, "comment")) &&
		(callRef(sink, fields["call"]) || within(sink, "call")) &&
		(ruleNameList1024(sink, fields["countedFor"]) || within(sink, "countedFor")) &&
		(wordPendingAllowDenyHold(sink, fields["result"]) || within(sink, "result")) &&
		((beginNullable(sink, fields["decision"] !== null) && (fields["decision"] === null || decisionBody(sink, fields["decision"]))) || within(sink, "decision")) &&
		(requirementList1024(sink, fields["requirements"]) || within(sink, "requirements")) &&
		(writeCount(sink, fields["expiresAt"]) || within(sink, "expiresAt")) &&
		((beginNullable(sink, fields["address"] !== null) && (fields["address"] === null || replyAddress(sink, fields["address"]))) || within(sink, "address"))
	);
}

function policyActivatedEntry(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(writeCount(sink, fields["semantics"]) || within(sink, "semantics")) &&
		(cause(sink, fields["cause"]) || within(sink, "cause")) &&
		(writeCount(sink, fields["causeTime"]) || within(sink, "causeTime")) &&
		(writeBoolean(sink, fields["late"]) || within(sink, "late")) &&
		(writeBoolean(sink, fields["ahead"]) || within(sink, "ahead")) &&
		(effectList1024(sink, fields["effects"]) || within(sink, "effects")) &&
		(digestOrNone(sink, fields["stateDigest"]) || within(sink, "stateDigest")) &&
		(text1To256(sink, fields["controlId"]) || within(sink, "controlId")) &&
		(text1To256(sink, fields["by"]) || within(sink, "by")) &&
		(writeCount(sink, fields["generation"]) || within(sink, "generation")) &&
		(digest(sink, fields["digest"]) || within(sink, "digest")) &&
		(text0To256(sink, fields["proposedBy"]) || within(sink, "proposedBy")) &&
		(writeBoolean(sink, fields["signed"]) || within(sink, "signed"))
	);
}

function policyProposedEntry(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(writeCount(sink, fields["semantics"]) || within(sink, "semantics")) &&
		(cause(sink, fields["cause"]) || within(sink, "cause")) &&
		(writeCount(sink, fields["causeTime"]) || within(sink, "causeTime")) &&
		(writeBoolean(sink, fields["late"]) || within(sink, "late")) &&
		(writeBoolean(sink, fields["ahead"]) || within(sink, "ahead")) &&
		(effectList1024(sink, fields["effects"]) || within(sink, "effects")) &&
		(digestOrNone(sink, fields["stateDigest"]) || within(sink, "stateDigest")) &&
		(text1To256(sink, fields["controlId"]) || within(sink, "controlId")) &&
		(text1To256(sink, fields["by"]) || within(sink, "by")) &&
		(writeCount(sink, fields["generation"]) || within(sink, "generation")) &&
		(digest(sink, fields["digest"]) || within(sink, "digest"))
	);
}

function haltSetEntry(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(writeCount(sink, fields["semantics"]) || within(sink, "semantics")) &&
		(cause(sink, fields["cause"]) || within(sink, "cause")) &&
		(writeCount(sink, fields["causeTime"]) || within(sink, "causeTime")) &&
		(writeBoolean(sink, fields["late"]) || within(sink, "late")) &&
		(writeBoolean(sink, fields["ahead"]) || within(sink, "ahead")) &&
		(effectList1024(sink, fields["effects"]) || within(sink, "effects")) &&
		(digestOrNone(sink, fields["stateDigest"]) || within(sink, "stateDigest")) &&
		(text1To256(sink, fields["controlId"]) || within(sink, "controlId")) &&
		(text1To256(sink, fields["by"]) || within(sink, "by")) &&
		(haltScope(sink, fields["scope"]) || within(sink, "scope")) &&
		(text0To2048WithControls(sink, fields["reason"]) || within(sink, "reason"))
	);
}

function haltLiftedEntry(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(writeCount(sink, fields["semantics"]) || within(sink, "semantics")) &&
		(cause(sink, fields["cause"]) || within(sink, "cause")) &&
		(writeCount(sink, fields["causeTime"]) || within(sink, "causeTime")) &&
		(writeBoolean(sink, fields["late"]) || within(sink, "late")) &&
		(writeBoolean(sink, fields["ahead"]) || within(sink, "ahead")) &&
		(effectList1024(sink, fields["effects"]) || within(sink, "effects")) &&
		(digestOrNone(sink, fields["stateDigest"]) || within(sink, "stateDigest")) &&
		(text1To256(sink, fields["controlId"]) || within(sink, "controlId")) &&
		(text1To256(sink, fields["by"]) || within(sink, "by")) &&
		(haltScope(sink, fields["scope"]) || within(sink, "scope")) &&
		(text0To2048WithControls(sink, fields["reason"]) || within(sink, "reason"))
	);
}

function budgetAdjustedEntry(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(writeCount(sink, fields["semantics"]) || within(sink, "semantics")) &&
		(cause(sink, fields["cause"]) || within(sink, "cause")) &&
		(writeCount(sink, fields["causeTime"]) || within(sink, "causeTime")) &&
		(writeBoolean(sink, fields["late"]) || within(sink, "late")) &&
		(writeBoolean(sink, fields["ahead"]) || within(sink, "ahead")) &&
		(effectList1024(sink, fields["effects"]) || within(sink, "effects")) &&
		(digestOrNone(sink, fields["stateDigest"]) || within(sink, "stateDigest")) &&
		(text1To256(sink, fields["controlId"]) || within(sink, "controlId")) &&
		(text1To256(sink, fields["by"]) || within(sink, "by")) &&
		(counterNameShared(sink, fields["counter"]) || within(sink, "counter")) &&
		(text0To8192WithControls(sink, fields["scopeKey"]) || within(sink, "scopeKey")) &&
		(wordTopupReset(sink, fields["change"]) || within(sink, "change")) &&
		(writeCount(sink, fields["amount"]) || within(sink, "amount"))
	);
}

function sessionEndedEntry(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(writeCount(sink, fields["semantics"]) || within(sink, "semantics")) &&
		(cause(sink, fields["cause"]) || within(sink, "cause")) &&
		(writeCount(sink, fields["causeTime"]) || within(sink, "causeTime")) &&
		(writeBoolean(sink, fields["late"]) || within(sink, "late")) &&
		(writeBoolean(sink, fields["ahead"]) || within(sink, "ahead")) &&
		(effectList1024(sink, fields["effects"]) || within(sink, "effects")) &&
		(digestOrNone(sink, fields["stateDigest"]) || within(sink, "stateDigest")) &&
		(text1To256(sink, fields["controlId"]) || within(sink, "controlId")) &&
		(text1To256(sink, fields["by"]) || within(sink, "by")) &&
		(text1To256(sink, fields["tenant"]) || within(sink, "tenant")) &&
		(text1To256(sink, fields["agent"]) || within(sink, "agent")) &&
		(text1To256(sink, fields["session"]) || within(sink, "session"))
	);
}

function inputsSkippedEntry(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(writeCount(sink, fields["semantics"]) || within(sink, "semantics")) &&
		(cause(sink, fields["cause"]) || within(sink, "cause")) &&
		(writeCount(sink, fields["causeTime"]) || within(sink, "causeTime")) &&
		(writeBoolean(sink, fields["late"]) || within(sink, "late")) &&
		(writeBoolean(sink, fields["ahead"]) || within(sink, "ahead")) &&
		(effectList1024(sink, fields["effects"]) || within(sink, "effects")) &&
		(digestOrNone(sink, fields["stateDigest"]) || within(sink, "stateDigest")) &&
		(text1To256(sink, fields["controlId"]) || within(sink, "controlId")) &&
		(text1To256(sink, fields["by"]) || within(sink, "by")) &&
		(wordIntentsControl(sink, fields["topic"]) || within(sink, "topic")) &&
		(writeCount(sink, fields["from"]) || within(sink, "from")) &&
		(writeCount(sink, fields["until"]) || within(sink, "until")) &&
		(text0To2048WithControls(sink, fields["reason"]) || within(sink, "reason"))
	);
}

function payloadErasedEntry(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(writeCount(sink, fields["semantics"]) || within(sink, "semantics")) &&
		(cause(sink, fields["cause"]) || within(sink, "cause")) &&
		(writeCount(sink, fields["causeTime"]) || within(sink, "causeTime")) &&
		(writeBoolean(sink, fields["late"]) || within(sink, "late")) &&
		(writeBoolean(sink, fields["ahead"]) || within(sink, "ahead")) &&
		(effectList1024(sink, fields["effects"]) || within(sink, "effects")) &&
		(digestOrNone(sink, fields["stateDigest"]) || within(sink, "stateDigest")) &&
		(text1To256(sink, fields["controlId"]) || within(sink, "controlId")) &&
		(text1To256(sink, fields["by"]) || within(sink, "by")) &&
		(erasureScope(sink, fields["scope"]) || within(sink, "scope")) &&
		(writeCount(sink, fields["intents"]) || within(sink, "intents")) &&
		(text0To2048WithControls(sink, fields["reason"]) || within(sink, "reason"))
	);
}

function intentAbandonedEntry(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(writeCount(sink, fields["semantics"]) || within(sink, "semantics")) &&
		(cause(sink, fields["cause"]) || within(sink, "cause")) &&
		(writeCount(sink, fields["causeTime"]) || within(sink, "causeTime")) &&
		(writeBoolean(sink, fields["late"]) || within(sink, "late")) &&
		(writeBoolean(sink, fields["ahead"]) || within(sink, "ahead")) &&
		(effectList1024(sink, fields["effects"]) || within(sink, "effects")) &&
		(digestOrNone(sink, fields["stateDigest"]) || within(sink, "stateDigest")) &&
		(callId(sink, fields["call"]) || within(sink, "call")) &&
		(text1To256(sink, fields["session"]) || within(sink, "session")) &&
		(text0To2048WithControls(sink, fields["reason"]) || within(sink, "reason"))
	);
}

function clockTickedEntry(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(writeCount(sink, fields["semantics"]) || within(sink, "semantics")) &&
		(cause(sink, fields["cause"]) || within(sink, "cause")) &&
		(writeCount(sink, fields["causeTime"]) || within(sink, "causeTime")) &&
		(writeBoolean(sink, fields["late"]) || within(sink, "late")) &&
		(writeBoolean(sink, fields["ahead"]) || within(sink, "ahead")) &&
		(effectList1024(sink, fields["effects"]) || within(sink, "effects")) &&
		(digestOrNone(sink, fields["stateDigest"]) || within(sink, "stateDigest"))
	);
}

function callId2(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text0To256(sink, fields["tenant"]) || within(sink, "tenant")) &&
		(text0To256(sink, fields["agent"]) || within(sink, "agent")) &&
		(text0To256(sink, fields["id"]) || within(sink, "id"))
	);
}

function inputRejectedEntry(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(writeCount(sink, fields["semantics"]) || within(sink, "semantics")) &&
		(cause(sink, fields["cause"]) || within(sink, "cause")) &&
		(writeCount(sink, fields["causeTime"]) || within(sink, "causeTime")) &&
		(writeBoolean(sink, fields["late"]) || within(sink, "late")) &&
		(writeBoolean(sink, fields["ahead"]) || within(sink, "ahead")) &&
		(effectList1024(sink, fields["effects"]) || within(sink, "effects")) &&
		(digestOrNone(sink, fields["stateDigest"]) || within(sink, "stateDigest")) &&
		(text1To256(sink, fields["code"]) || within(sink, "code")) &&
		(text0To2048WithControls(sink, fields["detail"]) || within(sink, "detail")) &&
		(callId2(sink, fields["call"]) || within(sink, "call")) &&
		(digestOrNone(sink, fields["commitment"]) || within(sink, "commitment")) &&
		(wordLowMediumHighCritical(sink, fields["severity"]) || within(sink, "severity")) &&
		(digestOrNone(sink, fields["recordDigest"]) || within(sink, "recordDigest"))
	);
}

const wordTenantTenantAgentTenantAgentSession = wordWriter(["tenant", "tenant/agent", "tenant/agent/session"]);

function layout(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(writeCount(sink, fields["partitions"]) || within(sink, "partitions")) &&
		(wordTenantTenantAgentTenantAgentSession(sink, fields["budgetRoot"]) || within(sink, "budgetRoot")) &&
		(writeCount(sink, fields["dedupeMs"]) || within(sink, "dedupeMs")) &&
		(writeCount(sink, fields["sessionMs"]) || within(sink, "sessionMs"))
	);
}

function claim(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["claimId"]) || within(sink, "claimId")) &&
		(text1To256(sink, fields["instance"]) || within(sink, "instance")) &&
		(layout(sink, fields["layout"]) || within(sink, "layout"))
	);
}

function violationDetected(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["id"]) || within(sink, "id")) &&
		(writeCount(sink, fields["partition"]) || within(sink, "partition")) &&
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(writeCount(sink, fields["index"]) || within(sink, "index")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(text1To256(sink, fields["code"]) || within(sink, "code")) &&
		(text0To256(sink, fields["policy"]) || within(sink, "policy")) &&
		(text0To256(sink, fields["rule"]) || within(sink, "rule")) &&
		(wordLowMediumHighCritical(sink, fields["severity"]) || within(sink, "severity")) &&
		(wordEnforceAudit(sink, fields["mode"]) || within(sink, "mode")) &&
		(wordAllowDenyHold(sink, fields["verdict"]) || within(sink, "verdict")) &&
		(callId2(sink, fields["call"]) || within(sink, "call")) &&
		(text0To256(sink, fields["session"]) || within(sink, "session")) &&
		(text0To256(sink, fields["tool"]) || within(sink, "tool")) &&
		((beginNullable(sink, fields["span"] !== null) && (fields["span"] === null || span(sink, fields["span"]))) || within(sink, "span")) &&
		(text0To2048WithControls(sink, fields["message"]) || within(sink, "message")) &&
		(text0To256List10(sink, fields["tags"]) || within(sink, "tags"))
	);
}

function checkpointCreated(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["id"]) || within(sink, "id")) &&
		(writeCount(sink, fields["partition"]) || within(sink, "partition")) &&
		(writeCount(sink, fields["size"]) || within(sink, "size")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(digest(sink, fields["root"]) || within(sink, "root")) &&
		(digestOrNone(sink, fields["stateDigest"]) || within(sink, "stateDigest")) &&
		(digestOrNone(sink, fields["policyDigest"]) || within(sink, "policyDigest"))
	);
}

const text0To16384WithControls = textWriter({ lengthMin: 0, lengthMax: 16384, controls: true });

function checkpointSigned(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text0To2048WithControls(sink, fields["origin"]) || within(sink, "origin")) &&
		(writeCount(sink, fields["size"]) || within(sink, "size")) &&
		(digest(sink, fields["root"]) || within(sink, "root")) &&
		(text0To16384WithControls(sink, fields["note"]) || within(sink, "note"))
	);
}

const text0To10240WithControls = textWriter({ lengthMin: 0, lengthMax: 10240, controls: true });

function decisionReplied(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text0To256(sink, fields["replyId"]) || within(sink, "replyId")) &&
		(writeCount(sink, fields["partition"]) || within(sink, "partition")) &&
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(callId(sink, fields["call"]) || within(sink, "call")) &&
		(text0To256(sink, fields["session"]) || within(sink, "session")) &&
		(digestOrNone(sink, fields["commitment"]) || within(sink, "commitment")) &&
		(wordAllowDenyHold(sink, fields["verdict"]) || within(sink, "verdict")) &&
		(wordOpenGrantedTakenHeldClosedHalted(sink, fields["status"]) || within(sink, "status")) &&
		(decisionBody(sink, fields["decision"]) || within(sink, "decision")) &&
		(writeCount(sink, fields["expiresAt"]) || within(sink, "expiresAt")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(text0To10240WithControls(sink, fields["token"]) || within(sink, "token"))
	);
}

function deadLetter(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["topic"]) || within(sink, "topic")) &&
		(writeCount(sink, fields["partition"]) || within(sink, "partition")) &&
		(writeCount(sink, fields["offset"]) || within(sink, "offset")) &&
		(text1To256(sink, fields["code"]) || within(sink, "code")) &&
		(text0To2048WithControls(sink, fields["detail"]) || within(sink, "detail")) &&
		(digestOrNone(sink, fields["recordDigest"]) || within(sink, "recordDigest"))
	);
}

const wordVerdictReasonBudget = wordWriter(["verdict", "reason", "budget"]);

function callReplayed(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["id"]) || within(sink, "id")) &&
		(digest(sink, fields["candidate"]) || within(sink, "candidate")) &&
		(writeCount(sink, fields["from"]) || within(sink, "from")) &&
		(writeCount(sink, fields["partition"]) || within(sink, "partition")) &&
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(writeCount(sink, fields["at"]) || within(sink, "at")) &&
		(callId(sink, fields["call"]) || within(sink, "call")) &&
		(text1To256(sink, fields["session"]) || within(sink, "session")) &&
		(text1To256(sink, fields["tool"]) || within(sink, "tool")) &&
		(wordVerdictReasonBudget(sink, fields["difference"]) || within(sink, "difference")) &&
		(wordAllowDenyHold(sink, fields["recordedVerdict"]) || within(sink, "recordedVerdict")) &&
		((beginNullable(sink, fields["recordedReason"] !== null) && (fields["recordedReason"] === null || reason(sink, fields["recordedReason"]))) || within(sink, "recordedReason")) &&
		(wordAllowDenyHold(sink, fields["verdict"]) || within(sink, "verdict")) &&
		((beginNullable(sink, fields["reason"] !== null) && (fields["reason"] === null || reason(sink, fields["reason"]))) || within(sink, "reason"))
	);
}

function policySourceText(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text0To2048WithControls(sink, fields["name"]) || within(sink, "name")) &&
		(text0To900000WithControls(sink, fields["text"]) || within(sink, "text"))
	);
}

function policySourceTextList1024(sink: Sink, value: unknown): boolean {
	if (!beginList(sink, value, 1024)) return false;
	for (let item = 0; item < value.length; item++) {
		if (!policySourceText(sink, value[item])) return within(sink, `[${item}]`);
	}
	return endList(sink);
}

function policyBundle(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(digest(sink, fields["digest"]) || within(sink, "digest")) &&
		(policySourceTextList1024(sink, fields["sources"]) || within(sink, "sources")) &&
		(text0To2048WithControls(sink, fields["signature"]) || within(sink, "signature"))
	);
}

const wordActiveRetiredRevoked = wordWriter(["active", "retired", "revoked"]);

function tokenKeyPublished(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text0To2048WithControls(sink, fields["key"]) || within(sink, "key")) &&
		(wordActiveRetiredRevoked(sink, fields["status"]) || within(sink, "status")) &&
		(writeCount(sink, fields["since"]) || within(sink, "since")) &&
		(text1To256(sink, fields["by"]) || within(sink, "by"))
	);
}

const bytes0To1000000 = bytesWriter({ lengthMin: 0, lengthMax: 1000000 });

function snapshotChunk(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["snapshotId"]) || within(sink, "snapshotId")) &&
		(writeCount(sink, fields["index"]) || within(sink, "index")) &&
		(bytes0To1000000(sink, fields["bytes"]) || within(sink, "bytes"))
	);
}

function snapshotManifest(sink: Sink, value: unknown): boolean {
	if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
	const fields = value as Fields;
	return (
		(text1To256(sink, fields["snapshotId"]) || within(sink, "snapshotId")) &&
		(writeCount(sink, fields["seq"]) || within(sink, "seq")) &&
		(writeCount(sink, fields["ledgerOffset"]) || within(sink, "ledgerOffset")) &&
		(text1To256(sink, fields["claimId"]) || within(sink, "claimId")) &&
		(text1To256(sink, fields["ledgerId"]) || within(sink, "ledgerId")) &&
		(digest(sink, fields["leafDigest"]) || within(sink, "leafDigest")) &&
		(digest(sink, fields["stateDigest"]) || within(sink, "stateDigest")) &&
		(writeCount(sink, fields["semantics"]) || within(sink, "semantics")) &&
		(writeCount(sink, fields["rowsFormat"]) || within(sink, "rowsFormat")) &&
		(writeCount(sink, fields["chunks"]) || within(sink, "chunks")) &&
		(digest(sink, fields["bytesDigest"]) || within(sink, "bytesDigest"))
	);
}

/** By the record's name. */
export const WRITERS: Readonly<Record<string, BodyWriter>> = {
	IntentSubmitted: intentSubmitted,
	IntentSealed: intentSealed,
	OutcomeReported: outcomeReported,
	IntentAbandoned: intentAbandoned,
	ApprovalGranted: approvalGranted,
	ApprovalRejected: approvalRejected,
	HaltSet: haltSet,
	HaltLifted: haltLifted,
	PolicyActivated: policyActivated,
	BudgetAdjusted: budgetAdjusted,
	SessionEnded: sessionEnded,
	InputsSkipped: inputsSkipped,
	PayloadErased: payloadErased,
	ClockTicked: clockTicked,
	DecisionMadeEntry: decisionMadeEntry,
	DecisionHeldEntry: decisionHeldEntry,
	DecisionRepeatedEntry: decisionRepeatedEntry,
	UsageSettledEntry: usageSettledEntry,
	ApprovalRecordedEntry: approvalRecordedEntry,
	PolicyActivatedEntry: policyActivatedEntry,
	PolicyProposedEntry: policyProposedEntry,
	HaltSetEntry: haltSetEntry,
	HaltLiftedEntry: haltLiftedEntry,
	BudgetAdjustedEntry: budgetAdjustedEntry,
	SessionEndedEntry: sessionEndedEntry,
	InputsSkippedEntry: inputsSkippedEntry,
	PayloadErasedEntry: payloadErasedEntry,
	IntentAbandonedEntry: intentAbandonedEntry,
	ClockTickedEntry: clockTickedEntry,
	InputRejectedEntry: inputRejectedEntry,
	Claim: claim,
	ViolationDetected: violationDetected,
	CheckpointCreated: checkpointCreated,
	CheckpointSigned: checkpointSigned,
	DecisionReplied: decisionReplied,
	DeadLetter: deadLetter,
	CallReplayed: callReplayed,
	PolicyBundle: policyBundle,
	TokenKeyPublished: tokenKeyPublished,
	SnapshotChunk: snapshotChunk,
	SnapshotManifest: snapshotManifest,
};
