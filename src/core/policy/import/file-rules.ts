/**
 * Rules on files, written as in `.gitignore`, as globs over paths: `//etc/**` from the root, `~/.ssh` from home, `/src` and `./src`
 * from the workspace, `.env` in every folder.
 */

/** What stops is meant in every folder, and with all that is below it; what lets pass only below the workspace. Null where no glob says it. */
export function pathGlobOf(rule: string, lets: "pass" | "stop"): string | null {
	const bare = rule.replace(/\/+$/, "");
	if (bare === "" || rule.startsWith("!")) return null;
	const placed = placeOf(bare.replaceAll(/[{}]/g, "\\$&"), lets);
	if (/(?:^|\/)\.{1,2}(?:\/|$)/.test(placed)) return null;
	const isBelow = bare !== rule || (lets === "stop" && !placed.endsWith("**"));
	return isBelow ? `${placed}/**` : placed;
}

function placeOf(rule: string, lets: "pass" | "stop"): string {
	if (rule.startsWith("//")) return rule.slice(1);
	if (rule === "~" || rule.startsWith("~/")) return `{home}${rule.slice(1)}`;
	if (rule.startsWith("/")) return `{workspace}${rule}`;
	if (rule.startsWith("./")) return `{workspace}${rule.slice(1)}`;
	const isAnywhere = rule === "**" || rule.startsWith("**/") || !rule.includes("/");
	if (!isAnywhere) return `{workspace}/${rule}`;
	const anywhere = rule.startsWith("**") ? rule : `**/${rule}`;
	return lets === "stop" ? anywhere : `{workspace}/${anywhere}`;
}

/** A folder and all that is below it, `..` excluded: it has no name from the workspace down. */
export const folderGlob = (folder: string): string | null =>
	pathGlobOf(
		/^[~/]/.test(folder)
			? folder.replace(/^\/(?!\/)/, "//").replace(/\/*$/, "/")
			: `./${folder}/`.replace("././", "./"),
		"pass",
	);
