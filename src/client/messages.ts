/**
 * What a model is told of a call that did not run: why, and what would help. Waiting helps where capacity comes back by
 * itself, asking where a person decides, and nothing but another way where a rule says no. One place for all of it.
 */
import { inWholeUnits } from "../core/model/duration.ts";
import type { BudgetReading, ReasonReading } from "../core/model/readings.ts";
import type { DurationMs } from "../core/model/units.ts";
import type { Decision } from "./decision.ts";

/** Written for the model that asked. */
export function messageForModel(tool: string, decision: Decision): string {
	const { why, advice } = explained(decision);
	const what = isDenial(decision) ? "was denied" : "did not run";
	return `The call to \`${tool}\` ${what}: ${why}. ${advice}`;
}

export const timedOutMessage = (tool: string, deadlineMs: DurationMs): string =>
	`The call to \`${tool}\` did not end within ${lengthOf(deadlineMs)}, which is all that policy allows it; it was told to stop and may still be running. Find out what it did before you repeat it, and ask for less at a time.`;

interface Explained {
	/** A clause without a full stop. */
	readonly why: string;
	/** Whole sentences. */
	readonly advice: string;
}

const isDenial = (decision: Decision): boolean =>
	decision.verdict === "deny" && decision.source === "reply" && enforced(decision).length > 0;

const enforced = ({ reasons }: Decision): readonly ReasonReading[] => reasons.filter(({ mode }) => mode === "enforce");

function explained(decision: Decision): Explained {
	switch (decision.source) {
		case "timeout":
			return {
				why: "no decision came in time",
				advice: "It was given up and will not run later. Wait before you call again.",
			};
		case "closed":
			return {
				why: "its agent was closed, or lost its log, before a decision came",
				advice: "Tell the user; nothing can be called here any more.",
			};
		case "token":
			return {
				why: decision.reasons.map(({ message }) => message).join("; "),
				advice: "It did not run. Tell the user: what decides and what runs calls do not fit together.",
			};
		case "reply":
	}
	switch (decision.verdict) {
		case "hold":
			return {
				why: `it is waiting for human approval${wordsOf(decision)}`,
				advice: "Ask the user to have it approved, and continue with something else meanwhile. Do not call it again.",
			};
		case "allow":
			return notOpen(decision);
		case "deny":
			return denied(decision);
	}
}

/** An allow that may not be run, or not any more. */
function notOpen({ status }: Decision): Explained {
	switch (status) {
		case "halted":
			return { why: "an operator has halted the agent", advice: STOP };
		case "taken":
			return {
				why: "another program asked for a call with this id as well, and has it",
				advice: "Use the result there. Find out what it did before you call it under a new id.",
			};
		case "open":
		case "granted":
		case "held":
		case "closed":
			return {
				why: "a call with this id was allowed before, and is over",
				advice: "Use its result; to do it once more, call it under a new id.",
			};
	}
}

function denied(decision: Decision): Explained {
	const reasons = enforced(decision);
	// What waiting cannot help decides: a call that is over a rate and forbidden is forbidden.
	const all = reasons.map((reason) => adviceOn(reason, decision.budgets));
	const advice = all.find((each) => each !== WAIT_SLOT && !each.startsWith(WAIT_WINDOW)) ?? all[0] ?? CHANGE;
	return { why: reasons.map(whyOf).join("; "), advice };
}

/** The ledger cannot tell a program with another secret from another call. */
const whyOf = ({ code, message }: ReasonReading): string =>
	code === "intent.id_reused"
		? "this id was used before, for another call or by a program with another secret"
		: message;

const STOP = "Stop, and tell the user: every call is refused until the halt is lifted.";
const CHANGE = "Do not repeat it unchanged; choose another way or ask the user.";
const WAIT_SLOT = "Wait until a call that is running has ended, then call it again.";
const WAIT_WINDOW = "Wait, then call it again";
const SPENT = "Waiting does not help: tell the user, so that the budget can be raised.";
const CLOCK =
	"Tell the user: the clocks of this agent and of its log differ, or the call is older than what is remembered.";

/** By the closed lists of codes in core; what a policy's rule forbids needs another way. */
const ADVICE: Readonly<Record<string, string>> = {
	"agent.halted": STOP,
	"session.ended": "Stop: this session takes no more calls.",
	"session.stale": "Stop, and tell the user: this session is too old to go on.",
	"session.facts": "Tell the user: programs of one session disagree about its folders.",
	"intent.late": "Call it again.",
	"intent.stale": CLOCK,
	"intent.ahead": CLOCK,
	"stream.ahead": "Call it again in a few minutes, under a new id.",
	"intent.abandoned": "To do it anyway, call it under a new id.",
	"intent.id_reused":
		"It may be this very call, asked for by another program, and may have run: find out what it did before you do it again.",
	"intent.unreadable": "Call it again.",
	"approval.rejected": "A human has refused it: do not repeat it; choose another way or ask the user.",
	"approval.expired": "Ask the user before you call it again.",
	"sequence.completed": "What was done before forbids it: choose another way or ask the user.",
	"policy.none": "Tell the user: no policy covers this agent.",
	"record.unreadable": "Tell the user: the call cannot be read.",
	"record.sealed": "Tell the user: whoever decides has no key for sealed arguments.",
	"record.erased": "To do it anyway, call it under a new id.",
};

function adviceOn({ code, policy, rule }: ReasonReading, budgets: readonly BudgetReading[]): string {
	if (code !== "budget.exhausted" && code !== "credential.budget") return ADVICE[code] ?? CHANGE;
	const reading = budgets.find((each) => each.policy === policy && each.limit === rule);
	// A repeated answer has no readings: whether waiting helps is not known here.
	return reading === undefined ? "Call it again later, or ask the user." : adviceOnBudget(reading);
}

function adviceOnBudget({ measure, windowMs, max, before }: BudgetReading): string {
	if (measure === "identical_calls") return CHANGE;
	if (max === 0) return SPENT;
	// Nothing is taken, and it does not fit: it never will.
	if (before === 0) return "The call alone is more than the limit: ask for less at a time.";
	if (measure === "concurrent_calls") return WAIT_SLOT;
	return windowMs === 0 ? SPENT : `${WAIT_WINDOW}: the limit is for each ${lengthOf(windowMs)}.`;
}

/** The author's words for a hold, where there are any. */
function wordsOf(decision: Decision): string {
	const words = enforced(decision).map(({ message }) => message);
	return words.length === 0 ? "" : ` (${words.join("; ")})`;
}

/** In the largest unit that says it exactly. */
function lengthOf(ms: DurationMs): string {
	const { value, unit } = inWholeUnits(ms);
	return `${value} ${unit === "m" ? "min" : unit}`;
}
