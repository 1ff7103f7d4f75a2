/** Control records of operators: policies, halts, budgets, sessions, inputs that are gone, and time. */
import { personName } from "../../base/person-name.ts";
import { cutTo, MESSAGE_LENGTH_MAX } from "../../model/bounds.ts";
import type { Cause, LedgerEntry } from "../../model/entries.ts";
import { scopeKey, sessionKey } from "../../model/ids.ts";
import {
	type BudgetAdjusted,
	type ControlRecord,
	type InputsSkipped,
	isLaterActivation,
	type PolicyActivated,
} from "../../model/inputs.ts";
import { haltKey } from "../../state/halt.ts";
import type { PolicyInForce } from "../../state/head.ts";
import type { State } from "../../state/state.ts";
import { controlRejection, isMisrouted } from "./admission.ts";
import type { DecideContext } from "./context.ts";
import { NO_CALL, rejected } from "./rejection.ts";
import { isIssued, issuerFault } from "./signer.ts";
import { decideVote } from "./vote.ts";

export function decideControl(context: DecideContext, record: ControlRecord): LedgerEntry {
	const { state, head } = context;
	const fault = issuerFault(context, record);
	if (fault !== null) return rejected(head, fault, "call" in record ? record.call : NO_CALL);
	if ("session" in record && isMisrouted(state, record)) {
		return rejected(head, "control.misrouted", "call" in record ? record.call : NO_CALL);
	}
	const rejection = controlRejection(state, context.input, record, head.at);
	if (rejection !== null) return rejected(head, rejection);
	switch (record.type) {
		case "clock.ticked":
			return { ...head, kind: "clock.ticked" };
		case "approval.granted":
		case "approval.rejected":
			return decideVote(context, record);
		case "policy.activated":
			return decideActivation(context, record);
		case "halt.lifted":
		case "halt.set": {
			const { type: kind, scope } = record;
			if (kind === "halt.lifted" && !state.halts.has(haltKey(scope))) return rejected(head, "halt.unknown");
			return {
				...head,
				kind,
				controlId: record.id,
				by: record.issuedBy,
				scope,
				reason: cutTo(record.reason, MESSAGE_LENGTH_MAX),
			};
		}
		case "budget.adjusted":
			return decideAdjustment(context, record);
		case "session.ended": {
			const { tenant, agent, session } = record;
			return { ...head, kind: "session.ended", controlId: record.id, by: record.issuedBy, tenant, agent, session };
		}
		case "inputs.skipped": {
			const { type: kind, id: controlId, issuedBy: by, topic, from, until, reason } = record;
			if (!isSkip(state, record, head.cause)) return rejected(head, "inputs.unfit");
			return { ...head, kind, controlId, by, topic, from, until, reason: cutTo(reason, MESSAGE_LENGTH_MAX) };
		}
		case "payload.erased": {
			const { type: kind, id: controlId, issuedBy: by, scope, intents, reason } = record;
			return { ...head, kind, controlId, by, scope, intents, reason: cutTo(reason, MESSAGE_LENGTH_MAX) };
		}
	}
}

/** It is about where the partition stands. On `control` itself it is behind the records that are gone, and is read before its turn. */
const isSkip = ({ inputs }: State, { topic, from, until }: InputsSkipped, cause: Cause): boolean =>
	from === inputs[topic] && until > from && (topic !== "control" || cause.offset >= until);

/**
 * What needs a review comes into force by the word of two operators, whichever of them a partition hears first. Once it was
 * proposed, nobody puts it into force alone by asking for no review.
 */
function decideActivation(context: DecideContext, record: PolicyActivated): LedgerEntry {
	const { state, head, input } = context;
	const { id: controlId, issuedBy: by, digest } = record;
	const { policy } = state;
	const isLaterThan = (other: Pick<PolicyInForce, "generation" | "activationId">): boolean =>
		isLaterActivation(record, { ...other, id: other.activationId });
	if (!isLaterThan(policy)) return rejected(head, "policy.superseded");
	const found = context.catalogue.get(digest);
	if (found === "invalid" || found === "unsigned") return rejected(head, `policy.${found}`);
	const trust = found?.trust ?? null;
	// Whoever puts a set into force can put the next one into force: that is how keys are changed, and nobody is locked out.
	if (!isIssued(trust, record, input.signer ?? null)) return rejected(head, "policy.lockout");
	const signed = trust !== null && (trust.operators !== null || trust.approvers !== null);

	const open = policy.proposed?.digest === digest ? policy.proposed : null;
	if (open !== null && personName(open.by) !== personName(by)) {
		const generation = Math.max(record.generation, open.generation);
		return { ...head, kind: "policy.activated", controlId, by, generation, digest, proposedBy: open.by, signed };
	}
	const { generation } = record;
	// Where it is in force already, there is nothing to review: whatever else was proposed is taken back.
	const isReviewed = digest !== policy.digest && (open !== null || record.needsReview || input.needsReview === true);
	if (!isReviewed)
		return { ...head, kind: "policy.activated", controlId, by, generation, digest, proposedBy: "", signed };
	if (policy.proposed !== null && !isLaterThan(policy.proposed)) return rejected(head, "policy.unreviewed");
	return { ...head, kind: "policy.proposed", controlId, by, generation, digest };
}

function decideAdjustment(context: DecideContext, record: BudgetAdjusted): LedgerEntry {
	const { state, head, input } = context;
	if (input.blind === true) return rejected(head, "policy.unavailable");
	const limit = context.policies?.limit(record.policy, record.limit) ?? null;
	if (limit === null || limit.measure === "identical_calls") return rejected(head, "budget.unknown");
	if (limit.scope !== "tenant" && record.agent === "") return rejected(head, "budget.unknown");
	// A counter goes when its session is forgotten: without one it would stay forever.
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
