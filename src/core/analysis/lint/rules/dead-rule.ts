/** Rules that no call reaches: `allow`, `default` or `deny` refuses every call of their tools. */
import type { LintRule } from "../finding.ts";

export const deadRule: LintRule = {
	id: "dead-rule",
	certainty: "proven",
	about: "a rule, limit or obligation about tools of which no call gets past `tools`",
	find: (policy) =>
		policy.rulesAboutTools().flatMap(({ title, place, tools }) =>
			policy.isDenied(tools)
				? [
						{
							place,
							message: `${title} is about no tool that can be called: the section \`tools\` denies all of them`,
							help: "correct the names in `tools` of this rule or in `allow`, or remove the rule",
						},
					]
				: [],
		),
};
