/**
 * The one table of characters that nobody sees, or that steer what is shown: names compare without them, and whatever is shown
 * to people spells them out. A list of its own, so that every platform leaves out the same; ranges of code points, both ends
 * inclusive: `[low, high, low, high, …]`.
 */

/**
 * No ink: soft hyphens, fillers, joiners, marks of direction, variation selectors, tags, and the sign of Braille without a dot.
 * Names that differ in them alone look the same.
 */
export const NO_WIDTH: readonly number[] = [
	0xad, 0xad, 0x34f, 0x34f, 0x61c, 0x61c, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180f, 0x200b, 0x200f, 0x202a,
	0x202e, 0x2060, 0x206f, 0x2800, 0x2800, 0x3164, 0x3164, 0xfe00, 0xfe0f, 0xfeff, 0xfeff, 0xffa0, 0xffa0, 0xfff0,
	0xfffb, 0x1bca0, 0x1bca3, 0x1d173, 0x1d17a, 0xe0000, 0xe0fff,
];

/** Controls, separators of lines, halves of pairs, and signs that format what comes behind them. */
const STEERING: readonly number[] = [
	0x0, 0x1f, 0x7f, 0x9f, 0x600, 0x605, 0x6dd, 0x6dd, 0x70f, 0x70f, 0x890, 0x891, 0x8e2, 0x8e2, 0x2028, 0x2029, 0xd800,
	0xdfff, 0x110bd, 0x110bd, 0x110cd, 0x110cd, 0x13430, 0x1343f,
];

/** Blanks that look like a space and are none. */
const BLANKS: readonly number[] = [
	0xa0, 0xa0, 0x1680, 0x1680, 0x2000, 0x200a, 0x202f, 0x202f, 0x205f, 0x205f, 0x3000, 0x3000,
];

/** Signs that are a font's own: nobody can say what is shown for them. */
const PRIVATE: readonly number[] = [0xe000, 0xf8ff, 0xf0000, 0xffffd, 0x100000, 0x10fffd];

const classOf = (...tables: readonly (readonly number[])[]): string =>
	tables
		.flat()
		.map((rune, index) => `${index % 2 === 0 ? "" : "-"}\\u{${rune.toString(16)}}`)
		.join("");

/** What a line of text must not hold, as the inside of a class of a regular expression with the flag `u`. */
export const UNSEEN = classOf(NO_WIDTH, STEERING);

/** The same and everything else that is not what it looks like: for texts that somebody answers for. */
export const DECEIVING = classOf(NO_WIDTH, STEERING, BLANKS, PRIVATE);

const WITHOUT_WIDTH = new RegExp(`[${classOf(NO_WIDTH)}]`, "gu");

export const withoutWidth = (text: string): string => text.replace(WITHOUT_WIDTH, "");

/**
 * The name as a person sees it: without space around it and characters of no width, full-width letters as plain ones. What
 * denies by name must not be passed by `bash ` or `ｂａｓｈ`. Letters of other alphabets that look alike stay what they are.
 */
export const visibleName = (name: string): string =>
	PLAIN.test(name)
		? name
		: withoutWidth(name)
				.replace(FULL_WIDTH, (letter) => String.fromCharCode(letter.charCodeAt(0) - 0xfee0))
				.trim();

const PLAIN = /^[!-~]*$/;
const FULL_WIDTH = /[\uff01-\uff5e]/g;
