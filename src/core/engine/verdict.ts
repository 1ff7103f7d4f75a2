/**
 * The verdict on one call: rules and budgets of every policy that applies, combined by maximum (deny > hold > allow).
 * Every determining rule is named; what runs in mode `audit` is recorded and has no force.
 */
import { commitment } from "../base/digest.ts";
import { costText } from "../model/amounts.ts";
import type { BudgetReading, Charge, DecisionBody, Measure, Reason, Requirement, Verdict } from "../model/entries.ts";
import { type Scope, scopeKey } from "../model/ids.ts";
import type { IntentSubmitted } from "../model/inputs.ts";
import { NO_OBLIGATIONS } from "../model/obligations.ts";
import type { EpochMs } from "../model/units.ts";
import type { CompiledLimit, CompiledPolicySet, Finding } from "../policy/compiled.ts";
import { type Account, counterOf } from "../state/accounts.ts";
import { bounded, isSlot, toppedUp, used } from "./budget.ts";
import { fitted, type Judgement } from "./fit.ts";
import { cut, engineReason } from "./reasons.ts";

/** How a judgement looks at accounts and at what was granted before. */
export interface Bench {
	readonly at: EpochMs;
	/** The account as it stands for this judgement; undefined when nothing was ever charged. */
	readonly account: (scopeKey: string) => Account | undefined;
	/** Have approvers granted all that a rule asks for? */
	readonly isSatisfied: (requirement: Requirement) => boolean;
	/** A call decided anew was submitted once: identical calls are not counted again. */
	readonly isFresh: boolean;
}

/** A denial that no rule and no budget had a part in. */
export const plainDenial = (reason: Reason, policyDigest: string): DecisionBody => ({
	reasons: [reason],
	obligations: NO_OBLIGATIONS,
	charges: [],
	budgets: [],
	policyDigest,
});

export function judge(intent: IntentSubmitted, policies: CompiledPolicySet | null, bench: Bench): Judgement {
	const { tenant, agent } = intent.principal;
	const found = policies?.judge({ tenant, agent, tool: intent.tool, args: intent.args });
	if (policies === null || found === undefined || found.applies.length === 0) {
		return {
			verdict: "deny",
			decision: plainDenial(engineReason("policy.none"), policies?.digest ?? ""),
			requirements: [],
		};
	}
	const isPassed = ({ reason: { effect }, requirement }: Finding): boolean =>
		effect === "hold" && requirement !== null && bench.isSatisfied(requirement);
	const fired: Finding[] = found.isEnforced ? [] : [NO_POLICY];
	for (const finding of found.findings) if (!isPassed(finding)) fired.push(finding);
	const all: Draw[] = [];
	const account = accountOf(intent, bench);
	for (const limit of found.limits) {
		// A call decided anew was submitted once: identical calls are not counted again.
		if (limit.measure === "identical_calls" && !bench.isFresh) continue;
		const each = draw(limit, intent, account(limit), bench.at);
		all.push(each.finding !== null && isPassed(each.finding) ? { ...each, finding: null } : each);
	}
	const { verdict, findings, draws } = weigh(fired, all);
	const judgementOf = (counted: readonly Draw[]): Judgement => ({
		verdict,
		requirements: verdict === "hold" ? requirementsOf(findings) : [],
		decision: {
			reasons: determining(findings, verdict),
			obligations: verdict === "deny" ? NO_OBLIGATIONS : found.obligations,
			charges: counted.map((each) => each.charge).filter((charge) => verdict !== "deny" || charge.kind === "settled"),
			budgets: counted.map((each) => readingOf(each, verdict)),
			policyDigest: policies.digest,
		},
	});
	return fitted(judgementOf(draws), () => judgementOf(draws.filter(({ limit }) => limit.mode === "enforce")));
}

/**
 * A held call runs nothing: it takes no slot of the calls that run at the same time, and is not refused for want of one. When
 * it is granted it needs one, and that decision says if there is none.
 */
function weigh(
	fired: readonly Finding[],
	all: readonly Draw[],
): { readonly verdict: Verdict; readonly findings: readonly Finding[]; readonly draws: readonly Draw[] } {
	const findingsOf = (draws: readonly Draw[]): Finding[] => [
		...fired,
		...draws.flatMap(({ finding }) => (finding === null ? [] : [finding])),
	];
	const findings = findingsOf(all);
	const verdict = combine(findings);
	if (verdict === "allow" || !all.some(({ limit }) => isSlot(limit))) return { verdict, findings, draws: all };
	const others = all.filter(({ limit }) => !isSlot(limit));
	const without = findingsOf(others);
	if (combine(without) === "hold") return { verdict: "hold", findings: without, draws: others };
	return { verdict, findings, draws: verdict === "hold" ? others : all };
}

/** What only records has no force, and what has no force grants nothing. */
const NO_POLICY: Finding = { reason: engineReason("policy.none"), requirement: null };

/** What one limit would take from its counter for this call. */
interface Draw {
	readonly limit: CompiledLimit;
	readonly charge: Charge;
	readonly before: number;
	readonly max: number;
	readonly finding: Finding | null;
}

function draw(limit: CompiledLimit, intent: IntentSubmitted, of: KeyedAccount, at: EpochMs): Draw {
	const counter = counterOf(of.account, limit.counter);
	const before = counter === undefined ? 0 : used(counter, at);
	const max = bounded(limit.max + (counter === undefined ? 0 : toppedUp(counter, at)));
	const amount = amountOf(limit, intent);
	// Unknown is not free: where all is taken, nothing more of it is given away unseen.
	const isOver = before + amount > max || (amount === 0 && before >= max);
	return {
		limit,
		charge: {
			counter: counter?.id ?? { ...limit.counter, scope: limit.scope, scopeKey: of.scopeKey },
			// Limits in mode `audit` admit what is beyond counting: they count as far as integers go.
			amount: bounded(before + amount) - before,
			kind: limit.measure === "identical_calls" ? "settled" : "reserved",
		},
		before,
		max,
		finding: isOver ? exhausted(limit, { before, amount, max }) : null,
	};
}

/** An account that may not be there yet. */
interface KeyedAccount {
	readonly scopeKey: string;
	readonly account: Account | undefined;
}

/** Finds the account that a limit counts this call in; each is looked up once. */
function accountOf(intent: IntentSubmitted, bench: Bench): (limit: CompiledLimit) => KeyedAccount {
	const { principal } = intent;
	const found: Partial<Record<Scope | "call", KeyedAccount>> = {};
	const keyed = (key: string): KeyedAccount => ({ scopeKey: key, account: bench.account(key) });
	return ({ measure, scope }) => {
		if (measure !== "identical_calls") {
			found[scope] ??= keyed(scopeKey(scope, principal));
			return found[scope];
		}
		found.call ??= keyed(
			`${scopeKey("session", principal)}#${commitment(intent.sessionSalt, intent.tool, intent.argsText)}`,
		);
		return found.call;
	};
}

function amountOf(limit: CompiledLimit, intent: IntentSubmitted): number {
	switch (limit.measure) {
		case "tool_calls":
		case "concurrent_calls":
		case "identical_calls":
			return 1;
		case "tokens":
			return Math.max(intent.estimate.tokens, limit.reserve);
		case "cost":
			return Math.max(intent.estimate.costMicros, limit.reserve);
		case "execution_time":
			return limit.reserve;
	}
}

const UNIT: Record<Measure, string> = {
	tool_calls: "calls",
	tokens: "tokens",
	cost: "currency units",
	execution_time: "ms of execution time",
	concurrent_calls: "calls at a time",
	identical_calls: "identical calls",
};

function exhausted(limit: CompiledLimit, of: { before: number; amount: number; max: number }): Finding {
	const text = limit.measure === "cost" ? costText : String;
	const need = of.amount === 0 ? "what this call needs is not known" : `this call needs ${text(of.amount)}`;
	const figures = `${text(of.before)} of ${text(of.max)} ${UNIT[limit.measure]} are taken, ${need}`;
	return {
		reason: {
			code: "budget.exhausted",
			policy: limit.policy,
			rule: limit.name,
			effect: limit.effect,
			mode: limit.mode,
			severity: limit.severity,
			span: null,
			message: cut(limit.message === "" ? figures : `${limit.message} (${figures})`),
		},
		requirement: limit.requirement,
	};
}

function combine(findings: readonly Finding[]): Verdict {
	let verdict: Verdict = "allow";
	for (const { reason } of findings) {
		if (reason.mode === "audit") continue;
		if (reason.effect === "deny") return "deny";
		verdict = "hold";
	}
	return verdict;
}

/** The rules that made the verdict, then what audit rules would have said. */
function determining(findings: readonly Finding[], verdict: Verdict): Reason[] {
	const reasons = findings.map((finding) => finding.reason);
	return [
		...reasons.filter((reason) => reason.mode === "enforce" && reason.effect === verdict),
		...reasons.filter((reason) => reason.mode === "audit"),
	];
}

const requirementsOf = (findings: readonly Finding[]): Requirement[] =>
	findings.flatMap(({ reason, requirement }) =>
		reason.mode === "enforce" && reason.effect === "hold" && requirement !== null ? [requirement] : [],
	);

function readingOf(of: Draw, verdict: Verdict): BudgetReading {
	const isCharged = verdict !== "deny" || of.charge.kind === "settled";
	const { counter } = of.charge;
	return {
		policy: counter.policy,
		limit: counter.limit,
		measure: counter.measure,
		windowMs: counter.windowMs,
		scopeKey: counter.scopeKey,
		max: of.max,
		before: of.before,
		after: of.before + (isCharged ? of.charge.amount : 0),
	};
}
