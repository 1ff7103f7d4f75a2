/**
 * What a compiled set says of one call.
 *
 * E1  Pure: the same call gives the same answer, its rules in (policy name, order of the document). Plans are a memo, no state.
 * E2  Total: a rule that cannot be evaluated fires as `rule.failed` and denies.
 * E3  A rule that fires is told once, with its first span.
 * E4  A rule that does not fire costs nothing: what applies is planned once, and patterns are looked up by what a text holds.
 */

import type { CallView, CompiledPolicySet, Completion, Evaluation } from "./compiled.ts";
import { ConditionSearch } from "./condition-search.ts";
import { Exceptions } from "./exceptions.ts";
import type { LookingRules } from "./looking-rules.ts";
import { NameIndex } from "./name-index.ts";
import { type Governing, type IndexedPolicy, type Ordered, Plan } from "./plan.ts";
import { ReadingSearch } from "./reading-search.ts";
import { RuleIndex } from "./rule-index.ts";
import { type Firing, RuleSearch } from "./rule-search.ts";
import type { CallKind, CompiledLimit, CompiledPolicy, CompiledTest, FiredRule, ToolSet } from "./rules.ts";
import type { CompiledTrust } from "./trust.ts";

/** Tools whose plan is remembered, for one group of agents. Many tools share one plan. */
const TOOLS_MAX = 4_096;
/** Agents whose group is remembered. */
const AGENTS_MAX = 65_536;

/** Agents that the same policies and exceptions apply to: there are few such groups. */
interface Group extends Governing {
	readonly byTool: Map<string, Plan>;
	/** By what the tool's name is in, and what is found in it. */
	readonly plans: Map<string, Plan>;
}

export class PolicyEvaluator implements CompiledPolicySet {
	readonly digest: string;
	readonly policies: readonly CompiledPolicy[];
	readonly trust: CompiledTrust | null;
	readonly limits: readonly CompiledLimit[];
	readonly #limitsByName: ReadonlyMap<string, CompiledLimit>;
	readonly #indexed: readonly IndexedPolicy[];
	readonly #principals = new NameIndex();
	readonly #tools = new NameIndex();
	readonly #rules: RuleIndex;
	readonly #search: RuleSearch;
	readonly #conditions: ConditionSearch;
	readonly #readings = new ReadingSearch();
	readonly #exceptions: Exceptions;
	/** By tenant and agent, and by the policies that apply. */
	readonly #groupOf = new Map<string, Map<string, Group>>();
	readonly #groups = new Map<string, Group>();
	#agents = 0;

	/** `like`: an evaluator of policies with the same patterns, which are compiled once for both. */
	constructor(rules: Pick<CompiledPolicySet, "digest" | "policies" | "trust">, like?: PolicyEvaluator) {
		const { digest, policies, trust } = rules;
		this.digest = digest;
		this.policies = policies;
		this.trust = trust;
		this.limits = policies.flatMap((policy) => policy.limits);
		this.#limitsByName = new Map(this.limits.map((limit) => [`${limit.policy}/${limit.name}`, limit]));
		const patternRules = policies.flatMap((policy) => policy.patternRules);
		this.#rules = new RuleIndex(patternRules, like?.patterns);
		this.#search = new RuleSearch(this.#rules);
		this.#conditions = new ConditionSearch(policies.flatMap(testsIn));
		this.#exceptions = new Exceptions(this.#conditions);
		this.#indexed = this.#indexAll(policies);
	}

	get patterns(): RuleIndex["patterns"] {
		return this.#rules.patterns;
	}

	limit(policy: string, name: string): CompiledLimit | null {
		return this.#limitsByName.get(`${policy}/${name}`) ?? null;
	}

	evaluate(call: CallView): Evaluation {
		const plan = this.#planFor(call);
		const { plain, looking, exceptions, obligations } = plan;
		if (plan.conditions !== null || exceptions.length > 0 || plan.hasSequenceTests) this.#conditions.begin(call);
		if (plan.isRead) this.#readings.begin(call);
		const firings = looking === null ? NOTHING : this.#firings(looking, plan, call);
		const met = plan.conditions === null ? NOTHING : this.#met(plan.conditions, call);
		const read = plan.reading === null ? NOTHING : this.#readings.askAll(plan.reading);
		const owed = obligations.owed(call.args);
		const all = plan.fired(firings, read.length === 0 ? met : [...met, ...read]);
		const fired = exceptions.length === 0 ? all : this.#exceptions.lift(all, exceptions, call);
		const begins = plan.hasSequenceTests ? this.#begins(plan) : plain.begins;
		const completes = plan.completing.length === 0 ? plain.completes : this.#completes(plan, call);
		const isPlain = fired === plain.fired && begins === plain.begins && completes === plain.completes;
		if (isPlain && owed === obligations.unredacted) return plain;
		return {
			applies: plain.applies,
			isEnforced: plain.isEnforced,
			fired: owed.failed.length === 0 ? fired : [...fired, ...owed.failed],
			begins,
			completes,
			limits: plain.limits,
			obligations: owed.obligations,
			classifier: plain.classifier,
		};
	}

	/** What the patterns find, or found when the call came before. */
	#firings(looking: LookingRules, { isRead }: Plan, call: CallView): readonly Firing[] {
		const known = isRead ? this.#readings.firingsOf(looking) : undefined;
		if (known !== undefined) return known;
		const firings = this.#search.inArguments(looking, call.args);
		if (isRead) this.#readings.keepFirings(looking, firings);
		return firings;
	}

	#met(gates: NonNullable<Plan["conditions"]>, call: CallView): readonly Ordered[] {
		return gates.rulesFor(call.args).flatMap(({ rule, order }) => {
			const fired = this.#conditions.ask(rule);
			return fired === null ? [] : [{ order, fired }];
		});
	}

	/** The sequences that the call begins, or may. */
	#begins({ beginning }: Plan): Evaluation["begins"] {
		return beginning.flatMap(({ sequence, after, fired }) => (this.#askKind(after, fired) === null ? [] : [sequence]));
	}

	/** What is said of a call that is of the kind, as far as its tool goes; null: it is of another. Arguments are asked first: they cost less. */
	#askKind(kind: CallKind, always: FiredRule): FiredRule | null {
		const { when, require } = kind;
		const met = this.#conditions.ask({ when, require, fired: always });
		return met === null ? null : this.#readings.askKind(kind, met, always);
	}

	/** The sequences that the call completes, or may; the same list as the plan's where arguments say nothing of them. */
	#completes({ plain, completing, hasSequenceTests, exceptions }: Plan, call: CallView): Evaluation["completes"] {
		const asked = !hasSequenceTests
			? plain.completes
			: completing.flatMap(({ sequence, completedBy, fired: always }): Completion[] => {
					const fired = this.#askKind(completedBy, always);
					return fired === null ? [] : [{ sequence, fired }];
				});
		if (exceptions.length === 0) return asked;
		const fired = asked.map((each) => each.fired);
		const left = this.#exceptions.lift(fired, exceptions, call);
		return left === fired ? asked : asked.map(({ sequence }, index) => ({ sequence, fired: left[index] as FiredRule }));
	}

	#planFor(call: CallView): Plan {
		const group = this.#groupFor(call);
		const known = group.byTool.get(call.tool);
		if (known !== undefined) return known;
		if (group.byTool.size >= TOOLS_MAX) {
			group.byTool.clear();
			group.plans.clear();
		}
		const plan = this.#plan(group, call.tool);
		group.byTool.set(call.tool, plan);
		return plan;
	}

	/** A plan for all tools that the same lists hold, and in whose names the same is found. */
	#plan(group: Group, tool: string): Plan {
		const { policies, plans } = group;
		const lists = this.#tools.test(tool);
		const isIn = (list: number): boolean => lists[list] === 1;
		const looking = policies.flatMap(({ patternRules }) =>
			patternRules.flatMap(({ rule, tools }) => (rule.rule.inTool && isIn(tools) ? [rule] : [])),
		);
		const found = looking.length === 0 ? NOTHING : this.#search.inTool(tool, looking);
		const name = `${lists.join("")}${JSON.stringify(found.map(({ rule, fired }) => [rule.index, fired.reason]))}`;
		const known = plans.get(name);
		if (known !== undefined) return known;
		const plan = new Plan(group, { isIn, found }, this.#rules);
		plans.set(name, plan);
		return plan;
	}

	#groupFor({ tenant, agent }: CallView): Group {
		const known = this.#groupOf.get(tenant)?.get(agent);
		if (known !== undefined) return known;
		const inTenants = this.#principals.test(tenant);
		const inAgents = this.#principals.test(agent);
		const policies = this.#indexed.filter(({ tenants, agents }) => inTenants[tenants] === 1 && inAgents[agents] === 1);
		const exceptions = policies.flatMap((policy) =>
			policy.exceptions.filter(({ tenants, agents }) => inTenants[tenants] === 1 && inAgents[agents] === 1),
		);
		const names = policies.map(({ policy }) => policy.name);
		const key = [...names, ...exceptions.map(({ rule }) => `${rule.policy}/${rule.name}`)].join("\n");
		const group = this.#groups.get(key) ?? { policies, exceptions, byTool: new Map(), plans: new Map() };
		this.#groups.set(key, group);
		this.#remember(tenant, agent, group);
		return group;
	}

	#remember(tenant: string, agent: string, group: Group): void {
		if (this.#agents >= AGENTS_MAX) {
			this.#groupOf.clear();
			this.#agents = 0;
		}
		const byAgent = this.#groupOf.get(tenant);
		if (byAgent === undefined) this.#groupOf.set(tenant, new Map([[agent, group]]));
		else byAgent.set(agent, group);
		this.#agents += 1;
	}

	#indexAll(policies: readonly CompiledPolicy[]): readonly IndexedPolicy[] {
		let order = 0;
		let place = 0;
		const list = <Rule extends { readonly tools: ToolSet | readonly ToolSet[] }, Indexed>(
			rules: readonly Rule[],
			indexed: (rule: Rule) => Indexed,
		) =>
			rules.map((rule) => ({
				rule: indexed(rule),
				order: order++,
				tools: "names" in rule.tools ? this.#tools.addTools(rule.tools) : this.#tools.addUnion(rule.tools),
			}));
		return policies.map((policy) => ({
			policy,
			tenants: this.#principals.add(policy.tenants),
			agents: this.#principals.add(policy.agents),
			toolRules: list(policy.toolRules, (rule) => rule),
			patternRules: list(policy.patternRules, () => this.#rules.rules[place++] as RuleIndex["rules"][number]),
			conditionRules: list(policy.conditionRules, (rule) => rule),
			readingRules: list(policy.readingRules, (rule) => rule),
			sequences: policy.sequences.map((rule) => ({
				rule,
				after: this.#tools.addTools(rule.after.tools),
				completedBy: this.#tools.addTools(rule.completedBy.tools),
			})),
			exceptions: list(policy.exceptions, (rule) => rule).map((listed) => ({
				...listed,
				tenants: this.#principals.add(listed.rule.tenants),
				agents: this.#principals.add(listed.rule.agents),
			})),
			limits: list(policy.limits, (rule) => rule),
			obligations: list(policy.obligations, (rule) => rule),
		}));
	}
}

const testsIn = ({ conditionRules, sequences, exceptions }: CompiledPolicy): readonly CompiledTest[] => [
	...conditionRules.flatMap(({ when, require }) => [...when, ...require]),
	...sequences.flatMap(({ after, completedBy }) =>
		[after, completedBy].flatMap(({ when, require }) => [...when, ...require]),
	),
	...exceptions.flatMap(({ when }) => when),
];

const NOTHING: readonly never[] = [];
