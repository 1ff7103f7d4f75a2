/** Exemptions that no text needs: what they exempt is not looked for. */
import { intersection } from "../../../language/language.ts";
import type { LintRule } from "../finding.ts";
import { isNothing, textsOf, textsOfOne } from "../proofs.ts";

export const idleExemption: LintRule = {
	id: "idle-exemption",
	certainty: "proven",
	about: "a pattern of `unless` that exempts nothing of what the rule looks for",
	find: (policy) =>
		policy.rules.patternRules.flatMap(({ patterns, unless, fired }) =>
			unless
				.filter(
					(exempt) =>
						!isNothing(textsOfOne(exempt)) && isNothing(intersection([textsOf(patterns), textsOfOne(exempt)])),
				)
				.map(({ place, text }) => ({
					place,
					message: `nothing that the rule \`${fired.reason.rule.name}\` looks for is matched by \`${text}\``,
					help: "correct the exemption, or remove it",
				})),
		),
};
