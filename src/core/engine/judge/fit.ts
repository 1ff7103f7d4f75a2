/**
 * A decision has to fit into its ledger entry: names and keys are chosen by others, and an entry that cannot be written
 * would stop its partition. Sizes are bounded from above, so that what fits here always encodes.
 *
 * F1  What has force is never left out: where what is taken of budgets, sequences, obligations or requirements do not fit, the call is
 *     denied.
 * F2  Reasons are cut at the same place for everybody, and the entry says so (docs/design/step.md#entries).
 * F3  What has no force makes room for what has: first what audit limits count, then budgets of which nothing is taken, the
 *     last first.
 */
import { cutTo, NAME_LENGTH_MAX } from "../../model/bounds.ts";
import { isCap } from "../../model/counters.ts";
import type { BudgetUse, DecisionBody, Reason, Requirement, Verdict } from "../../model/entries.ts";
import { NO_OBLIGATIONS } from "../../model/obligations.ts";
import type { SequenceName } from "../../model/sequences.ts";
import { engineReason } from "../reasons.ts";

/** What rules and budgets say of one call. */
export interface Ruling {
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
const SHORT_MESSAGE_MAX = 128;

/** Can an entry hold all of the ruling? */
export function fits(ruling: Ruling): boolean {
	const { reasons, uses, begins, obligations } = ruling.decision;
	const { redact, messages } = obligations;
	const others = reasons.length + ruling.requirements.length + begins.length + redact.length + messages.length;
	if (others === 0 && uses.length <= USES_FITTING) return true;
	const untaken = bytesOf(uses, (use) => (isUntaken(use) ? useBytes(use) : 0));
	return forceBytes(ruling) + untaken + bytesOf(reasons, reasonBytes) <= DECISION_BYTES_MAX;
}

/** The ruling, or as much of it as an entry can hold. `enforced`: the same without what audit limits count. */
export function fitted(whole: Ruling, enforced: () => Ruling): Ruling {
	if (fits(whole)) return whole;
	const ruling = roomIn(whole) >= 0 ? whole : enforced();
	const { verdict, decision } = ruling;
	const reasons = cutReasons(decision.reasons, verdict);
	const room = roomIn(ruling);
	if (room >= 0) return { ...ruling, decision: { ...decision, reasons, uses: cutUntaken(decision.uses, room) } };
	return {
		verdict: "deny",
		requirements: [],
		decision: {
			reasons: verdict === "deny" ? reasons : [engineReason("decision.oversized")],
			obligations: NO_OBLIGATIONS,
			uses: [],
			begins: [],
			policyDigest: decision.policyDigest,
			classifier: decision.classifier,
		},
	};
}

/** Shorter words and no long pointers first; then only as many as fit, and a last one that says how many are missing. */
function cutReasons(reasons: readonly Reason[], verdict: Verdict): readonly Reason[] {
	const kept: Reason[] = [];
	let bytes = REASON_FIXED_BYTES + 3 * SHORT_MESSAGE_MAX;
	for (const reason of reasons) {
		const shorter: Reason = {
			rule: { ...reason.rule, message: cutTo(reason.rule.message, SHORT_MESSAGE_MAX) },
			span: reason.span !== null && reason.span.pointer.length <= SPAN_POINTER_MAX ? reason.span : null,
		};
		bytes += reasonBytes(shorter);
		if (bytes > REASONS_BYTES_MAX) break;
		kept.push(shorter);
	}
	const missing = reasons.length - kept.length;
	return missing === 0 ? kept : [...kept, leftOut(missing, verdict)];
}

/** What is left for budgets of which nothing is taken, once reasons have been cut. */
const roomIn = (ruling: Ruling): number => DECISION_BYTES_MAX - REASONS_BYTES_MAX - forceBytes(ruling);

function cutUntaken(uses: readonly BudgetUse[], room: number): readonly BudgetUse[] {
	let bytes = 0;
	return uses.filter((use) => {
		if (!isUntaken(use)) return true;
		bytes += useBytes(use);
		return bytes <= room;
	});
}

const isUntaken = ({ kind }: BudgetUse): boolean => kind === "none";

/** Says it without force: in mode `audit`, as no rule of a policy. */
const leftOut = (missing: number, verdict: Verdict): Reason => ({
	rule: {
		code: "reasons.cut",
		policy: "",
		name: "",
		effect: verdict === "hold" ? "hold" : "deny",
		mode: "audit",
		severity: "low",
		message: `${missing} more reasons do not fit into the entry`,
		tags: [],
	},
	span: null,
});

/** Bounds of the fixed parts: words, integers, lengths. UTF-8 is at most three bytes for each UTF-16 unit. */
const REASON_FIXED_BYTES = 64;
const USE_FIXED_BYTES = 80;
const ITEM_FIXED_BYTES = 24;
const FORCE_FIXED_BYTES = 200;
const DIGEST_LENGTH = 64;

/** This many budgets fit beside nothing else, whatever their names: those of most calls need not be measured. */
const USES_FITTING = Math.floor(
	(DECISION_BYTES_MAX - FORCE_FIXED_BYTES) / (USE_FIXED_BYTES + 2 * NAME_LENGTH_MAX + DIGEST_LENGTH),
);

/** What the call takes, begins, must do and waits for. */
function forceBytes({ decision, requirements }: Ruling): number {
	const { uses, begins, obligations } = decision;
	return (
		FORCE_FIXED_BYTES +
		bytesOf(uses, (use) => (isUntaken(use) ? 0 : useBytes(use))) +
		bytesOf(obligations.redact, textBytes) +
		bytesOf(obligations.messages, textBytes) +
		bytesOf(begins, beginsBytes) +
		bytesOf(requirements, requirementBytes)
	);
}

function bytesOf<Item>(items: readonly Item[], size: (item: Item) => number): number {
	let bytes = 0;
	// By index: an iterator over a frozen list is an object for each item.
	for (let place = 0; place < items.length; place++) bytes += size(items[place] as Item);
	return bytes;
}

/**
 * Policies and limits have plain names, a repetition is a digest: one byte for each unit. A cap's name is anybody's, and so much
 * shorter that it fits, too, where the names of a policy and a limit do.
 */
const useBytes = ({ counter, repetition }: BudgetUse): number =>
	USE_FIXED_BYTES + counter.policy.length + (isCap(counter) ? 3 : 1) * counter.limit.length + repetition.length;

const beginsBytes = ({ policy, sequence }: SequenceName): number => ITEM_FIXED_BYTES + policy.length + sequence.length;

const requirementBytes = ({ policy, rule, approvers }: Requirement): number =>
	ITEM_FIXED_BYTES + 3 * (policy.length + rule.length) + bytesOf(approvers, textBytes);

const reasonBytes = ({ rule, span }: Reason): number =>
	REASON_FIXED_BYTES +
	3 * (rule.code.length + rule.policy.length + rule.name.length + rule.message.length + (span?.pointer.length ?? 0)) +
	bytesOf(rule.tags, textBytes);

const textBytes = (text: string): number => ITEM_FIXED_BYTES + 3 * text.length;
