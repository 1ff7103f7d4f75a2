/** Rules about an argument that stop each tool that does not have it. */
import { testsOf } from "../../../policy/condition-form.ts";
import { effectOnOthers, missingOf } from "../../../policy/document.ts";
import { selectorTexts } from "../../../policy/written-selectors.ts";
import type { LintRule } from "../finding.ts";

const HELP = "name the tools that it is about: `tools: [...]`";
const messageOf = (named: string): string => `the rule stops every tool that has no \`${named}\``;

export const stopsEveryTool: LintRule = {
	id: "stops-every-tool",
	certainty: "likely",
	about: "a rule about all tools that fires where an argument is missing, in a policy that admits tools without it",
	find: ({ document, yaml }) => {
		if (effectOnOthers(document.tools) !== "allow") return [];
		const patterns = document.patterns.flatMap((rule, index) => {
			const named = selectorTexts(rule.in).find((each) => each !== "args" && each !== "tool");
			if (named === undefined || missingOf(rule) !== "match" || !rule.tools.includes("*")) return [];
			const path = ["patterns", index, rule.missing === undefined ? "unless" : "missing"];
			return [{ place: yaml.placeOf(path), message: messageOf(named), help: HELP }];
		});
		const conditions = document.conditions.flatMap(({ when, require, tools }, at) => {
			if (when !== undefined || !tools.includes("*")) return [];
			return testsOf(require).flatMap((test, index) => {
				if (test.present !== undefined || test.missing === "ignore") return [];
				const path = ["conditions", at, "require", ...(Array.isArray(require) ? [index] : []), "in"];
				const [named = ""] = selectorTexts(test.in);
				return [{ place: yaml.placeOf(path), message: messageOf(named), help: HELP }];
			});
		});
		return [...patterns, ...conditions];
	},
};
