/** Reads what a backslash and a bracket begin in a regular expression of the dialect. */
import { PatternRefused } from "./pattern-fault.ts";
import { complement, DIGITS, foldRunes, NO_RUNE, type RuneSet, runes, SPACE, union, WORD } from "./rune-set.ts";

export type EscapeReading =
	| { readonly kind: "rune"; readonly rune: number; readonly next: number }
	| { readonly kind: "set"; readonly set: RuneSet; readonly next: number };

const CONTROL: Readonly<Record<string, number>> = { t: 0x09, n: 0x0a, v: 0x0b, f: 0x0c, r: 0x0d };
const SETS: Readonly<Record<string, RuneSet>> = {
	d: DIGITS,
	D: complement(DIGITS),
	w: WORD,
	W: complement(WORD),
	s: SPACE,
	S: complement(SPACE),
};

/** Reads an escape that stands for a character or a set; `start` is at the backslash. */
export function readCodeEscape(source: string, start: number): EscapeReading {
	const letter = source.charAt(start + 1);
	if (letter === "") throw new PatternRefused(start, "the pattern ends with a lone backslash", "write `\\\\`");
	const set = Object.hasOwn(SETS, letter) ? SETS[letter] : undefined;
	if (set !== undefined) return { kind: "set", set, next: start + 2 };
	const control = Object.hasOwn(CONTROL, letter) ? CONTROL[letter] : undefined;
	if (control !== undefined) return { kind: "rune", rune: control, next: start + 2 };
	switch (letter) {
		case "c": {
			const name = /^[A-Za-z]$/.exec(source.charAt(start + 2));
			if (name === null) throw unknown(start, "\\c", "write a letter after it, as in `\\cJ`");
			return { kind: "rune", rune: name[0].charCodeAt(0) % 32, next: start + 3 };
		}
		case "0":
			if (/^\d$/.test(source.charAt(start + 2))) {
				throw unknown(start, "\\0", "octal escapes are not part of the dialect: write `\\xHH`");
			}
			return { kind: "rune", rune: 0, next: start + 2 };
		case "x":
			return hexEscape(source, start, 2);
		case "u":
			return unicodeEscape(source, start);
		case "p":
		case "P":
			throw unknown(start, `\\${letter}`, "property classes are not part of the dialect: list the characters in `[…]`");
		default:
			return identityEscape(source, start, letter);
	}
}

export const NO_REFERENCES =
	"no pattern that refers back to its own match can be matched in linear time: write the alternatives out";

const ENDS = "write `^` for the start and `$` for the end of the text";
const WHOLE = "leave it out: a rule asks whether the pattern is found, and where its match begins";

/** What to write for escapes of other engines. */
const FOREIGN_ESCAPES: Readonly<Record<string, string>> = {
	A: ENDS,
	Z: ENDS,
	z: ENDS,
	G: WHOLE,
	K: WHOLE,
	Q: "write a backslash before each special character, or use `substring:`",
	E: "write a backslash before each special character, or use `substring:`",
	R: "write `\\r?\\n` for the end of a line",
	N: "write `[^\\n]` for any character but a line feed",
	X: "write `.` for any character",
	h: "write `[ \\t]` for a space or a tab",
	H: "write `[^ \\t]` for anything but a space or a tab",
	a: "write `\\x07` for the bell, `a` for the letter itself",
	e: "write `\\x1b` for escape, `e` for the letter itself",
	o: "write `\\xHH`: octal escapes are not part of the dialect",
};

function identityEscape(source: string, start: number, letter: string): EscapeReading {
	if (/^[1-9]$/.test(letter) || letter === "k" || letter === "g") {
		throw new PatternRefused(start, "backreferences are not part of the dialect", NO_REFERENCES);
	}
	if (/^[A-Za-z]$/.test(letter)) {
		const help = Object.hasOwn(FOREIGN_ESCAPES, letter) ? FOREIGN_ESCAPES[letter] : undefined;
		throw unknown(start, `\\${letter}`, help ?? `write \`${letter}\` for the letter itself`);
	}
	const rune = source.codePointAt(start + 1) as number;
	return { kind: "rune", rune, next: start + (rune > 0xffff ? 3 : 2) };
}

const unknown = (offset: number, text: string, help: string): PatternRefused =>
	new PatternRefused(offset, `\`${text}\` has no meaning in the dialect`, help);

function hexEscape(source: string, start: number, digits: number): EscapeReading {
	const text = source.slice(start + 2, start + 2 + digits);
	if (text.length !== digits || !/^[0-9A-Fa-f]+$/.test(text)) {
		throw unknown(start, source.slice(start, start + 2), `write exactly ${digits} hexadecimal digits after it`);
	}
	return { kind: "rune", rune: Number.parseInt(text, 16), next: start + 2 + digits };
}

/** `\uXXXX`, a surrogate pair of two of them, or `\u{X…}`. */
function unicodeEscape(source: string, start: number): EscapeReading {
	const braced = /^\{([0-9A-Fa-f]{1,6})\}/.exec(source.slice(start + 2, start + 10));
	if (braced !== null) {
		const rune = Number.parseInt(braced[1] as string, 16);
		if (rune > 0x10ffff || isSurrogate(rune))
			throw unknown(
				start,
				`\\u${braced[0]}`,
				"write a character: the last one is `\\u{10FFFF}`, and halves of pairs are none",
			);
		return { kind: "rune", rune, next: start + 2 + braced[0].length };
	}
	const first = hexEscape(source, start, 4);
	if (first.kind !== "rune" || !isSurrogate(first.rune)) return first;
	if (first.rune <= 0xdbff && source.startsWith("\\u", first.next)) {
		const second = hexEscape(source, first.next, 4);
		if (second.kind === "rune" && second.rune >= 0xdc00 && second.rune <= 0xdfff) {
			const rune = 0x10000 + ((first.rune - 0xd800) << 10) + (second.rune - 0xdc00);
			return { kind: "rune", rune, next: second.next };
		}
	}
	throw unknown(start, source.slice(start, start + 6), "half a surrogate pair can never match: write `\\u{…}`");
}

const isSurrogate = (rune: number): boolean => rune >= 0xd800 && rune <= 0xdfff;

export interface ClassReading {
	readonly set: RuneSet;
	/** Offset after the closing bracket. */
	readonly next: number;
}

/** Reads a bracket class; `start` is after the `[`. */
export function readClass(source: string, start: number, insensitive: boolean): ClassReading {
	const negated = source.charAt(start) === "^";
	let offset = negated ? start + 1 : start;
	let listed: RuneSet = NO_RUNE;
	let escaped: RuneSet = NO_RUNE;
	while (source.charAt(offset) !== "]") {
		refuseForeignClass(source, offset);
		if (offset >= source.length) {
			throw new PatternRefused(start - 1, "`[` is never closed", "write `\\[` to mean the bracket itself");
		}
		const from = classAtom(source, offset);
		const until = rangeEnd(source, from);
		if (from.kind === "set") {
			escaped = union(escaped, from.set);
			offset = from.next;
		} else if (until === null) {
			listed = union(listed, runes(from.rune));
			offset = from.next;
		} else {
			if (until.rune < from.rune) {
				throw new PatternRefused(
					offset,
					`the range \`${source.slice(offset, until.next)}\` ends below its start`,
					"swap its ends",
				);
			}
			listed = union(listed, runes(from.rune, until.rune));
			offset = until.next;
		}
	}
	const set = union(insensitive ? foldRunes(listed) : listed, escaped);
	return { set: negated ? complement(set) : set, next: offset + 1 };
}

/** What other engines read as more than characters. */
function refuseForeignClass(source: string, offset: number): void {
	const posix = /^\[:\^?[a-z]+:\]/.exec(source.slice(offset, offset + 20));
	if (posix !== null) {
		throw new PatternRefused(
			offset,
			`\`${posix[0]}\` has no meaning in the dialect`,
			"list the characters, as in `[a-z]`, or write `\\d`, `\\w` or `\\s`",
		);
	}
	if (source.startsWith("&&", offset)) {
		throw new PatternRefused(
			offset,
			"classes cannot be intersected",
			"list the characters that are in both; for the character itself write `&` once",
		);
	}
}

/** The character after `-`, if `from` begins a range. Beside `\w` and its like, `-` is the character itself. */
function rangeEnd(source: string, from: EscapeReading): { rune: number; next: number } | null {
	if (from.kind === "set" || source.charAt(from.next) !== "-") return null;
	const after = source.charAt(from.next + 1);
	if (after === "]" || after === "") return null;
	const until = classAtom(source, from.next + 1);
	return until.kind === "rune" ? until : null;
}

function classAtom(source: string, offset: number): EscapeReading {
	if (source.charAt(offset) === "\\") {
		if (source.charAt(offset + 1) === "b") return { kind: "rune", rune: 0x08, next: offset + 2 };
		return readCodeEscape(source, offset);
	}
	const rune = source.codePointAt(offset) as number;
	return { kind: "rune", rune, next: offset + (rune > 0xffff ? 2 : 1) };
}
