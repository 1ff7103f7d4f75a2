/** Names that are denied where every other name may be called: a tool has more names than one. */
import { isPlainName } from "../../../language/glob-reader.ts";
import { effectOnOthers } from "../../../policy/document.ts";
import type { LintRule } from "../finding.ts";

export const denyByName: LintRule = {
	id: "deny-by-name",
	certainty: "likely",
	about: "a plain name in `deny` where every other tool may be called: its other spellings pass",
	find: ({ document: { tools }, yaml }) => {
		if (effectOnOthers(tools) !== "allow") return [];
		const named = tools.deny.findIndex((entry) =>
			(typeof entry === "string" ? [entry] : entry.tools).some(isPlainName),
		);
		if (named < 0) return [];
		const written = tools.allow === "all" ? "`allow: all`" : "`default: allow`";
		return [
			{
				place: yaml.placeOf(["tools", "deny", named]),
				message: `${written} with a list of names to deny lets other spellings of them through, such as \`functions.bash\` or \`default_api:bash\` for \`bash\``,
				help: "list the tools that may be called in `allow`, or deny globs such as `'*bash'`",
			},
		];
	},
};
