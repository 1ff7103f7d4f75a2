/** Rules that another rule of the policy covers: it fires on all their calls, and decides at least as hard. */
import type { Place } from "../../base/errors.ts";
import type { FiredRule } from "../../policy/rules.ts";
import { conditionRuleCovers, patternRuleCovers, toolRuleCovers } from "./covering.ts";
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
	const { toolRules, patternRules, conditionRules } = policy.rules;
	return [
		...coveredIn(
			policy,
			toolRules.filter(
				({ firesOn, fired, tools: [set] }) =>
					firesOn === "listed" && !(fired.requirement !== null && set && policy.isDenied(set)),
			),
			toolRuleCovers,
		),
		...coveredIn(
			policy,
			patternRules.filter((rule) => !policy.isDenied(rule.tools) && !policy.neverMatches(rule)),
			patternRuleCovers,
		),
		...coveredIn(
			policy,
			conditionRules.filter(({ tools }) => !policy.isDenied(tools)),
			conditionRuleCovers,
		),
	];
}

interface Rule {
	readonly place: Place;
	readonly fired: FiredRule;
}

function coveredIn<Of extends Rule>(
	policy: LintedPolicy,
	all: readonly Of[],
	covers: (one: Of, other: Of) => boolean,
): readonly CoveredRule[] {
	const rules = all.slice(0, COMPARED_MAX);
	return rules.flatMap((rule, at) => {
		for (const [index, other] of rules.entries()) {
			if (index === at || policy.isLifted(nameOf(other)) || !covers(other, rule)) continue;
			const isSame = covers(rule, other);
			if (isSame && index > at) continue;
			return [{ place: rule.place, name: nameOf(rule), by: nameOf(other), isSame }];
		}
		return [];
	});
}

const nameOf = ({ fired }: Rule): string => fired.reason.rule.name;
