/**
 * Patterns that load and cannot mean what is written: habits of other tools, and characters that only look right.
 *
 * An error where no reading makes sense, a warning where one does.
 */

import { isCased } from "../language/folding.ts";
import { type PatternSource, readPattern } from "../match/pattern.ts";
import { TreeSearch } from "../match/tree-search.ts";
import type { PatternRule } from "./document.ts";
import { patternTextsOf } from "./forms.ts";

export interface PatternSlip {
	readonly level: "error" | "warning";
	/** Code units before the place in the pattern. */
	readonly offset: number;
	readonly message: string;
	readonly help: string;
}

type Finder = (source: PatternSource) => PatternSlip | null;

/** The first error, or every warning. */
export function patternSlips(source: PatternSource): readonly PatternSlip[] {
	const found = FINDERS.flatMap((find) => find(source) ?? []);
	const error = found.find(({ level }) => level === "error");
	return error === undefined ? found : [error];
}

/** Why an exemption would let everything pass; null where it does not. */
export function exemptsEverything(source: PatternSource): PatternSlip | null {
	if (!matchesEverything(source)) return null;
	const empty = EMPTY_ALTERNATIVE.exec(source.text);
	return empty === null || source.kind === "glob"
		? slip(
				"error",
				0,
				"the exemption matches every text, so the rule could never fire",
				"narrow the exemption, or remove the rule",
			)
		: slip(
				"error",
				empty.index,
				"an empty alternative exempts every text",
				"remove the `|` at the beginning or end, or the second of two",
			);
}

/**
 * What an exemption leaves open: a regex that is tied to the text at one end alone, or at none, lets pass whatever stands
 * beside what it names. Looked for in its spelling, so that one `$` among alternatives is enough to be silent.
 */
export function looseExemption({ kind, text }: PatternSource): PatternSlip | null {
	if (kind === "glob") return null;
	const begins = kind === "regex" && /^(?:\(\?:|\()*(?:\^|\\A)/.test(text.replace(/^\(\?[is]+\)/, ""));
	const ends = kind === "regex" && /(?<!\\)(?:\\\\)*\$/.test(text);
	if (begins && ends) return null;
	const where = begins ? "behind" : ends ? "before" : "around";
	return slip(
		"warning",
		0,
		`anything ${where} the exempted text passes, too, such as \`; rm -rf /\` or \`.evil.example\``,
		"tie a regex to the whole text, as `^git log( [\\w./-]+)*$` is, so that it covers all that may be there",
	);
}

/** Does the rule fire on everything that is not exempt? */
export const isAllowList = (rule: PatternRule): boolean =>
	patternTextsOf(rule).some(({ kind, texts }) =>
		texts.some((text) => matchesEverything({ kind, text, style: rule.style ?? "text", caseSensitive: false })),
	);

/** Does a pattern match about any text that is not empty? */
function matchesEverything(source: PatternSource): boolean {
	const pattern = source.kind === "substring" ? null : readPattern(source);
	if (pattern === null || !pattern.ok) return false;
	const search = new TreeSearch(pattern.value.tree);
	return PROBES.every((text) => search.begin(text, "any", undefined) >= 0);
}

const PROBES: readonly string[] = ["\u0001", "q7", "/Zx/ -", "\u3042", ";=\n"];
const EMPTY_ALTERNATIVE = /(?<!\\)(?:\|(?=\||\)|$)|(?<=^|\()\|)/;

const slip = (level: "error" | "warning", offset: number, message: string, help: string): PatternSlip => ({
	level,
	offset,
	message,
	help,
});

const slashes: Finder = ({ kind, text }) => {
	const [, inner, flags] = (kind === "regex" ? /^\/(.+)\/([dgimsuvy]*)$/s.exec(text) : null) ?? [];
	if (inner === undefined || flags === undefined || /\//.test(inner.replace(/\\\//g, ""))) return null;
	const message = "the slashes around the pattern are looked for as characters";
	if (/[gi]/.test(flags)) {
		const help = `write \`${inner}\`; a rule ignores case unless it says \`case: sensitive\``;
		return slip("error", 0, "slashes and flags around a pattern are not part of the dialect", help);
	}
	return /[\s\\|(*+?]/.test(inner) || flags !== "" ? slip("warning", 0, message, `write \`${inner}\``) : null;
};

const quotes: Finder = ({ text }) => {
	const offset = text.search(/[\u2018\u2019\u201c\u201d]/);
	if (offset < 0) return null;
	const around = /^[\u2018\u201c].*[\u2019\u201d]$/s.test(text);
	return around
		? slip("error", 0, "curly quotes around a pattern are looked for as characters", "use straight quotes: `'…'`")
		: slip(
				"warning",
				offset,
				"the pattern holds a curly quote",
				"a straight quote is another character: write `['\u2018\u2019]` for both",
			);
};

const spaces: Finder = ({ kind, text }) => {
	const offset = text.search(/[\u00a0\u2007\u202f\u3000]/);
	if (offset < 0) return null;
	const code = text.charCodeAt(offset).toString(16).padStart(4, "0").toUpperCase();
	const help =
		kind === "regex" ? `type a space, or write \`\\s\`; \`\\u${code}\` means this character` : "type a space";
	return slip("error", offset, `the pattern holds a no-break space (U+${code}) that looks like a space`, help);
};

const posix: Finder = ({ kind, text }) => {
	const found = kind === "regex" ? /\[[^\]]*?(\[:(\w+):\])/.exec(text) : null;
	if (found === null) return null;
	const meant = POSIX[found[2] ?? ""];
	return slip(
		"error",
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
		"error",
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
			"error",
			hit.index,
			`\`\\b\` knows ASCII letters only: beside \`${letter}\` it is not an edge of a word`,
			"write the edge out, as in `(?:^|\\s)`, or leave it out",
		);
	}
	return null;
};

const foreignCase: Finder = ({ text, caseSensitive }) => {
	if (caseSensitive) return null;
	for (const letter of text) {
		if (!isCased(letter) || text.includes(otherCase(letter))) continue;
		const help = `write \`[${letter}${otherCase(letter)}]\` in a regex, or list both`;
		return slip(
			"warning",
			text.indexOf(letter),
			`only ASCII letters ignore case: \`${letter}\` does not match \`${otherCase(letter)}\``,
			help,
		);
	}
	return null;
};

const otherCase = (letter: string): string =>
	letter.toUpperCase() === letter ? letter.toLowerCase() : letter.toUpperCase();

const emptyAlternatives: Finder = ({ kind, text }) => {
	const found =
		kind === "regex" && text.length > 1
			? EMPTY_ALTERNATIVE.exec(text.replace(/\[(?:\\.|[^\]\\])*\]/g, (set) => "x".repeat(set.length)))
			: null;
	if (found === null) return null;
	const isWhole = /^\||\|$|\|\|/.test(text) && !/[()]/.test(text);
	return isWhole
		? slip(
				"warning",
				found.index,
				"an empty alternative matches every text",
				"remove the `|` at the beginning or end, or the second of two",
			)
		: null;
};

const FINDERS: readonly Finder[] = [
	slashes,
	quotes,
	spaces,
	posix,
	wordEdges,
	foreignEdges,
	foreignCase,
	emptyAlternatives,
];
