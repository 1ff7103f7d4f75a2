/**
 * The judgement of one call by a compiled set.
 *
 * J1  Pure: the same call gives the same findings, in (policy name, order of the document). Plans are a memo, no state.
 * J2  Total: a rule that cannot be evaluated is the finding `rule.failed` and denies.
 * J3  One finding for each rule that fires, with its first span.
 */

import { allText } from "../arguments/leaves.ts";
import type { JsonObject } from "../base/json.ts";
import type { PatternSet } from "../match/pattern-set.ts";
import type { CallView, CompiledLimit, CompiledPolicySet, Finding, PolicyFindings } from "./compiled.ts";
import { mergeObligations, type Owed } from "./obligations.ts";
import { RuleSearch } from "./rule-search.ts";
import type { CompiledPatternRule, CompiledPolicy } from "./rules.ts";

/** What follows from the principal and the tool alone; only patterns and redactions look at the arguments. */
interface Plan {
	readonly applies: readonly string[];
	readonly isEnforced: boolean;
	/** Findings that are certain, and rules that must look, in the order in which findings are reported. */
	readonly steps: readonly (Finding | CompiledPatternRule)[];
	/** Those of the steps that must look. */
	readonly rules: readonly CompiledPatternRule[];
	/** Their patterns, without exemptions. */
	readonly patterns: readonly number[];
	readonly looksAtTool: boolean;
	/** Does one of the rules fire on what is missing? */
	readonly hasDoubts: boolean;
	/** `steps` where no pattern matches. */
	readonly certain: readonly Finding[];
	readonly limits: readonly CompiledLimit[];
	readonly owed: (args: JsonObject) => Owed;
}

/** A plan holds for every agent that the same policies apply to: there are few such groups, and few tools. */
const PLANS_MAX = 4_096;
/** Agents whose group is remembered. */
const AGENTS_MAX = 65_536;

/** Agents that the same policies apply to. */
interface Group {
	readonly policies: readonly CompiledPolicy[];
	/** By tool. */
	readonly plans: Map<string, Plan>;
}

export class JudgingSet implements CompiledPolicySet {
	readonly digest: string;
	readonly limits: readonly CompiledLimit[];
	readonly #policies: readonly CompiledPolicy[];
	readonly #set: PatternSet;
	readonly #limitsByName: ReadonlyMap<string, CompiledLimit>;
	/** By tenant and agent, and by the policies that apply. */
	readonly #groupOf = new Map<string, Group>();
	readonly #groups = new Map<string, Group>();

	constructor(digest: string, policies: readonly CompiledPolicy[], set: PatternSet) {
		this.digest = digest;
		this.#policies = policies;
		this.#set = set;
		this.limits = policies.flatMap((policy) => policy.limits);
		this.#limitsByName = new Map(this.limits.map((limit) => [`${limit.policy}/${limit.name}`, limit]));
	}

	limit(policy: string, name: string): CompiledLimit | null {
		return this.#limitsByName.get(`${policy}/${name}`) ?? null;
	}

	judge(call: CallView): PolicyFindings {
		const plan = this.#planFor(call);
		const findings = this.#matches(plan, call);
		const { obligations, failed } = plan.owed(call.args);
		return {
			applies: plan.applies,
			isEnforced: plan.isEnforced,
			findings: failed.length === 0 ? findings : [...findings, ...failed],
			limits: plan.limits,
			obligations,
		};
	}

	/** Looks once at everything together; only if a rule's literals occur somewhere is each leaf looked at, once for all rules. */
	#matches(plan: Plan, call: CallView): readonly Finding[] {
		if (plan.rules.length === 0) return plan.certain;
		const text = plan.looksAtTool ? `${call.tool}\n${allText(call.args)}` : allText(call.args);
		const candidates = this.#set.candidates(text, plan.patterns);
		if (candidates.length === 0 && !plan.hasDoubts) return plan.certain;
		const search = new RuleSearch(this.#set, plan.rules, call);
		const found = search.find(candidates);
		return plan.steps.flatMap((step) => {
			if (!("patterns" in step)) return [step];
			const finding = found.get(step);
			return finding === undefined ? [] : [finding];
		});
	}

	#planFor(call: CallView): Plan {
		const { policies, plans } = this.#groupFor(call);
		const known = plans.get(call.tool);
		if (known !== undefined) return known;
		if (plans.size >= PLANS_MAX) plans.clear();
		const plan = planOf(policies, call.tool);
		plans.set(call.tool, plan);
		return plan;
	}

	#groupFor({ tenant, agent }: CallView): Group {
		const key = `${tenant}\n${agent}`;
		const known = this.#groupOf.get(key);
		if (known !== undefined) return known;
		const policies = this.#policies.filter((policy) => policy.tenants(tenant) && policy.agents(agent));
		const names = policies.map(({ name }) => name).join("\n");
		const group = this.#groups.get(names) ?? { policies, plans: new Map() };
		this.#groups.set(names, group);
		if (this.#groupOf.size >= AGENTS_MAX) this.#groupOf.clear();
		this.#groupOf.set(key, group);
		return group;
	}
}

function planOf(applying: readonly CompiledPolicy[], tool: string): Plan {
	const steps: (Finding | CompiledPatternRule)[] = [];
	for (const policy of applying) {
		for (const rule of policy.toolRules) if (rule.fires(tool)) steps.push(rule.finding);
		for (const rule of policy.patternRules) if (rule.counts(tool)) steps.push(rule);
	}
	const rules = steps.filter((step) => "patterns" in step);
	return {
		applies: applying.map((policy) => policy.name),
		isEnforced: applying.some((policy) => policy.mode === "enforce"),
		steps,
		rules,
		patterns: rules.flatMap((rule) => rule.patterns),
		looksAtTool: rules.some((rule) => rule.inTool),
		hasDoubts: rules.some((rule) => rule.doubts !== null),
		certain: steps.filter((step): step is Finding => !("patterns" in step)),
		limits: applying.flatMap((policy) => policy.limits.filter((limit) => limit.counts(tool))),
		owed: mergeObligations(applying.flatMap((policy) => policy.obligations.filter((entry) => entry.counts(tool)))),
	};
}
