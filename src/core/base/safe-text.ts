/** Text that an agent, a policy or a broker made, as a terminal or a line of a log may show it. */
import { UNSEEN } from "./unseen.ts";

/**
 * Controls, and characters that are not seen or turn the direction of writing, as `\uXXXX` (the escapes of JSON): a hostile
 * name must neither steer the terminal nor look like another. Inside a JSON text the value stays the same.
 */
export const visible = (text: string): string => text.replace(HIDDEN, escaped);

/**
 * The same for a whole output: line breaks and tabs stay, and so do the few sequences that commands themselves send
 * (plain, dim, red, green, yellow). None of them hides or moves anything.
 */
export const visibleLines = (text: string): string => text.replace(HIDDEN_IN_LINES, escaped);

const escaped = (character: string): string =>
	[...Array(character.length).keys()]
		.map((at) => `\\u${character.charCodeAt(at).toString(16).padStart(4, "0")}`)
		.join("");

const HIDDEN = new RegExp(`[${UNSEEN}]`, "gu");

/** Left out: line feed, tab, and plain, dim, red, green, yellow, which commands send themselves. */
const HIDDEN_IN_LINES = new RegExp(`(?!\\u001b\\[(?:0|2|3[1-3])m)(?![\\n\\t])[${UNSEEN}]`, "gu");
