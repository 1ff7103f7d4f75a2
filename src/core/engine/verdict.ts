/**
 * The verdict on one call: rules and budgets of every policy that applies, combined by maximum (deny > hold > allow).
 * Every determining rule is named; what runs in mode `audit` is recorded and has no force.
 */
import { commitment } from "../base/digest.ts";
import type {
	BudgetReading,
	Charge,
	CounterId,
	DecisionBody,
	Measure,
	Reason,
	Requirement,
	Verdict,
} from "../model/entries.ts";
import { type Scope, scopeKey } from "../model/ids.ts";
import type { IntentSubmitted } from "../model/inputs.ts";
import { type Counter, counterKey } from "../model/state.ts";
import type { EpochMs } from "../model/units.ts";
import { type CompiledLimit, type CompiledPolicySet, type Finding, NO_OBLIGATIONS } from "../policy/compiled.ts";
import { bounded, emptyCounter, toppedUp, used } from "./budget.ts";
import { fitted, type Judgement } from "./fit.ts";
import { cut, engineReason } from "./reasons.ts";

/** How a judgement looks at counters and at what was granted before. */
export interface Bench {
	readonly at: EpochMs;
	/** The counter as it stands for this judgement; undefined when nothing was ever charged. */
	readonly counter: (key: string) => Counter | undefined;
	/** (policy, rule) pairs that approvers have satisfied. */
	readonly isSatisfied: (policy: string, rule: string) => boolean;
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
	const keys = {
		tenant: scopeKey("tenant", intent.principal),
		agent: scopeKey("agent", intent.principal),
		session: scopeKey("session", intent.principal),
	};
	const draws = found.limits.map((limit) => draw(limit, intent, bench, keys)).filter((each) => each !== null);
	const findings = [
		...found.findings,
		...draws.flatMap((each) => (each.finding === null ? [] : [each.finding])),
	].filter(({ reason }) => !(reason.effect === "hold" && bench.isSatisfied(reason.policy, reason.rule)));
	const verdict = combine(findings);
	return fitted({
		verdict,
		requirements: verdict === "hold" ? requirementsOf(findings) : [],
		decision: {
			reasons: determining(findings, verdict),
			obligations: verdict === "deny" ? NO_OBLIGATIONS : found.obligations,
			charges: draws.map((each) => each.charge).filter((charge) => verdict !== "deny" || charge.kind === "settled"),
			budgets: draws.map((each) => readingOf(each, verdict)),
			policyDigest: policies.digest,
		},
	});
}

/** What one limit would take from its counter for this call. */
interface Draw {
	readonly limit: CompiledLimit;
	readonly charge: Charge;
	readonly before: number;
	readonly max: number;
	readonly finding: Finding | null;
}

function draw(limit: CompiledLimit, intent: IntentSubmitted, bench: Bench, keys: Record<Scope, string>): Draw | null {
	const isSubmission = limit.measure === "identical_calls";
	if (isSubmission && !bench.isFresh) return null;
	const id = counterIdOf(limit, intent, keys);
	const counter = bench.counter(counterKey(id)) ?? emptyCounter(id);
	const before = used(counter, bench.at);
	const max = bounded(limit.max + toppedUp(counter, bench.at));
	const amount = amountOf(limit, intent);
	return {
		limit,
		// Limits in mode `audit` admit what is beyond counting: they count as far as integers go.
		charge: { counter: id, amount: bounded(before + amount) - before, kind: isSubmission ? "settled" : "reserved" },
		before,
		max,
		finding: before + amount > max ? exhausted(limit, { before, amount, max }) : null,
	};
}

function counterIdOf(limit: CompiledLimit, intent: IntentSubmitted, keys: Record<Scope, string>): CounterId {
	if (limit.measure === "identical_calls") {
		const own = commitment(intent.sessionSalt, intent.tool, intent.argsText);
		return newCounterId(limit, `${keys.session}#${own}`);
	}
	const key = keys[limit.scope];
	let ids = counterIds.get(limit);
	if (ids === undefined || ids.size >= COUNTER_IDS_MAX) {
		ids = new Map();
		counterIds.set(limit, ids);
	}
	const known = ids.get(key);
	if (known !== undefined) return known;
	const id = newCounterId(limit, key);
	ids.set(key, id);
	return id;
}

/** Ids are values; the same one is handed out again so that its key need not be made again. */
const counterIds = new WeakMap<CompiledLimit, Map<string, CounterId>>();
const COUNTER_IDS_MAX = 10_000;

const newCounterId = (limit: CompiledLimit, key: string): CounterId => ({
	policy: limit.policy,
	limit: limit.name,
	measure: limit.measure,
	windowMs: limit.windowMs,
	scope: limit.scope,
	scopeKey: key,
});

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
	cost: "micro-units of cost",
	execution_time: "ms of execution time",
	concurrent_calls: "calls at a time",
	identical_calls: "identical calls",
};

function exhausted(limit: CompiledLimit, of: { before: number; amount: number; max: number }): Finding {
	const figures = `${of.before} of ${of.max} ${UNIT[limit.measure]} are taken, this call needs ${of.amount}`;
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
