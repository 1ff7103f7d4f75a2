/**
 * The verdict on one call: rules and budgets of every policy that applies, combined by maximum (deny > hold > allow).
 * Every determining rule is named; what runs in mode `audit` is recorded and has no force.
 */
import { commitment } from "../base/digest.ts";
import { costText } from "../model/amounts.ts";
import { accountKey, type Measure } from "../model/counters.ts";
import type { BudgetUse, Reason, Requirement, Verdict } from "../model/entries.ts";
import type { Scope } from "../model/ids.ts";
import type { IntentSubmitted } from "../model/inputs.ts";
import { NO_OBLIGATIONS } from "../model/obligations.ts";
import type { EpochMs } from "../model/units.ts";
import type { CompiledLimit, CompiledPolicySet, Finding } from "../policy/compiled.ts";
import { type Account, counterOf } from "../state/accounts.ts";
import { bounded, isSlot, toppedUp, used } from "./budget.ts";
import { fitted, type Ruling } from "./fit.ts";
import { cut, engineReason, plainDenial } from "./reasons.ts";

/** How a ruling looks at accounts and at what was granted before. */
export interface JudgeOptions {
	readonly at: EpochMs;
	/** The account as it stands for this ruling; undefined when nothing was ever charged. */
	readonly account: (scopeKey: string) => Account | undefined;
	/** Have approvers granted all that a rule asks for? */
	readonly isSatisfied: (requirement: Requirement) => boolean;
	/** A call decided anew was submitted once: identical calls are not counted again. */
	readonly isFresh: boolean;
}

export function judge(intent: IntentSubmitted, policies: CompiledPolicySet | null, options: JudgeOptions): Ruling {
	const { tenant, agent } = intent.principal;
	const found = policies?.judge({ tenant, agent, tool: intent.tool, args: intent.args });
	if (policies === null || found === undefined || found.applies.length === 0) {
		return {
			verdict: "deny",
			decision: plainDenial(engineReason("policy.none"), policies?.digest ?? ""),
			requirements: [],
		};
	}
	const isPassed = ({ reason, requirement }: Finding): boolean =>
		reason.rule.effect === "hold" && requirement !== null && options.isSatisfied(requirement);
	const fired: Finding[] = found.isEnforced ? [] : [NO_POLICY];
	for (const finding of found.findings) if (!isPassed(finding)) fired.push(finding);
	const all: Draw[] = [];
	const account = accountOf(intent, options);
	for (const limit of found.limits) {
		// A call decided anew was submitted once: identical calls are not counted again.
		if (limit.measure === "identical_calls" && !options.isFresh) continue;
		const each = draw(limit, intent, account(limit), options.at);
		all.push(each.finding !== null && isPassed(each.finding) ? { ...each, finding: null } : each);
	}
	const { verdict, findings, draws } = weigh(fired, all);
	const rulingOf = (counted: readonly Draw[]): Ruling => ({
		verdict,
		requirements: verdict === "hold" ? requirementsOf(findings) : [],
		decision: {
			reasons: determining(findings, verdict),
			obligations: verdict === "deny" ? NO_OBLIGATIONS : found.obligations,
			uses: counted.map(({ use }) => (verdict === "deny" && use.kind === "reserved" ? untaken(use) : use)),
			policyDigest: policies.digest,
		},
	});
	return fitted(rulingOf(draws), () => rulingOf(draws.filter(({ limit }) => limit.mode === "enforce")));
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
	readonly use: BudgetUse;
	readonly finding: Finding | null;
}

function draw(limit: CompiledLimit, intent: IntentSubmitted, of: FoundAccount, at: EpochMs): Draw {
	const counter = counterOf(of.account, limit.counter);
	const before = counter === undefined ? 0 : used(counter, at);
	const max = bounded(limit.max + (counter === undefined ? 0 : toppedUp(counter, at)));
	const amount = amountOf(limit, intent);
	// Unknown is not free: where all is taken, nothing more of it is given away unseen.
	const isOver = before + amount > max || (amount === 0 && before >= max);
	return {
		limit,
		use: {
			counter: limit.counter,
			repetition: of.repetition,
			max,
			before,
			// Limits in mode `audit` admit what is beyond counting: they count as far as integers go.
			amount: bounded(before + amount) - before,
			kind: limit.measure === "identical_calls" ? "settled" : "reserved",
		},
		finding: isOver ? exhausted(limit, { before, amount, max }) : null,
	};
}

/** An account that may not be there yet. */
interface FoundAccount {
	readonly repetition: string;
	readonly account: Account | undefined;
}

/** Finds the account that a limit counts this call in; each is looked up once. */
function accountOf(intent: IntentSubmitted, options: JudgeOptions): (limit: CompiledLimit) => FoundAccount {
	const { principal } = intent;
	const found: Partial<Record<Scope | "call", FoundAccount>> = {};
	const find = (scope: Scope, repetition: string): FoundAccount => ({
		repetition,
		account: options.account(accountKey(scope, principal, repetition)),
	});
	return ({ measure, scope }) => {
		if (measure !== "identical_calls") {
			found[scope] ??= find(scope, "");
			return found[scope];
		}
		found.call ??= find(scope, commitment(intent.sessionSalt, intent.tool, intent.argsText));
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
			rule: {
				code: "budget.exhausted",
				policy: limit.policy,
				name: limit.name,
				effect: limit.effect,
				mode: limit.mode,
				severity: limit.severity,
				message: cut(limit.message === "" ? figures : `${limit.message} (${figures})`),
			},
			span: null,
		},
		requirement: limit.requirement,
	};
}

function combine(findings: readonly Finding[]): Verdict {
	let verdict: Verdict = "allow";
	for (const { reason } of findings) {
		if (reason.rule.mode === "audit") continue;
		if (reason.rule.effect === "deny") return "deny";
		verdict = "hold";
	}
	return verdict;
}

/** The rules that made the verdict, then what audit rules would have said. */
function determining(findings: readonly Finding[], verdict: Verdict): Reason[] {
	const reasons = findings.map((finding) => finding.reason);
	return [
		...reasons.filter(({ rule }) => rule.mode === "enforce" && rule.effect === verdict),
		...reasons.filter(({ rule }) => rule.mode === "audit"),
	];
}

const requirementsOf = (findings: readonly Finding[]): Requirement[] =>
	findings.flatMap(({ reason: { rule }, requirement }) =>
		rule.mode === "enforce" && rule.effect === "hold" && requirement !== null ? [requirement] : [],
	);

/** A denied call reserves nothing. */
const untaken = (use: BudgetUse): BudgetUse => ({ ...use, amount: 0, kind: "none" });
