/**
 * A decision as people and programs read it: every reason and every budget in one flat object with all its names. Entries
 * and replies say each thing once; what follows from that is derived here, and nowhere else.
 */
import { accountKey, type CounterName, type Measure } from "./counters.ts";
import type { BudgetUse, DecisionBody, LedgerEntry, Mode, Obligations, Reason, Severity, Span } from "./entries.ts";
import type { Subject } from "./ids.ts";
import type { DecisionReplied } from "./records.ts";
import type { SequenceName } from "./sequences.ts";
import type { DurationMs } from "./units.ts";

/** One determining rule of a decision, or a rule of the step itself (then `policy` and `rule` are empty). */
export interface ReasonReading {
	/** Such as `tool.denied`, `pattern.matched` or `budget.exhausted`. */
	readonly code: string;
	readonly policy: string;
	readonly rule: string;
	/** What the rule asks for; in mode `audit` it is recorded and has no force. */
	readonly effect: "deny" | "hold";
	readonly mode: Mode;
	readonly severity: Severity;
	/** Where in the arguments a pattern matched. */
	readonly span: Span | null;
	/** The policy author's words, or the engine's; never argument text. */
	readonly message: string;
	/** What the policy's author files the rule under. */
	readonly tags: readonly string[];
}

/** A budget as the decision saw it. `before` and `after` are settled + reserved; `max` includes top-ups. */
export interface BudgetReading {
	/** Empty for what a credential may spend; `limit` is then its name. */
	readonly policy: string;
	readonly limit: string;
	readonly measure: Measure;
	readonly windowMs: DurationMs;
	/** `tenant/agent/session`, percent-encoded, as far as the limit's scope goes; for repeated calls with `#` and a digest behind. */
	readonly scopeKey: string;
	readonly max: number;
	readonly before: number;
	readonly after: number;
}

export const reasonReading = ({ rule, span }: Reason): ReasonReading => ({
	code: rule.code,
	policy: rule.policy,
	rule: rule.name,
	effect: rule.effect,
	mode: rule.mode,
	severity: rule.severity,
	span,
	message: rule.message,
	tags: rule.tags,
});

const budgetReading = ({ counter, repetition, max, before, amount }: BudgetUse, subject: Subject): BudgetReading => ({
	policy: counter.policy,
	limit: counter.limit,
	measure: counter.measure,
	windowMs: counter.windowMs,
	scopeKey: accountKey(counter, subject, repetition),
	max,
	before,
	after: before + amount,
});

/** What a decision says, in readings. */
export interface DecisionReading {
	readonly reasons: readonly ReasonReading[];
	readonly obligations: Obligations;
	readonly budgets: readonly BudgetReading[];
	readonly begins: readonly SequenceName[];
	readonly policyDigest: string;
}

export const decisionReading = (
	{ reasons, obligations, uses, begins, policyDigest }: DecisionBody,
	subject: Subject,
): DecisionReading => ({
	reasons: reasons.map(reasonReading),
	obligations,
	budgets: uses.map((use) => budgetReading(use, subject)),
	begins,
	policyDigest,
});

/** An entry with its reasons, budgets and accounts in readings, for whoever looks at a ledger. */
export function entryReading(entry: LedgerEntry): object {
	switch (entry.kind) {
		case "decision.made":
		case "decision.held":
			return { ...entry, decision: decisionReading(entry.decision, entry.call) };
		case "approval.recorded":
			return { ...entry, decision: entry.decision === null ? null : decisionReading(entry.decision, entry.call) };
		case "decision.repeated":
			return { ...entry, firstReason: entry.firstReason === null ? null : reasonReading(entry.firstReason) };
		case "usage.settled": {
			const subject = { ...entry.call, session: entry.session };
			const named = <Part extends { readonly counter: CounterName }>(part: Part) => ({
				...part,
				scopeKey: accountKey(part.counter, subject),
			});
			return { ...entry, settlements: entry.settlements.map(named), overshoots: entry.overshoots.map(named) };
		}
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
		case "input.rejected":
			return entry;
	}
}

/** A reply with what was decided in readings. */
export function replyReading({ decision, ...reply }: DecisionReplied): object {
	return { ...reply, ...decisionReading(decision, { ...reply.call, session: reply.session }) };
}
