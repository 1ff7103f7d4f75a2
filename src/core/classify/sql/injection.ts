/**
 * Texts that are meant to break out of somebody else's statement: `1' OR '1'='1' --`, `'; DROP TABLE x; --`, `-1 UNION SELECT null,@@version`,
 * `1 AND SLEEP(5)`.
 *
 * Such a text is no statement: it may begin with a value, closes a quote or brackets, and goes on with what no value goes on with. Only what a
 * server would run of it is told; words that merely stand together are not.
 */
import { withoutEntities } from "../detectors.ts";
import { type Fragment, fragmentOf } from "./fragment.ts";
import { lex } from "./lexer.ts";
import type { Manner } from "./manner.ts";
import { WORD } from "./token.ts";

const PREFIX_MAX = 80;
/** UTF-16 units of a text that is read once more as others spell it: what is put in place of a value is short. */
const SPELLED_MAX = 8_192;

/** Reads a fragment; undefined for a text that breaks out of nothing. */
export function readFragment(text: string, manner: Manner): Fragment | undefined {
	const found = fragmentIn(text, manner);
	if (found !== undefined || text.length > SPELLED_MAX) return found;
	// As part of a page, `1&#39; OR`; and for those who take comments out: `UNI/**/ON SELECT`.
	if (text.includes("&#")) return fragmentIn(withoutEntities(text), manner);
	if (/\w\/\*\*\/\w/u.test(text)) return fragmentIn(text.replaceAll(/\b\/\*\*\/\b/gu, ""), manner);
	if (!/%[\da-f]{2}|^\S*\+\S*$/iu.test(text)) return undefined;
	// As part of an address: `1%27+OR+1=1`.
	const plain = text
		.replaceAll("+", " ")
		.replaceAll(/%([\da-f]{2})/giu, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
	const fragment = fragmentIn(plain, manner);
	if (fragment !== undefined || !/%(?:4[1-9a-f]|5\da?|6[1-9a-f]|7\da?)/iu.test(text)) return fragment;
	// Letters need no such spelling.
	const { tokens } = lex(plain, manner);
	const isQuery = tokens.some(({ kind, text: word }) => kind === WORD && word === "select");
	return isQuery ? { kinds: ["blind"], tokens, offset: 0, stacked: -1 } : undefined;
}

function fragmentIn(text: string, manner: Manner): Fragment | undefined {
	if (text.length <= SPELLED_MAX && /^"[^"]*""/u.test(text)) {
		// As a field of a table of texts, in which quotes are doubled.
		const field = text.slice(1).replaceAll('""', '"');
		const fragment = fragmentIn(field, manner);
		if (fragment !== undefined) return fragment;
	}
	for (const offset of startsOf(text)) {
		const lexed = lex(offset === 0 ? text : text.slice(offset), manner);
		const fragment = fragmentOf(lexed, offset);
		if (fragment !== undefined) return fragment;
	}
	return undefined;
}

/** Where a statement would go on: at once, or behind the quote that the text closes. */
function startsOf(text: string): readonly number[] {
	const starts = [0];
	for (const quote of ["'", '"', "`"]) {
		const at = text.indexOf(quote);
		if (at >= 0 && at <= PREFIX_MAX) starts.push(at + 1);
	}
	for (const quote of ["%27", "%22"]) {
		const at = text.indexOf(quote);
		if (at >= 0 && at <= PREFIX_MAX) starts.push(at + 3);
	}
	return starts;
}
