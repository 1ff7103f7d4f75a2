/** What does not look like what it is: facts about a text, which is never rewritten for them. */
import type { Findings, Place } from "./fact.ts";

/** What most texts are made of, all of it. */
const PLAIN = /^[\t\n\r\x20-\x7e]*$/;
const KINDS: readonly (readonly [what: string, pattern: RegExp])[] = [
	// biome-ignore lint/suspicious/noMisleadingCharacterClass: each of them is looked for by itself
	["zero-width", /[\u200b\u200c\u200d\u2060\ufeff\u00ad\u180e\u{e0000}-\u{e007f}]/u],
	["bidi", /[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]/u],
	["full-width", /[\uff01-\uff5e]/u],
	["mixed-script", /(?:[A-Za-z][\p{Script=Cyrillic}\p{Script=Greek}]|[\p{Script=Cyrillic}\p{Script=Greek}][A-Za-z])/u],
];
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]/;

export function readOddities(text: string, at: Place, to: Findings): void {
	if (PLAIN.test(text)) return;
	if (CONTROL.test(text)) add("control", text.search(CONTROL), at, to);
	for (const [what, pattern] of KINDS) {
		const found = text.search(pattern);
		if (found >= 0) add(what, found, at, to);
	}
}

function add(what: string, index: number, { pointer, via }: Place, to: Findings): void {
	to.add({ kind: "oddity", pointer, span: [index, index + 1], via, has: { what: [what] } });
}
