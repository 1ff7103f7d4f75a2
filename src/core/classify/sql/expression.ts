/** Expressions of values and signs, as they stand before and behind a quote that a text closes. */
import { JOINS } from "./stacked.ts";
import { VERBS } from "./statements.ts";
import { NUMBER, QUOTED, SIGN, TEXT, type Token, VARIABLE, WORD } from "./token.ts";

const BINARY = /^(?:[-+*/%^&|<>=,]|\|\||&&|<>|!=|<=>?|>=|==|div|mod|like|rlike|regexp|xor|sounds|in)$/u;
const ARITHMETIC = /^(?:[-+*/%^&|]|div|mod)$/u;
const UNARY = /^[-+~!]$/u;
const TERMS_MAX = 64;

/** Where an expression of arithmetic ends that begins at `from`: `(7)*x`, `pi() + 2`; `from` itself where none begins. */
export function afterExpression(tokens: readonly Token[], from: number): number {
	let at = from;
	for (let terms = 0; terms < TERMS_MAX; terms++) {
		const end = afterTerm(tokens, at);
		if (end < 0) return from;
		const sign = tokens[end];
		if (sign === undefined || !ARITHMETIC.test(sign.text) || sign.kind === TEXT || sign.kind === QUOTED) return end;
		at = end + 1;
	}
	return from;
}

/** Behind the sign with which a text goes on after a quote. */
export const afterSign = (tokens: readonly Token[]): number => {
	const [first] = tokens;
	return first?.kind === SIGN && ARITHMETIC.test(first.text) ? 1 : 0;
};

/** Behind one value, with the signs before it; -1 where none stands there. */
function afterTerm(tokens: readonly Token[], from: number): number {
	let at = from;
	while (tokens[at]?.kind === SIGN && UNARY.test(tokens[at]?.text ?? "")) at++;
	const token = tokens[at];
	if (token === undefined) return -1;
	if (token.kind === SIGN)
		return token.text === "(" && tokens[at + 1]?.text !== "select" ? afterBracket(tokens, at) : -1;
	if (token.kind !== WORD) return at + 1;
	if (tokens[at + 1]?.kind === SIGN && tokens[at + 1]?.text === "(") {
		return JOINS.has(token.text) || token.text === "union" ? -1 : afterBracket(tokens, at + 1);
	}
	return JOINS.has(token.text) || VERBS.has(token.text) || NO_VALUES.has(token.text) ? -1 : at + 1;
}

const NO_VALUES: ReadonlySet<string> = new Set(
	"union order group limit procedure waitfor into from select not".split(" "),
);

function afterBracket(tokens: readonly Token[], from: number): number {
	let depth = 0;
	for (let at = from; at < tokens.length; at++) {
		const { kind, text } = tokens[at] as Token;
		if (kind !== SIGN) continue;
		if (text === "(") depth++;
		else if (text === ")" && --depth === 0) return at + 1;
	}
	return -1;
}

/**
 * `'='`, `'-0-'`, `' NOT LIKE '`, `' != ascii(1) #`: behind the quote signs and constants follow in turn, and the last of them opens a quote
 * again, or the rest is cut off.
 */
export function goesRound(tokens: readonly Token[], from: number, isCut: boolean): boolean {
	let at = from;
	let isCounted = false;
	while (at < tokens.length && at < from + TERMS_MAX) {
		const sign = tokens[at] as Token;
		const isJoin = sign.kind === WORD && /^(?:or|and)$/u.test(sign.text);
		let next = at + (sign.kind === WORD && sign.text === "not" ? 1 : 0);
		const operator = tokens[next] as Token | undefined;
		if (operator === undefined || (operator.kind !== SIGN && operator.kind !== WORD)) return false;
		if (!isJoin && !BINARY.test(operator.text)) return false;
		next++;
		while (/^(?:not|binary|like)$/u.test(tokens[next]?.text ?? "") && tokens[next]?.kind === WORD) next++;
		const end = afterTerm(tokens, next);
		if (end < 0) return false;
		const last = tokens[end - 1] as Token;
		const isNamed = last.kind === WORD && !/^(?:null|true|false|unknown|current_\w+)$/u.test(last.text);
		if (isNamed) return false;
		isCounted ||= !isJoin || last.kind === SIGN || last.kind === WORD;
		if (end >= tokens.length) {
			if (isCut) return isCounted;
			return (
				isCounted && (last.kind === TEXT || last.kind === QUOTED || last.kind === VARIABLE) && !/\s/u.test(last.text)
			);
		}
		at = end;
	}
	return false;
}

/** Do words stand side by side as they do in sentences, and in no statement? */
export function isProse(tokens: readonly Token[]): boolean {
	let before = false;
	for (let at = 0; at < tokens.length; at++) {
		const { kind, text } = tokens[at] as Token;
		const isPlain = kind === WORD && !JOINS.has(text) && !VERBS.has(text) && !NO_VALUES.has(text) && !OTHERS.has(text);
		if (isPlain && before) return true;
		// `300 dpi`
		before = isPlain || (kind === NUMBER && !/^(?:top|limit)$/u.test(tokens[at - 1]?.text ?? ""));
	}
	return false;
}

const OTHERS: ReadonlySet<string> = new Set(
	"all distinct by as asc desc null true false case when then else end top on using collate escape isnull notnull offset percent binary".split(
		" ",
	),
);
