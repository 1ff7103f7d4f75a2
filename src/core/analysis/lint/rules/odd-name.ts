/** Names that tools and agents do not have: several in one text, quotes, spaces. */
import type { LintRule, Slip } from "../finding.ts";

export const oddName: LintRule = {
	id: "odd-name",
	certainty: "likely",
	about: "the name of a tool, agent or tenant with a space, a comma or a quote in it",
	find: (policy) =>
		policy
			.nameLists()
			.flatMap(({ globs }) => globs)
			.flatMap(({ text, place }): Slip[] => {
				const bare = text.replace(/\{[^{}]*\}|\[[^\]]*\]|\\./g, "");
				const odd = /[\s,;|"'`]/.exec(bare)?.[0];
				if (odd === undefined) return [];
				const what = /\s/.test(odd) ? "a space" : `\`${odd}\``;
				return [
					{
						place,
						message: `${what} is part of the name here: \`${text}\` is one name`,
						help: "write several names as a list, `[a, b]`, and put quotes around a text once; `\\` before the character says that it is meant",
					},
				];
			}),
};
