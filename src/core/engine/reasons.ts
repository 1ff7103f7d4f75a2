/** The engine's own reasons, beside those of rules (core/policy/reason-codes): a closed list, with their words. */
import type { DecisionBody, Reason, Severity } from "../model/entries.ts";
import { NO_OBLIGATIONS } from "../model/obligations.ts";

/** Why a call is denied before or beside the rules. */
export const ENGINE_REASONS = {
	"policy.none": { severity: "medium", message: "no enforcing policy in force applies to this principal" },
	"agent.halted": { severity: "medium", message: "a halt is in force for this principal" },
	"session.ended": { severity: "low", message: "the session was ended" },
	"session.stale": { severity: "low", message: "the session began longer ago than sessions are remembered" },
	"session.facts": {
		severity: "medium",
		message: "the call declares other facts than the first call of its session, whose facts are the session's",
	},
	"intent.late": { severity: "low", message: "the intent's deadline had passed before it was decided" },
	"intent.stale": { severity: "low", message: "the intent was issued longer ago than ids are remembered" },
	"stream.ahead": {
		severity: "high",
		message:
			"the log's own time is ahead, because a clock once was, and the call may have been decided before: ask under a new id (see `assent doctor`)",
	},
	"intent.abandoned": { severity: "low", message: "the call was abandoned: it did not run and must not" },
	"intent.unreadable": { severity: "medium", message: "the held intent can no longer be read from the log" },
	"decision.oversized": {
		severity: "medium",
		message: "budgets, approvers or redactions of this call do not fit into a ledger entry",
	},
	"budget.exhausted": { severity: "medium", message: "the budget does not cover this call" },
	"credential.budget": {
		severity: "medium",
		message:
			"the budget of the credential does not cover this call, or cannot be counted where the budget root is a session",
	},
	"approval.rejected": { severity: "low", message: "an approver rejected the call" },
	"approval.expired": { severity: "low", message: "nobody approved the call in time" },
} as const satisfies Record<string, { severity: Severity; message: string }>;

export type EngineReason = keyof typeof ENGINE_REASONS;

/** Why an input has no effect on any table. */
export const REJECTIONS = {
	"publisher.unsigned": {
		severity: "high",
		detail: "the record is not signed by a publisher whom the policies in force name",
	},
	"publisher.unbound": {
		severity: "high",
		detail: "the publisher that signed the record may not speak for this tenant and agent",
	},
	"intent.misrouted": { severity: "high", detail: "the record is not in the partition its key belongs to" },
	"intent.id_reused": { severity: "high", detail: "the same intent id was used before for another call or session" },
	"intent.ahead": { severity: "low", detail: "the intent is stamped more than 5 minutes in the future" },
	"intent.unknown": { severity: "low", detail: "no such intent is known" },
	"intent.taken": {
		severity: "low",
		detail: "the call was handed to another executor, and only that one can say that it never ran",
	},
	"call.foreign": {
		severity: "high",
		detail: "the call is another sub-agent's: who reports speaks for its own calls and those below it",
	},
	"intent.closed": { severity: "low", detail: "the intent is closed already" },
	"outcome.repeated": { severity: "low", detail: "the outcome of this call is recorded already" },
	"call.ungoverned": {
		severity: "critical",
		detail: "an outcome was reported for a call that was never allowed, or was over longer ago than ids are remembered",
	},
	"control.unsigned": {
		severity: "high",
		detail: "the record is not signed by its issuer, with a key that the policies in force name for such records",
	},
	"control.stale": {
		severity: "medium",
		detail:
			"the record was issued longer ago than ids are remembered, so that it could be a repetition: issue it again",
	},
	"control.ahead": {
		severity: "medium",
		detail: "the record is stamped more than 5 minutes in the future: set the clock and issue it again",
	},
	"control.repeated": { severity: "low", detail: "a control record with this id was recorded before" },
	"control.misrouted": { severity: "medium", detail: "the record is not in the partition its key belongs to" },
	"approval.unknown": { severity: "low", detail: "no such call is held here" },
	"approval.closed": { severity: "low", detail: "the call is not held any more" },
	"approval.other_call": {
		severity: "high",
		detail: "the vote is for other arguments than those of the call that is held under this id",
	},
	"approval.late": { severity: "low", detail: "the hold has expired" },
	"approval.halted": { severity: "low", detail: "a halt is in force: the hold stays open" },
	"approval.self": {
		severity: "high",
		detail:
			"the approver is the agent or the human that the call was made for, or asked for it with a credential of theirs",
	},
	"approval.not_permitted": { severity: "high", detail: "no rule of the hold names this approver" },
	"approval.repeated": { severity: "low", detail: "this approver has voted already" },
	"policy.superseded": { severity: "low", detail: "a later activation is in force already" },
	"policy.unreviewed": {
		severity: "low",
		detail: "the set needs a second operator, and what was proposed later takes its place",
	},
	"policy.lockout": {
		severity: "high",
		detail:
			"none of the operators that the set names has signed its activation, so that nobody might be able to put another into force",
	},
	"policy.invalid": { severity: "high", detail: "the bundle does not compile" },
	"policy.unsigned": { severity: "high", detail: "the bundle is not signed by a key that the processor asks for" },
	"policy.unavailable": {
		severity: "medium",
		detail: "the processor could not tell what is in force: a hold stays open, and nothing is adjusted; ask again",
	},
	"halt.unknown": { severity: "low", detail: "no such halt is in force" },
	"budget.unknown": { severity: "medium", detail: "no limit of this name can be adjusted under the policies in force" },
	"session.unknown": { severity: "low", detail: "no such session is known" },
	"inputs.unfit": { severity: "low", detail: "the partition has not stopped before such missing inputs" },
	"entry.oversized": { severity: "high", detail: "the result for this input does not fit into a ledger entry" },
	"record.unreadable": { severity: "medium", detail: "the record cannot be read" },
	"record.sealed": { severity: "medium", detail: "the arguments are sealed, and the processor has no key for them" },
	"record.erased": { severity: "low", detail: "the arguments were erased before the call was decided" },
} as const satisfies Record<string, { severity: Severity; detail: string }>;

export type Rejection = keyof typeof REJECTIONS;

const NO_TAGS: readonly string[] = Object.freeze([]);

/** A denial that no policy gave. */
export const denial = (code: string, severity: Severity, message: string): Reason =>
	Object.freeze({
		rule: Object.freeze({
			code,
			policy: "",
			name: "",
			effect: "deny",
			mode: "enforce",
			severity,
			message,
			tags: NO_TAGS,
		}),
		span: null,
	});

/** A decision in which no rule and no budget had a part. */
export const plainDenial = (reason: Reason, policyDigest: string): DecisionBody => ({
	reasons: [reason],
	obligations: NO_OBLIGATIONS,
	uses: [],
	begins: [],
	policyDigest,
	classifier: "",
});

/** One for each code: the same reason is given again and again. */
const KNOWN = new Map(
	Object.entries(ENGINE_REASONS).map(([code, { severity, message }]) => [code, denial(code, severity, message)]),
);

export const engineReason = (code: EngineReason): Reason => KNOWN.get(code) as Reason;

/** What becomes of a hold that is over: nobody approved in time, or its session ended. */
export const expiryReason = (isSessionEnded: boolean): Reason =>
	engineReason(isSessionEnded ? "session.ended" : "approval.expired");

/** Denials after which an unknown session stays unknown: its row would let the next intent in. */
const BEFORE_POLICY: ReadonlySet<string> = new Set<EngineReason>([
	"intent.late",
	"intent.stale",
	"stream.ahead",
	"agent.halted",
	"session.stale",
]);

export const isBeforePolicy = (code: string | undefined): boolean => code !== undefined && BEFORE_POLICY.has(code);
