/** Dots in the names of hosts and files that are to pass, which a regex reads as any character. */
import type { LintRule } from "../finding.ts";
import { inPatterns } from "../pattern-texts.ts";

/** Between letters, and not behind a backslash or in a class. */
const NAME = /(?<![\\[])\b([a-z0-9-]+)\.([a-z]{2,})\b(?![^[\]]*\])/i;

export const unescapedDot: LintRule = {
	id: "unescaped-dot",
	certainty: "likely",
	about: "an exempting regex whose dot stands for any character, though it is written in a name",
	find: inPatterns(({ kind, text }, use) => {
		if (kind !== "regex" || (use !== "permitting" && use !== "exempting")) return null;
		const found = NAME.exec(text.replace(/\\[a-z]/gi, "\\\\"));
		if (found === null) return null;
		const [, before = "", after = ""] = found;
		return {
			offset: found.index + before.length,
			message: `a dot is any character: \`${before}x${after}\` passes as well`,
			help: `write \`${before}\\.${after}\``,
		};
	}),
};
