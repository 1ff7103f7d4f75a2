/** A decision in words: what was decided, by which rules, where it matched, and what it left of the budgets. */

import { visible } from "../base/safe-text.ts";
import { costText } from "../model/amounts.ts";
import { durationText } from "../model/duration.ts";
import type { Verdict } from "../model/entries.ts";
import type { BudgetReading, ReasonReading } from "../model/readings.ts";
import type { SequenceName } from "../model/sequences.ts";
import { EXCEPTION_USED } from "../policy/reason-codes.ts";

export interface Explainable {
	readonly verdict: Verdict;
	readonly reasons: readonly ReasonReading[];
	readonly budgets: readonly BudgetReading[];
	readonly begins: readonly SequenceName[];
	readonly policyDigest: string;
}

/** One line for each fact, the verdict first; what an agent made cannot look like a line of its own. */
export function explain(decision: Explainable): string[] {
	const determining = decision.reasons.filter((reason) => reason.mode === "enforce");
	const lifted = decision.reasons.filter(isExceptionUse);
	const audit = decision.reasons.filter((reason) => reason.mode === "audit" && !isExceptionUse(reason));
	return [
		headline(decision.verdict, determining.length),
		...determining.map((reason) => `  ${reasonLine(reason)}`),
		...lifted.map((reason) => `  not ${PARTICIPLES[reason.effect]} (exception)  ${reasonLine(reason)}`),
		...audit.map((reason) => `  would ${reason.effect} (audit)  ${reasonLine(reason)}`),
		...decision.budgets.map((reading) => `  ${budgetLine(reading)}`),
		...decision.begins.map((sequence) => `  ${sequenceLine(sequence)}`),
		decision.policyDigest === "" ? "  no policy was in force" : `  policy ${decision.policyDigest.slice(0, 12)}`,
	].map(visible);
}

const isExceptionUse = ({ code }: ReasonReading): boolean => code === EXCEPTION_USED;

const PARTICIPLES = { deny: "denied", hold: "held" } as const;

function headline(verdict: Verdict, rules: number): string {
	switch (verdict) {
		case "allow":
			return "allow: the tool is admitted and no rule forbids the call";
		case "deny":
			return `deny: ${rules === 1 ? "one reason" : `${rules} reasons`}`;
		case "hold":
			return `held for approval: ${rules === 1 ? "one rule requires" : `${rules} rules require`} it`;
	}
}

/** `coding-agent/no-rm-root  pattern.matched  at /command[0..8]  message  [T1485]`. */
export function reasonLine(reason: ReasonReading): string {
	const rule = reason.policy === "" ? "" : `${reason.policy}/${reason.rule}  `;
	const span =
		reason.span === null ? "" : `  at ${reason.span.pointer || "/"}[${reason.span.start}..${reason.span.end}]`;
	const tags = reason.tags.length === 0 ? "" : `  [${reason.tags.join(", ")}]`;
	return `${rule}${reason.code}${span}  ${reason.message}${tags}`;
}

function sequenceLine({ policy, sequence, scope, withinMs }: SequenceName): string {
	const time = withinMs === 0 ? "from now on" : `for ${durationText(withinMs)}`;
	return `${policy}/${sequence}  looks ${time} at calls of the ${scope}`;
}

function budgetLine(reading: BudgetReading): string {
	const window = reading.windowMs === 0 ? "for life" : `in ${durationText(reading.windowMs)}`;
	const text = (amount: number): string => (reading.measure === "cost" ? costText(amount) : String(amount));
	const { before, after } = reading;
	const change = after === before ? text(after) : `${text(before)} → ${text(after)}`;
	const name = reading.policy === "" ? `credential ${reading.limit}` : `${reading.policy}/${reading.limit}`;
	return `${name}  ${change} of ${text(reading.max)} ${reading.measure} ${window} for ${reading.scopeKey}`;
}
