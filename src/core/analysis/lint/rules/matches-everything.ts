/** Patterns that match any text, where nothing is exempt from them. */
import { union } from "../../../language/language.ts";
import type { LintRule } from "../finding.ts";
import { isEverything, textsOfOne } from "../proofs.ts";
import { EMPTY_TEXT } from "../texts.ts";

export const matchesEverything: LintRule = {
	id: "matches-everything",
	certainty: "proven",
	about: "a pattern that matches any text, in a rule without `unless`",
	find: (policy) =>
		policy.patterns().flatMap(({ pattern, use }) => {
			// An alternative too many has words of its own.
			if (
				use !== "looking" ||
				/^\||\|$|\|\|/.test(pattern.text) ||
				!isEverything(union([textsOfOne(pattern), EMPTY_TEXT]))
			)
				return [];
			return [
				{
					place: pattern.place,
					message: `\`${pattern.text}\` matches any text, so that the rule is about every call that has one`,
					help: "name what is meant; to stop a tool use `tools.deny`, and to stop an argument `conditions` with `present: true`",
				},
			];
		}),
};
