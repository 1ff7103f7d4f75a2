/** Rules that say the same twice. */
import { coveredRules } from "../covered-rules.ts";
import type { LintRule } from "../finding.ts";

export const duplicateRule: LintRule = {
	id: "duplicate-rule",
	certainty: "proven",
	about: "a rule that fires on exactly the calls of one before it",
	find: (policy) =>
		coveredRules(policy)
			.filter(({ isSame }) => isSame)
			.map(({ place, name, by }) => ({
				place,
				message: `\`${name}\` fires on exactly the calls on which \`${by}\` does`,
				help: "remove one of the two",
			})),
};
