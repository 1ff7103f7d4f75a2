/** Permission rules of a coding agent: `Tool` or `Tool(specifier)`. */

export interface PermissionRule {
	/** As it is written. */
	readonly text: string;
	readonly tool: string;
	/** Null: every call of the tool. */
	readonly specifier: string | null;
}

/** So that it is a glob of a policy, even where each of its characters needs a backslash. */
const TOOL_LENGTH_MAX = 100;

/** Or what is wrong with it. */
export function readPermissionRule(
	text: string,
): { readonly rule: PermissionRule } | { readonly message: string; readonly help: string } {
	const found = /^([^\s()]+)(?:\((.*)\))?$/s.exec(text.trim());
	const help = "write `Tool` or `Tool(specifier)`, such as `Bash(npm test)` or `Read(./.env)`";
	if (found === null) return { message: `\`${text}\` is no permission rule`, help };
	const [, tool = "", specifier] = found;
	if (tool.length > TOOL_LENGTH_MAX || /\p{Cc}/u.test(text) || !text.isWellFormed())
		return { message: "this is no permission rule: a name is short, and has no control characters", help };
	if (specifier === "") return { message: `\`${text}\` has nothing between its brackets`, help };
	// `Bash(*)` is `Bash`.
	return { rule: { text, tool, specifier: specifier === undefined || specifier === "*" ? null : specifier } };
}
