/** Rules that another rule of the policy covers: it fires on all their calls, and decides at least as hard. */
import type { Place } from "../../base/errors.ts";
import type { FiredRule, ToolSet } from "../../policy/rules.ts";
import { conditionRuleCovers, patternRuleCovers, readingRuleCovers, toolRuleCovers } from "./covering.ts";
import type { LintedPolicy } from "./linted-policy.ts";

/** Of more rules only the first are looked at: each is compared with each other one. */
const COMPARED_MAX = 300;

export interface CoveredRule {
	readonly place: Place;
	readonly name: string;
	/** Names of rules. */
	readonly by: string;
	/** Do both fire on the same calls? The second of them is told of. */
	readonly isSame: boolean;
}

export function coveredRules(policy: LintedPolicy): readonly CoveredRule[] {
	const known = found.get(policy);
	if (known !== undefined) return known;
	const covered = coveredRulesIn(policy);
	found.set(policy, covered);
	return covered;
}

/** Two rules ask for them. */
const found = new WeakMap<LintedPolicy, readonly CoveredRule[]>();

function coveredRulesIn(policy: LintedPolicy): readonly CoveredRule[] {
	const { strongest, weakest } = policy.staged;
	const isReached = ({ tools }: { readonly tools: ToolSet }): boolean => !policy.isDenied(tools);
	return [
		...coveredIn(policy, staged(weakest.toolRules, strongest.toolRules), {
			isCovered: ({ firesOn, fired, tools: [set] }) =>
				firesOn === "listed" && !(fired.requirement !== null && set && policy.isDenied(set)),
			covers: (one, other) => toolRuleCovers(one, other) && (isDenial(one) || policy.isListedWithout(other)),
		}),
		...coveredIn(policy, staged(weakest.patternRules, strongest.patternRules), {
			isCovered: (rule) => isReached(rule) && !policy.neverMatches(rule),
			covers: patternRuleCovers,
		}),
		...coveredIn(policy, staged(weakest.conditionRules, strongest.conditionRules), {
			isCovered: isReached,
			covers: conditionRuleCovers,
		}),
		...coveredIn(policy, staged(weakest.readingRules, strongest.readingRules), {
			isCovered: isReached,
			covers: readingRuleCovers,
		}),
	];
}

const isDenial = ({ fired }: Rule): boolean => fired.reason.rule.effect === "deny";

interface Rule {
	readonly place: Place;
	readonly fired: FiredRule;
}

/** A rule as it is for sessions beyond its stage, and for those below. */
interface StagedRule<Of> {
	readonly weakest: Of;
	readonly strongest: Of;
}

const staged = <Of>(weakest: readonly Of[], strongest: readonly Of[]): readonly StagedRule<Of>[] =>
	weakest.map((rule, index) => ({ weakest: rule, strongest: strongest[index] as Of }));

/** For every session: a rule that is as it is beyond its stage covers another one that is as it is below. */
function coveredIn<Of extends Rule>(
	policy: LintedPolicy,
	all: readonly StagedRule<Of>[],
	{
		isCovered,
		covers,
	}: {
		readonly isCovered: (rule: Of) => boolean;
		readonly covers: (one: Of, other: Of) => boolean;
	},
): readonly CoveredRule[] {
	const rules = all.filter(({ weakest }) => isCovered(weakest)).slice(0, COMPARED_MAX);
	return rules.flatMap((rule, at) => {
		for (const [index, other] of rules.entries()) {
			if (index === at || policy.isLifted(nameOf(other.weakest))) continue;
			if (!covers(other.weakest, rule.strongest)) continue;
			const isSame = covers(rule.weakest, other.strongest) && !policy.isLifted(nameOf(rule.weakest));
			if (isSame && index > at) continue;
			return [{ place: rule.weakest.place, name: nameOf(rule.weakest), by: nameOf(other.weakest), isSame }];
		}
		return [];
	});
}

const nameOf = ({ fired }: Rule): string => fired.reason.rule.name;
