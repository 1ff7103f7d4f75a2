/** Comments between `/*` and its end. */

/** Where the comment ends that begins at `from`, and whether another begins within. */
export function endOfComment(
	text: string,
	from: number,
	isNesting: boolean,
): { readonly to: number; readonly isNested: boolean; readonly isOpen: boolean } {
	let depth = 1;
	let at = from + 2;
	let isNested = false;
	while (depth > 0) {
		const end = text.indexOf("*/", at);
		if (end < 0) return { to: text.length, isNested, isOpen: true };
		const inner = text.indexOf("/*", at);
		if (inner >= 0 && inner < end) {
			isNested = true;
			if (isNesting) {
				depth++;
				at = inner + 2;
				continue;
			}
		}
		depth--;
		at = end + 2;
	}
	return { to: at, isNested, isOpen: false };
}
