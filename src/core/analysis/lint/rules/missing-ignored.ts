/** Rules that permit by exception, or require something, and pass calls that give the argument another name. */
import { testsOf } from "../../../policy/condition-form.ts";
import { selectorTexts } from "../../../policy/written-selectors.ts";
import type { LintRule } from "../finding.ts";

const HELP = "remove `missing: ignore`, so that the rule fires on such calls";

export const missingIgnored: LintRule = {
	id: "missing-ignored",
	certainty: "likely",
	about: "`missing: ignore` in a rule with `unless`, or in `require`: a call that names the argument otherwise passes",
	find: ({ document, yaml }) => {
		const patterns = document.patterns.flatMap((rule, index) => {
			const named = selectorTexts(rule.in).find((each) => each !== "args" && each !== "tool");
			if (named === undefined || rule.unless === undefined || rule.missing !== "ignore") return [];
			const message = `a call that gives \`${named}\` another name passes this rule, which permits by exception`;
			return [{ place: yaml.placeOf(["patterns", index, "missing"]), message, help: HELP }];
		});
		const conditions = document.conditions.flatMap(({ require }, at) =>
			testsOf(require).flatMap((test, index) => {
				if (test.present !== undefined || test.missing !== "ignore") return [];
				const path = ["conditions", at, "require", ...(Array.isArray(require) ? [index] : []), "missing"];
				const [named = ""] = selectorTexts(test.in);
				const message = `a call that gives \`${named}\` another name passes this rule, which requires something of it`;
				return [{ place: yaml.placeOf(path), message, help: HELP }];
			}),
		);
		return [...patterns, ...conditions];
	},
};
