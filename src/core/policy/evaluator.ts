/**
 * What a compiled set says of one call.
 *
 * E1  Pure: the same call gives the same answer, its rules in (policy name, order of the document). Plans are a memo, no state.
 * E2  Total: a rule that cannot be evaluated fires as `rule.failed` and denies.
 * E3  A rule that fires is told once, with its first span.
 * E4  A rule that does not fire costs nothing: what applies is planned once, and patterns are looked up by what a text holds.
 */

import type { CallView, CompiledPolicySet, Evaluation } from "./compiled.ts";
import { ConditionSearch } from "./condition-search.ts";
import { NameIndex } from "./name-index.ts";
import { type IndexedPolicy, type Ordered, Plan } from "./plan.ts";
import { RuleIndex } from "./rule-index.ts";
import { RuleSearch } from "./rule-search.ts";
import type { CompiledLimit, CompiledPolicy, ToolSet } from "./rules.ts";

/** Tools whose plan is remembered, for one group of agents. Many tools share one plan. */
const TOOLS_MAX = 4_096;
/** Agents whose group is remembered. */
const AGENTS_MAX = 65_536;

/** Agents that the same policies apply to: there are few such groups. */
interface Group {
	readonly policies: readonly IndexedPolicy[];
	readonly byTool: Map<string, Plan>;
	/** By what the tool's name is in, and what is found in it. */
	readonly plans: Map<string, Plan>;
}

export class PolicyEvaluator implements CompiledPolicySet {
	readonly digest: string;
	readonly policies: readonly CompiledPolicy[];
	readonly limits: readonly CompiledLimit[];
	readonly #limitsByName: ReadonlyMap<string, CompiledLimit>;
	readonly #indexed: readonly IndexedPolicy[];
	readonly #principals = new NameIndex();
	readonly #tools = new NameIndex();
	readonly #rules: RuleIndex;
	readonly #search: RuleSearch;
	readonly #conditions: ConditionSearch;
	/** By tenant and agent, and by the policies that apply. */
	readonly #groupOf = new Map<string, Map<string, Group>>();
	readonly #groups = new Map<string, Group>();
	#agents = 0;

	constructor(digest: string, policies: readonly CompiledPolicy[]) {
		this.digest = digest;
		this.policies = policies;
		this.limits = policies.flatMap((policy) => policy.limits);
		this.#limitsByName = new Map(this.limits.map((limit) => [`${limit.policy}/${limit.name}`, limit]));
		this.#rules = new RuleIndex(policies.flatMap(({ patternRules }) => patternRules));
		this.#search = new RuleSearch(this.#rules);
		this.#conditions = new ConditionSearch(policies.flatMap(({ conditionRules }) => conditionRules));
		this.#indexed = this.#indexAll(policies);
	}

	limit(policy: string, name: string): CompiledLimit | null {
		return this.#limitsByName.get(`${policy}/${name}`) ?? null;
	}

	evaluate(call: CallView): Evaluation {
		const plan = this.#planFor(call);
		const { plain, looking, obligations } = plan;
		const firings = looking === null ? NOTHING : this.#search.inArguments(looking, call.args);
		const met = plan.conditions.length === 0 ? NOTHING : this.#met(plan, call);
		const owed = obligations.owed(call.args);
		if (firings.length === 0 && met.length === 0 && owed === obligations.unredacted) return plain;
		const fired = plan.fired(firings, met);
		return {
			applies: plain.applies,
			isEnforced: plain.isEnforced,
			fired: owed.failed.length === 0 ? fired : [...fired, ...owed.failed],
			limits: plain.limits,
			obligations: owed.obligations,
		};
	}

	#met({ conditions }: Plan, call: CallView): readonly Ordered[] {
		this.#conditions.begin(call);
		return conditions.flatMap(({ rule, order }) => {
			const fired = this.#conditions.ask(rule);
			return fired === null ? [] : [{ order, fired }];
		});
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
	#plan({ policies, plans }: Group, tool: string): Plan {
		const lists = this.#tools.test(tool);
		const isIn = (list: number): boolean => lists[list] === 1;
		const looking = policies.flatMap(({ patternRules }) =>
			patternRules.flatMap(({ rule, tools }) => (rule.rule.inTool && isIn(tools) ? [rule] : [])),
		);
		const found = looking.length === 0 ? NOTHING : this.#search.inTool(tool, looking);
		const name = `${lists.join("")}${JSON.stringify(found.map(({ rule, fired }) => [rule.index, fired.reason]))}`;
		const known = plans.get(name);
		if (known !== undefined) return known;
		const plan = new Plan(policies, { isIn, found }, this.#rules);
		plans.set(name, plan);
		return plan;
	}

	#groupFor({ tenant, agent }: CallView): Group {
		const known = this.#groupOf.get(tenant)?.get(agent);
		if (known !== undefined) return known;
		const inTenants = this.#principals.test(tenant);
		const inAgents = this.#principals.test(agent);
		const policies = this.#indexed.filter(({ tenants, agents }) => inTenants[tenants] === 1 && inAgents[agents] === 1);
		const names = policies.map(({ policy }) => policy.name).join("\n");
		const group = this.#groups.get(names) ?? { policies, byTool: new Map(), plans: new Map() };
		this.#groups.set(names, group);
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
			limits: list(policy.limits, (rule) => rule),
			obligations: list(policy.obligations, (rule) => rule),
		}));
	}
}

const NOTHING: readonly never[] = [];
