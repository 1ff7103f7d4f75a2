/** Quotes that a word processor has bent. */
import type { LintRule } from "../finding.ts";
import { inPatterns } from "../pattern-texts.ts";

export const curlyQuote: LintRule = {
	id: "curly-quote",
	certainty: "likely",
	about: "a curly quote in a pattern, which no straight one matches",
	find: inPatterns(({ text }) => {
		const offset = text.search(/[\u2018\u2019\u201c\u201d]/);
		if (offset < 0) return null;
		return {
			offset,
			message: "the pattern holds a curly quote",
			help: "a straight quote is another character: write `['\u2018\u2019]` for both",
		};
	}),
};
