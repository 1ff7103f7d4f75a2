/** Case folding of texts, of the same length as the text, so that positions in one are positions in the other. */

const BEYOND_ASCII = /[^\0-\x7f]/;
const FOLDED_APART = /[A-Z\u017f\u212a]/g;

/** ASCII letters become lower case, U+017F becomes `s`, U+212A becomes `k`; every other code unit stays. */
export function foldText(text: string): string {
	return BEYOND_ASCII.test(text) ? text.replace(FOLDED_APART, foldOne) : text.toLowerCase();
}

function foldOne(letter: string): string {
	if (letter === "\u017f") return "s";
	return letter === "\u212a" ? "k" : letter.toLowerCase();
}

/** A letter beyond ASCII that has an upper and a lower case: folding leaves it as it is. */
export const isCased = (letter: string): boolean => letter > "\x7f" && letter.toLowerCase() !== letter.toUpperCase();
