/**
 * Texts that are meant to break out of somebody else's statement: `1' OR '1'='1' --`, `'; DROP TABLE x; --`, `-1 UNION SELECT null,@@version`,
 * `1 AND SLEEP(5)`.
 *
 * Such a text is no statement: it may begin with a value, closes a quote or brackets, and goes on with what no value goes on with. Only what a
 * server would run of it is told; words that merely stand together are not.
 */
import { withoutEntities } from "../detectors.ts";
import { readCondition } from "./condition.ts";
import { type Lexed, lex, type Manner, NUMBER, QUOTED, SIGN, TEXT, type Token, VARIABLE, WORD } from "./lexer.ts";
import { asksServer, hasEqualConstants, isConstant, isTakenApart, isUnion, TELLING, WAITING } from "./signs.ts";
import { beginsAtOnce, CLOSING_MAX, JOINS, stackedAt } from "./stacked.ts";
import { VERBS } from "./statements.ts";

export interface Fragment {
	/** What breaks out, by name. */
	readonly kinds: readonly string[];
	readonly tokens: readonly Token[];
	/** Where the text begins that the tokens were read from. */
	readonly offset: number;
	/** The first token of stacked statements; -1 for none. */
	readonly stacked: number;
}

const PREFIX_MAX = 80;
/** UTF-16 units of a text that is read once more as others spell it: what is put in place of a value is short. */
const SPELLED_MAX = 8_192;

/** Words with which a fragment may begin, and that are no value. */
const LEADING: ReadonlySet<string> = new Set(["procedure", "group", "limit", "waitfor", "into"]);
const COMPARING: ReadonlySet<string> = new Set(["is", "like", "in", "between", "rlike", "regexp"]);

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

function fragmentOf(lexed: Lexed, offset: number): Fragment | undefined {
	const { tokens } = lexed;
	let at = 0;
	if (offset === 0) at = afterValue(tokens);
	while (tokens[at]?.kind === SIGN && tokens[at]?.text === ")") at++;
	// `FROM t SELECT x`, as DuckDB and Hive have it, is whole.
	if (tokens[0]?.text === "from") return undefined;
	const kinds = new Set<string>();
	if (tokens[at] === undefined) {
		if (offset > 0 && lexed.endsInComment) return { kinds: ["comment"], tokens, offset, stacked: -1 };
		return undefined;
	}
	// `; or '1'='1'`
	while (tokens[at]?.text === ";" && JOINS.has(tokens[at + 1]?.text ?? "")) at++;
	// `1 EXEC xp_…` needs no quote.
	const isBehind = offset > 0 ? offset <= CLOSING_MAX : at > 0 && tokens[at]?.text === "exec";
	const isAtOnce = isBehind && beginsAtOnce(tokens, at);
	const stacked = isAtOnce ? at : stackedAt(tokens, at, offset);
	if (stacked >= 0) kinds.add("stacked");
	readUnion(tokens, at, kinds);
	// `' UNION SELECT`: what is asked for is to follow.
	if (offset > 0 && tokens[at]?.text === "union" && tokens.at(-1)?.text === "select") kinds.add("union");
	const token = tokens[at] as Token;
	if (token.kind === WORD && JOINS.has(token.text)) readJoin(tokens, at, offset, lexed, kinds);
	else if (token.kind === SIGN && "|| && + - * / , = < > ^ % !=".split(" ").includes(token.text))
		readSigned(tokens, at, offset, lexed, kinds);
	else if (at > 0 && token.text === "(" && holdsQuery(tokens, at)) kinds.add("blind");
	else if (at === 1 && token.text === "(" && onlyWaits(tokens)) kinds.add("time");
	else if (at === 1 && token.text === "(" && tellsOfServer(tokens)) kinds.add("blind");
	else if (token.text === "allow" && tokens[at + 1]?.text === "filtering" && offset > 0) kinds.add("comment");
	else if (token.text === "(" && /^(?:cast|convert)$/u.test(tokens[at - 1]?.text ?? "") && asksServer(tokens, at))
		kinds.add("error");
	else if (token.kind === WORD && offset > 0 && isOrder(tokens, at) && (lexed.endsInComment || lexed.isOpen))
		kinds.add("order");
	else if (token.kind === WORD && isOrder(tokens, at) && (lexed.endsInComment || (at === 0 && isCounted(tokens)))) {
		kinds.add("order");
		readCalls(tokens, at, kinds);
	} else if (token.kind === WORD && token.text === "waitfor") kinds.add("time");
	else if (token.kind === WORD && token.text === "into" && /^(?:out|dump)file$/u.test(tokens[at + 1]?.text ?? ""))
		kinds.add("outfile");
	else if (token.kind === WORD && token.text === "procedure" && tokens[at + 1]?.text === "analyse") kinds.add("error");
	// `"x"="x"`
	const isEqual =
		tokens.length === 3 &&
		tokens[1]?.text === "=" &&
		tokens.every(({ kind }, index) => index === 1 || kind === TEXT || kind === QUOTED);
	if (offset === 0 && isEqual) kinds.add("tautology");
	// `'='`, `'-'`: two texts become one, or a number.
	const isJoinedTo = tokens.length === at + 2 && tokens[at + 1]?.text === "" && lexed.isOpen;
	if (offset > 0 && isJoinedTo && /^(?:[-=+*^&|<>]|\|\||like)$/u.test(token.text)) kinds.add("tautology");
	if (at > 0 && kinds.size === 0 && hasEqualConstants(tokens, at, tokens.length)) kinds.add("tautology");
	return kinds.size === 0 ? undefined : { kinds: [...kinds], tokens, offset, stacked };
}

/** The value that stood where the text is put: a number, a word, `id = 1`, `1)`; or nothing. */
function afterValue(tokens: readonly Token[]): number {
	let from = 0;
	while (tokens[from]?.kind === SIGN && (tokens[from]?.text === "?" || tokens[from]?.text === "&")) from++;
	const first = tokens[from];
	if (first === undefined) return 0;
	// ` AS t WHERE …`
	if (first.text === "as" && tokens[from + 2]?.text === "where") return from + 2;
	if (first.text === "(" && isConstant(tokens[from + 1]) && tokens[from + 2]?.text === ")") return from + 3;
	if (first.kind === SIGN && first.text === "-" && tokens[from + 1]?.kind === NUMBER) return from + 2;
	if (first.kind === NUMBER || first.kind === TEXT) return from + 1;
	if (
		first.kind === WORD &&
		!JOINS.has(first.text) &&
		!LEADING.has(first.text) &&
		first.text !== "union" &&
		first.text !== "order" &&
		!VERBS.has(first.text)
	) {
		const isBracketed = tokens[from + 2]?.text === "(" && tokens[from + 4]?.text === ")";
		if (tokens[from + 1]?.text === "=" && isBracketed && tokens[from + 3]?.kind === NUMBER) return from + 5;
		const value = tokens[from + 2];
		const isGiven = tokens[from + 1]?.text === "=" && (value?.kind === NUMBER || value?.kind === TEXT);
		return from + (isGiven ? 3 : 1);
	}
	return 0;
}

function readUnion(tokens: readonly Token[], from: number, kinds: Set<string>): void {
	for (let at = from; at < tokens.length; at++) {
		if (isUnion(tokens, at)) {
			kinds.add("union");
			return;
		}
		if (at > from + 200) return;
	}
}

function readJoin(tokens: readonly Token[], at: number, offset: number, lexed: Lexed, kinds: Set<string>): void {
	readCalls(tokens, at, kinds);
	const { text } = tokens[at] as Token;
	if (text !== "or" && text !== "and" && text !== "xor" && text !== "having" && text !== "where") return;
	const condition = readCondition(tokens, at + 1, tokens.length);
	const isCompared = tokens.some(
		({ kind, text: word }, index) =>
			index > at &&
			(kind === SIGN
				? /^[<>=!]/u.test(word)
				: kind === WORD && (offset > 0 || isConstant(tokens[at + 1])) && COMPARING.has(word)),
	);
	const first = tokens[at + 1];
	// `or name like char(37)`
	if (tokens[at + 2]?.text === "like" && /^(?:char|chr)$/u.test(tokens[at + 3]?.text ?? "")) kinds.add("tautology");
	const isBeside = tokens[at + 2]?.kind === TEXT;
	const isAlone = (first?.kind === NUMBER && !isBeside) || first?.kind === TEXT || first?.text === "true";
	if (
		condition.rows !== "some" &&
		(isCompared || (isAlone && (offset > 0 || lexed.endsInComment))) &&
		hasConstant(tokens, at + 1)
	)
		kinds.add("tautology");
	// `or x=y`, and nothing else
	if (at === 0 && text === "or" && tokens.length === 4 && tokens[2]?.text === "=") kinds.add("blind");
	// `or a=a`
	if (condition.rows === "always" && tokens.slice(at + 1, at + 6).some(({ text: sign }) => sign === "="))
		kinds.add("tautology");
	if (isTakenApart(tokens, at + 1) || (isCompared && asksServer(tokens, at))) kinds.add("blind");
	// `' AND mod(7,3) ORDER BY 1-- -`
	const behind = tokens[at + 2]?.text === "." ? at + 4 : at + 2;
	const isCalled = first?.kind === WORD && tokens[behind]?.text === "(";
	if (offset > 0 && lexed.isCutOff && (isCalled || isConstant(first) || first?.kind === VARIABLE)) kinds.add("comment");
	if (at <= 1 && isCalled && lexed.endsInComment) kinds.add("comment");
	// `' or name like 'a`: whoever closes a quote that he did not open goes on in somebody else's statement, and so does who ends a comment.
	const isWithinOther = offset > 0 || lexed.endsComment;
	if (isWithinOther && isCompared && (lexed.isOpen || lexed.endsInComment)) kinds.add("blind");
}

/** `SLEEP(5)`, `benchmark(9,MD5(1))#`; not `sleep (8 hours)`, nor a condition of another language. */
function onlyWaits(tokens: readonly Token[]): boolean {
	const isCall = WAITING.has(tokens[0]?.text ?? "") && tokens[3]?.kind !== WORD;
	return isCall && tokens.every(({ text }) => text !== "||");
}

/** `SUBSTR(version(),1,1)=5`, `UPDATEXML(null,CONCAT(0x0a,version()),null)`: nothing but what asks the server in a way around. */
function tellsOfServer(tokens: readonly Token[]): boolean {
	return asksServer(tokens, 0) && (TELLING.has(tokens[0]?.text ?? "") || isTakenApart(tokens, 0));
}

/** `(SELECT …`, and a call that is given one. */
function holdsQuery(tokens: readonly Token[], from: number): boolean {
	for (let at = from; at < tokens.length && at < from + 24; at++)
		if (tokens[at]?.text === "(" && tokens[at + 1]?.text === "select" && tokens[at + 2] !== undefined) return true;
	return false;
}

/** `1=1` reads no row; `cats or dogs` compares nothing. */
function hasConstant(tokens: readonly Token[], from: number): boolean {
	for (let at = from; at < tokens.length && at < from + 8; at++) {
		const { kind, text } = tokens[at] as Token;
		if (kind === NUMBER || kind === TEXT || kind === QUOTED || text === "true" || text === "false") return true;
	}
	return false;
}

/** `'||(SELECT …)||'`, `'+SLEEP(5)+'`, `1,(SELECT …)`. */
function readSigned(
	tokens: readonly Token[],
	at: number,
	offset: number,
	{ endsInComment }: Lexed,
	kinds: Set<string>,
): void {
	readCalls(tokens, at, kinds);
	if (asksServer(tokens, at) || isTakenApart(tokens, at)) kinds.add("error");
	// `'||utl_http.request(…)||'`, `'||app.make('x')||'`: a call is put between two texts.
	const isPackage = tokens[at + 2]?.text === "." && tokens[at + 3]?.kind === WORD;
	const isCalled = isPackage && tokens[at + 4]?.text === "(";
	if (
		offset > 0 &&
		tokens[at]?.text === "||" &&
		(isCalled || (isPackage && /^(?:utl|dbms)_/u.test(tokens[at + 1]?.text ?? "")))
	)
		kinds.add("error");
	if (offset > 0 && endsInComment) kinds.add("comment");
	const sign = (tokens[at] as Token).text;
	if (sign !== "||" && sign !== "&&") return;
	if (
		(offset > 0 || at === 0) &&
		readCondition(tokens, at + 1, tokens.length).rows === "always" &&
		hasConstant(tokens, at + 1)
	)
		kinds.add("tautology");
}

/** Calls that wait or tell, and queries within. */
function readCalls(tokens: readonly Token[], from: number, kinds: Set<string>): void {
	for (let at = from; at < tokens.length; at++) {
		const token = tokens[at] as Token;
		if (token.kind !== WORD) continue;
		const isCalled = tokens[at + 1]?.kind === SIGN && tokens[at + 1]?.text === "(";
		if (isCalled && (WAITING.has(token.text) || token.text === "receive_message" || token.text === "sleep"))
			kinds.add("time");
		else if (isCalled && TELLING.has(token.text)) kinds.add("error");
		else if (isCalled && /^(?:load_file|pg_read_(?:binary_)?file|xp_dirtree|dblink\w*)$/u.test(token.text))
			kinds.add("blind");
		else if (token.text === "waitfor" && tokens[at + 1]?.text === "delay") kinds.add("time");
		else if (token.text === "select" && (isQueried(tokens, at) || at === from + 1)) kinds.add("blind");
	}
}

const isQueried = (tokens: readonly Token[], at: number): boolean => {
	const before = tokens[at - 1];
	return before?.kind === SIGN && before.text === "(" && tokens[at + 1] !== undefined;
};

/** `ORDER BY 17`, `ORDER BY SLEEP(5)`, and nothing else. */
const isCounted = (tokens: readonly Token[]): boolean =>
	tokens[2]?.kind === NUMBER
		? tokens.every(({ kind }, at) => at < 2 || kind !== WORD || tokens[at + 1]?.text === "(")
		: tokens[3]?.text === "(";

const AFTER_ORDER: ReadonlySet<string> = new Set([
	"asc",
	"desc",
	"limit",
	"union",
	"having",
	"nulls",
	"offset",
	"for",
	"into",
]);

/** `ORDER BY 5`, `GROUP BY 1,2 HAVING 1=1`, `LIMIT 1`. */
function isOrder(tokens: readonly Token[], at: number): boolean {
	const { text } = tokens[at] as Token;
	if (text === "order" || text === "group") {
		// `order by 5 please` is said by somebody else.
		const isSaid =
			tokens[at + 2]?.kind === NUMBER && tokens[at + 3]?.kind === WORD && !AFTER_ORDER.has(tokens[at + 3]?.text ?? "");
		return tokens[at + 1]?.text === "by" && tokens.length > at + 2 && !isSaid;
	}
	return text === "limit" && tokens[at + 1]?.kind === NUMBER;
}
