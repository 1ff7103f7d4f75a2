/**
 * The words of an SQL text, as servers take it apart: one pass, whatever the text holds.
 *
 * Servers differ in four things: whether a backslash escapes in a string, whether `#` begins a comment, whether `--` needs a blank
 * behind it, and whether comments nest. A text in which they part company is told by `isAmbiguous`, and is to be read in each way.
 * What MySQL executes of a comment (`/*!50000 … *\/`) is read as if no comment were there.
 */
import { isDigit, isInWord, isLetter, isSpace } from "./characters.ts";
import { endOfComment } from "./comments.ts";
import { textOfHex, unquoted } from "./escapes.ts";
import type { Manner } from "./manner.ts";
import { NUMBER, QUOTED, SIGN, TEXT, type Token, VARIABLE, WORD } from "./token.ts";

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

const TEMPORARY_BEFORE: ReadonlySet<string> = new Set([
	"from",
	"into",
	"table",
	"join",
	"update",
	"exists",
	"truncate",
	"delete",
	"insert",
	"on",
	",",
]);

/** Words behind which `#` begins a comment, for MySQL: no name begins with them and goes on with `#`. */
const KEYWORDS =
	/^(?:union|all|distinct|select|from|where|and|or|by|order|group|having|like|database|user|version|null|limit|waitfor|delay)$/iu;
const KEYWORD_MAX = 8;

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
		let to = from + 1;
		let hash = 0;
		for (; to < text.length; to++) {
			const code = text.charCodeAt(to);
			if (!isInWord(code)) break;
			if (code === 0x23 && hash === 0) hash = to;
		}
		// `UNION ALL#…`, where Oracle and T-SQL would see a name.
		const isKeyword = hash > 0 && hash - from <= KEYWORD_MAX && KEYWORDS.test(text.slice(from, hash));
		if (isKeyword && this.#manner.hash) to = hash;
		// `x=x#` cuts off what follows.
		if (to === text.length && text[to - 1] === "#" && this.#manner.hash && to - from > 1) to--;
		if (to - from <= 2 && text.charCodeAt(to) === 0x27 && this.#prefixed(from, to)) return;
		this.#add(WORD, text.slice(from, to).toLowerCase(), from, to);
	}

	/** `N'…'`, `E'…'`, `X'…'`, `q'[…]'`, `U&'…'`: true when it was one. */
	#prefixed(from: number, quote: number): boolean {
		const prefix = this.#text.slice(from, quote).toLowerCase();
		if (prefix === "q" || prefix === "nq") {
			this.#oracleQuote(from, quote);
			return true;
		}
		if (prefix === "x") {
			this.#string(from, quote, 0x27, TEXT, false);
			const last = this.#tokens.pop();
			if (last !== undefined) this.#add(TEXT, textOfHex(last.text), from, last.to);
			return true;
		}
		if (prefix === "e" || prefix === "n" || prefix === "b" || prefix === "r" || prefix === "rb" || prefix === "br") {
			this.#string(from, quote, 0x27, TEXT, prefix === "e" || this.#manner.backslash);
			return true;
		}
		return false;
	}

	#oracleQuote(from: number, quote: number): void {
		const open = this.#text[quote + 1] ?? "'";
		const close = { "[": "]", "(": ")", "{": "}", "<": ">" }[open] ?? open;
		const end = this.#text.indexOf(`${close}'`, quote + 2);
		if (end < 0) this.#isOpen = true;
		this.#add(
			TEXT,
			this.#text.slice(quote + 2, end < 0 ? this.#text.length : end),
			from,
			end < 0 ? this.#text.length : end + 2,
		);
	}

	#number(from: number): void {
		const text = this.#text;
		let to = from + 1;
		if (text[from] === "0" && (text[to] === "x" || text[to] === "X")) {
			to++;
			while (to < text.length && /[0-9a-f]/iu.test(text[to] as string)) to++;
			if (to > from + 2) {
				this.#add(TEXT, textOfHex(text.slice(from + 2, to)), from, to);
				return;
			}
		}
		while (to < text.length && (isDigit(text.charCodeAt(to)) || text[to] === "." || text[to] === "_")) to++;
		if ((text[to] === "e" || text[to] === "E") && /^[eE][+-]?\d/u.test(text.slice(to, to + 3))) {
			to += 2;
			while (to < text.length && isDigit(text.charCodeAt(to))) to++;
		}
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
				this.#string(from, from, 0x27, TEXT, this.#manner.backslash);
				return;
			case 0x22: // "
				this.#string(from, from, 0x22, QUOTED, this.#manner.backslash);
				return;
			case 0x60: // `
				this.#string(from, from, 0x60, QUOTED, false);
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

	/** A quoted text: a doubled quote is one, and a backslash takes what follows it, where the server says so. */
	#string(from: number, quoteAt: number, quote: number, kind: number, escapes: boolean): void {
		const text = this.#text;
		let at = quoteAt + 1;
		let isPlain = true;
		for (; at < text.length; at++) {
			const code = text.charCodeAt(at);
			if (code === quote) {
				if (text.charCodeAt(at + 1) !== quote) break;
				isPlain = false;
				at++;
			} else if (code === 0x5c) {
				if (text.charCodeAt(at + 1) === quote && quote !== 0x60) this.#isAmbiguous = true;
				if (escapes) {
					isPlain = false;
					at++;
				}
			}
		}
		if (at >= text.length) this.#isOpen = true;
		const end = Math.min(at, text.length);
		const held = text.slice(quoteAt + 1, end);
		const said = isPlain ? held : unquoted(held, String.fromCharCode(quote), escapes);
		this.#add(kind, kind === QUOTED ? said.toLowerCase() : said, from, Math.min(at + 1, text.length));
	}

	/** `[name]` of T-SQL; otherwise the sign of an array. */
	#bracket(from: number): void {
		const text = this.#text;
		const name = /^\[([\p{L}_#@][^\]'[\n]{0,127})\]/u.exec(text.slice(from, from + 132))?.[1];
		if (name === undefined) this.#add(SIGN, "[", from, from + 1);
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
			this.#isCutOff = isInLine && /^[-+#\s]*$/u.test(this.#comment);
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

	/** `$tag$ … $tag$` of PostgreSQL; otherwise a parameter or a variable. */
	#dollar(from: number): void {
		const tag = /^\$(?:[\p{L}_][\p{L}\p{N}_]{0,62})?\$/u.exec(this.#text.slice(from, from + 66))?.[0];
		if (tag === undefined) {
			this.#add(SIGN, "$", from, from + 1);
			return;
		}
		const end = this.#text.indexOf(tag, from + tag.length);
		if (end < 0) this.#isOpen = true;
		const stop = end < 0 ? this.#text.length : end;
		this.#add(TEXT, this.#text.slice(from + tag.length, stop), from, end < 0 ? this.#text.length : end + tag.length);
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
