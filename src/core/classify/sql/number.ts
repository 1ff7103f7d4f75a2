/** Numbers, as far as they go. */
import { isDigit } from "./characters.ts";

const isHexPrefix = (text: string, from: number): boolean =>
	text[from] === "0" && (text[from + 1] === "x" || text[from + 1] === "X");

/** The end of `0x2f`; `from` where none begins there. */
export function endOfHex(text: string, from: number): number {
	if (!isHexPrefix(text, from)) return from;
	let to = from + 2;
	while (to < text.length && /[0-9a-f]/iu.test(text[to] as string)) to++;
	return to > from + 2 ? to : from;
}

/** The end of a number that begins with a digit: `12`, `1_000.5`, `1e-9`. */
export function endOfNumber(text: string, from: number): number {
	let to = from + (isHexPrefix(text, from) ? 2 : 1);
	while (to < text.length && (isDigit(text.charCodeAt(to)) || text[to] === "." || text[to] === "_")) to++;
	if ((text[to] === "e" || text[to] === "E") && /^[eE][+-]?\d/u.test(text.slice(to, to + 3))) {
		to += 2;
		while (to < text.length && isDigit(text.charCodeAt(to))) to++;
	}
	return to;
}
