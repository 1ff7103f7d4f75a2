/**
 * A decision has to fit into its ledger entry: names and keys are chosen by others, and an entry that cannot be written
 * would stop its partition. Sizes are bounded from above, so that what fits here always encodes.
 *
 * F1  What has force is never left out: where charges, requirements or obligations do not fit, the call is denied.
 * F2  Reasons are cut at the same place for everybody, and the entry says so (docs/design/step.md#entries).
 * F3  What has no force makes room for what has: first what audit limits count, then readings of budgets, the last first.
 */
import type { BudgetReading, Charge, DecisionBody, Reason, Requirement, Verdict } from "../model/entries.ts";
import { NO_OBLIGATIONS } from "../model/obligations.ts";
import { cut, engineReason } from "./reasons.ts";

/** What rules and budgets say of one call. */
export interface Judgement {
	readonly verdict: Verdict;
	readonly decision: DecisionBody;
	readonly requirements: readonly Requirement[];
}

/** Of the 65,535 bytes of an entry: the rest is for the call's names, effects, an approver's comment. */
const DECISION_BYTES_MAX = 24_576;
/** What reasons may take of it, once they have to be cut. */
const REASONS_BYTES_MAX = 12_288;
/** Pointers and messages of reasons that have to be cut, in UTF-16 units. */
const SPAN_POINTER_MAX = 256;
const MESSAGE_MAX = 128;

/** The judgement, or as much of it as an entry can hold. `enforced`: the same without what audit limits count. */
export function fitted(whole: Judgement, enforced: () => Judgement): Judgement {
	if (forceBytes(whole) + readingsBytes(whole) + reasonsBytes(whole.decision.reasons) <= DECISION_BYTES_MAX)
		return whole;
	const of = roomIn(whole) >= 0 ? whole : enforced();
	const reasons = cutReasons(of.decision.reasons, of.verdict);
	const room = roomIn(of);
	if (room >= 0) {
		return { ...of, decision: { ...of.decision, reasons, budgets: cutReadings(of.decision.budgets, room) } };
	}
	return {
		verdict: "deny",
		requirements: [],
		decision: {
			reasons: of.verdict === "deny" ? reasons : [engineReason("decision.oversized")],
			obligations: NO_OBLIGATIONS,
			charges: [],
			budgets: [],
			policyDigest: of.decision.policyDigest,
		},
	};
}

/** Shorter words and no long pointers first; then only as many as fit, and a last one that says how many are missing. */
function cutReasons(reasons: readonly Reason[], verdict: Verdict): readonly Reason[] {
	const kept: Reason[] = [];
	let bytes = REASON_FIXED_BYTES + 3 * MESSAGE_MAX;
	for (const reason of reasons) {
		const shorter = {
			...reason,
			message: cut(reason.message, MESSAGE_MAX),
			span: reason.span !== null && reason.span.pointer.length <= SPAN_POINTER_MAX ? reason.span : null,
		};
		bytes += reasonBytes(shorter);
		if (bytes > REASONS_BYTES_MAX) break;
		kept.push(shorter);
	}
	const missing = reasons.length - kept.length;
	return missing === 0 ? kept : [...kept, leftOut(missing, verdict)];
}

/** What is left for readings, once reasons have been cut. */
const roomIn = (of: Judgement): number => DECISION_BYTES_MAX - REASONS_BYTES_MAX - forceBytes(of);

function cutReadings(readings: readonly BudgetReading[], room: number): readonly BudgetReading[] {
	let bytes = 0;
	const kept = readings.findIndex((each) => {
		bytes += readingBytes(each);
		return bytes > room;
	});
	return kept === -1 ? readings : readings.slice(0, kept);
}

/** Says it without force: in mode `audit`, as no rule of a policy. */
const leftOut = (missing: number, verdict: Verdict): Reason => ({
	code: "reasons.cut",
	policy: "",
	rule: "",
	effect: verdict === "hold" ? "hold" : "deny",
	mode: "audit",
	severity: "low",
	span: null,
	message: `${missing} more reasons do not fit into the entry`,
});

/** Bounds of the fixed parts: words, integers, lengths. UTF-8 is at most three bytes for each UTF-16 unit. */
const REASON_FIXED_BYTES = 64;
const CHARGE_FIXED_BYTES = 64;
const READING_FIXED_BYTES = 72;
const ITEM_FIXED_BYTES = 24;

function forceBytes(of: Judgement): number {
	const { charges, obligations } = of.decision;
	let bytes = 128;
	for (const each of charges) bytes += chargeBytes(each);
	for (const each of obligations.redact) bytes += textBytes(each);
	for (const each of obligations.messages) bytes += textBytes(each);
	for (const each of of.requirements) bytes += requirementBytes(each);
	return bytes;
}

function readingsBytes(of: Judgement): number {
	let bytes = 0;
	for (const each of of.decision.budgets) bytes += readingBytes(each);
	return bytes;
}

/** Scope keys are percent-encoded, policies and limits have plain names: one byte for each unit. */
const chargeBytes = ({ counter }: Charge): number =>
	CHARGE_FIXED_BYTES + counter.policy.length + counter.limit.length + counter.scopeKey.length;

const readingBytes = (of: BudgetReading): number =>
	READING_FIXED_BYTES + of.policy.length + of.limit.length + of.scopeKey.length;

function requirementBytes(of: Requirement): number {
	let bytes = ITEM_FIXED_BYTES + 3 * (of.policy.length + of.rule.length);
	for (const approver of of.approvers) bytes += textBytes(approver);
	return bytes;
}

function reasonsBytes(reasons: readonly Reason[]): number {
	let bytes = 0;
	for (const each of reasons) bytes += reasonBytes(each);
	return bytes;
}

const reasonBytes = (of: Reason): number =>
	REASON_FIXED_BYTES +
	3 * (of.code.length + of.policy.length + of.rule.length + of.message.length + (of.span?.pointer.length ?? 0));

const textBytes = (text: string): number => ITEM_FIXED_BYTES + 3 * text.length;
