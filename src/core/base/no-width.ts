/**
 * Characters that nobody sees: soft hyphens, fillers, joiners, marks of direction, variation selectors, tags. Names that differ
 * in them alone look the same. A list of its own, so that every platform leaves out the same.
 */
const NO_WIDTH = new RegExp(
	`[${"ad 34f 61c 115f-1160 17b4-17b5 180b-180f 200b-200f 202a-202e 2060-206f 3164 fe00-fe0f feff ffa0 fff0-fffb 1bca0-1bca3 1d173-1d17a e0000-e0fff".replace(
		/[0-9a-f]+/g,
		(rune) => `\\u{${rune}}`,
	)}]`.replaceAll(" ", ""),
	"gu",
);

export const withoutWidth = (text: string): string => text.replace(NO_WIDTH, "");

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
