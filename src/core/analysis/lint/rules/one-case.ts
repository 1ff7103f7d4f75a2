/** Letters of which only one case is matched, though the rule ignores case. */
import { isCased } from "../../../language/folding.ts";
import type { LintRule } from "../finding.ts";
import { inPatterns } from "../pattern-texts.ts";

export const oneCase: LintRule = {
	id: "one-case",
	certainty: "likely",
	about: "a letter beyond ASCII in a pattern that ignores case: only ASCII letters have two",
	find: inPatterns(({ text, caseSensitive }) => {
		if (caseSensitive) return null;
		for (const letter of text) {
			const other = otherCase(letter);
			if (!isCased(letter) || text.includes(other)) continue;
			return {
				offset: text.indexOf(letter),
				message: `only ASCII letters ignore case: \`${letter}\` does not match \`${other}\``,
				help: `write \`[${letter}${other}]\` in a regex, or list both`,
			};
		}
		return null;
	}),
};

const otherCase = (letter: string): string =>
	letter.toUpperCase() === letter ? letter.toLowerCase() : letter.toUpperCase();
