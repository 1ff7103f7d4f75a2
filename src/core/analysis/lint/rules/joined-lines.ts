/** Patterns on several lines, which YAML joins with spaces. */
import type { LintRule, Slip } from "../finding.ts";

export const joinedLines: LintRule = {
	id: "joined-lines",
	certainty: "likely",
	about: "a pattern on several lines, which are joined by spaces that it then looks for",
	find: (policy) => {
		const patterns = new Set(policy.patterns().map(({ pattern }) => pattern.text));
		return policy.yaml.texts().flatMap(({ value, style, isOneLine, place }): Slip[] => {
			if (isOneLine || style === "literal" || !patterns.has(value) || !value.includes(" ")) return [];
			const help = "write it on one line, or as a list of patterns";
			return [{ place, message: "the lines of the pattern are joined by spaces, which are looked for", help }];
		});
	},
};
