/**
 * Leaves out of two sets of policies the rules that both have: whatever one of them stops, the other stops, too. What is left of two
 * versions of a long policy is what was changed, and few lists of names have to be told apart.
 *
 * A rule that is left out covers no other rule any more, so that less is proven, and nothing wrong.
 */
import type { CompiledException, CompiledPolicy, ToolSet } from "../../policy/rules.ts";

type Policies = readonly CompiledPolicy[];

export function withoutShared(first: Policies, second: Policies): readonly [Policies, Policies] {
	const [said, others] = [spellingsOf(first), spellingsOf(second)];
	const isShared = (spelling: string): boolean => said.has(spelling) && others.has(spelling);
	// How limits count depends on obligations.
	const isOwedAlike = isSame(obligationsOf(first), obligationsOf(second));
	const left = (policies: Policies): Policies => {
		const spellingOf = spellings(policies);
		return policies.map((policy) => {
			const changed = <Rule extends object>(rules: readonly Rule[]): readonly Rule[] =>
				rules.filter((rule) => !isShared(spellingOf(policy, rule)));
			const rest = {
				...policy,
				// What all other tools are denied by says which tools are of interest.
				toolRules: policy.toolRules.filter((rule) => rule.firesOn === "others" || !isShared(spellingOf(policy, rule))),
				patternRules: changed(policy.patternRules),
				conditionRules: changed(policy.conditionRules),
				readingRules: changed(policy.readingRules),
				sequences: changed(policy.sequences),
				limits: isOwedAlike ? changed(policy.limits) : policy.limits,
			};
			const named = new Set(rulesOf(rest).map(nameOf));
			return { ...rest, stages: policy.stages.filter(({ rule }) => rule === null || named.has(rule)) };
		});
	};
	const [one, other] = [left(first), left(second)];
	// Obligations tell nothing more where they are the same and no limit is left.
	if (!isOwedAlike || [...one, ...other].some(({ limits }) => limits.length > 0)) return [one, other];
	const bare = (policies: Policies): Policies => policies.map((policy) => ({ ...policy, obligations: [] }));
	return [bare(one), bare(other)];
}

const isSame = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean =>
	one.size === other.size && [...one].every((each) => other.has(each));

/** The rule, whom it is for and in which sessions, and what lifts it. */
function spellings(policies: Policies): (policy: CompiledPolicy, rule: object) => string {
	const liftsOf = liftingSpellings(policies);
	return (policy, rule) => {
		const name = nameOf(rule as Rule);
		return said([governs(policy), stagesOf(policy, name), rule, liftsOf(policy.name, name)]);
	};
}

/** What lifts a rule of these policies, for whom and when: in the same order wherever it is written. */
export function liftingSpellings(policies: Policies): (policy: string, rule: string) => readonly string[] {
	const exceptions = policies.flatMap((policy) => policy.exceptions.map((exception) => ({ policy, exception })));
	return (policy, rule) =>
		exceptions
			.filter(({ exception }) => names(exception, policy, rule))
			.map(({ policy: own, exception }) => said([governs(own), exception]))
			.sort();
}

type Rule = ReturnType<typeof rulesOf>[number];

const rulesOf = ({ toolRules, patternRules, conditionRules, readingRules, sequences, limits }: CompiledPolicy) => [
	...toolRules,
	...patternRules,
	...conditionRules,
	...readingRules,
	...sequences,
	...limits,
];

const nameOf = (rule: Rule): string => ("fired" in rule ? rule.fired.reason.rule.name : rule.name);

/** Of the rule of that name; null: of the policy itself. */
const stagesOf = ({ stages }: CompiledPolicy, name: string | null): readonly number[] =>
	stages.filter(({ rule }) => rule === name).map(({ below }) => below);

const names = ({ rules }: CompiledException, policy: string, name: string): boolean =>
	rules.some((lifted) => lifted.policy === policy && lifted.rule === name);

const governs = (policy: CompiledPolicy) => {
	const { name, mode, tenants, agents } = policy;
	return [name, mode, tenants, agents, stagesOf(policy, null)];
};

function spellingsOf(policies: Policies): ReadonlySet<string> {
	const spellingOf = spellings(policies);
	return new Set(policies.flatMap((policy) => rulesOf(policy).map((rule) => spellingOf(policy, rule))));
}

const obligationsOf = (policies: Policies): ReadonlySet<string> =>
	new Set(policies.flatMap((policy) => policy.obligations.map((obligation) => said([governs(policy), obligation]))));

/** All that is said, but not where. */
const said = (value: unknown): string =>
	JSON.stringify(value, (name, part: unknown) => (name === "place" || name === "tree" ? undefined : part));

/** Tools that rules of these policies name to stop them. */
export const listedTools = (policies: Policies): readonly ToolSet[] =>
	policies.flatMap(({ toolRules }) => toolRules.flatMap(({ firesOn, tools }) => (firesOn === "listed" ? tools : [])));
