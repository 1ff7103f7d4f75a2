/** Path globs without a folder, which match no file in one. */
import type { LintRule } from "../finding.ts";
import { inPatterns } from "../pattern-texts.ts";

export const oneFolder: LintRule = {
	id: "one-folder",
	certainty: "likely",
	about: "a glob of `style: path` without `/`, which stops no file that is named with its folder",
	find: inPatterns(({ kind, style, text }, use) => {
		const isStopping = use === "looking" || use === "exempted";
		if (kind !== "glob" || style !== "path" || !isStopping || /\/|^\*\*|^~$/.test(text)) return null;
		return {
			offset: 0,
			message: `a path glob is about the whole path: \`${text}\` matches no file that is named with its folder, such as \`/a/b\``,
			help: `write \`**/${text}\` for such a file in any folder`,
		};
	}),
};
