/** A `|` too many, beside which there is nothing: a regex then matches any text. */
import { EMPTY_ALTERNATIVE } from "../../../policy/pattern-slips.ts";
import type { LintRule } from "../finding.ts";
import { inPatterns } from "../pattern-texts.ts";

export const emptyAlternative: LintRule = {
	id: "empty-alternative",
	certainty: "proven",
	about: "a regex with an alternative that is empty, which matches any text",
	find: inPatterns(({ kind, text }, use) => {
		if (kind !== "regex" || text.length < 2 || /[()]/.test(text) || !/^\||\|$|\|\|/.test(text)) return null;
		if (use === "exempting" || use === "permitting") return null;
		const found = EMPTY_ALTERNATIVE.exec(text.replace(/\[(?:\\.|[^\]\\])*\]/g, (set) => "x".repeat(set.length)));
		if (found === null) return null;
		return {
			offset: found.index,
			message: "an empty alternative matches every text",
			help: "remove the `|` at the beginning or end, or the second of two",
		};
	}),
};
