/** Patterns that are written in the syntax of another kind, whose signs are then looked for as characters. */
import type { Pattern } from "../../../match/pattern.ts";
import type { LintRule } from "../finding.ts";
import { inPatterns, type TextSlip } from "../pattern-texts.ts";

const REGEX_IN_SUBSTRING = /^\\b|\\b$|\\[dsw][+*?{]|\.[*+]|^\^\S|\(\?:/i;
const GLOB_IN_SUBSTRING = /^\*+\S|\/\*{1,2}$/;
const REGEX_IN_GLOB = /^\^|\$$|\\[bdsw]|^\.\*|\.\+/i;
const GLOB_IN_REGEX = /(?<!\\)[a-z0-9_/]\*$/i;

export const otherSyntax: LintRule = {
	id: "other-syntax",
	certainty: "likely",
	about: "a regex in `substring` or `glob`, or a glob in `substring` or `regex`",
	find: inPatterns((pattern) => slipIn(pattern)),
};

function slipIn({ kind, text }: Pattern): TextSlip | null {
	switch (kind) {
		case "substring":
			return (
				slip(
					REGEX_IN_SUBSTRING,
					text,
					"a substring is looked for as it is written, and this looks like a regex",
					"write `regex: '…'`, if it is one",
				) ??
				slip(
					GLOB_IN_SUBSTRING,
					text,
					"a substring is looked for as it is written, `*` included",
					"leave out the `*`, or write `glob: '…'`",
				)
			);
		case "glob":
			return slip(
				REGEX_IN_GLOB,
				text,
				"this looks like a regex, and is read as a glob",
				"write `regex: '…'`, if it is one",
			);
		case "regex":
			return slip(
				GLOB_IN_REGEX,
				text,
				"in a regex `*` repeats the character before it, or leaves it out",
				"write `.*` for anything, leave out both, or write `glob: '…'`, if it is one",
			);
	}
}

function slip(sign: RegExp, text: string, message: string, help: string): TextSlip | null {
	const offset = text.search(sign);
	return offset < 0 ? null : { offset, message, help };
}
