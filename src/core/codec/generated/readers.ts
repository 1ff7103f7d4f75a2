/** Made by `npm run schemas` out of core/codec/schemas: the readers of the present records. */
import { within } from "../body-fault.ts";
import { beginList, beginNullable, bytesReader, digestReader, endList, nothing, readBoolean, readCount, sharedReader, textReader, type BodyReader, type Cursor, wordReader } from "../body-reader.ts";
import { counterName, determiningRule, obligations, sequenceName } from "../schemas/parts.ts";

const text1To256 = textReader({ lengthMin: 1, lengthMax: 256, controls: false });

function text1To256List16(cursor: Cursor): unknown {
	const length = beginList(cursor, 16);
	if (length === undefined) return undefined;
	const items: unknown[] = [];
	for (let item = 0; item < length; item++) {
		const value = text1To256(cursor);
		if (value === undefined) return nothing(within(cursor, `[${item}]`));
		items.push(value);
	}
	return length === 0 || endList(cursor) ? items : undefined;
}

function principal(cursor: Cursor): unknown {
	const tenantRead = text1To256(cursor);
	if (tenantRead === undefined) return nothing(within(cursor, "tenant"));
	const agentRead = text1To256(cursor);
	if (agentRead === undefined) return nothing(within(cursor, "agent"));
	const sessionRead = text1To256(cursor);
	if (sessionRead === undefined) return nothing(within(cursor, "session"));
	const actorRead = text1To256List16(cursor);
	if (actorRead === undefined) return nothing(within(cursor, "actor"));
	const onBehalfOfIsThere = beginNullable(cursor);
	const onBehalfOfRead = onBehalfOfIsThere === true ? text1To256(cursor) : onBehalfOfIsThere === false ? null : undefined;
	if (onBehalfOfRead === undefined) return nothing(within(cursor, "onBehalfOf"));
	const askedByIsThere = beginNullable(cursor);
	const askedByRead = askedByIsThere === true ? text1To256(cursor) : askedByIsThere === false ? null : undefined;
	if (askedByRead === undefined) return nothing(within(cursor, "askedBy"));
	const sessionStartedAtIsThere = beginNullable(cursor);
	const sessionStartedAtRead = sessionStartedAtIsThere === true ? readCount(cursor) : sessionStartedAtIsThere === false ? null : undefined;
	if (sessionStartedAtRead === undefined) return nothing(within(cursor, "sessionStartedAt"));
	return { tenant: tenantRead, agent: agentRead, session: sessionRead, actor: actorRead, onBehalfOf: onBehalfOfRead, askedBy: askedByRead, sessionStartedAt: sessionStartedAtRead };
}

const text0To900000WithControls = textReader({ lengthMin: 0, lengthMax: 900000, controls: true });

const bytes16To64 = bytesReader({ lengthMin: 16, lengthMax: 64 });

function estimate(cursor: Cursor): unknown {
	const tokensRead = readCount(cursor);
	if (tokensRead === undefined) return nothing(within(cursor, "tokens"));
	const costMicrosRead = readCount(cursor);
	if (costMicrosRead === undefined) return nothing(within(cursor, "costMicros"));
	return { tokens: tokensRead, costMicros: costMicrosRead };
}

const text0To64 = textReader({ lengthMin: 0, lengthMax: 64, controls: false });

const text1To1024 = textReader({ lengthMin: 1, lengthMax: 1024, controls: false });

function sessionFacts(cursor: Cursor): unknown {
	const workspaceIsThere = beginNullable(cursor);
	const workspaceRead = workspaceIsThere === true ? text1To1024(cursor) : workspaceIsThere === false ? null : undefined;
	if (workspaceRead === undefined) return nothing(within(cursor, "workspace"));
	const homeIsThere = beginNullable(cursor);
	const homeRead = homeIsThere === true ? text1To1024(cursor) : homeIsThere === false ? null : undefined;
	if (homeRead === undefined) return nothing(within(cursor, "home"));
	return { workspace: workspaceRead, home: homeRead };
}

const text1To64 = textReader({ lengthMin: 1, lengthMax: 64, controls: false });

const wordToolCallsTokensCost = wordReader(["tool_calls", "tokens", "cost"]);

function spendingCap(cursor: Cursor): unknown {
	const nameRead = text1To64(cursor);
	if (nameRead === undefined) return nothing(within(cursor, "name"));
	const measureRead = wordToolCallsTokensCost(cursor);
	if (measureRead === undefined) return nothing(within(cursor, "measure"));
	const maxRead = readCount(cursor);
	if (maxRead === undefined) return nothing(within(cursor, "max"));
	return { name: nameRead, measure: measureRead, max: maxRead };
}

function spendingCapList16(cursor: Cursor): unknown {
	const length = beginList(cursor, 16);
	if (length === undefined) return undefined;
	const items: unknown[] = [];
	for (let item = 0; item < length; item++) {
		const value = spendingCap(cursor);
		if (value === undefined) return nothing(within(cursor, `[${item}]`));
		items.push(value);
	}
	return length === 0 || endList(cursor) ? items : undefined;
}

function intentSubmitted(cursor: Cursor): unknown {
	const idRead = text1To256(cursor);
	if (idRead === undefined) return nothing(within(cursor, "id"));
	const principalRead = principal(cursor);
	if (principalRead === undefined) return nothing(within(cursor, "principal"));
	const toolRead = text1To256(cursor);
	if (toolRead === undefined) return nothing(within(cursor, "tool"));
	const argsTextRead = text0To900000WithControls(cursor);
	if (argsTextRead === undefined) return nothing(within(cursor, "argsText"));
	const saltRead = bytes16To64(cursor);
	if (saltRead === undefined) return nothing(within(cursor, "salt"));
	const sessionSaltRead = bytes16To64(cursor);
	if (sessionSaltRead === undefined) return nothing(within(cursor, "sessionSalt"));
	const estimateRead = estimate(cursor);
	if (estimateRead === undefined) return nothing(within(cursor, "estimate"));
	const issuedAtRead = readCount(cursor);
	if (issuedAtRead === undefined) return nothing(within(cursor, "issuedAt"));
	const deadlineRead = readCount(cursor);
	if (deadlineRead === undefined) return nothing(within(cursor, "deadline"));
	const executorRead = text0To64(cursor);
	if (executorRead === undefined) return nothing(within(cursor, "executor"));
	const factsIsThere = beginNullable(cursor);
	const factsRead = factsIsThere === true ? sessionFacts(cursor) : factsIsThere === false ? null : undefined;
	if (factsRead === undefined) return nothing(within(cursor, "facts"));
	const capsRead = spendingCapList16(cursor);
	if (capsRead === undefined) return nothing(within(cursor, "caps"));
	return { type: "intent.submitted", id: idRead, principal: principalRead, tool: toolRead, argsText: argsTextRead, salt: saltRead, sessionSalt: sessionSaltRead, estimate: estimateRead, issuedAt: issuedAtRead, deadline: deadlineRead, executor: executorRead, facts: factsRead, caps: capsRead };
}

const bytes12To12 = bytesReader({ lengthMin: 12, lengthMax: 12 });

const bytes80To950000 = bytesReader({ lengthMin: 80, lengthMax: 950000 });

function intentSealed(cursor: Cursor): unknown {
	const idRead = text1To256(cursor);
	if (idRead === undefined) return nothing(within(cursor, "id"));
	const principalRead = principal(cursor);
	if (principalRead === undefined) return nothing(within(cursor, "principal"));
	const toolRead = text1To256(cursor);
	if (toolRead === undefined) return nothing(within(cursor, "tool"));
	const nonceRead = bytes12To12(cursor);
	if (nonceRead === undefined) return nothing(within(cursor, "nonce"));
	const sealedRead = bytes80To950000(cursor);
	if (sealedRead === undefined) return nothing(within(cursor, "sealed"));
	const estimateRead = estimate(cursor);
	if (estimateRead === undefined) return nothing(within(cursor, "estimate"));
	const issuedAtRead = readCount(cursor);
	if (issuedAtRead === undefined) return nothing(within(cursor, "issuedAt"));
	const deadlineRead = readCount(cursor);
	if (deadlineRead === undefined) return nothing(within(cursor, "deadline"));
	const executorRead = text0To64(cursor);
	if (executorRead === undefined) return nothing(within(cursor, "executor"));
	const factsIsThere = beginNullable(cursor);
	const factsRead = factsIsThere === true ? sessionFacts(cursor) : factsIsThere === false ? null : undefined;
	if (factsRead === undefined) return nothing(within(cursor, "facts"));
	const capsRead = spendingCapList16(cursor);
	if (capsRead === undefined) return nothing(within(cursor, "caps"));
	return { type: "intent.sealed", id: idRead, principal: principalRead, tool: toolRead, nonce: nonceRead, sealed: sealedRead, estimate: estimateRead, issuedAt: issuedAtRead, deadline: deadlineRead, executor: executorRead, facts: factsRead, caps: capsRead };
}

function callId(cursor: Cursor): unknown {
	const tenantRead = text1To256(cursor);
	if (tenantRead === undefined) return nothing(within(cursor, "tenant"));
	const agentRead = text1To256(cursor);
	if (agentRead === undefined) return nothing(within(cursor, "agent"));
	const idRead = text1To256(cursor);
	if (idRead === undefined) return nothing(within(cursor, "id"));
	return { tenant: tenantRead, agent: agentRead, id: idRead };
}

const wordOkErrorUnknown = wordReader(["ok", "error", "unknown"]);

function usage(cursor: Cursor): unknown {
	const tokensIsThere = beginNullable(cursor);
	const tokensRead = tokensIsThere === true ? readCount(cursor) : tokensIsThere === false ? null : undefined;
	if (tokensRead === undefined) return nothing(within(cursor, "tokens"));
	const costMicrosIsThere = beginNullable(cursor);
	const costMicrosRead = costMicrosIsThere === true ? readCount(cursor) : costMicrosIsThere === false ? null : undefined;
	if (costMicrosRead === undefined) return nothing(within(cursor, "costMicros"));
	const executionMsIsThere = beginNullable(cursor);
	const executionMsRead = executionMsIsThere === true ? readCount(cursor) : executionMsIsThere === false ? null : undefined;
	if (executionMsRead === undefined) return nothing(within(cursor, "executionMs"));
	return { tokens: tokensRead, costMicros: costMicrosRead, executionMs: executionMsRead };
}

const text0To256 = textReader({ lengthMin: 0, lengthMax: 256, controls: false });

function outcomeReported(cursor: Cursor): unknown {
	const callRead = callId(cursor);
	if (callRead === undefined) return nothing(within(cursor, "call"));
	const sessionRead = text1To256(cursor);
	if (sessionRead === undefined) return nothing(within(cursor, "session"));
	const actorRead = text1To256List16(cursor);
	if (actorRead === undefined) return nothing(within(cursor, "actor"));
	const statusRead = wordOkErrorUnknown(cursor);
	if (statusRead === undefined) return nothing(within(cursor, "status"));
	const usageRead = usage(cursor);
	if (usageRead === undefined) return nothing(within(cursor, "usage"));
	const sketchRead = text0To256(cursor);
	if (sketchRead === undefined) return nothing(within(cursor, "sketch"));
	return { type: "outcome.reported", call: callRead, session: sessionRead, actor: actorRead, status: statusRead, usage: usageRead, sketch: sketchRead };
}

const text0To2048WithControls = textReader({ lengthMin: 0, lengthMax: 2048, controls: true });

function intentAbandoned(cursor: Cursor): unknown {
	const callRead = callId(cursor);
	if (callRead === undefined) return nothing(within(cursor, "call"));
	const sessionRead = text1To256(cursor);
	if (sessionRead === undefined) return nothing(within(cursor, "session"));
	const actorRead = text1To256List16(cursor);
	if (actorRead === undefined) return nothing(within(cursor, "actor"));
	const reasonRead = text0To2048WithControls(cursor);
	if (reasonRead === undefined) return nothing(within(cursor, "reason"));
	const executorRead = text0To64(cursor);
	if (executorRead === undefined) return nothing(within(cursor, "executor"));
	return { type: "intent.abandoned", call: callRead, session: sessionRead, actor: actorRead, reason: reasonRead, executor: executorRead };
}

const digest = digestReader(false);

function approvalGranted(cursor: Cursor): unknown {
	const callRead = callId(cursor);
	if (callRead === undefined) return nothing(within(cursor, "call"));
	const sessionRead = text1To256(cursor);
	if (sessionRead === undefined) return nothing(within(cursor, "session"));
	const commitmentRead = digest(cursor);
	if (commitmentRead === undefined) return nothing(within(cursor, "commitment"));
	const idRead = text1To256(cursor);
	if (idRead === undefined) return nothing(within(cursor, "id"));
	const issuedByRead = text1To256(cursor);
	if (issuedByRead === undefined) return nothing(within(cursor, "issuedBy"));
	const issuedAtRead = readCount(cursor);
	if (issuedAtRead === undefined) return nothing(within(cursor, "issuedAt"));
	const commentRead = text0To2048WithControls(cursor);
	if (commentRead === undefined) return nothing(within(cursor, "comment"));
	return { type: "approval.granted", call: callRead, session: sessionRead, commitment: commitmentRead, id: idRead, issuedBy: issuedByRead, issuedAt: issuedAtRead, comment: commentRead };
}

function approvalRejected(cursor: Cursor): unknown {
	const callRead = callId(cursor);
	if (callRead === undefined) return nothing(within(cursor, "call"));
	const sessionRead = text1To256(cursor);
	if (sessionRead === undefined) return nothing(within(cursor, "session"));
	const commitmentRead = digest(cursor);
	if (commitmentRead === undefined) return nothing(within(cursor, "commitment"));
	const idRead = text1To256(cursor);
	if (idRead === undefined) return nothing(within(cursor, "id"));
	const issuedByRead = text1To256(cursor);
	if (issuedByRead === undefined) return nothing(within(cursor, "issuedBy"));
	const issuedAtRead = readCount(cursor);
	if (issuedAtRead === undefined) return nothing(within(cursor, "issuedAt"));
	const commentRead = text0To2048WithControls(cursor);
	if (commentRead === undefined) return nothing(within(cursor, "comment"));
	return { type: "approval.rejected", call: callRead, session: sessionRead, commitment: commitmentRead, id: idRead, issuedBy: issuedByRead, issuedAt: issuedAtRead, comment: commentRead };
}

function haltScope(cursor: Cursor): unknown {
	const tenantIsThere = beginNullable(cursor);
	const tenantRead = tenantIsThere === true ? text1To256(cursor) : tenantIsThere === false ? null : undefined;
	if (tenantRead === undefined) return nothing(within(cursor, "tenant"));
	const agentIsThere = beginNullable(cursor);
	const agentRead = agentIsThere === true ? text1To256(cursor) : agentIsThere === false ? null : undefined;
	if (agentRead === undefined) return nothing(within(cursor, "agent"));
	const sessionIsThere = beginNullable(cursor);
	const sessionRead = sessionIsThere === true ? text1To256(cursor) : sessionIsThere === false ? null : undefined;
	if (sessionRead === undefined) return nothing(within(cursor, "session"));
	return { tenant: tenantRead, agent: agentRead, session: sessionRead };
}

function haltSet(cursor: Cursor): unknown {
	const idRead = text1To256(cursor);
	if (idRead === undefined) return nothing(within(cursor, "id"));
	const issuedByRead = text1To256(cursor);
	if (issuedByRead === undefined) return nothing(within(cursor, "issuedBy"));
	const issuedAtRead = readCount(cursor);
	if (issuedAtRead === undefined) return nothing(within(cursor, "issuedAt"));
	const scopeRead = haltScope(cursor);
	if (scopeRead === undefined) return nothing(within(cursor, "scope"));
	const reasonRead = text0To2048WithControls(cursor);
	if (reasonRead === undefined) return nothing(within(cursor, "reason"));
	return { type: "halt.set", id: idRead, issuedBy: issuedByRead, issuedAt: issuedAtRead, scope: scopeRead, reason: reasonRead };
}

function haltLifted(cursor: Cursor): unknown {
	const idRead = text1To256(cursor);
	if (idRead === undefined) return nothing(within(cursor, "id"));
	const issuedByRead = text1To256(cursor);
	if (issuedByRead === undefined) return nothing(within(cursor, "issuedBy"));
	const issuedAtRead = readCount(cursor);
	if (issuedAtRead === undefined) return nothing(within(cursor, "issuedAt"));
	const scopeRead = haltScope(cursor);
	if (scopeRead === undefined) return nothing(within(cursor, "scope"));
	const reasonRead = text0To2048WithControls(cursor);
	if (reasonRead === undefined) return nothing(within(cursor, "reason"));
	return { type: "halt.lifted", id: idRead, issuedBy: issuedByRead, issuedAt: issuedAtRead, scope: scopeRead, reason: reasonRead };
}

function policyActivated(cursor: Cursor): unknown {
	const idRead = text1To256(cursor);
	if (idRead === undefined) return nothing(within(cursor, "id"));
	const issuedByRead = text1To256(cursor);
	if (issuedByRead === undefined) return nothing(within(cursor, "issuedBy"));
	const issuedAtRead = readCount(cursor);
	if (issuedAtRead === undefined) return nothing(within(cursor, "issuedAt"));
	const generationRead = readCount(cursor);
	if (generationRead === undefined) return nothing(within(cursor, "generation"));
	const digestRead = digest(cursor);
	if (digestRead === undefined) return nothing(within(cursor, "digest"));
	const needsReviewRead = readBoolean(cursor);
	if (needsReviewRead === undefined) return nothing(within(cursor, "needsReview"));
	return { type: "policy.activated", id: idRead, issuedBy: issuedByRead, issuedAt: issuedAtRead, generation: generationRead, digest: digestRead, needsReview: needsReviewRead };
}

const wordTopupReset = wordReader(["topup", "reset"]);

function budgetAdjusted(cursor: Cursor): unknown {
	const idRead = text1To256(cursor);
	if (idRead === undefined) return nothing(within(cursor, "id"));
	const issuedByRead = text1To256(cursor);
	if (issuedByRead === undefined) return nothing(within(cursor, "issuedBy"));
	const issuedAtRead = readCount(cursor);
	if (issuedAtRead === undefined) return nothing(within(cursor, "issuedAt"));
	const policyRead = text1To256(cursor);
	if (policyRead === undefined) return nothing(within(cursor, "policy"));
	const limitRead = text1To256(cursor);
	if (limitRead === undefined) return nothing(within(cursor, "limit"));
	const tenantRead = text1To256(cursor);
	if (tenantRead === undefined) return nothing(within(cursor, "tenant"));
	const agentRead = text0To256(cursor);
	if (agentRead === undefined) return nothing(within(cursor, "agent"));
	const sessionRead = text0To256(cursor);
	if (sessionRead === undefined) return nothing(within(cursor, "session"));
	const changeRead = wordTopupReset(cursor);
	if (changeRead === undefined) return nothing(within(cursor, "change"));
	const amountRead = readCount(cursor);
	if (amountRead === undefined) return nothing(within(cursor, "amount"));
	return { type: "budget.adjusted", id: idRead, issuedBy: issuedByRead, issuedAt: issuedAtRead, policy: policyRead, limit: limitRead, tenant: tenantRead, agent: agentRead, session: sessionRead, change: changeRead, amount: amountRead };
}

function sessionEnded(cursor: Cursor): unknown {
	const idRead = text1To256(cursor);
	if (idRead === undefined) return nothing(within(cursor, "id"));
	const issuedByRead = text1To256(cursor);
	if (issuedByRead === undefined) return nothing(within(cursor, "issuedBy"));
	const issuedAtRead = readCount(cursor);
	if (issuedAtRead === undefined) return nothing(within(cursor, "issuedAt"));
	const tenantRead = text1To256(cursor);
	if (tenantRead === undefined) return nothing(within(cursor, "tenant"));
	const agentRead = text1To256(cursor);
	if (agentRead === undefined) return nothing(within(cursor, "agent"));
	const sessionRead = text1To256(cursor);
	if (sessionRead === undefined) return nothing(within(cursor, "session"));
	return { type: "session.ended", id: idRead, issuedBy: issuedByRead, issuedAt: issuedAtRead, tenant: tenantRead, agent: agentRead, session: sessionRead };
}

const wordIntentsControl = wordReader(["intents", "control"]);

function inputsSkipped(cursor: Cursor): unknown {
	const idRead = text1To256(cursor);
	if (idRead === undefined) return nothing(within(cursor, "id"));
	const issuedByRead = text1To256(cursor);
	if (issuedByRead === undefined) return nothing(within(cursor, "issuedBy"));
	const issuedAtRead = readCount(cursor);
	if (issuedAtRead === undefined) return nothing(within(cursor, "issuedAt"));
	const topicRead = wordIntentsControl(cursor);
	if (topicRead === undefined) return nothing(within(cursor, "topic"));
	const fromRead = readCount(cursor);
	if (fromRead === undefined) return nothing(within(cursor, "from"));
	const untilRead = readCount(cursor);
	if (untilRead === undefined) return nothing(within(cursor, "until"));
	const reasonRead = text0To2048WithControls(cursor);
	if (reasonRead === undefined) return nothing(within(cursor, "reason"));
	return { type: "inputs.skipped", id: idRead, issuedBy: issuedByRead, issuedAt: issuedAtRead, topic: topicRead, from: fromRead, until: untilRead, reason: reasonRead };
}

function erasureScope(cursor: Cursor): unknown {
	const tenantRead = text1To256(cursor);
	if (tenantRead === undefined) return nothing(within(cursor, "tenant"));
	const agentRead = text1To256(cursor);
	if (agentRead === undefined) return nothing(within(cursor, "agent"));
	const sessionIsThere = beginNullable(cursor);
	const sessionRead = sessionIsThere === true ? text1To256(cursor) : sessionIsThere === false ? null : undefined;
	if (sessionRead === undefined) return nothing(within(cursor, "session"));
	const intentIsThere = beginNullable(cursor);
	const intentRead = intentIsThere === true ? text1To256(cursor) : intentIsThere === false ? null : undefined;
	if (intentRead === undefined) return nothing(within(cursor, "intent"));
	return { tenant: tenantRead, agent: agentRead, session: sessionRead, intent: intentRead };
}

function payloadErased(cursor: Cursor): unknown {
	const idRead = text1To256(cursor);
	if (idRead === undefined) return nothing(within(cursor, "id"));
	const issuedByRead = text1To256(cursor);
	if (issuedByRead === undefined) return nothing(within(cursor, "issuedBy"));
	const issuedAtRead = readCount(cursor);
	if (issuedAtRead === undefined) return nothing(within(cursor, "issuedAt"));
	const scopeRead = erasureScope(cursor);
	if (scopeRead === undefined) return nothing(within(cursor, "scope"));
	const intentsRead = readCount(cursor);
	if (intentsRead === undefined) return nothing(within(cursor, "intents"));
	const reasonRead = text0To2048WithControls(cursor);
	if (reasonRead === undefined) return nothing(within(cursor, "reason"));
	return { type: "payload.erased", id: idRead, issuedBy: issuedByRead, issuedAt: issuedAtRead, scope: scopeRead, intents: intentsRead, reason: reasonRead };
}

function clockTicked(cursor: Cursor): unknown {
	const idRead = text1To256(cursor);
	if (idRead === undefined) return nothing(within(cursor, "id"));
	const issuedByRead = text1To256(cursor);
	if (issuedByRead === undefined) return nothing(within(cursor, "issuedBy"));
	const issuedAtRead = readCount(cursor);
	if (issuedAtRead === undefined) return nothing(within(cursor, "issuedAt"));
	return { type: "clock.ticked", id: idRead, issuedBy: issuedByRead, issuedAt: issuedAtRead };
}

function cause(cursor: Cursor): unknown {
	const topicRead = wordIntentsControl(cursor);
	if (topicRead === undefined) return nothing(within(cursor, "topic"));
	const partitionRead = readCount(cursor);
	if (partitionRead === undefined) return nothing(within(cursor, "partition"));
	const offsetRead = readCount(cursor);
	if (offsetRead === undefined) return nothing(within(cursor, "offset"));
	return { topic: topicRead, partition: partitionRead, offset: offsetRead };
}

const wordHoldExpiredHoldEndedReservationExpiredSlotExpired = wordReader(["hold.expired", "hold.ended", "reservation.expired", "slot.expired"]);

function replyAddress(cursor: Cursor): unknown {
	const topicRead = text1To256(cursor);
	if (topicRead === undefined) return nothing(within(cursor, "topic"));
	const replyIdRead = text1To256(cursor);
	if (replyIdRead === undefined) return nothing(within(cursor, "replyId"));
	return { topic: topicRead, replyId: replyIdRead };
}

const digestOrNone = digestReader(true);

function effect(cursor: Cursor): unknown {
	const kindRead = wordHoldExpiredHoldEndedReservationExpiredSlotExpired(cursor);
	if (kindRead === undefined) return nothing(within(cursor, "kind"));
	const callRead = callId(cursor);
	if (callRead === undefined) return nothing(within(cursor, "call"));
	const sessionRead = text1To256(cursor);
	if (sessionRead === undefined) return nothing(within(cursor, "session"));
	const toolRead = text1To256(cursor);
	if (toolRead === undefined) return nothing(within(cursor, "tool"));
	const addressIsThere = beginNullable(cursor);
	const addressRead = addressIsThere === true ? replyAddress(cursor) : addressIsThere === false ? null : undefined;
	if (addressRead === undefined) return nothing(within(cursor, "address"));
	const commitmentRead = digestOrNone(cursor);
	if (commitmentRead === undefined) return nothing(within(cursor, "commitment"));
	return { kind: kindRead, call: callRead, session: sessionRead, tool: toolRead, address: addressRead, commitment: commitmentRead };
}

function effectList1024(cursor: Cursor): unknown {
	const length = beginList(cursor, 1024);
	if (length === undefined) return undefined;
	const items: unknown[] = [];
	for (let item = 0; item < length; item++) {
		const value = effect(cursor);
		if (value === undefined) return nothing(within(cursor, `[${item}]`));
		items.push(value);
	}
	return length === 0 || endList(cursor) ? items : undefined;
}

function callRef(cursor: Cursor): unknown {
	const tenantRead = text1To256(cursor);
	if (tenantRead === undefined) return nothing(within(cursor, "tenant"));
	const agentRead = text1To256(cursor);
	if (agentRead === undefined) return nothing(within(cursor, "agent"));
	const idRead = text1To256(cursor);
	if (idRead === undefined) return nothing(within(cursor, "id"));
	const sessionRead = text1To256(cursor);
	if (sessionRead === undefined) return nothing(within(cursor, "session"));
	const actorRead = text1To256List16(cursor);
	if (actorRead === undefined) return nothing(within(cursor, "actor"));
	const onBehalfOfIsThere = beginNullable(cursor);
	const onBehalfOfRead = onBehalfOfIsThere === true ? text1To256(cursor) : onBehalfOfIsThere === false ? null : undefined;
	if (onBehalfOfRead === undefined) return nothing(within(cursor, "onBehalfOf"));
	const askedByIsThere = beginNullable(cursor);
	const askedByRead = askedByIsThere === true ? text1To256(cursor) : askedByIsThere === false ? null : undefined;
	if (askedByRead === undefined) return nothing(within(cursor, "askedBy"));
	const publisherIsThere = beginNullable(cursor);
	const publisherRead = publisherIsThere === true ? text1To256(cursor) : publisherIsThere === false ? null : undefined;
	if (publisherRead === undefined) return nothing(within(cursor, "publisher"));
	const toolRead = text1To256(cursor);
	if (toolRead === undefined) return nothing(within(cursor, "tool"));
	const commitmentRead = digest(cursor);
	if (commitmentRead === undefined) return nothing(within(cursor, "commitment"));
	const issuedAtRead = readCount(cursor);
	if (issuedAtRead === undefined) return nothing(within(cursor, "issuedAt"));
	const sessionStartedAtRead = readCount(cursor);
	if (sessionStartedAtRead === undefined) return nothing(within(cursor, "sessionStartedAt"));
	return { tenant: tenantRead, agent: agentRead, id: idRead, session: sessionRead, actor: actorRead, onBehalfOf: onBehalfOfRead, askedBy: askedByRead, publisher: publisherRead, tool: toolRead, commitment: commitmentRead, issuedAt: issuedAtRead, sessionStartedAt: sessionStartedAtRead };
}

const wordAllowDeny = wordReader(["allow", "deny"]);

const wordDenyHold = wordReader(["deny", "hold"]);

const wordEnforceAudit = wordReader(["enforce", "audit"]);

const wordLowMediumHighCritical = wordReader(["low", "medium", "high", "critical"]);

function text0To256List10(cursor: Cursor): unknown {
	const length = beginList(cursor, 10);
	if (length === undefined) return undefined;
	const items: unknown[] = [];
	for (let item = 0; item < length; item++) {
		const value = text0To256(cursor);
		if (value === undefined) return nothing(within(cursor, `[${item}]`));
		items.push(value);
	}
	return length === 0 || endList(cursor) ? items : undefined;
}

function ownDeterminingRule(cursor: Cursor): unknown {
	const codeRead = text1To256(cursor);
	if (codeRead === undefined) return nothing(within(cursor, "code"));
	const policyRead = text0To256(cursor);
	if (policyRead === undefined) return nothing(within(cursor, "policy"));
	const nameRead = text0To256(cursor);
	if (nameRead === undefined) return nothing(within(cursor, "name"));
	const effectRead = wordDenyHold(cursor);
	if (effectRead === undefined) return nothing(within(cursor, "effect"));
	const modeRead = wordEnforceAudit(cursor);
	if (modeRead === undefined) return nothing(within(cursor, "mode"));
	const severityRead = wordLowMediumHighCritical(cursor);
	if (severityRead === undefined) return nothing(within(cursor, "severity"));
	const messageRead = text0To2048WithControls(cursor);
	if (messageRead === undefined) return nothing(within(cursor, "message"));
	const tagsRead = text0To256List10(cursor);
	if (tagsRead === undefined) return nothing(within(cursor, "tags"));
	return { code: codeRead, policy: policyRead, name: nameRead, effect: effectRead, mode: modeRead, severity: severityRead, message: messageRead, tags: tagsRead };
}

const determiningRuleShared = sharedReader(determiningRule.fragments, ownDeterminingRule);

const text0To8192WithControls = textReader({ lengthMin: 0, lengthMax: 8192, controls: true });

function span(cursor: Cursor): unknown {
	const pointerRead = text0To8192WithControls(cursor);
	if (pointerRead === undefined) return nothing(within(cursor, "pointer"));
	const startRead = readCount(cursor);
	if (startRead === undefined) return nothing(within(cursor, "start"));
	const endRead = readCount(cursor);
	if (endRead === undefined) return nothing(within(cursor, "end"));
	return { pointer: pointerRead, start: startRead, end: endRead };
}

function reason(cursor: Cursor): unknown {
	const ruleRead = determiningRuleShared(cursor);
	if (ruleRead === undefined) return nothing(within(cursor, "rule"));
	const spanIsThere = beginNullable(cursor);
	const spanRead = spanIsThere === true ? span(cursor) : spanIsThere === false ? null : undefined;
	if (spanRead === undefined) return nothing(within(cursor, "span"));
	return { rule: ruleRead, span: spanRead };
}

function reasonList1024(cursor: Cursor): unknown {
	const length = beginList(cursor, 1024);
	if (length === undefined) return undefined;
	const items: unknown[] = [];
	for (let item = 0; item < length; item++) {
		const value = reason(cursor);
		if (value === undefined) return nothing(within(cursor, `[${item}]`));
		items.push(value);
	}
	return length === 0 || endList(cursor) ? items : undefined;
}

function text0To8192WithControlsList1024(cursor: Cursor): unknown {
	const length = beginList(cursor, 1024);
	if (length === undefined) return undefined;
	const items: unknown[] = [];
	for (let item = 0; item < length; item++) {
		const value = text0To8192WithControls(cursor);
		if (value === undefined) return nothing(within(cursor, `[${item}]`));
		items.push(value);
	}
	return length === 0 || endList(cursor) ? items : undefined;
}

function text0To2048WithControlsList1024(cursor: Cursor): unknown {
	const length = beginList(cursor, 1024);
	if (length === undefined) return undefined;
	const items: unknown[] = [];
	for (let item = 0; item < length; item++) {
		const value = text0To2048WithControls(cursor);
		if (value === undefined) return nothing(within(cursor, `[${item}]`));
		items.push(value);
	}
	return length === 0 || endList(cursor) ? items : undefined;
}

function ownObligations(cursor: Cursor): unknown {
	const redactRead = text0To8192WithControlsList1024(cursor);
	if (redactRead === undefined) return nothing(within(cursor, "redact"));
	const callDeadlineMsRead = readCount(cursor);
	if (callDeadlineMsRead === undefined) return nothing(within(cursor, "callDeadlineMs"));
	const leaseMsRead = readCount(cursor);
	if (leaseMsRead === undefined) return nothing(within(cursor, "leaseMs"));
	const messagesRead = text0To2048WithControlsList1024(cursor);
	if (messagesRead === undefined) return nothing(within(cursor, "messages"));
	return { redact: redactRead, callDeadlineMs: callDeadlineMsRead, leaseMs: leaseMsRead, messages: messagesRead };
}

const obligationsShared = sharedReader(obligations.fragments, ownObligations);

const wordToolCallsTokensCostExecutionTimeConcurrentCallsIdenticalCalls = wordReader(["tool_calls", "tokens", "cost", "execution_time", "concurrent_calls", "identical_calls"]);

const wordTenantAgentSession = wordReader(["tenant", "agent", "session"]);

function ownCounterName(cursor: Cursor): unknown {
	const policyRead = text0To256(cursor);
	if (policyRead === undefined) return nothing(within(cursor, "policy"));
	const limitRead = text1To256(cursor);
	if (limitRead === undefined) return nothing(within(cursor, "limit"));
	const measureRead = wordToolCallsTokensCostExecutionTimeConcurrentCallsIdenticalCalls(cursor);
	if (measureRead === undefined) return nothing(within(cursor, "measure"));
	const windowMsRead = readCount(cursor);
	if (windowMsRead === undefined) return nothing(within(cursor, "windowMs"));
	const scopeRead = wordTenantAgentSession(cursor);
	if (scopeRead === undefined) return nothing(within(cursor, "scope"));
	return { policy: policyRead, limit: limitRead, measure: measureRead, windowMs: windowMsRead, scope: scopeRead };
}

const counterNameShared = sharedReader(counterName.fragments, ownCounterName);

const wordNoneReservedSettled = wordReader(["none", "reserved", "settled"]);

function budgetUse(cursor: Cursor): unknown {
	const counterRead = counterNameShared(cursor);
	if (counterRead === undefined) return nothing(within(cursor, "counter"));
	const repetitionRead = digestOrNone(cursor);
	if (repetitionRead === undefined) return nothing(within(cursor, "repetition"));
	const maxRead = readCount(cursor);
	if (maxRead === undefined) return nothing(within(cursor, "max"));
	const beforeRead = readCount(cursor);
	if (beforeRead === undefined) return nothing(within(cursor, "before"));
	const amountRead = readCount(cursor);
	if (amountRead === undefined) return nothing(within(cursor, "amount"));
	const kindRead = wordNoneReservedSettled(cursor);
	if (kindRead === undefined) return nothing(within(cursor, "kind"));
	return { counter: counterRead, repetition: repetitionRead, max: maxRead, before: beforeRead, amount: amountRead, kind: kindRead };
}

function budgetUseList1024(cursor: Cursor): unknown {
	const length = beginList(cursor, 1024);
	if (length === undefined) return undefined;
	const items: unknown[] = [];
	for (let item = 0; item < length; item++) {
		const value = budgetUse(cursor);
		if (value === undefined) return nothing(within(cursor, `[${item}]`));
		items.push(value);
	}
	return length === 0 || endList(cursor) ? items : undefined;
}

const wordAgentSession = wordReader(["agent", "session"]);

function ownSequenceName(cursor: Cursor): unknown {
	const policyRead = text1To256(cursor);
	if (policyRead === undefined) return nothing(within(cursor, "policy"));
	const sequenceRead = text1To256(cursor);
	if (sequenceRead === undefined) return nothing(within(cursor, "sequence"));
	const scopeRead = wordAgentSession(cursor);
	if (scopeRead === undefined) return nothing(within(cursor, "scope"));
	const withinMsRead = readCount(cursor);
	if (withinMsRead === undefined) return nothing(within(cursor, "withinMs"));
	return { policy: policyRead, sequence: sequenceRead, scope: scopeRead, withinMs: withinMsRead };
}

const sequenceNameShared = sharedReader(sequenceName.fragments, ownSequenceName);

function sequenceNameSharedList1024(cursor: Cursor): unknown {
	const length = beginList(cursor, 1024);
	if (length === undefined) return undefined;
	const items: unknown[] = [];
	for (let item = 0; item < length; item++) {
		const value = sequenceNameShared(cursor);
		if (value === undefined) return nothing(within(cursor, `[${item}]`));
		items.push(value);
	}
	return length === 0 || endList(cursor) ? items : undefined;
}

function decisionBody(cursor: Cursor): unknown {
	const reasonsRead = reasonList1024(cursor);
	if (reasonsRead === undefined) return nothing(within(cursor, "reasons"));
	const obligationsRead = obligationsShared(cursor);
	if (obligationsRead === undefined) return nothing(within(cursor, "obligations"));
	const usesRead = budgetUseList1024(cursor);
	if (usesRead === undefined) return nothing(within(cursor, "uses"));
	const beginsRead = sequenceNameSharedList1024(cursor);
	if (beginsRead === undefined) return nothing(within(cursor, "begins"));
	const policyDigestRead = digestOrNone(cursor);
	if (policyDigestRead === undefined) return nothing(within(cursor, "policyDigest"));
	const classifierRead = digestOrNone(cursor);
	if (classifierRead === undefined) return nothing(within(cursor, "classifier"));
	return { reasons: reasonsRead, obligations: obligationsRead, uses: usesRead, begins: beginsRead, policyDigest: policyDigestRead, classifier: classifierRead };
}

function decisionMadeEntry(cursor: Cursor): unknown {
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const semanticsRead = readCount(cursor);
	if (semanticsRead === undefined) return nothing(within(cursor, "semantics"));
	const causeRead = cause(cursor);
	if (causeRead === undefined) return nothing(within(cursor, "cause"));
	const causeTimeRead = readCount(cursor);
	if (causeTimeRead === undefined) return nothing(within(cursor, "causeTime"));
	const lateRead = readBoolean(cursor);
	if (lateRead === undefined) return nothing(within(cursor, "late"));
	const aheadRead = readBoolean(cursor);
	if (aheadRead === undefined) return nothing(within(cursor, "ahead"));
	const effectsRead = effectList1024(cursor);
	if (effectsRead === undefined) return nothing(within(cursor, "effects"));
	const stateDigestRead = digestOrNone(cursor);
	if (stateDigestRead === undefined) return nothing(within(cursor, "stateDigest"));
	const callRead = callRef(cursor);
	if (callRead === undefined) return nothing(within(cursor, "call"));
	const executorRead = text0To64(cursor);
	if (executorRead === undefined) return nothing(within(cursor, "executor"));
	const verdictRead = wordAllowDeny(cursor);
	if (verdictRead === undefined) return nothing(within(cursor, "verdict"));
	const decisionRead = decisionBody(cursor);
	if (decisionRead === undefined) return nothing(within(cursor, "decision"));
	const factsIsThere = beginNullable(cursor);
	const factsRead = factsIsThere === true ? sessionFacts(cursor) : factsIsThere === false ? null : undefined;
	if (factsRead === undefined) return nothing(within(cursor, "facts"));
	return { kind: "decision.made", seq: seqRead, at: atRead, semantics: semanticsRead, cause: causeRead, causeTime: causeTimeRead, late: lateRead, ahead: aheadRead, effects: effectsRead, stateDigest: stateDigestRead, call: callRead, executor: executorRead, verdict: verdictRead, decision: decisionRead, facts: factsRead };
}

function text1To256List1024(cursor: Cursor): unknown {
	const length = beginList(cursor, 1024);
	if (length === undefined) return undefined;
	const items: unknown[] = [];
	for (let item = 0; item < length; item++) {
		const value = text1To256(cursor);
		if (value === undefined) return nothing(within(cursor, `[${item}]`));
		items.push(value);
	}
	return length === 0 || endList(cursor) ? items : undefined;
}

function requirement(cursor: Cursor): unknown {
	const policyRead = text0To256(cursor);
	if (policyRead === undefined) return nothing(within(cursor, "policy"));
	const ruleRead = text0To256(cursor);
	if (ruleRead === undefined) return nothing(within(cursor, "rule"));
	const approversRead = text1To256List1024(cursor);
	if (approversRead === undefined) return nothing(within(cursor, "approvers"));
	const quorumRead = readCount(cursor);
	if (quorumRead === undefined) return nothing(within(cursor, "quorum"));
	const expiresAfterMsRead = readCount(cursor);
	if (expiresAfterMsRead === undefined) return nothing(within(cursor, "expiresAfterMs"));
	const selfAllowedRead = readBoolean(cursor);
	if (selfAllowedRead === undefined) return nothing(within(cursor, "selfAllowed"));
	return { policy: policyRead, rule: ruleRead, approvers: approversRead, quorum: quorumRead, expiresAfterMs: expiresAfterMsRead, selfAllowed: selfAllowedRead };
}

function requirementList1024(cursor: Cursor): unknown {
	const length = beginList(cursor, 1024);
	if (length === undefined) return undefined;
	const items: unknown[] = [];
	for (let item = 0; item < length; item++) {
		const value = requirement(cursor);
		if (value === undefined) return nothing(within(cursor, `[${item}]`));
		items.push(value);
	}
	return length === 0 || endList(cursor) ? items : undefined;
}

function decisionHeldEntry(cursor: Cursor): unknown {
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const semanticsRead = readCount(cursor);
	if (semanticsRead === undefined) return nothing(within(cursor, "semantics"));
	const causeRead = cause(cursor);
	if (causeRead === undefined) return nothing(within(cursor, "cause"));
	const causeTimeRead = readCount(cursor);
	if (causeTimeRead === undefined) return nothing(within(cursor, "causeTime"));
	const lateRead = readBoolean(cursor);
	if (lateRead === undefined) return nothing(within(cursor, "late"));
	const aheadRead = readBoolean(cursor);
	if (aheadRead === undefined) return nothing(within(cursor, "ahead"));
	const effectsRead = effectList1024(cursor);
	if (effectsRead === undefined) return nothing(within(cursor, "effects"));
	const stateDigestRead = digestOrNone(cursor);
	if (stateDigestRead === undefined) return nothing(within(cursor, "stateDigest"));
	const callRead = callRef(cursor);
	if (callRead === undefined) return nothing(within(cursor, "call"));
	const decisionRead = decisionBody(cursor);
	if (decisionRead === undefined) return nothing(within(cursor, "decision"));
	const requirementsRead = requirementList1024(cursor);
	if (requirementsRead === undefined) return nothing(within(cursor, "requirements"));
	const expiresAtRead = readCount(cursor);
	if (expiresAtRead === undefined) return nothing(within(cursor, "expiresAt"));
	const addressIsThere = beginNullable(cursor);
	const addressRead = addressIsThere === true ? replyAddress(cursor) : addressIsThere === false ? null : undefined;
	if (addressRead === undefined) return nothing(within(cursor, "address"));
	const factsIsThere = beginNullable(cursor);
	const factsRead = factsIsThere === true ? sessionFacts(cursor) : factsIsThere === false ? null : undefined;
	if (factsRead === undefined) return nothing(within(cursor, "facts"));
	return { kind: "decision.held", seq: seqRead, at: atRead, semantics: semanticsRead, cause: causeRead, causeTime: causeTimeRead, late: lateRead, ahead: aheadRead, effects: effectsRead, stateDigest: stateDigestRead, call: callRead, decision: decisionRead, requirements: requirementsRead, expiresAt: expiresAtRead, address: addressRead, facts: factsRead };
}

const wordAllowDenyHold = wordReader(["allow", "deny", "hold"]);

const wordOpenGrantedTakenHeldClosedHalted = wordReader(["open", "granted", "taken", "held", "closed", "halted"]);

function allowRef(cursor: Cursor): unknown {
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const policyDigestRead = digest(cursor);
	if (policyDigestRead === undefined) return nothing(within(cursor, "policyDigest"));
	return { seq: seqRead, at: atRead, policyDigest: policyDigestRead };
}

function decisionRepeatedEntry(cursor: Cursor): unknown {
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const semanticsRead = readCount(cursor);
	if (semanticsRead === undefined) return nothing(within(cursor, "semantics"));
	const causeRead = cause(cursor);
	if (causeRead === undefined) return nothing(within(cursor, "cause"));
	const causeTimeRead = readCount(cursor);
	if (causeTimeRead === undefined) return nothing(within(cursor, "causeTime"));
	const lateRead = readBoolean(cursor);
	if (lateRead === undefined) return nothing(within(cursor, "late"));
	const aheadRead = readBoolean(cursor);
	if (aheadRead === undefined) return nothing(within(cursor, "ahead"));
	const effectsRead = effectList1024(cursor);
	if (effectsRead === undefined) return nothing(within(cursor, "effects"));
	const stateDigestRead = digestOrNone(cursor);
	if (stateDigestRead === undefined) return nothing(within(cursor, "stateDigest"));
	const callRead = callId(cursor);
	if (callRead === undefined) return nothing(within(cursor, "call"));
	const commitmentRead = digest(cursor);
	if (commitmentRead === undefined) return nothing(within(cursor, "commitment"));
	const executorRead = text0To64(cursor);
	if (executorRead === undefined) return nothing(within(cursor, "executor"));
	const verdictRead = wordAllowDenyHold(cursor);
	if (verdictRead === undefined) return nothing(within(cursor, "verdict"));
	const firstReasonIsThere = beginNullable(cursor);
	const firstReasonRead = firstReasonIsThere === true ? reason(cursor) : firstReasonIsThere === false ? null : undefined;
	if (firstReasonRead === undefined) return nothing(within(cursor, "firstReason"));
	const obligationsRead = obligationsShared(cursor);
	if (obligationsRead === undefined) return nothing(within(cursor, "obligations"));
	const statusRead = wordOpenGrantedTakenHeldClosedHalted(cursor);
	if (statusRead === undefined) return nothing(within(cursor, "status"));
	const allowIsThere = beginNullable(cursor);
	const allowRead = allowIsThere === true ? allowRef(cursor) : allowIsThere === false ? null : undefined;
	if (allowRead === undefined) return nothing(within(cursor, "allow"));
	const expiresAtRead = readCount(cursor);
	if (expiresAtRead === undefined) return nothing(within(cursor, "expiresAt"));
	const addressIsThere = beginNullable(cursor);
	const addressRead = addressIsThere === true ? replyAddress(cursor) : addressIsThere === false ? null : undefined;
	if (addressRead === undefined) return nothing(within(cursor, "address"));
	return { kind: "decision.repeated", seq: seqRead, at: atRead, semantics: semanticsRead, cause: causeRead, causeTime: causeTimeRead, late: lateRead, ahead: aheadRead, effects: effectsRead, stateDigest: stateDigestRead, call: callRead, commitment: commitmentRead, executor: executorRead, verdict: verdictRead, firstReason: firstReasonRead, obligations: obligationsRead, status: statusRead, allow: allowRead, expiresAt: expiresAtRead, address: addressRead };
}

function settlement(cursor: Cursor): unknown {
	const counterRead = counterNameShared(cursor);
	if (counterRead === undefined) return nothing(within(cursor, "counter"));
	const reservedRead = readCount(cursor);
	if (reservedRead === undefined) return nothing(within(cursor, "reserved"));
	const settledRead = readCount(cursor);
	if (settledRead === undefined) return nothing(within(cursor, "settled"));
	const excessRead = readCount(cursor);
	if (excessRead === undefined) return nothing(within(cursor, "excess"));
	return { counter: counterRead, reserved: reservedRead, settled: settledRead, excess: excessRead };
}

function settlementList1024(cursor: Cursor): unknown {
	const length = beginList(cursor, 1024);
	if (length === undefined) return undefined;
	const items: unknown[] = [];
	for (let item = 0; item < length; item++) {
		const value = settlement(cursor);
		if (value === undefined) return nothing(within(cursor, `[${item}]`));
		items.push(value);
	}
	return length === 0 || endList(cursor) ? items : undefined;
}

function overshoot(cursor: Cursor): unknown {
	const counterRead = counterNameShared(cursor);
	if (counterRead === undefined) return nothing(within(cursor, "counter"));
	const debtRead = readCount(cursor);
	if (debtRead === undefined) return nothing(within(cursor, "debt"));
	const modeRead = wordEnforceAudit(cursor);
	if (modeRead === undefined) return nothing(within(cursor, "mode"));
	const severityRead = wordLowMediumHighCritical(cursor);
	if (severityRead === undefined) return nothing(within(cursor, "severity"));
	const tagsRead = text0To256List10(cursor);
	if (tagsRead === undefined) return nothing(within(cursor, "tags"));
	return { counter: counterRead, debt: debtRead, mode: modeRead, severity: severityRead, tags: tagsRead };
}

function overshootList1024(cursor: Cursor): unknown {
	const length = beginList(cursor, 1024);
	if (length === undefined) return undefined;
	const items: unknown[] = [];
	for (let item = 0; item < length; item++) {
		const value = overshoot(cursor);
		if (value === undefined) return nothing(within(cursor, `[${item}]`));
		items.push(value);
	}
	return length === 0 || endList(cursor) ? items : undefined;
}

function usageSettledEntry(cursor: Cursor): unknown {
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const semanticsRead = readCount(cursor);
	if (semanticsRead === undefined) return nothing(within(cursor, "semantics"));
	const causeRead = cause(cursor);
	if (causeRead === undefined) return nothing(within(cursor, "cause"));
	const causeTimeRead = readCount(cursor);
	if (causeTimeRead === undefined) return nothing(within(cursor, "causeTime"));
	const lateRead = readBoolean(cursor);
	if (lateRead === undefined) return nothing(within(cursor, "late"));
	const aheadRead = readBoolean(cursor);
	if (aheadRead === undefined) return nothing(within(cursor, "ahead"));
	const effectsRead = effectList1024(cursor);
	if (effectsRead === undefined) return nothing(within(cursor, "effects"));
	const stateDigestRead = digestOrNone(cursor);
	if (stateDigestRead === undefined) return nothing(within(cursor, "stateDigest"));
	const callRead = callId(cursor);
	if (callRead === undefined) return nothing(within(cursor, "call"));
	const sessionRead = text1To256(cursor);
	if (sessionRead === undefined) return nothing(within(cursor, "session"));
	const statusRead = wordOkErrorUnknown(cursor);
	if (statusRead === undefined) return nothing(within(cursor, "status"));
	const usageRead = usage(cursor);
	if (usageRead === undefined) return nothing(within(cursor, "usage"));
	const afterDeadlineRead = readBoolean(cursor);
	if (afterDeadlineRead === undefined) return nothing(within(cursor, "afterDeadline"));
	const admittedAtRead = readCount(cursor);
	if (admittedAtRead === undefined) return nothing(within(cursor, "admittedAt"));
	const settlementsRead = settlementList1024(cursor);
	if (settlementsRead === undefined) return nothing(within(cursor, "settlements"));
	const overshootsRead = overshootList1024(cursor);
	if (overshootsRead === undefined) return nothing(within(cursor, "overshoots"));
	return { kind: "usage.settled", seq: seqRead, at: atRead, semantics: semanticsRead, cause: causeRead, causeTime: causeTimeRead, late: lateRead, ahead: aheadRead, effects: effectsRead, stateDigest: stateDigestRead, call: callRead, session: sessionRead, status: statusRead, usage: usageRead, afterDeadline: afterDeadlineRead, admittedAt: admittedAtRead, settlements: settlementsRead, overshoots: overshootsRead };
}

const wordGrantedRejected = wordReader(["granted", "rejected"]);

function ruleName(cursor: Cursor): unknown {
	const policyRead = text0To256(cursor);
	if (policyRead === undefined) return nothing(within(cursor, "policy"));
	const ruleRead = text0To256(cursor);
	if (ruleRead === undefined) return nothing(within(cursor, "rule"));
	return { policy: policyRead, rule: ruleRead };
}

function ruleNameList1024(cursor: Cursor): unknown {
	const length = beginList(cursor, 1024);
	if (length === undefined) return undefined;
	const items: unknown[] = [];
	for (let item = 0; item < length; item++) {
		const value = ruleName(cursor);
		if (value === undefined) return nothing(within(cursor, `[${item}]`));
		items.push(value);
	}
	return length === 0 || endList(cursor) ? items : undefined;
}

const wordPendingAllowDenyHold = wordReader(["pending", "allow", "deny", "hold"]);

function approvalRecordedEntry(cursor: Cursor): unknown {
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const semanticsRead = readCount(cursor);
	if (semanticsRead === undefined) return nothing(within(cursor, "semantics"));
	const causeRead = cause(cursor);
	if (causeRead === undefined) return nothing(within(cursor, "cause"));
	const causeTimeRead = readCount(cursor);
	if (causeTimeRead === undefined) return nothing(within(cursor, "causeTime"));
	const lateRead = readBoolean(cursor);
	if (lateRead === undefined) return nothing(within(cursor, "late"));
	const aheadRead = readBoolean(cursor);
	if (aheadRead === undefined) return nothing(within(cursor, "ahead"));
	const effectsRead = effectList1024(cursor);
	if (effectsRead === undefined) return nothing(within(cursor, "effects"));
	const stateDigestRead = digestOrNone(cursor);
	if (stateDigestRead === undefined) return nothing(within(cursor, "stateDigest"));
	const approvalIdRead = text1To256(cursor);
	if (approvalIdRead === undefined) return nothing(within(cursor, "approvalId"));
	const byRead = text1To256(cursor);
	if (byRead === undefined) return nothing(within(cursor, "by"));
	const voteRead = wordGrantedRejected(cursor);
	if (voteRead === undefined) return nothing(within(cursor, "vote"));
	const commentRead = text0To2048WithControls(cursor);
	if (commentRead === undefined) return nothing(within(cursor, "comment"));
	const callRead = callRef(cursor);
	if (callRead === undefined) return nothing(within(cursor, "call"));
	const countedForRead = ruleNameList1024(cursor);
	if (countedForRead === undefined) return nothing(within(cursor, "countedFor"));
	const resultRead = wordPendingAllowDenyHold(cursor);
	if (resultRead === undefined) return nothing(within(cursor, "result"));
	const decisionIsThere = beginNullable(cursor);
	const decisionRead = decisionIsThere === true ? decisionBody(cursor) : decisionIsThere === false ? null : undefined;
	if (decisionRead === undefined) return nothing(within(cursor, "decision"));
	const requirementsRead = requirementList1024(cursor);
	if (requirementsRead === undefined) return nothing(within(cursor, "requirements"));
	const expiresAtRead = readCount(cursor);
	if (expiresAtRead === undefined) return nothing(within(cursor, "expiresAt"));
	const addressIsThere = beginNullable(cursor);
	const addressRead = addressIsThere === true ? replyAddress(cursor) : addressIsThere === false ? null : undefined;
	if (addressRead === undefined) return nothing(within(cursor, "address"));
	return { kind: "approval.recorded", seq: seqRead, at: atRead, semantics: semanticsRead, cause: causeRead, causeTime: causeTimeRead, late: lateRead, ahead: aheadRead, effects: effectsRead, stateDigest: stateDigestRead, approvalId: approvalIdRead, by: byRead, vote: voteRead, comment: commentRead, call: callRead, countedFor: countedForRead, result: resultRead, decision: decisionRead, requirements: requirementsRead, expiresAt: expiresAtRead, address: addressRead };
}

function policyActivatedEntry(cursor: Cursor): unknown {
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const semanticsRead = readCount(cursor);
	if (semanticsRead === undefined) return nothing(within(cursor, "semantics"));
	const causeRead = cause(cursor);
	if (causeRead === undefined) return nothing(within(cursor, "cause"));
	const causeTimeRead = readCount(cursor);
	if (causeTimeRead === undefined) return nothing(within(cursor, "causeTime"));
	const lateRead = readBoolean(cursor);
	if (lateRead === undefined) return nothing(within(cursor, "late"));
	const aheadRead = readBoolean(cursor);
	if (aheadRead === undefined) return nothing(within(cursor, "ahead"));
	const effectsRead = effectList1024(cursor);
	if (effectsRead === undefined) return nothing(within(cursor, "effects"));
	const stateDigestRead = digestOrNone(cursor);
	if (stateDigestRead === undefined) return nothing(within(cursor, "stateDigest"));
	const controlIdRead = text1To256(cursor);
	if (controlIdRead === undefined) return nothing(within(cursor, "controlId"));
	const byRead = text1To256(cursor);
	if (byRead === undefined) return nothing(within(cursor, "by"));
	const generationRead = readCount(cursor);
	if (generationRead === undefined) return nothing(within(cursor, "generation"));
	const digestRead = digest(cursor);
	if (digestRead === undefined) return nothing(within(cursor, "digest"));
	const proposedByRead = text0To256(cursor);
	if (proposedByRead === undefined) return nothing(within(cursor, "proposedBy"));
	const signedRead = readBoolean(cursor);
	if (signedRead === undefined) return nothing(within(cursor, "signed"));
	return { kind: "policy.activated", seq: seqRead, at: atRead, semantics: semanticsRead, cause: causeRead, causeTime: causeTimeRead, late: lateRead, ahead: aheadRead, effects: effectsRead, stateDigest: stateDigestRead, controlId: controlIdRead, by: byRead, generation: generationRead, digest: digestRead, proposedBy: proposedByRead, signed: signedRead };
}

function policyProposedEntry(cursor: Cursor): unknown {
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const semanticsRead = readCount(cursor);
	if (semanticsRead === undefined) return nothing(within(cursor, "semantics"));
	const causeRead = cause(cursor);
	if (causeRead === undefined) return nothing(within(cursor, "cause"));
	const causeTimeRead = readCount(cursor);
	if (causeTimeRead === undefined) return nothing(within(cursor, "causeTime"));
	const lateRead = readBoolean(cursor);
	if (lateRead === undefined) return nothing(within(cursor, "late"));
	const aheadRead = readBoolean(cursor);
	if (aheadRead === undefined) return nothing(within(cursor, "ahead"));
	const effectsRead = effectList1024(cursor);
	if (effectsRead === undefined) return nothing(within(cursor, "effects"));
	const stateDigestRead = digestOrNone(cursor);
	if (stateDigestRead === undefined) return nothing(within(cursor, "stateDigest"));
	const controlIdRead = text1To256(cursor);
	if (controlIdRead === undefined) return nothing(within(cursor, "controlId"));
	const byRead = text1To256(cursor);
	if (byRead === undefined) return nothing(within(cursor, "by"));
	const generationRead = readCount(cursor);
	if (generationRead === undefined) return nothing(within(cursor, "generation"));
	const digestRead = digest(cursor);
	if (digestRead === undefined) return nothing(within(cursor, "digest"));
	return { kind: "policy.proposed", seq: seqRead, at: atRead, semantics: semanticsRead, cause: causeRead, causeTime: causeTimeRead, late: lateRead, ahead: aheadRead, effects: effectsRead, stateDigest: stateDigestRead, controlId: controlIdRead, by: byRead, generation: generationRead, digest: digestRead };
}

function haltSetEntry(cursor: Cursor): unknown {
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const semanticsRead = readCount(cursor);
	if (semanticsRead === undefined) return nothing(within(cursor, "semantics"));
	const causeRead = cause(cursor);
	if (causeRead === undefined) return nothing(within(cursor, "cause"));
	const causeTimeRead = readCount(cursor);
	if (causeTimeRead === undefined) return nothing(within(cursor, "causeTime"));
	const lateRead = readBoolean(cursor);
	if (lateRead === undefined) return nothing(within(cursor, "late"));
	const aheadRead = readBoolean(cursor);
	if (aheadRead === undefined) return nothing(within(cursor, "ahead"));
	const effectsRead = effectList1024(cursor);
	if (effectsRead === undefined) return nothing(within(cursor, "effects"));
	const stateDigestRead = digestOrNone(cursor);
	if (stateDigestRead === undefined) return nothing(within(cursor, "stateDigest"));
	const controlIdRead = text1To256(cursor);
	if (controlIdRead === undefined) return nothing(within(cursor, "controlId"));
	const byRead = text1To256(cursor);
	if (byRead === undefined) return nothing(within(cursor, "by"));
	const scopeRead = haltScope(cursor);
	if (scopeRead === undefined) return nothing(within(cursor, "scope"));
	const reasonRead = text0To2048WithControls(cursor);
	if (reasonRead === undefined) return nothing(within(cursor, "reason"));
	return { kind: "halt.set", seq: seqRead, at: atRead, semantics: semanticsRead, cause: causeRead, causeTime: causeTimeRead, late: lateRead, ahead: aheadRead, effects: effectsRead, stateDigest: stateDigestRead, controlId: controlIdRead, by: byRead, scope: scopeRead, reason: reasonRead };
}

function haltLiftedEntry(cursor: Cursor): unknown {
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const semanticsRead = readCount(cursor);
	if (semanticsRead === undefined) return nothing(within(cursor, "semantics"));
	const causeRead = cause(cursor);
	if (causeRead === undefined) return nothing(within(cursor, "cause"));
	const causeTimeRead = readCount(cursor);
	if (causeTimeRead === undefined) return nothing(within(cursor, "causeTime"));
	const lateRead = readBoolean(cursor);
	if (lateRead === undefined) return nothing(within(cursor, "late"));
	const aheadRead = readBoolean(cursor);
	if (aheadRead === undefined) return nothing(within(cursor, "ahead"));
	const effectsRead = effectList1024(cursor);
	if (effectsRead === undefined) return nothing(within(cursor, "effects"));
	const stateDigestRead = digestOrNone(cursor);
	if (stateDigestRead === undefined) return nothing(within(cursor, "stateDigest"));
	const controlIdRead = text1To256(cursor);
	if (controlIdRead === undefined) return nothing(within(cursor, "controlId"));
	const byRead = text1To256(cursor);
	if (byRead === undefined) return nothing(within(cursor, "by"));
	const scopeRead = haltScope(cursor);
	if (scopeRead === undefined) return nothing(within(cursor, "scope"));
	const reasonRead = text0To2048WithControls(cursor);
	if (reasonRead === undefined) return nothing(within(cursor, "reason"));
	return { kind: "halt.lifted", seq: seqRead, at: atRead, semantics: semanticsRead, cause: causeRead, causeTime: causeTimeRead, late: lateRead, ahead: aheadRead, effects: effectsRead, stateDigest: stateDigestRead, controlId: controlIdRead, by: byRead, scope: scopeRead, reason: reasonRead };
}

function budgetAdjustedEntry(cursor: Cursor): unknown {
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const semanticsRead = readCount(cursor);
	if (semanticsRead === undefined) return nothing(within(cursor, "semantics"));
	const causeRead = cause(cursor);
	if (causeRead === undefined) return nothing(within(cursor, "cause"));
	const causeTimeRead = readCount(cursor);
	if (causeTimeRead === undefined) return nothing(within(cursor, "causeTime"));
	const lateRead = readBoolean(cursor);
	if (lateRead === undefined) return nothing(within(cursor, "late"));
	const aheadRead = readBoolean(cursor);
	if (aheadRead === undefined) return nothing(within(cursor, "ahead"));
	const effectsRead = effectList1024(cursor);
	if (effectsRead === undefined) return nothing(within(cursor, "effects"));
	const stateDigestRead = digestOrNone(cursor);
	if (stateDigestRead === undefined) return nothing(within(cursor, "stateDigest"));
	const controlIdRead = text1To256(cursor);
	if (controlIdRead === undefined) return nothing(within(cursor, "controlId"));
	const byRead = text1To256(cursor);
	if (byRead === undefined) return nothing(within(cursor, "by"));
	const counterRead = counterNameShared(cursor);
	if (counterRead === undefined) return nothing(within(cursor, "counter"));
	const scopeKeyRead = text0To8192WithControls(cursor);
	if (scopeKeyRead === undefined) return nothing(within(cursor, "scopeKey"));
	const changeRead = wordTopupReset(cursor);
	if (changeRead === undefined) return nothing(within(cursor, "change"));
	const amountRead = readCount(cursor);
	if (amountRead === undefined) return nothing(within(cursor, "amount"));
	return { kind: "budget.adjusted", seq: seqRead, at: atRead, semantics: semanticsRead, cause: causeRead, causeTime: causeTimeRead, late: lateRead, ahead: aheadRead, effects: effectsRead, stateDigest: stateDigestRead, controlId: controlIdRead, by: byRead, counter: counterRead, scopeKey: scopeKeyRead, change: changeRead, amount: amountRead };
}

function sessionEndedEntry(cursor: Cursor): unknown {
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const semanticsRead = readCount(cursor);
	if (semanticsRead === undefined) return nothing(within(cursor, "semantics"));
	const causeRead = cause(cursor);
	if (causeRead === undefined) return nothing(within(cursor, "cause"));
	const causeTimeRead = readCount(cursor);
	if (causeTimeRead === undefined) return nothing(within(cursor, "causeTime"));
	const lateRead = readBoolean(cursor);
	if (lateRead === undefined) return nothing(within(cursor, "late"));
	const aheadRead = readBoolean(cursor);
	if (aheadRead === undefined) return nothing(within(cursor, "ahead"));
	const effectsRead = effectList1024(cursor);
	if (effectsRead === undefined) return nothing(within(cursor, "effects"));
	const stateDigestRead = digestOrNone(cursor);
	if (stateDigestRead === undefined) return nothing(within(cursor, "stateDigest"));
	const controlIdRead = text1To256(cursor);
	if (controlIdRead === undefined) return nothing(within(cursor, "controlId"));
	const byRead = text1To256(cursor);
	if (byRead === undefined) return nothing(within(cursor, "by"));
	const tenantRead = text1To256(cursor);
	if (tenantRead === undefined) return nothing(within(cursor, "tenant"));
	const agentRead = text1To256(cursor);
	if (agentRead === undefined) return nothing(within(cursor, "agent"));
	const sessionRead = text1To256(cursor);
	if (sessionRead === undefined) return nothing(within(cursor, "session"));
	return { kind: "session.ended", seq: seqRead, at: atRead, semantics: semanticsRead, cause: causeRead, causeTime: causeTimeRead, late: lateRead, ahead: aheadRead, effects: effectsRead, stateDigest: stateDigestRead, controlId: controlIdRead, by: byRead, tenant: tenantRead, agent: agentRead, session: sessionRead };
}

function inputsSkippedEntry(cursor: Cursor): unknown {
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const semanticsRead = readCount(cursor);
	if (semanticsRead === undefined) return nothing(within(cursor, "semantics"));
	const causeRead = cause(cursor);
	if (causeRead === undefined) return nothing(within(cursor, "cause"));
	const causeTimeRead = readCount(cursor);
	if (causeTimeRead === undefined) return nothing(within(cursor, "causeTime"));
	const lateRead = readBoolean(cursor);
	if (lateRead === undefined) return nothing(within(cursor, "late"));
	const aheadRead = readBoolean(cursor);
	if (aheadRead === undefined) return nothing(within(cursor, "ahead"));
	const effectsRead = effectList1024(cursor);
	if (effectsRead === undefined) return nothing(within(cursor, "effects"));
	const stateDigestRead = digestOrNone(cursor);
	if (stateDigestRead === undefined) return nothing(within(cursor, "stateDigest"));
	const controlIdRead = text1To256(cursor);
	if (controlIdRead === undefined) return nothing(within(cursor, "controlId"));
	const byRead = text1To256(cursor);
	if (byRead === undefined) return nothing(within(cursor, "by"));
	const topicRead = wordIntentsControl(cursor);
	if (topicRead === undefined) return nothing(within(cursor, "topic"));
	const fromRead = readCount(cursor);
	if (fromRead === undefined) return nothing(within(cursor, "from"));
	const untilRead = readCount(cursor);
	if (untilRead === undefined) return nothing(within(cursor, "until"));
	const reasonRead = text0To2048WithControls(cursor);
	if (reasonRead === undefined) return nothing(within(cursor, "reason"));
	return { kind: "inputs.skipped", seq: seqRead, at: atRead, semantics: semanticsRead, cause: causeRead, causeTime: causeTimeRead, late: lateRead, ahead: aheadRead, effects: effectsRead, stateDigest: stateDigestRead, controlId: controlIdRead, by: byRead, topic: topicRead, from: fromRead, until: untilRead, reason: reasonRead };
}

function payloadErasedEntry(cursor: Cursor): unknown {
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const semanticsRead = readCount(cursor);
	if (semanticsRead === undefined) return nothing(within(cursor, "semantics"));
	const causeRead = cause(cursor);
	if (causeRead === undefined) return nothing(within(cursor, "cause"));
	const causeTimeRead = readCount(cursor);
	if (causeTimeRead === undefined) return nothing(within(cursor, "causeTime"));
	const lateRead = readBoolean(cursor);
	if (lateRead === undefined) return nothing(within(cursor, "late"));
	const aheadRead = readBoolean(cursor);
	if (aheadRead === undefined) return nothing(within(cursor, "ahead"));
	const effectsRead = effectList1024(cursor);
	if (effectsRead === undefined) return nothing(within(cursor, "effects"));
	const stateDigestRead = digestOrNone(cursor);
	if (stateDigestRead === undefined) return nothing(within(cursor, "stateDigest"));
	const controlIdRead = text1To256(cursor);
	if (controlIdRead === undefined) return nothing(within(cursor, "controlId"));
	const byRead = text1To256(cursor);
	if (byRead === undefined) return nothing(within(cursor, "by"));
	const scopeRead = erasureScope(cursor);
	if (scopeRead === undefined) return nothing(within(cursor, "scope"));
	const intentsRead = readCount(cursor);
	if (intentsRead === undefined) return nothing(within(cursor, "intents"));
	const reasonRead = text0To2048WithControls(cursor);
	if (reasonRead === undefined) return nothing(within(cursor, "reason"));
	return { kind: "payload.erased", seq: seqRead, at: atRead, semantics: semanticsRead, cause: causeRead, causeTime: causeTimeRead, late: lateRead, ahead: aheadRead, effects: effectsRead, stateDigest: stateDigestRead, controlId: controlIdRead, by: byRead, scope: scopeRead, intents: intentsRead, reason: reasonRead };
}

function intentAbandonedEntry(cursor: Cursor): unknown {
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const semanticsRead = readCount(cursor);
	if (semanticsRead === undefined) return nothing(within(cursor, "semantics"));
	const causeRead = cause(cursor);
	if (causeRead === undefined) return nothing(within(cursor, "cause"));
	const causeTimeRead = readCount(cursor);
	if (causeTimeRead === undefined) return nothing(within(cursor, "causeTime"));
	const lateRead = readBoolean(cursor);
	if (lateRead === undefined) return nothing(within(cursor, "late"));
	const aheadRead = readBoolean(cursor);
	if (aheadRead === undefined) return nothing(within(cursor, "ahead"));
	const effectsRead = effectList1024(cursor);
	if (effectsRead === undefined) return nothing(within(cursor, "effects"));
	const stateDigestRead = digestOrNone(cursor);
	if (stateDigestRead === undefined) return nothing(within(cursor, "stateDigest"));
	const callRead = callId(cursor);
	if (callRead === undefined) return nothing(within(cursor, "call"));
	const sessionRead = text1To256(cursor);
	if (sessionRead === undefined) return nothing(within(cursor, "session"));
	const reasonRead = text0To2048WithControls(cursor);
	if (reasonRead === undefined) return nothing(within(cursor, "reason"));
	return { kind: "intent.abandoned", seq: seqRead, at: atRead, semantics: semanticsRead, cause: causeRead, causeTime: causeTimeRead, late: lateRead, ahead: aheadRead, effects: effectsRead, stateDigest: stateDigestRead, call: callRead, session: sessionRead, reason: reasonRead };
}

function clockTickedEntry(cursor: Cursor): unknown {
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const semanticsRead = readCount(cursor);
	if (semanticsRead === undefined) return nothing(within(cursor, "semantics"));
	const causeRead = cause(cursor);
	if (causeRead === undefined) return nothing(within(cursor, "cause"));
	const causeTimeRead = readCount(cursor);
	if (causeTimeRead === undefined) return nothing(within(cursor, "causeTime"));
	const lateRead = readBoolean(cursor);
	if (lateRead === undefined) return nothing(within(cursor, "late"));
	const aheadRead = readBoolean(cursor);
	if (aheadRead === undefined) return nothing(within(cursor, "ahead"));
	const effectsRead = effectList1024(cursor);
	if (effectsRead === undefined) return nothing(within(cursor, "effects"));
	const stateDigestRead = digestOrNone(cursor);
	if (stateDigestRead === undefined) return nothing(within(cursor, "stateDigest"));
	return { kind: "clock.ticked", seq: seqRead, at: atRead, semantics: semanticsRead, cause: causeRead, causeTime: causeTimeRead, late: lateRead, ahead: aheadRead, effects: effectsRead, stateDigest: stateDigestRead };
}

function callId2(cursor: Cursor): unknown {
	const tenantRead = text0To256(cursor);
	if (tenantRead === undefined) return nothing(within(cursor, "tenant"));
	const agentRead = text0To256(cursor);
	if (agentRead === undefined) return nothing(within(cursor, "agent"));
	const idRead = text0To256(cursor);
	if (idRead === undefined) return nothing(within(cursor, "id"));
	return { tenant: tenantRead, agent: agentRead, id: idRead };
}

function inputRejectedEntry(cursor: Cursor): unknown {
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const semanticsRead = readCount(cursor);
	if (semanticsRead === undefined) return nothing(within(cursor, "semantics"));
	const causeRead = cause(cursor);
	if (causeRead === undefined) return nothing(within(cursor, "cause"));
	const causeTimeRead = readCount(cursor);
	if (causeTimeRead === undefined) return nothing(within(cursor, "causeTime"));
	const lateRead = readBoolean(cursor);
	if (lateRead === undefined) return nothing(within(cursor, "late"));
	const aheadRead = readBoolean(cursor);
	if (aheadRead === undefined) return nothing(within(cursor, "ahead"));
	const effectsRead = effectList1024(cursor);
	if (effectsRead === undefined) return nothing(within(cursor, "effects"));
	const stateDigestRead = digestOrNone(cursor);
	if (stateDigestRead === undefined) return nothing(within(cursor, "stateDigest"));
	const codeRead = text1To256(cursor);
	if (codeRead === undefined) return nothing(within(cursor, "code"));
	const detailRead = text0To2048WithControls(cursor);
	if (detailRead === undefined) return nothing(within(cursor, "detail"));
	const callRead = callId2(cursor);
	if (callRead === undefined) return nothing(within(cursor, "call"));
	const commitmentRead = digestOrNone(cursor);
	if (commitmentRead === undefined) return nothing(within(cursor, "commitment"));
	const severityRead = wordLowMediumHighCritical(cursor);
	if (severityRead === undefined) return nothing(within(cursor, "severity"));
	const recordDigestRead = digestOrNone(cursor);
	if (recordDigestRead === undefined) return nothing(within(cursor, "recordDigest"));
	return { kind: "input.rejected", seq: seqRead, at: atRead, semantics: semanticsRead, cause: causeRead, causeTime: causeTimeRead, late: lateRead, ahead: aheadRead, effects: effectsRead, stateDigest: stateDigestRead, code: codeRead, detail: detailRead, call: callRead, commitment: commitmentRead, severity: severityRead, recordDigest: recordDigestRead };
}

const wordTenantTenantAgentTenantAgentSession = wordReader(["tenant", "tenant/agent", "tenant/agent/session"]);

function layout(cursor: Cursor): unknown {
	const partitionsRead = readCount(cursor);
	if (partitionsRead === undefined) return nothing(within(cursor, "partitions"));
	const budgetRootRead = wordTenantTenantAgentTenantAgentSession(cursor);
	if (budgetRootRead === undefined) return nothing(within(cursor, "budgetRoot"));
	const dedupeMsRead = readCount(cursor);
	if (dedupeMsRead === undefined) return nothing(within(cursor, "dedupeMs"));
	const sessionMsRead = readCount(cursor);
	if (sessionMsRead === undefined) return nothing(within(cursor, "sessionMs"));
	return { partitions: partitionsRead, budgetRoot: budgetRootRead, dedupeMs: dedupeMsRead, sessionMs: sessionMsRead };
}

function claim(cursor: Cursor): unknown {
	const claimIdRead = text1To256(cursor);
	if (claimIdRead === undefined) return nothing(within(cursor, "claimId"));
	const instanceRead = text1To256(cursor);
	if (instanceRead === undefined) return nothing(within(cursor, "instance"));
	const layoutRead = layout(cursor);
	if (layoutRead === undefined) return nothing(within(cursor, "layout"));
	return { type: "claim", claimId: claimIdRead, instance: instanceRead, layout: layoutRead };
}

function violationDetected(cursor: Cursor): unknown {
	const idRead = text1To256(cursor);
	if (idRead === undefined) return nothing(within(cursor, "id"));
	const partitionRead = readCount(cursor);
	if (partitionRead === undefined) return nothing(within(cursor, "partition"));
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const indexRead = readCount(cursor);
	if (indexRead === undefined) return nothing(within(cursor, "index"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const codeRead = text1To256(cursor);
	if (codeRead === undefined) return nothing(within(cursor, "code"));
	const policyRead = text0To256(cursor);
	if (policyRead === undefined) return nothing(within(cursor, "policy"));
	const ruleRead = text0To256(cursor);
	if (ruleRead === undefined) return nothing(within(cursor, "rule"));
	const severityRead = wordLowMediumHighCritical(cursor);
	if (severityRead === undefined) return nothing(within(cursor, "severity"));
	const modeRead = wordEnforceAudit(cursor);
	if (modeRead === undefined) return nothing(within(cursor, "mode"));
	const verdictRead = wordAllowDenyHold(cursor);
	if (verdictRead === undefined) return nothing(within(cursor, "verdict"));
	const callRead = callId2(cursor);
	if (callRead === undefined) return nothing(within(cursor, "call"));
	const sessionRead = text0To256(cursor);
	if (sessionRead === undefined) return nothing(within(cursor, "session"));
	const toolRead = text0To256(cursor);
	if (toolRead === undefined) return nothing(within(cursor, "tool"));
	const spanIsThere = beginNullable(cursor);
	const spanRead = spanIsThere === true ? span(cursor) : spanIsThere === false ? null : undefined;
	if (spanRead === undefined) return nothing(within(cursor, "span"));
	const messageRead = text0To2048WithControls(cursor);
	if (messageRead === undefined) return nothing(within(cursor, "message"));
	const tagsRead = text0To256List10(cursor);
	if (tagsRead === undefined) return nothing(within(cursor, "tags"));
	return { type: "violation.detected", id: idRead, partition: partitionRead, seq: seqRead, index: indexRead, at: atRead, code: codeRead, policy: policyRead, rule: ruleRead, severity: severityRead, mode: modeRead, verdict: verdictRead, call: callRead, session: sessionRead, tool: toolRead, span: spanRead, message: messageRead, tags: tagsRead };
}

function checkpointCreated(cursor: Cursor): unknown {
	const idRead = text1To256(cursor);
	if (idRead === undefined) return nothing(within(cursor, "id"));
	const partitionRead = readCount(cursor);
	if (partitionRead === undefined) return nothing(within(cursor, "partition"));
	const sizeRead = readCount(cursor);
	if (sizeRead === undefined) return nothing(within(cursor, "size"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const rootRead = digest(cursor);
	if (rootRead === undefined) return nothing(within(cursor, "root"));
	const stateDigestRead = digestOrNone(cursor);
	if (stateDigestRead === undefined) return nothing(within(cursor, "stateDigest"));
	const policyDigestRead = digestOrNone(cursor);
	if (policyDigestRead === undefined) return nothing(within(cursor, "policyDigest"));
	return { type: "checkpoint.created", id: idRead, partition: partitionRead, size: sizeRead, at: atRead, root: rootRead, stateDigest: stateDigestRead, policyDigest: policyDigestRead };
}

const text0To16384WithControls = textReader({ lengthMin: 0, lengthMax: 16384, controls: true });

function checkpointSigned(cursor: Cursor): unknown {
	const originRead = text0To2048WithControls(cursor);
	if (originRead === undefined) return nothing(within(cursor, "origin"));
	const sizeRead = readCount(cursor);
	if (sizeRead === undefined) return nothing(within(cursor, "size"));
	const rootRead = digest(cursor);
	if (rootRead === undefined) return nothing(within(cursor, "root"));
	const noteRead = text0To16384WithControls(cursor);
	if (noteRead === undefined) return nothing(within(cursor, "note"));
	return { type: "checkpoint.signed", origin: originRead, size: sizeRead, root: rootRead, note: noteRead };
}

const text0To10240WithControls = textReader({ lengthMin: 0, lengthMax: 10240, controls: true });

function decisionReplied(cursor: Cursor): unknown {
	const replyIdRead = text0To256(cursor);
	if (replyIdRead === undefined) return nothing(within(cursor, "replyId"));
	const partitionRead = readCount(cursor);
	if (partitionRead === undefined) return nothing(within(cursor, "partition"));
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const callRead = callId(cursor);
	if (callRead === undefined) return nothing(within(cursor, "call"));
	const sessionRead = text0To256(cursor);
	if (sessionRead === undefined) return nothing(within(cursor, "session"));
	const commitmentRead = digestOrNone(cursor);
	if (commitmentRead === undefined) return nothing(within(cursor, "commitment"));
	const verdictRead = wordAllowDenyHold(cursor);
	if (verdictRead === undefined) return nothing(within(cursor, "verdict"));
	const statusRead = wordOpenGrantedTakenHeldClosedHalted(cursor);
	if (statusRead === undefined) return nothing(within(cursor, "status"));
	const decisionRead = decisionBody(cursor);
	if (decisionRead === undefined) return nothing(within(cursor, "decision"));
	const expiresAtRead = readCount(cursor);
	if (expiresAtRead === undefined) return nothing(within(cursor, "expiresAt"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const tokenRead = text0To10240WithControls(cursor);
	if (tokenRead === undefined) return nothing(within(cursor, "token"));
	return { type: "decision.replied", replyId: replyIdRead, partition: partitionRead, seq: seqRead, call: callRead, session: sessionRead, commitment: commitmentRead, verdict: verdictRead, status: statusRead, decision: decisionRead, expiresAt: expiresAtRead, at: atRead, token: tokenRead };
}

function deadLetter(cursor: Cursor): unknown {
	const topicRead = text1To256(cursor);
	if (topicRead === undefined) return nothing(within(cursor, "topic"));
	const partitionRead = readCount(cursor);
	if (partitionRead === undefined) return nothing(within(cursor, "partition"));
	const offsetRead = readCount(cursor);
	if (offsetRead === undefined) return nothing(within(cursor, "offset"));
	const codeRead = text1To256(cursor);
	if (codeRead === undefined) return nothing(within(cursor, "code"));
	const detailRead = text0To2048WithControls(cursor);
	if (detailRead === undefined) return nothing(within(cursor, "detail"));
	const recordDigestRead = digestOrNone(cursor);
	if (recordDigestRead === undefined) return nothing(within(cursor, "recordDigest"));
	return { type: "record.dead", topic: topicRead, partition: partitionRead, offset: offsetRead, code: codeRead, detail: detailRead, recordDigest: recordDigestRead };
}

const wordVerdictReasonBudget = wordReader(["verdict", "reason", "budget"]);

function callReplayed(cursor: Cursor): unknown {
	const idRead = text1To256(cursor);
	if (idRead === undefined) return nothing(within(cursor, "id"));
	const candidateRead = digest(cursor);
	if (candidateRead === undefined) return nothing(within(cursor, "candidate"));
	const fromRead = readCount(cursor);
	if (fromRead === undefined) return nothing(within(cursor, "from"));
	const partitionRead = readCount(cursor);
	if (partitionRead === undefined) return nothing(within(cursor, "partition"));
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const atRead = readCount(cursor);
	if (atRead === undefined) return nothing(within(cursor, "at"));
	const callRead = callId(cursor);
	if (callRead === undefined) return nothing(within(cursor, "call"));
	const sessionRead = text1To256(cursor);
	if (sessionRead === undefined) return nothing(within(cursor, "session"));
	const toolRead = text1To256(cursor);
	if (toolRead === undefined) return nothing(within(cursor, "tool"));
	const differenceRead = wordVerdictReasonBudget(cursor);
	if (differenceRead === undefined) return nothing(within(cursor, "difference"));
	const recordedVerdictRead = wordAllowDenyHold(cursor);
	if (recordedVerdictRead === undefined) return nothing(within(cursor, "recordedVerdict"));
	const recordedReasonIsThere = beginNullable(cursor);
	const recordedReasonRead = recordedReasonIsThere === true ? reason(cursor) : recordedReasonIsThere === false ? null : undefined;
	if (recordedReasonRead === undefined) return nothing(within(cursor, "recordedReason"));
	const verdictRead = wordAllowDenyHold(cursor);
	if (verdictRead === undefined) return nothing(within(cursor, "verdict"));
	const reasonIsThere = beginNullable(cursor);
	const reasonRead = reasonIsThere === true ? reason(cursor) : reasonIsThere === false ? null : undefined;
	if (reasonRead === undefined) return nothing(within(cursor, "reason"));
	return { type: "call.replayed", id: idRead, candidate: candidateRead, from: fromRead, partition: partitionRead, seq: seqRead, at: atRead, call: callRead, session: sessionRead, tool: toolRead, difference: differenceRead, recordedVerdict: recordedVerdictRead, recordedReason: recordedReasonRead, verdict: verdictRead, reason: reasonRead };
}

function policySourceText(cursor: Cursor): unknown {
	const nameRead = text0To2048WithControls(cursor);
	if (nameRead === undefined) return nothing(within(cursor, "name"));
	const textRead = text0To900000WithControls(cursor);
	if (textRead === undefined) return nothing(within(cursor, "text"));
	return { name: nameRead, text: textRead };
}

function policySourceTextList1024(cursor: Cursor): unknown {
	const length = beginList(cursor, 1024);
	if (length === undefined) return undefined;
	const items: unknown[] = [];
	for (let item = 0; item < length; item++) {
		const value = policySourceText(cursor);
		if (value === undefined) return nothing(within(cursor, `[${item}]`));
		items.push(value);
	}
	return length === 0 || endList(cursor) ? items : undefined;
}

function policyBundle(cursor: Cursor): unknown {
	const digestRead = digest(cursor);
	if (digestRead === undefined) return nothing(within(cursor, "digest"));
	const sourcesRead = policySourceTextList1024(cursor);
	if (sourcesRead === undefined) return nothing(within(cursor, "sources"));
	const signatureRead = text0To2048WithControls(cursor);
	if (signatureRead === undefined) return nothing(within(cursor, "signature"));
	return { type: "policy.bundle", digest: digestRead, sources: sourcesRead, signature: signatureRead };
}

const wordActiveRetiredRevoked = wordReader(["active", "retired", "revoked"]);

function tokenKeyPublished(cursor: Cursor): unknown {
	const keyRead = text0To2048WithControls(cursor);
	if (keyRead === undefined) return nothing(within(cursor, "key"));
	const statusRead = wordActiveRetiredRevoked(cursor);
	if (statusRead === undefined) return nothing(within(cursor, "status"));
	const sinceRead = readCount(cursor);
	if (sinceRead === undefined) return nothing(within(cursor, "since"));
	const byRead = text1To256(cursor);
	if (byRead === undefined) return nothing(within(cursor, "by"));
	return { type: "token-key.published", key: keyRead, status: statusRead, since: sinceRead, by: byRead };
}

const bytes0To1000000 = bytesReader({ lengthMin: 0, lengthMax: 1000000 });

function snapshotChunk(cursor: Cursor): unknown {
	const snapshotIdRead = text1To256(cursor);
	if (snapshotIdRead === undefined) return nothing(within(cursor, "snapshotId"));
	const indexRead = readCount(cursor);
	if (indexRead === undefined) return nothing(within(cursor, "index"));
	const bytesRead = bytes0To1000000(cursor);
	if (bytesRead === undefined) return nothing(within(cursor, "bytes"));
	return { type: "snapshot.chunk", snapshotId: snapshotIdRead, index: indexRead, bytes: bytesRead };
}

function snapshotManifest(cursor: Cursor): unknown {
	const snapshotIdRead = text1To256(cursor);
	if (snapshotIdRead === undefined) return nothing(within(cursor, "snapshotId"));
	const seqRead = readCount(cursor);
	if (seqRead === undefined) return nothing(within(cursor, "seq"));
	const ledgerOffsetRead = readCount(cursor);
	if (ledgerOffsetRead === undefined) return nothing(within(cursor, "ledgerOffset"));
	const claimIdRead = text1To256(cursor);
	if (claimIdRead === undefined) return nothing(within(cursor, "claimId"));
	const ledgerIdRead = text1To256(cursor);
	if (ledgerIdRead === undefined) return nothing(within(cursor, "ledgerId"));
	const leafDigestRead = digest(cursor);
	if (leafDigestRead === undefined) return nothing(within(cursor, "leafDigest"));
	const stateDigestRead = digest(cursor);
	if (stateDigestRead === undefined) return nothing(within(cursor, "stateDigest"));
	const semanticsRead = readCount(cursor);
	if (semanticsRead === undefined) return nothing(within(cursor, "semantics"));
	const rowsFormatRead = readCount(cursor);
	if (rowsFormatRead === undefined) return nothing(within(cursor, "rowsFormat"));
	const chunksRead = readCount(cursor);
	if (chunksRead === undefined) return nothing(within(cursor, "chunks"));
	const bytesDigestRead = digest(cursor);
	if (bytesDigestRead === undefined) return nothing(within(cursor, "bytesDigest"));
	return { type: "snapshot.manifest", snapshotId: snapshotIdRead, seq: seqRead, ledgerOffset: ledgerOffsetRead, claimId: claimIdRead, ledgerId: ledgerIdRead, leafDigest: leafDigestRead, stateDigest: stateDigestRead, semantics: semanticsRead, rowsFormat: rowsFormatRead, chunks: chunksRead, bytesDigest: bytesDigestRead };
}

/** By the record's name. */
export const READERS: Readonly<Record<string, BodyReader>> = {
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
