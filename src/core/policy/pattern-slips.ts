/**
 * Patterns that can be read and cannot mean what is written: habits of other tools, and characters that only look right. Where
 * a reading makes sense, `policy lint` tells of it.
 */

import { type PatternSource, readPattern } from "../match/pattern.ts";
import { TreeSearch } from "../match/tree-search.ts";
import type { PatternRule } from "./document.ts";
import { patternTextsOf } from "./forms.ts";

export interface PatternSlip {
	/** Code units before the place in the pattern. */
	readonly offset: number;
	readonly message: string;
	readonly help: string;
}

type Finder = (source: PatternSource) => PatternSlip | null;

/** The first that is found. */
export function patternSlip(source: PatternSource): PatternSlip | null {
	for (const find of FINDERS) {
		const found = find(source);
		if (found !== null) return found;
	}
	return null;
}

/** Why an exemption would let everything pass; null where it does not. */
export function exemptsEverything(source: PatternSource): PatternSlip | null {
	if (!matchesAnyText(source)) return null;
	const empty = EMPTY_ALTERNATIVE.exec(source.text);
	return empty === null || source.kind === "glob"
		? slip(
				0,
				"the exemption matches every text, so the rule could never fire",
				"narrow the exemption, or remove the rule",
			)
		: slip(
				empty.index,
				"an empty alternative exempts every text",
				"remove the `|` at the beginning or end, or the second of two",
			);
}

/** Does the rule fire on everything that is not exempt? */
export const isAllowList = (rule: PatternRule): boolean =>
	patternTextsOf(rule).some(({ kind, texts }) =>
		texts.some((text) => matchesAnyText({ kind, text, style: rule.style ?? "text", caseSensitive: false })),
	);

/** Does a pattern match about any text that is not empty? */
export function matchesAnyText(source: PatternSource): boolean {
	const pattern = source.kind === "substring" ? null : readPattern(source);
	if (pattern === null || !pattern.ok) return false;
	const search = new TreeSearch(pattern.value.tree);
	return PROBES.every((text) => search.begin(text, "any", undefined) >= 0);
}

const PROBES: readonly string[] = ["\u0001", "q7", "/Zx/ -", "\u3042", ";=\n"];
export const EMPTY_ALTERNATIVE = /(?<!\\)(?:\|(?=\||\)|$)|(?<=^|\()\|)/;

const slip = (offset: number, message: string, help: string): PatternSlip => ({
	offset,
	message,
	help,
});

const slashes: Finder = ({ kind, text }) => {
	const [, inner, flags] = (kind === "regex" ? /^\/(.+)\/([dgimsuvy]*)$/s.exec(text) : null) ?? [];
	if (inner === undefined || flags === undefined || /\//.test(inner.replace(/\\\//g, ""))) return null;
	if (!/[gi]/.test(flags)) return null;
	const help = `write \`${inner}\`; a rule ignores case unless it says \`case: sensitive\``;
	return slip(0, "slashes and flags around a pattern are not part of the dialect", help);
};

const quotes: Finder = ({ text }) =>
	/^[\u2018\u201c].*[\u2019\u201d]$/s.test(text)
		? slip(0, "curly quotes around a pattern are looked for as characters", "use straight quotes: `'…'`")
		: null;

const spaces: Finder = ({ kind, text }) => {
	const offset = text.search(/[\u00a0\u2007\u202f\u3000]/);
	if (offset < 0) return null;
	const code = text.charCodeAt(offset).toString(16).padStart(4, "0").toUpperCase();
	const help =
		kind === "regex" ? `type a space, or write \`\\s\`; \`\\u${code}\` means this character` : "type a space";
	return slip(offset, `the pattern holds a no-break space (U+${code}) that looks like a space`, help);
};

const posix: Finder = ({ kind, text }) => {
	const found = kind === "regex" ? /\[[^\]]*?(\[:(\w+):\])/.exec(text) : null;
	if (found === null) return null;
	const meant = POSIX[found[2] ?? ""];
	return slip(
		found.index,
		`\`${found[1]}\` is not a class of the dialect`,
		meant === undefined ? "list the characters, as in `[a-z]`" : `write \`${meant}\``,
	);
};

const POSIX: Readonly<Record<string, string | undefined>> = {
	space: "\\s",
	blank: "[ \\t]",
	digit: "\\d",
	alpha: "[A-Za-z]",
	alnum: "[A-Za-z0-9]",
	upper: "[A-Z]",
	lower: "[a-z]",
	word: "\\w",
	xdigit: "[0-9A-Fa-f]",
};

const wordEdges: Finder = ({ kind, text }) => {
	const found = kind === "regex" ? /(?<!\\)(?:\\\\)*\\([<>])/.exec(text) : null;
	if (found === null) return null;
	const offset = found.index + found[0].length - 2;
	return slip(
		offset,
		`\`\\${found[1]}\` is not an edge of a word here`,
		`write \`\\b\` for the edge of a word, or \`${found[1]}\` for the character itself`,
	);
};

/** `\b` knows ASCII letters: beside others it asks for the opposite of what is meant. */
const foreignEdges: Finder = ({ kind, text }) => {
	const found = kind === "regex" ? /(?<!\\)(?:\\\\)*(?:\\b(\p{L})|(\p{L})\\b)/gu : null;
	for (const hit of found === null ? [] : text.matchAll(found)) {
		const letter = hit[1] ?? hit[2] ?? "";
		if (letter <= "\x7f") continue;
		return slip(
			hit.index,
			`\`\\b\` knows ASCII letters only: beside \`${letter}\` it is not an edge of a word`,
			"write the edge out, as in `(?:^|\\s)`, or leave it out",
		);
	}
	return null;
};

const FINDERS: readonly Finder[] = [slashes, quotes, spaces, posix, wordEdges, foreignEdges];
