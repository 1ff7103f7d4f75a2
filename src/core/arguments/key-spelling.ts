/** Keys of arguments as somebody may mean them: which of them are spellings of the same one. */
import { visibleName } from "../base/unseen.ts";
import { foldText } from "../language/folding.ts";

/**
 * A key without what spellings differ in: case, width, what nobody sees, control characters, space, `_`, `-`, `.`, an index in
 * brackets or behind a dot (`path[0]`, `path.0`), as forms write the members of a list, and the plural. Another number at the end
 * stays: `path1` and `path2` are two arguments.
 */
export const spellingOfKey = (key: string): string => lettersOfKey(key).replace(/s$/, "");

/** The same with the plural. */
export const lettersOfKey = (key: string): string => {
	const visible = foldText(visibleName(key));
	return LETTERS.test(visible) ? visible : visible.replace(INDEXES, "").replace(MARKS, "");
};

const LETTERS = /^[a-z]*$/;
const INDEXES = /\[[^[\]]*\]?|\.[0-9]+(?=[.[]|$)/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is left out
const MARKS = /[\s\0-\x1f\x7f-\x9f_.[\]-]/g;
