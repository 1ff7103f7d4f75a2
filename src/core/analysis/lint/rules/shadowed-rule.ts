/** Rules that never change a verdict. */
import { coveredRules } from "../covered-rules.ts";
import type { LintRule } from "../finding.ts";

export const shadowedRule: LintRule = {
	id: "shadowed-rule",
	certainty: "proven",
	about: "a rule that never changes a verdict: another one fires on all its calls, and decides at least as hard",
	find: (policy) =>
		coveredRules(policy)
			.filter(({ isSame }) => !isSame)
			.map(({ place, name, by }) => ({
				place,
				message: `\`${name}\` never changes a verdict: \`${by}\` fires on every call on which it does, and decides at least as hard`,
				help: "remove it, narrow the other one, or give it a higher `severity` if that is what it is for",
			})),
};
