/** Exceptions that lift nothing: for their calls the rule does not fire, or something else denies them anyway. */
import { complement, type Language } from "../../../language/language.ts";
import type { LintRule, Slip } from "../finding.ts";
import type { LintedPolicy } from "../linted-policy.ts";
import { anyOf, haveNoName, toolsOf } from "../proofs.ts";

export const idleException: LintRule = {
	id: "idle-exception",
	certainty: "proven",
	about: "an exception that no call can use: its rule is about none of its tools, or `tools` denies them anyway",
	find: (policy) =>
		policy.rules.exceptions.flatMap(({ name, place, policy: own, rules, tools }): Slip[] => {
			if (policy.isDenied(tools)) {
				const message = `the exception \`${name}\` helps no call: the section \`tools\` denies all calls of its tools anyway`;
				return [{ place, message, help: "correct `tools`, or lift the rule that denies them, too" }];
			}
			return rules
				.filter((rule) => rule.policy === own)
				.flatMap((rule): Slip[] => {
					const subject = toolsOfRule(policy, rule.rule);
					if (subject === null || !haveNoName([subject, toolsOf(tools)])) return [];
					const message = `\`${rule.rule}\` never fires on calls of the tools of the exception \`${name}\``;
					return [{ place: rule.place, message, help: "correct `tools` of the exception, or remove the rule from it" }];
				});
		}),
};

/** The tools that a rule is about; null for one that is not of this policy. */
function toolsOfRule({ rules }: LintedPolicy, name: string): Language | null {
	const { toolRules, patternRules, conditionRules, readingRules } = rules;
	const ofList = toolRules.find(({ fired }) => fired.reason.rule.name === name);
	if (ofList !== undefined) return ofList.firesOn === "others" ? complement(anyOf(ofList.tools)) : anyOf(ofList.tools);
	const rule = [...patternRules, ...conditionRules, ...readingRules].find(
		({ fired }) => fired.reason.rule.name === name,
	);
	return rule === undefined ? null : toolsOf(rule.tools);
}
