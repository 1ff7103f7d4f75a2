/**
 * Texts that are meant to break out of somebody else's statement: `1' OR '1'='1' --`, `'; DROP TABLE x; --`, `-1 UNION SELECT null,@@version`,
 * `1 AND SLEEP(5)`.
 *
 * Such a text is no statement: it may begin with a value, closes a quote or brackets, and goes on with what no value goes on with. Only what a
 * server would run of it is told; words that merely stand together are not.
 */

import type { Findings, Place } from "../fact.ts";
import { fromAddress, hidesLetters } from "../percent.ts";
import { cutsOff, holdsQuery } from "./continuation.ts";
import { isProse } from "./expression.ts";
import { type Fragment, fragmentOf } from "./fragment.ts";
import { lex } from "./lexer.ts";
import { ANY, type Manner } from "./manner.ts";
import { plainTexts } from "./spelling.ts";
import { JOINS } from "./stacked.ts";
import { SIGN, WORD } from "./token.ts";

const PREFIX_MAX = 80;
/** UTF-16 units of a text that is read once more as others spell it: what is put in place of a value is short. */
const SPELLED_MAX = 8_192;

/** Reads a fragment; undefined for a text that breaks out of nothing. */
export function readFragment(text: string, manner: Manner): Fragment | undefined {
	const found = fragmentIn(text, manner);
	if (found !== undefined || text.length > SPELLED_MAX) return found;
	for (const plain of plainTexts(text)) {
		const fragment = fragmentIn(plain, manner) ?? (hidesLetters(text) ? hiddenQuery(plain, manner) : undefined);
		if (fragment !== undefined) return fragment;
	}
	return undefined;
}

/** A query whose letters were spelled as nobody needs to. */
function hiddenQuery(plain: string, manner: Manner): Fragment | undefined {
	const { tokens } = lex(plain, manner);
	const isQuery = tokens.some(({ kind, text: word }) => kind === WORD && word === "select");
	return isQuery ? { kinds: ["blind"], tokens, offset: 0, stacked: -1 } : undefined;
}

function fragmentIn(text: string, manner: Manner): Fragment | undefined {
	// A way through a tree: `//a[@id='x' or ../b]`.
	if (/^\s*\(?\.{0,2}\/[/\w]/u.test(text)) return undefined;
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
		if (at < 0 || at > PREFIX_MAX || opensQuote(text, at)) continue;
		starts.push(at + 1);
		// `a''12' AND …`: the quote that is doubled stands for itself.
		const end = text[at + 1] === quote ? endOfQuoted(text, quote, at) : -1;
		if (end > 0 && end <= PREFIX_MAX) starts.push(end + 1);
		// `\''; DROP …`: the backslash takes the first of them.
		if (text[at - 1] === "\\" && text[at + 1] === quote) starts.push(at + 2);
	}
	const dollars = text.indexOf("$$");
	if (dollars > 0 && dollars <= PREFIX_MAX) starts.push(dollars + 2);
	for (const quote of ["%27", "%22"]) {
		const at = text.indexOf(quote);
		if (at >= 0 && at <= PREFIX_MAX) starts.push(at + 3);
	}
	return starts;
}

/** Behind words and a blank, or behind a sign that asks for a value, a quote opens: `finds "or" in texts`, `message:"DROP"`. */
function opensQuote(text: string, at: number): boolean {
	const before = text.slice(0, at);
	if (/\S\s+\S+\s$/u.test(before)) return true;
	return /[:=~(]\s?$/u.test(before) && (text[at] !== "'" || /\s\S/u.test(before));
}

/** The first quote that is not doubled. */
function endOfQuoted(text: string, quote: string, from: number): number {
	let at = text.indexOf(quote, from);
	while (at >= 0 && text[at + 1] === quote) at = text.indexOf(quote, at + 2);
	return at;
}

/** One of these is in each text that breaks out of a value. */
const HINT =
	/['"`;#@(=<>*%&\\‘’′–\u02bc\uff01-\uff5e]|--|^[A-Za-z\d+/]{16,}=*$|^\s*or\s+true\s*$|\b(?:union|order\s+by|group\s+by|having|xor|waitfor|limit)\b|\b(?:or|and)\s+\S+\s+(?:like|in|is|between)\b/i;
const VALUE_MAX = 4_000;
/** Longer texts are mostly words or pages: only how they begin says whether they are worth a reading. */
const SHORT_MAX = 400;
const BEGUN =
	/['"`)]\s*(?:(?:or|and|union|having|order|group|r?like|in|is|where|procedure|into|begin|declare|exec|select|if|waitfor|limit|div|xor)\b|[;|&=+*%^!#-]|\/\*)|^\s*[-\w.()*+@]{1,60}\s*(?:\b(?:or|and|union|having|order|group|r?like|procedure|into|waitfor|limit|div|xor|where|as)\b|;|\|\||&&|--|\/\*)|%u?[\da-f]{2}|&#|\\[xu]/i;
const BEGUN_MAX = 200;

/** Reads a text that is given where only a value is meant, where it breaks out of a statement; false where it does not. */
export function readValue(text: string, place: Place, to: Findings): boolean {
	if (!isWorth(text)) return false;
	const query = queryIn(text);
	if (query !== undefined) to.within("sql", query, { ...place, via: [...place.via, "value"] });
	else if (readFragment(text, ANY) !== undefined) to.within("sql", text, place);
	else return false;
	return true;
}

const isWorth = (text: string): boolean =>
	text.length < VALUE_MAX && HINT.test(text) && (text.length <= SHORT_MAX || BEGUN.test(text.slice(0, BEGUN_MAX)));

/** `(SELECT …)`, `(f(x, (SELECT …)))`: a query stands where a value would; as it would arrive. */
function queryIn(text: string): string | undefined {
	const plain = /^(?:\(|%28)\S*%[\da-f]{2}/iu.test(text) ? fromAddress(text) : text;
	if (!/^\s*\(.*\)\s*$/su.test(plain)) return undefined;
	const { tokens } = lex(plain, ANY);
	const isCalled = tokens[1]?.kind === WORD && tokens[2]?.text === "(";
	const isQuery = tokens[1]?.text === "select" || (isCalled && holdsQuery(tokens, 2));
	return isQuery && !isProse(tokens) ? plain : undefined;
}

/**
 * What a server of SQL is given that is neither a statement nor words: it cuts off what follows it, closes what it did not open, or opens what
 * it does not close.
 */
export function readRemnant(text: string, manner: Manner): Fragment | undefined {
	if (text.length > SPELLED_MAX) return undefined;
	for (const offset of startsOf(text)) {
		const before = text.slice(0, Math.max(0, offset - 1));
		const lexed = lex(offset === 0 ? text : text.slice(offset), manner);
		const { tokens } = lexed;
		const [first] = tokens;
		if (first === undefined || isProse(tokens) || /\S\s+\S|\S\s$/u.test(before)) continue;
		const isCut = lexed.endsInComment && cutsOff(lexed) && (offset > 0 || !lexed.comment.startsWith("#"));
		const isGoing = first.kind === SIGN || (first.kind === WORD && JOINS.has(first.text));
		const isBroken = offset === 0 ? isCut || first.text === ")" : isGoing && (isCut || lexed.isOpen);
		if (isBroken) return { kinds: ["remnant"], tokens, offset, stacked: -1 };
	}
	return undefined;
}
