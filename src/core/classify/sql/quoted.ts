/** What stands between quotes, in each way that servers have of quoting. */
import { unquoted } from "./escapes.ts";

export interface Quoted {
	readonly text: string;
	/** Behind the last quote. */
	readonly to: number;
	/** Nothing closes it. */
	readonly isOpen: boolean;
}

/** `isAmbiguous`: a backslash stands before a quote, which ends the text for some servers and not for others. */
export interface QuotedString extends Quoted {
	readonly isAmbiguous: boolean;
}

const BACKTICK = 0x60;

/** From the quote at `quoteAt`: a doubled one is one, and a backslash takes what follows it where it `escapes`. */
export function quotedString(text: string, quoteAt: number, escapes: boolean): QuotedString {
	const quote = text.charCodeAt(quoteAt);
	let at = quoteAt + 1;
	let isPlain = true;
	let isAmbiguous = false;
	for (; at < text.length; at++) {
		const code = text.charCodeAt(at);
		if (code === quote) {
			if (text.charCodeAt(at + 1) !== quote) break;
			isPlain = false;
			at++;
		} else if (code === 0x5c) {
			if (text.charCodeAt(at + 1) === quote && quote !== BACKTICK) isAmbiguous = true;
			if (escapes) {
				isPlain = false;
				at++;
			}
		}
	}
	const held = text.slice(quoteAt + 1, Math.min(at, text.length));
	return {
		text: isPlain ? held : unquoted(held, String.fromCharCode(quote), escapes),
		to: Math.min(at + 1, text.length),
		isOpen: at >= text.length,
		isAmbiguous,
	};
}

/** `'[…]'` of Oracle's `q'[…]'`, from its first quote. */
export function alternativeQuoted(text: string, quoteAt: number): Quoted {
	const open = text[quoteAt + 1] ?? "'";
	const close = { "[": "]", "(": ")", "{": "}", "<": ">" }[open] ?? open;
	return upTo(`${close}'`, text, quoteAt + 2);
}

/** `$tag$ … $tag$` of PostgreSQL; null where the sign begins no such text. */
export function dollarQuoted(text: string, from: number): Quoted | null {
	const tag = /^\$(?:[\p{L}_][\p{L}\p{N}_]{0,62})?\$/u.exec(text.slice(from, from + 66))?.[0];
	return tag === undefined ? null : upTo(tag, text, from + tag.length);
}

function upTo(close: string, text: string, from: number): Quoted {
	const end = text.indexOf(close, from);
	if (end < 0) return { text: text.slice(from), to: text.length, isOpen: true };
	return { text: text.slice(from, end), to: end + close.length, isOpen: false };
}

/** `[name]` of T-SQL; null where the bracket is the sign of an array. */
export const bracketedName = (text: string, from: number): string | null =>
	/^\[([\p{L}_#@][^\]'[\n]{0,127})\]/u.exec(text.slice(from, from + 132))?.[1] ?? null;
