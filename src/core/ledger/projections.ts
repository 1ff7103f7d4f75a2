/**
 * Projections: what is derived from a valid entry, the same however often it is derived. Ids come from (partition, seq,
 * index), so that a repetition after a takeover can be told from news.
 *
 * P1  Whatever an entry may hold, each of its projections can be written: a field is copied into one of the same bounds, and
 *     words that are put together here are cut here.
 */

import { engineReason } from "../engine/reasons.ts";
import { costText } from "../model/amounts.ts";
import { cutTo } from "../model/bounds.ts";
import type {
	BudgetReading,
	CallRef,
	CallStatus,
	DecisionBody,
	Effect,
	InputRejected,
	LedgerEntry,
	Obligations,
	Reason,
	Verdict,
} from "../model/entries.ts";
import type { CallId } from "../model/ids.ts";
import type { ReplyAddress } from "../model/inputs.ts";
import { NO_OBLIGATIONS } from "../model/obligations.ts";
import type {
	CheckpointCreated,
	DeadLetter,
	DecisionReplied,
	DerivedRecord,
	ViolationDetected,
} from "../model/records.ts";
import type { EpochMs } from "../model/units.ts";

/** UTF-16 units of a scope key in a message: a key can be longer than a message may be. */
const SCOPE_MAX = 512;

export const derivedId = (partition: number, seq: number, index: number): string => `${partition}-${seq}-${index}`;

/**
 * Violations of an entry: each rule that denied (or would have, in mode `audit`), each budget that a settlement overshot,
 * each rejection of severity high or critical.
 */
export function violationsOf(entry: LedgerEntry): ViolationDetected[] {
	const { partition } = entry.cause;
	const violation = (
		index: number,
		of: Omit<ViolationDetected, "type" | "id" | "partition" | "seq" | "index" | "at">,
	): ViolationDetected => ({
		type: "violation.detected",
		id: derivedId(partition, entry.seq, index),
		partition,
		seq: entry.seq,
		index,
		at: entry.at,
		...of,
	});
	const ofRules = (verdict: Verdict, of: CallRef, reasons: readonly Reason[]): ViolationDetected[] =>
		broken(reasons).map((reason, index) =>
			violation(index, { ...ruleOf(reason), verdict, call: callOf(of), session: of.session, tool: of.tool }),
		);
	switch (entry.kind) {
		case "decision.made":
			return ofRules(entry.verdict, entry.call, entry.decision.reasons);
		case "decision.held":
			return ofRules("hold", entry.call, entry.decision.reasons);
		case "approval.recorded":
			return ofRules(entry.result === "pending" ? "hold" : entry.result, entry.call, entry.decision?.reasons ?? []);
		case "usage.settled":
			return entry.overshoots.map((over, index) =>
				violation(index, {
					code: "budget.overshot",
					policy: over.policy,
					rule: over.limit,
					severity: over.severity,
					mode: over.mode,
					verdict: "allow",
					call: callOf(entry.call),
					session: entry.session,
					tool: "",
					span: null,
					message: `${over.measure === "cost" ? costText(over.debt) : over.debt} over the maximum of ${over.measure} for ${cutTo(over.scopeKey, SCOPE_MAX)}; carried as debt`,
				}),
			);
		case "input.rejected":
			return entry.severity === "high" || entry.severity === "critical"
				? [
						violation(0, {
							code: entry.code,
							policy: "",
							rule: "",
							severity: entry.severity,
							mode: "enforce",
							verdict: "deny",
							call: callOf(entry.call),
							session: "",
							tool: "",
							span: null,
							message: entry.detail,
						}),
					]
				: [];
		case "decision.repeated":
		case "policy.activated":
		case "halt.set":
		case "halt.lifted":
		case "budget.adjusted":
		case "session.ended":
		case "inputs.skipped":
		case "intent.abandoned":
		case "clock.ticked":
			return [];
	}
}

/** Rules that were broken: not engine denials such as a halt, and not holds, which break nothing. */
const broken = (reasons: readonly Reason[]): Reason[] =>
	reasons.filter((reason) => reason.effect === "deny" && reason.policy !== "");

const ruleOf = ({ code, policy, rule, severity, mode, span, message }: Reason) => ({
	code,
	policy,
	rule,
	severity,
	mode,
	span,
	message,
});

const callOf = ({ tenant, agent, id }: CallId): CallId => ({ tenant, agent, id });

/** A reply and where it goes. */
export interface AddressedReply {
	readonly address: ReplyAddress;
	readonly reply: DecisionReplied;
}

/** Replies of an entry. `address` is the one on the input; finalised holds carry their own. */
export function repliesOf(entry: LedgerEntry, address: ReplyAddress | null, policyDigest: string): AddressedReply[] {
	const replies = entry.effects.flatMap((effect) => effectReply(entry, effect, policyDigest));
	const answer = answerOf(entry);
	if (answer === null) return replies;
	const to = entry.kind === "approval.recorded" ? entry.address : address;
	if (to === null) return replies;
	return [...replies, { address: to, reply: replyOf(entry, to, answer, policyDigest) }];
}

interface Answer {
	readonly call: CallId;
	readonly commitment: string;
	readonly verdict: Verdict;
	readonly status: DecisionReplied["status"];
	readonly reasons: readonly Reason[];
	readonly obligations: Obligations;
	readonly budgets: readonly BudgetReading[];
	readonly policyDigest: string | null;
	readonly expiresAt: EpochMs;
}

const decided = (
	call: CallRef,
	verdict: Verdict,
	of: DecisionBody,
	{ expiresAt, allowed }: { expiresAt: EpochMs; allowed: CallStatus },
): Answer => ({
	call,
	commitment: call.commitment,
	verdict,
	status: verdict === "allow" ? allowed : verdict === "hold" ? "held" : "closed",
	reasons: of.reasons,
	obligations: of.obligations,
	budgets: of.budgets,
	policyDigest: of.policyDigest,
	expiresAt: verdict === "hold" ? expiresAt : 0,
});

function answerOf(entry: LedgerEntry): Answer | null {
	switch (entry.kind) {
		case "decision.made":
			return decided(entry.call, entry.verdict, entry.decision, { expiresAt: 0, allowed: "open" });
		case "decision.held":
			return decided(entry.call, "hold", entry.decision, { expiresAt: entry.expiresAt, allowed: "open" });
		case "approval.recorded":
			return entry.result === "pending" || entry.decision === null
				? null
				: // Several may wait, and who asked last may be gone by now: whoever asks again first has the call.
					decided(entry.call, entry.result, entry.decision, { expiresAt: entry.expiresAt, allowed: "granted" });
		case "decision.repeated":
			return {
				call: entry.call,
				commitment: entry.commitment,
				verdict: entry.verdict,
				status: entry.status,
				reasons: entry.firstReason === null ? [] : [entry.firstReason],
				obligations: entry.obligations,
				budgets: [],
				policyDigest: null,
				expiresAt: entry.expiresAt,
			};
		case "input.rejected":
			return entry.cause.topic === "intents" && isNamed(entry.call) ? rejection(entry) : null;
		case "usage.settled":
		case "policy.activated":
		case "halt.set":
		case "halt.lifted":
		case "budget.adjusted":
		case "session.ended":
		case "inputs.skipped":
		case "intent.abandoned":
		case "clock.ticked":
			return null;
	}
}

const isNamed = ({ tenant, agent, id }: CallId): boolean => tenant !== "" && agent !== "" && id !== "";

/** An intent that was not taken in is denied to who submitted it; the table of calls is not touched. */
const rejection = (entry: InputRejected): Answer => ({
	call: entry.call,
	commitment: entry.commitment || entry.recordDigest,
	verdict: "deny",
	status: "closed",
	reasons: [denialOf(entry.code, entry.severity, entry.detail)],
	obligations: NO_OBLIGATIONS,
	budgets: [],
	policyDigest: null,
	expiresAt: 0,
});

const denialOf = (code: string, severity: Reason["severity"], message: string): Reason => ({
	code,
	policy: "",
	rule: "",
	effect: "deny",
	mode: "enforce",
	severity,
	span: null,
	message,
});

function effectReply(entry: LedgerEntry, effect: Effect, policyDigest: string): AddressedReply[] {
	if (effect.address === null) return [];
	const answer: Answer = {
		call: effect.call,
		commitment: effect.commitment,
		verdict: "deny",
		status: "closed",
		reasons: [engineReason(effect.kind === "hold.ended" ? "session.ended" : "approval.expired")],
		obligations: NO_OBLIGATIONS,
		budgets: [],
		policyDigest: null,
		expiresAt: 0,
	};
	return [{ address: effect.address, reply: replyOf(entry, effect.address, answer, policyDigest) }];
}

const replyOf = (entry: LedgerEntry, to: ReplyAddress, answer: Answer, policyDigest: string): DecisionReplied => ({
	type: "decision.replied",
	replyId: to.replyId,
	partition: entry.cause.partition,
	seq: entry.seq,
	...answer,
	call: callOf(answer.call),
	policyDigest: answer.policyDigest ?? policyDigest,
	at: entry.at,
});

/** The checkpoint that an entry with a state digest makes: it covers the leaves before it. */
export function checkpointOf(entry: LedgerEntry, root: string, policyDigest: string): CheckpointCreated | null {
	if (entry.stateDigest === "" || entry.seq === 0) return null;
	const { partition } = entry.cause;
	return {
		type: "checkpoint.created",
		id: derivedId(partition, entry.seq, 0),
		partition,
		size: entry.seq,
		at: entry.at,
		root,
		stateDigest: entry.stateDigest,
		policyDigest,
	};
}

/** The dead letter of an input that could not be read: where it lies, never its bytes. */
export function deadLetterOf(entry: LedgerEntry): DeadLetter | null {
	if (entry.kind !== "input.rejected" || entry.recordDigest === "") return null;
	return {
		type: "record.dead",
		topic: entry.cause.topic,
		partition: entry.cause.partition,
		offset: entry.cause.offset,
		code: entry.code,
		detail: entry.detail,
		recordDigest: entry.recordDigest,
	};
}

/** The dead letter of a projection that cannot be written. The entry stands, and so does everything else derived from it. */
export const deadLetterOfProjection = (entry: LedgerEntry, type: DerivedRecord["type"], why: string): DeadLetter => ({
	type: "record.dead",
	topic: entry.cause.topic,
	partition: entry.cause.partition,
	offset: entry.cause.offset,
	code: "projection.unwritable",
	detail: cutTo(`\`${type}\` of entry ${entry.seq}: ${why}`),
	recordDigest: "",
});

/** One flat row about an entry, for adapters that keep an index beside the log. */
export interface EntrySummary {
	readonly seq: number;
	readonly kind: string;
	readonly at: EpochMs;
	readonly tenant: string;
	readonly agent: string;
	readonly session: string;
	readonly intent: string;
	readonly tool: string;
	readonly verdict: string;
	readonly code: string;
	readonly policy: string;
	readonly rule: string;
}

export function summaryOf(entry: LedgerEntry): EntrySummary {
	const { seq, kind, at } = entry;
	const nothing = {
		tenant: "",
		agent: "",
		session: "",
		intent: "",
		tool: "",
		verdict: "",
		code: "",
		policy: "",
		rule: "",
	};
	const of = (call: CallId) => ({ tenant: call.tenant, agent: call.agent, intent: call.id });
	const why = (reason: Reason | null | undefined) =>
		reason ? { code: reason.code, policy: reason.policy, rule: reason.rule } : {};
	const base = { seq, kind, at, ...nothing };
	switch (entry.kind) {
		case "decision.made":
		case "decision.held":
			return {
				...base,
				...of(entry.call),
				session: entry.call.session,
				tool: entry.call.tool,
				verdict: entry.kind === "decision.held" ? "hold" : entry.verdict,
				...why(entry.decision.reasons[0]),
			};
		case "decision.repeated":
			return { ...base, ...of(entry.call), verdict: entry.verdict, ...why(entry.firstReason) };
		case "approval.recorded":
			return {
				...base,
				...of(entry.call),
				session: entry.call.session,
				tool: entry.call.tool,
				verdict: entry.result,
				...why(entry.decision?.reasons[0]),
			};
		case "usage.settled":
		case "intent.abandoned":
			return { ...base, ...of(entry.call), session: entry.session };
		case "session.ended":
			return { ...base, tenant: entry.tenant, agent: entry.agent, session: entry.session };
		case "input.rejected":
			return { ...base, ...of(entry.call), verdict: "deny", code: entry.code };
		case "budget.adjusted":
			return { ...base, policy: entry.counter.policy, rule: entry.counter.limit, code: entry.change };
		case "halt.set":
		case "halt.lifted":
			return {
				...base,
				tenant: entry.scope.tenant ?? "",
				agent: entry.scope.agent ?? "",
				session: entry.scope.session ?? "",
			};
		case "policy.activated":
			return { ...base, code: entry.digest };
		case "inputs.skipped":
		case "clock.ticked":
			return base;
	}
}
