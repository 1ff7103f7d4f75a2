/**
 * The verdict on one call: rules and budgets of every policy that applies, combined by maximum (deny > hold > allow).
 * Every determining rule is named; what runs in mode `audit` is recorded and has no force.
 */
import type { BudgetUse, Reason, Requirement, Verdict } from "../../model/entries.ts";
import type { IntentSubmitted, SessionFacts } from "../../model/inputs.ts";
import { NO_OBLIGATIONS } from "../../model/obligations.ts";
import type { SequenceName } from "../../model/sequences.ts";
import type { EpochMs } from "../../model/units.ts";
import type { CompiledPolicySet, Evaluation, FiredRule } from "../../policy/compiled.ts";
import type { AccountsRead } from "../../state/accounts.ts";
import { begunBy } from "../../state/begun-sequences.ts";
import { isSlot } from "../budget.ts";
import { engineReason, plainDenial } from "../reasons.ts";
import { limitsOf } from "./caps.ts";
import { type DrawnLimit, type Draws, drawOn } from "./draws.ts";
import { fits, fitted, type Ruling } from "./fit.ts";

/** How a ruling looks at accounts and at what was granted before. */
export interface JudgeOptions {
	readonly at: EpochMs;
	readonly accounts: AccountsRead;
	/** What the call's session has declared. */
	readonly facts: SessionFacts | null;
	/** Have approvers granted all that a rule asks for? */
	readonly isSatisfied: (requirement: Requirement) => boolean;
	/** A call decided again was submitted once: identical calls are not counted again. */
	readonly isFresh: boolean;
}

const NO_REASONS: readonly Reason[] = Object.freeze([]);
const NO_SEQUENCES: readonly SequenceName[] = Object.freeze([]);
const NO_REQUIREMENTS: readonly Requirement[] = Object.freeze([]);

export function judge(intent: IntentSubmitted, policies: CompiledPolicySet | null, options: JudgeOptions): Ruling {
	const { tenant, agent, session } = intent.principal;
	const seen = policies?.evaluate({
		tenant,
		agent,
		session,
		facts: options.facts,
		tool: intent.tool,
		args: intent.args,
		argsText: intent.argsText,
		at: options.at,
	});
	if (policies === null || seen === undefined || seen.applies.length === 0) {
		const decision = plainDenial(engineReason("policy.none"), policies?.digest ?? "");
		return { verdict: "deny", decision, requirements: NO_REQUIREMENTS };
	}
	const found = seen.completes.length === 0 ? seen : withCompleted(seen, intent, options);
	const counted = options.isFresh ? found.limits : found.limits.filter(({ measure }) => measure !== "identical_calls");
	const limits = limitsOf(counted, intent);
	const draws = drawOn(limits, intent, options.accounts, options.at);
	if (!found.isEnforced || found.fired.length > 0 || draws.exhausted !== null) {
		return weighed(found, listOf(limits, draws), policies.digest, options);
	}
	// Nothing is against the call, as with most.
	const { obligations, begins, classifier } = found;
	const { digest: policyDigest } = policies;
	const decision = { reasons: NO_REASONS, obligations, uses: draws.uses, begins, policyDigest, classifier };
	const ruling: Ruling = { verdict: "allow", decision, requirements: NO_REQUIREMENTS };
	return fits(ruling) ? ruling : weighed(found, listOf(limits, draws), policies.digest, options);
}

/** Every rule and budget that is against a call, also those that a stricter one hides from its decision. */
export function objectionsTo(
	intent: IntentSubmitted,
	policies: CompiledPolicySet,
	options: Pick<JudgeOptions, "at" | "accounts" | "facts">,
): readonly FiredRule[] {
	const { tenant, agent, session } = intent.principal;
	const { tool, args, argsText } = intent;
	const { at, facts } = options;
	const seen = policies.evaluate({ tenant, agent, session, facts, tool, args, argsText, at });
	const { exhausted } = drawOn(limitsOf(seen.limits, intent), intent, options.accounts, at);
	return [...withCompleted(seen, intent, options).fired, ...(exhausted ?? []).filter((each) => each !== undefined)];
}

/** With the rules on sequences that were begun in time: they are reported behind those on the call alone. */
function withCompleted(
	seen: Evaluation,
	{ principal }: IntentSubmitted,
	{ accounts, at }: Pick<JudgeOptions, "accounts" | "at">,
): Evaluation {
	const lastBegun = begunBy(accounts, principal);
	const fired = seen.completes.flatMap(({ sequence, fired }) => {
		const since = lastBegun(sequence);
		const isInTime = since !== undefined && (sequence.withinMs === 0 || at - since <= sequence.withinMs);
		return isInTime ? [fired] : [];
	});
	return fired.length === 0 ? seen : { ...seen, fired: [...seen.fired, ...fired] };
}

/** What one limit would take from its counter for this call, and what it says if that is too much. */
interface Draw {
	readonly limit: DrawnLimit;
	readonly use: BudgetUse;
	readonly finding: FiredRule | null;
}

const listOf = (limits: readonly DrawnLimit[], { uses, exhausted }: Draws): Draw[] =>
	limits.map((limit, place) => ({ limit, use: uses[place] as BudgetUse, finding: exhausted?.[place] ?? null }));

/** What only records has no force, and what has no force grants nothing. */
const NO_POLICY: FiredRule = { reason: engineReason("policy.none"), requirement: null };

function weighed(found: Evaluation, drawn: readonly Draw[], policyDigest: string, options: JudgeOptions): Ruling {
	const isPassed = ({ reason, requirement }: FiredRule): boolean =>
		reason.rule.effect === "hold" && requirement !== null && options.isSatisfied(requirement);
	const fired: FiredRule[] = found.isEnforced ? [] : [NO_POLICY];
	for (const finding of found.fired) if (!isPassed(finding)) fired.push(finding);
	const all = drawn.map((draw) =>
		draw.finding !== null && isPassed(draw.finding) ? { ...draw, finding: null } : draw,
	);
	const { verdict, findings, draws } = weigh(fired, all);
	const rulingOf = (counted: readonly Draw[]): Ruling => ({
		verdict,
		requirements: verdict === "hold" ? requirementsOf(findings) : NO_REQUIREMENTS,
		decision: {
			reasons: determining(findings, verdict),
			obligations: verdict === "deny" ? NO_OBLIGATIONS : found.obligations,
			uses: counted.map(({ use }) => (verdict === "deny" && use.kind === "reserved" ? untaken(use) : use)),
			begins: verdict === "allow" ? found.begins : NO_SEQUENCES,
			policyDigest,
			classifier: found.classifier,
		},
	});
	return fitted(rulingOf(draws), () => rulingOf(draws.filter(({ limit }) => limit.mode === "enforce")));
}

/**
 * A held call runs nothing: it takes no slot of the calls that run at the same time, and is not refused for want of one. When
 * it is granted it needs one, and that decision says if there is none.
 */
function weigh(
	fired: readonly FiredRule[],
	all: readonly Draw[],
): { readonly verdict: Verdict; readonly findings: readonly FiredRule[]; readonly draws: readonly Draw[] } {
	const findingsOf = (draws: readonly Draw[]): FiredRule[] => [
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

function combine(findings: readonly FiredRule[]): Verdict {
	let verdict: Verdict = "allow";
	for (const { reason } of findings) {
		if (reason.rule.mode === "audit") continue;
		if (reason.rule.effect === "deny") return "deny";
		verdict = "hold";
	}
	return verdict;
}

/** The rules that made the verdict, then what audit rules would have said. */
function determining(findings: readonly FiredRule[], verdict: Verdict): Reason[] {
	const reasons = findings.map((finding) => finding.reason);
	return [
		...reasons.filter(({ rule }) => rule.mode === "enforce" && rule.effect === verdict),
		...reasons.filter(({ rule }) => rule.mode === "audit"),
	];
}

const requirementsOf = (findings: readonly FiredRule[]): Requirement[] =>
	findings.flatMap(({ reason: { rule }, requirement }) =>
		rule.mode === "enforce" && rule.effect === "hold" && requirement !== null ? [requirement] : [],
	);

/** A denied call reserves nothing. */
const untaken = (use: BudgetUse): BudgetUse => ({ ...use, amount: 0, kind: "none" });
