/** JSON pointers (RFC 6901): a place in a JSON value as one text. */

/** "" for the value itself. */
export const pointerOf = (steps: readonly string[]): string =>
	steps.map((step) => `/${step.replaceAll("~", "~0").replaceAll("/", "~1")}`).join("");

export const stepsOf = (pointer: string): readonly string[] =>
	pointer
		.split("/")
		.slice(1)
		.map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));

/** The pointers without those to what is below another of them, each once. */
export function outermost(pointers: readonly string[]): readonly string[] {
	if (pointers.length < 2) return pointers;
	const each = [...new Set(pointers)];
	return each.filter((pointer) => !each.some((other) => pointer !== other && pointer.startsWith(`${other}/`)));
}
