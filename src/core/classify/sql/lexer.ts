/**
 * The words of an SQL text, as servers take it apart: one pass, whatever the text holds.
 *
 * Servers differ in four things: whether a backslash escapes in a string, whether `#` begins a comment, whether `--` needs a blank
 * behind it, and whether comments nest. A text in which they part company is told by `isAmbiguous`, and is to be read in each way.
 * What MySQL executes of a comment (`/*!50000 … *\/`) is read as if no comment were there.
 */
import { isDigit, isInWord, isLetter, isSpace } from "./characters.ts";
import { endOfComment } from "./comments.ts";
import { textOfHex } from "./escapes.ts";
import type { Manner } from "./manner.ts";
import { endOfHex, endOfNumber } from "./number.ts";
import { alternativeQuoted, bracketedName, dollarQuoted, type Quoted, quotedString } from "./quoted.ts";
import { NUMBER, QUOTED, SIGN, TEXT, type Token, VARIABLE, WORD } from "./token.ts";
import { endOfWord } from "./word.ts";

/** Of one text: a million letters of statements have fewer, unless they are hardly more than signs and numbers. */
const TOKENS_MAX = 400_000;

export interface Lexed {
	readonly tokens: readonly Token[];
	/** A string, a quoted name or a comment has no end. */
	readonly isOpen: boolean;
	readonly isAmbiguous: boolean;
	/** Does the text end in a comment? Injections cut off what follows them so. */
	readonly endsInComment: boolean;
	/** Does it end, in the line of its last word, in a comment that says nothing? */
	readonly isCutOff: boolean;
	/** The comment in which it ends, with its sign. */
	readonly comment: string;
	/** There is more than was taken apart. */
	readonly isTooLong: boolean;
	/** Does it begin with the end of a comment? */
	readonly endsComment: boolean;
}

/** Words before the name of a table, of which `#x` is one. */
const TEMPORARY_BEFORE: ReadonlySet<string> = new Set(
	"from into table join update exists truncate delete insert on ,".split(" "),
);

/** `-- ' AND pw = 'x'`: what was cut off begins with the quote that somebody else has closed. */
const CUT_QUOTE = /^(?:--|#)\s*['"]\)*\s*(?:$|;|(?:and|or|limit|order|group)\b)/iu;

/** `d` or `f` behind a number, in either case. */
const isSuffix = (code: number): boolean => (code | 0x20) === 0x64 || (code | 0x20) === 0x66;

/** Takes a text apart. Never fails. */
export function lex(text: string, manner: Manner): Lexed {
	return new Lexer(text, manner).read();
}

class Lexer {
	readonly #text: string;
	readonly #manner: Manner;
	readonly #tokens: Token[] = [];
	#at = 0;
	#isOpen = false;
	#isAmbiguous = false;
	#endsInComment = false;
	#isCutOff = false;
	#comment = "";
	/** Braces that are passed over, and not closed yet. */
	#braces = 0;

	constructor(text: string, manner: Manner) {
		this.#text = text;
		this.#manner = manner;
	}

	read(): Lexed {
		const text = this.#text;
		while (this.#at < text.length && this.#tokens.length < TOKENS_MAX) {
			const from = this.#at;
			const code = text.charCodeAt(from);
			if (isSpace(code)) this.#at++;
			else if (isLetter(code)) this.#word(from);
			else if (isDigit(code)) this.#number(from);
			else this.#other(from, code);
		}
		return {
			tokens: this.#tokens,
			isOpen: this.#isOpen,
			isAmbiguous: this.#isAmbiguous,
			endsInComment: this.#endsInComment,
			isCutOff: this.#isCutOff,
			comment: this.#comment,
			isTooLong: this.#at < text.length,
			endsComment: text.startsWith("*/"),
		};
	}

	#add(kind: number, text: string, from: number, to: number): void {
		this.#tokens.push({ kind, text, from, to });
		this.#at = to;
	}

	#word(from: number): void {
		const text = this.#text;
		const to = endOfWord(text, from, this.#manner.hash);
		if (to - from <= 2 && text.charCodeAt(to) === 0x27 && this.#prefixed(from, to)) return;
		this.#add(WORD, text.slice(from, to).toLowerCase(), from, to);
	}

	/** `N'…'`, `E'…'`, `X'…'`, `q'[…]'`, `U&'…'`: true when it was one. */
	#prefixed(from: number, quote: number): boolean {
		const prefix = this.#text.slice(from, quote).toLowerCase();
		if (prefix === "q" || prefix === "nq") {
			this.#quoted(TEXT, alternativeQuoted(this.#text, quote), from);
			return true;
		}
		if (prefix === "x") {
			const digits = this.#string(quote, false);
			this.#quoted(TEXT, { ...digits, text: textOfHex(digits.text) }, from);
			return true;
		}
		if (prefix === "e" || prefix === "n" || prefix === "b" || prefix === "r" || prefix === "rb" || prefix === "br") {
			this.#quoted(TEXT, this.#string(quote, prefix === "e" || this.#manner.backslash), from);
			return true;
		}
		return false;
	}

	#quoted(kind: number, { text, to, isOpen }: Quoted, from: number): void {
		if (isOpen) this.#isOpen = true;
		this.#add(kind, kind === QUOTED ? text.toLowerCase() : text, from, to);
	}

	#string(quoteAt: number, escapes: boolean): Quoted {
		const string = quotedString(this.#text, quoteAt, escapes);
		if (string.isAmbiguous) this.#isAmbiguous = true;
		return string;
	}

	#number(from: number): void {
		const text = this.#text;
		const hex = endOfHex(text, from);
		if (hex > from) {
			this.#add(TEXT, textOfHex(text.slice(from + 2, hex)), from, hex);
			return;
		}
		const to = endOfNumber(text, from);
		// MySQL passes over `1.e` before a name or a bracket.
		if (text[to - 1] === "." && /^e(?![\w+-])/iu.test(text.slice(to, to + 2))) {
			this.#at = to + 1;
			return;
		}
		this.#add(NUMBER, text.slice(from, to), from, to);
		// Oracle's `1d`, of which what follows is no part: `1dUNION`.
		if (isSuffix(text.charCodeAt(to)) && /^.(?:union|or|and|order|from)\b/iu.test(text.slice(to, to + 8)))
			this.#at = to + 1;
	}

	#other(from: number, code: number): void {
		const text = this.#text;
		const next = text.charCodeAt(from + 1);
		switch (code) {
			case 0x27: // '
				this.#quoted(TEXT, this.#string(from, this.#manner.backslash), from);
				return;
			case 0x22: // "
				this.#quoted(QUOTED, this.#string(from, this.#manner.backslash), from);
				return;
			case 0x60: // `
				this.#quoted(QUOTED, this.#string(from, false), from);
				return;
			case 0x5b: // [
				this.#bracket(from);
				return;
			case 0x2d: // -
				if (next === 0x2d) this.#dashes(from);
				else this.#sign(from, code, next);
				return;
			case 0x23: // #
				this.#hash(from, next);
				return;
			case 0x2f: // /
				if (next === 0x2a) this.#bracketed(from);
				else this.#sign(from, code, next);
				return;
			case 0x2a: // * : the end of what MySQL executes
				if (next === 0x2f) this.#at += 2;
				else this.#sign(from, code, next);
				return;
			case 0x7b: // { of ODBC: `{fn now()}`, `{x 1=1}`
				this.#brace(from, code, next);
				return;
			case 0x7d: // }
				if (this.#braces > 0) {
					this.#braces--;
					this.#at++;
				} else this.#sign(from, code, next);
				return;
			case 0x24: // $
				this.#dollar(from);
				return;
			case 0x40: // @
				this.#variable(from);
				return;
			default:
				this.#sign(from, code, next);
		}
	}

	#brace(from: number, code: number, next: number): void {
		const isCalled = isLetter(next) && !/[${]/u.test(this.#text[from - 1] ?? "");
		const named = isCalled ? /^\{\w{1,30}[\s(]/u.exec(this.#text.slice(from, from + 33))?.[0] : undefined;
		if (named === undefined) this.#sign(from, code, next);
		else {
			this.#braces++;
			this.#at = from + named.length - 1;
		}
	}

	/** Two signs that belong together are one. */
	#sign(from: number, code: number, next: number): void {
		const isPair =
			(next === 0x3d && (code === 0x3c || code === 0x3e || code === 0x21 || code === 0x3d || code === 0x3a)) || // <= >= != == :=
			(next === 0x3e && (code === 0x3c || code === 0x2d)) || // <> ->
			(next === code && (code === 0x7c || code === 0x26 || code === 0x3a)); // || && ::
		const to = from + (isPair ? 2 : 1);
		this.#add(SIGN, this.#text.slice(from, to), from, to);
	}

	#bracket(from: number): void {
		const name = bracketedName(this.#text, from);
		if (name === null) this.#add(SIGN, "[", from, from + 1);
		else this.#add(QUOTED, name.toLowerCase(), from, from + name.length + 2);
	}

	#dashes(from: number): void {
		const code = this.#text.charCodeAt(from + 2);
		const isTight = from + 2 < this.#text.length && !isSpace(code) && code !== 0x2d;
		if (isTight && !this.#manner.tightDash) {
			this.#add(SIGN, "-", from, from + 1);
			return;
		}
		this.#line(from, isTight);
	}

	#hash(from: number, next: number): void {
		const before = this.#tokens.at(-1)?.text ?? "";
		const isName = isInWord(next) && TEMPORARY_BEFORE.has(before);
		if (isName) {
			let to = from + 1;
			while (to < this.#text.length && isInWord(this.#text.charCodeAt(to))) to++;
			this.#add(WORD, this.#text.slice(from, to).toLowerCase(), from, to);
		} else if (!this.#manner.hash || next === 0x3e) {
			this.#add(SIGN, "#", from, from + 1);
		} else this.#line(from, true);
	}

	/** A comment to the end of the line; where other servers see none, what it holds is worth a reading. */
	#line(from: number, isDoubtful: boolean): void {
		const end = this.#text.indexOf("\n", from);
		const to = end < 0 ? this.#text.length : end;
		if (isDoubtful && !this.#isAmbiguous && this.#text.slice(from, to).includes(";")) this.#isAmbiguous = true;
		if (end < 0) {
			this.#endsInComment = true;
			const before = this.#tokens.at(-1);
			const isInLine = before !== undefined && !this.#text.slice(before.to, from).includes("\n");
			this.#comment = this.#text.slice(from);
			this.#isCutOff = isInLine && (/^[-+#\s]*$/u.test(this.#comment) || CUT_QUOTE.test(this.#comment));
		}
		this.#at = to;
	}

	#bracketed(from: number): void {
		const text = this.#text;
		const executed = /^\/\*M?!\d*/u.exec(text.slice(from, from + 12));
		if (executed !== null) {
			this.#at = from + executed[0].length;
			return;
		}
		const { to, isNested, isOpen } = endOfComment(text, from, this.#manner.nesting);
		if (isNested) this.#isAmbiguous = true;
		if (isOpen) {
			this.#isOpen = true;
			this.#endsInComment = true;
			this.#comment = text.slice(from);
		}
		this.#at = to;
	}

	/** A text between tags; otherwise a parameter or a variable. */
	#dollar(from: number): void {
		const quoted = dollarQuoted(this.#text, from);
		if (quoted === null) this.#add(SIGN, "$", from, from + 1);
		else this.#quoted(TEXT, quoted, from);
	}

	#variable(from: number): void {
		const text = this.#text;
		let to = from + 1;
		if (text[to] === "@") to++;
		while (to < text.length && isInWord(text.charCodeAt(to))) to++;
		if (to === from + 1) this.#add(SIGN, "@", from, to);
		else this.#add(VARIABLE, text.slice(from, to).toLowerCase(), from, to);
	}
}
