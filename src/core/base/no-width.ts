/**
 * Characters that nobody sees: soft hyphens, fillers, joiners, marks of direction, variation selectors, tags. Names that differ
 * in them alone look the same. A list of its own, so that every platform leaves out the same; ranges of code
 * points, both ends inclusive: `[low, high, low, high, …]`.
 */
export const NO_WIDTH: readonly number[] = [
	0xad, 0xad, 0x34f, 0x34f, 0x61c, 0x61c, 0x115f, 0x1160, 0x17b4, 0x17b5, 0x180b, 0x180f, 0x200b, 0x200f, 0x202a,
	0x202e, 0x2060, 0x206f, 0x3164, 0x3164, 0xfe00, 0xfe0f, 0xfeff, 0xfeff, 0xffa0, 0xffa0, 0xfff0, 0xfffb, 0x1bca0,
	0x1bca3, 0x1d173, 0x1d17a, 0xe0000, 0xe0fff,
];

const LETTERS = new RegExp(
	`[${NO_WIDTH.map((rune, index) => `${index % 2 === 0 ? "" : "-"}\\u{${rune.toString(16)}}`).join("")}]`,
	"gu",
);

export const withoutWidth = (text: string): string => text.replace(LETTERS, "");

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
