/** Paths as globs of style `path` see them. */

/**
 * The path without empty segments, `.`, and `..` where a segment comes before it; no trailing `/`. Purely textual:
 * links are not followed. `/etc/../srv//x/` becomes `/srv/x`, so that `/tmp/**` cannot be made to cover `/tmp/../etc`.
 */
export function normalizePath(text: string): string {
	if (!NEEDS_WORK.test(text)) return text;
	const rooted = text.startsWith("/");
	const kept: string[] = [];
	for (const segment of text.split("/")) {
		if (segment === "" || segment === ".") continue;
		if (segment !== "..") kept.push(segment);
		else if (kept.length > 0 && kept.at(-1) !== "..") kept.pop();
		else if (!rooted) kept.push("..");
	}
	return (rooted ? "/" : "") + kept.join("/");
}

const NEEDS_WORK = /\/\/|\/$|(?:^|\/)\.\.?(?:\/|$)/;
