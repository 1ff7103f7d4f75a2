/** Patterns that match no text at all, and rules whose exemption covers all that they look for. */
import type { LintRule, Slip } from "../finding.ts";
import { isNothing, textsOfOne } from "../proofs.ts";

export const neverMatches: LintRule = {
	id: "never-matches",
	certainty: "proven",
	about: "a pattern that matches no text, or a rule whose `unless` covers everything that it looks for",
	find: (policy) => {
		const impossible = policy.patterns().flatMap(({ pattern }): readonly Slip[] =>
			isNothing(textsOfOne(pattern))
				? [
						{
							place: pattern.place,
							message: `no text is matched by \`${pattern.text}\``,
							help: "look for anchors and edges in the middle, such as `a^`, `$a` or `a\\bb`",
						},
					]
				: [],
		);
		const places = new Set(impossible.map(({ place }) => place));
		const exempt = policy.rules.patternRules
			.filter((rule) => rule.unless.length > 0 && !rule.patterns.every(({ place }) => places.has(place)))
			.filter((rule) => policy.neverMatches(rule))
			.map(({ unless, place, fired }) => ({
				place: unless[0]?.place ?? place,
				message: `\`unless\` covers every text that the rule \`${fired.reason.rule.name}\` looks for, so that it never fires on one`,
				help: "narrow the exemption, or remove the rule",
			}));
		return [...impossible, ...exempt];
	},
};
