/**
 * What a list of what may pass leaves open: a regex that is tied to the text at one end alone, or at none, lets pass whatever
 * stands beside what it names. Looked for in its spelling, so that one `$` among alternatives is enough to be silent.
 */
import type { LintRule } from "../finding.ts";
import { inPatterns } from "../pattern-texts.ts";

export const looseExemption: LintRule = {
	id: "loose-exemption",
	certainty: "likely",
	about: "an exemption, or a text that is required, beside which anything may stand",
	find: inPatterns(({ kind, text }, use) => {
		if (use !== "permitting" || kind === "glob") return null;
		const begins = kind === "regex" && /^(?:\(\?:|\()*(?:\^|\\A)/.test(text.replace(/^\(\?[is]+\)/, ""));
		const ends = kind === "regex" && /(?<!\\)(?:\\\\)*\$/.test(text);
		if (begins && ends) return null;
		const where = begins ? "behind" : ends ? "before" : "around";
		return {
			offset: 0,
			message: `anything ${where} the exempted text passes, too, such as \`; rm -rf /\` or \`.evil.example\``,
			help: "tie a regex to the whole text, as `^git log( [\\w./-]+)*$` is, so that it covers all that may be there",
		};
	}),
};
