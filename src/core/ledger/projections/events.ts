/**
 * What whoever watches a deployment hears of an entry: that a call was checked, that it was blocked, that a rule was broken. Derived
 * from the ledger alone, so that ids are the same however often an event is sent, and by whom. Arguments are never part of it.
 */

import { ENGINE_REASONS } from "../../engine/reasons.ts";
import type { CallRef, DecisionBody, LedgerEntry, Severity, Verdict } from "../../model/entries.ts";
import type { CallId } from "../../model/ids.ts";
import { type ReasonReading, reasonReading } from "../../model/readings.ts";
import type { CheckpointCreated, ViolationDetected } from "../../model/records.ts";
import type { EpochMs } from "../../model/units.ts";
import { violationsOf } from "./violations.ts";

/** The names that Agent-OS has for them. */
export const EVENT_TYPES = [
	"policy_check",
	"policy_violation",
	"tool_call_blocked",
	"checkpoint_created",
	"drift_detected",
] as const;

export type EventType = (typeof EVENT_TYPES)[number];

/** Whose call an event is about. */
export interface EventCall {
	readonly tenant: string;
	readonly agent: string;
	/** Empty where the ledger does not say it. */
	readonly session: string;
	readonly actor: readonly string[];
	readonly onBehalfOf: string | null;
	/** To whom the credential was issued with which it was asked for; null where nothing says it. */
	readonly askedBy: string | null;
	/** The intent's id. */
	readonly intent: string;
	/** Empty where the ledger does not say it. */
	readonly tool: string;
}

interface EventHead {
	/** The same however often the event is sent. */
	readonly id: string;
	/** The ledger's time. */
	readonly at: EpochMs;
	readonly partition: number;
}

export interface PolicyCheck extends EventHead, EventCall {
	readonly type: "policy_check";
	readonly seq: number;
	readonly verdict: Verdict;
	readonly reasons: readonly ReasonReading[];
	/** While held: until when; else 0. */
	readonly expiresAt: EpochMs;
	readonly policyDigest: string;
}

export interface ToolCallBlocked extends EventHead, EventCall {
	readonly type: "tool_call_blocked";
	readonly seq: number;
	/** The first reason's. */
	readonly code: string;
	readonly message: string;
	readonly severity: Severity;
	readonly reasons: readonly ReasonReading[];
}

export type PolicyViolation = EventHead &
	EventCall &
	Omit<ViolationDetected, "type" | "call" | "session" | "tool"> & { readonly type: "policy_violation" };

export interface CheckpointEvent extends Omit<CheckpointCreated, "type"> {
	readonly type: "checkpoint_created";
}

export interface DriftDetected extends EventHead, EventCall {
	readonly type: "drift_detected";
	/** From 0 to 1. */
	readonly score: number;
	readonly threshold: number;
	readonly reason: string;
	/** SHA-256 of the first output's sketch and of this one's, 64 hex digits. */
	readonly baselineHash: string;
	readonly currentHash: string;
}

export type GovernanceEvent = PolicyCheck | ToolCallBlocked | PolicyViolation | CheckpointEvent | DriftDetected;

/** In the order in which they are told. */
export function eventsOf(entry: LedgerEntry): readonly GovernanceEvent[] {
	const violations = violationsOf(entry).map((violation) => violationEvent(violation, entry));
	switch (entry.kind) {
		case "decision.made":
			return [...decided(entry, entry.call, entry.verdict, entry.decision), ...violations, ...expired(entry)];
		case "decision.held":
			return [...decided(entry, entry.call, "hold", entry.decision), ...violations, ...expired(entry)];
		case "approval.recorded":
			return entry.decision === null || entry.result === "pending"
				? expired(entry)
				: [...decided(entry, entry.call, entry.result, entry.decision), ...violations, ...expired(entry)];
		case "input.rejected":
			return [...refusedIntent(entry), ...violations, ...expired(entry)];
		case "decision.repeated":
		case "usage.settled":
		case "policy.activated":
		case "policy.proposed":
		case "halt.set":
		case "halt.lifted":
		case "budget.adjusted":
		case "session.ended":
		case "inputs.skipped":
		case "payload.erased":
		case "intent.abandoned":
		case "clock.ticked":
			return [...violations, ...expired(entry)];
	}
}

export const checkpointEvent = (record: CheckpointCreated): CheckpointEvent => ({
	...record,
	type: "checkpoint_created",
});

function decided(
	entry: LedgerEntry,
	call: CallRef,
	verdict: Verdict,
	decision: DecisionBody,
): readonly (PolicyCheck | ToolCallBlocked)[] {
	const { seq } = entry;
	const reasons = decision.reasons.map(reasonReading);
	const { policyDigest } = decision;
	const about = { ...headOf(entry, ""), seq, ...callOf(call) };
	const expiresAt = verdict === "hold" && "expiresAt" in entry ? entry.expiresAt : 0;
	const check: PolicyCheck = { type: "policy_check", ...about, verdict, reasons, expiresAt, policyDigest };
	const [first] = reasons;
	if (verdict !== "deny" || first === undefined) return [check];
	const { code, message, severity } = first;
	return [
		check,
		{ type: "tool_call_blocked", ...about, ...headOf(entry, "-blocked"), code, message, severity, reasons },
	];
}

/** An intent that was refused before it was decided: it is answered with a denial. */
function refusedIntent(entry: Extract<LedgerEntry, { kind: "input.rejected" }>): readonly ToolCallBlocked[] {
	const { seq, call, code, detail: message, severity, cause } = entry;
	const isIntent = cause.topic === "intents" && entry.commitment !== "";
	if (!isIntent || call.id === "") return [];
	const about = { ...headOf(entry, "-blocked"), seq, ...bareCall(call) };
	return [{ type: "tool_call_blocked", ...about, code, message, severity, reasons: [] }];
}

/** Holds that end with this entry: nobody approved in time, or the session was ended. */
function expired(entry: LedgerEntry): readonly ToolCallBlocked[] {
	return entry.effects.flatMap(({ kind, call, session, tool }, index): readonly ToolCallBlocked[] => {
		if (kind !== "hold.expired" && kind !== "hold.ended") return [];
		const code = kind === "hold.expired" ? "approval.expired" : "session.ended";
		const about = { ...headOf(entry, `-effect-${index}`), seq: entry.seq, ...bareCall(call), session, tool };
		return [{ type: "tool_call_blocked", ...about, code, ...ENGINE_REASONS[code], reasons: [] }];
	});
}

function violationEvent({ call, ...violation }: ViolationDetected, entry: LedgerEntry): PolicyViolation {
	const { actor, onBehalfOf, askedBy } = "call" in entry && "actor" in entry.call ? entry.call : NOBODY;
	return {
		...violation,
		...bareCall(call),
		type: "policy_violation",
		session: violation.session,
		tool: violation.tool,
		actor,
		onBehalfOf,
		askedBy,
	};
}

const NOBODY = { actor: [] as readonly string[], onBehalfOf: null, askedBy: null };

const headOf = ({ seq, at, cause }: LedgerEntry, part: string): EventHead => ({
	id: `${cause.partition}-${seq}${part}`,
	at,
	partition: cause.partition,
});

const callOf = ({ tenant, agent, session, actor, onBehalfOf, askedBy, id, tool }: CallRef): EventCall => ({
	...{ tenant, agent, session, actor, onBehalfOf, askedBy },
	intent: id,
	tool,
});

const bareCall = ({ tenant, agent, id }: CallId): EventCall => ({
	...{ tenant, agent, session: "", ...NOBODY },
	intent: id,
	tool: "",
});
