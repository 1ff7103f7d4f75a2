/** Permission rules of a coding agent: `Tool` or `Tool(specifier)`. */

export interface PermissionRule {
	/** As it is written. */
	readonly text: string;
	readonly tool: string;
	/** Null: every call of the tool. */
	readonly specifier: string | null;
}

/** Or what is wrong with it. */
export function readPermissionRule(
	text: string,
): { readonly rule: PermissionRule } | { readonly message: string; readonly help: string } {
	const found = /^([^\s()]+)(?:\((.*)\))?$/s.exec(text.trim());
	const help = "write `Tool` or `Tool(specifier)`, such as `Bash(npm test)` or `Read(./.env)`";
	if (found === null) return { message: `\`${text}\` is no permission rule`, help };
	const [, tool = "", specifier] = found;
	if (specifier === "") return { message: `\`${text}\` has nothing between its brackets`, help };
	// `Bash(*)` is `Bash`.
	return { rule: { text, tool, specifier: specifier === undefined || specifier === "*" ? null : specifier } };
}
