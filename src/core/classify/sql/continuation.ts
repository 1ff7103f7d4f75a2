/** Conditions, signs, calls and orders with which somebody else's statement goes on. */
import { readCondition } from "./condition.ts";
import { isProse } from "./expression.ts";
import { asksServer, isConstant } from "./foreign.ts";
import type { Lexed } from "./lexer.ts";
import { isTakenApart, isUnion, TELLING, WAITING } from "./signs.ts";
import { CLOSING_MAX, JOINS } from "./stacked.ts";
import { NUMBER, QUOTED, SIGN, TEXT, type Token, VARIABLE, WORD } from "./token.ts";

const COMPARING: ReadonlySet<string> = new Set([
	"is",
	"like",
	"in",
	"between",
	"rlike",
	"regexp",
	"ilike",
	"glob",
	"match",
]);

/** Does it end in a comment that says nothing, or a word that stands for nothing: `-- -`, `#`, `-- xQzr`? */
export const cutsOff = ({ comment }: Lexed): boolean =>
	/^(?:--|#)(?:[-+#;'"\s\0]|\/\*.{0,4}\*\/)*(?:(?<=\s)\w{1,10}\s*|sp_password\s*)?$|^\/\*/u.test(comment);

export function readUnion(tokens: readonly Token[], from: number, kinds: Set<string>): void {
	for (let at = from; at < tokens.length; at++) {
		if (isUnion(tokens, at)) {
			kinds.add("union");
			return;
		}
		if (at > from + 200) return;
	}
}

export function readJoin(tokens: readonly Token[], at: number, offset: number, lexed: Lexed, kinds: Set<string>): void {
	readCalls(tokens, at, kinds);
	const { text } = tokens[at] as Token;
	if (text !== "or" && text !== "and" && text !== "xor" && text !== "having" && text !== "where") {
		// `' COLLATE nocase --`
		if (offset > 0 && cutsOff(lexed) && !isProse(tokens)) kinds.add("comment");
		return;
	}
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
	const isBeside = tokens[at + 2]?.kind === TEXT || tokens[at + 2]?.kind === QUOTED;
	const isTextAlone = first?.kind === TEXT && /^(?:\d+(?:\s*=\s*\d+)?|\w)$/u.test(first.text) && text !== "where";
	const isAlone = (first?.kind === NUMBER && !isBeside) || isTextAlone || first?.text === "true";
	if (
		condition.rows !== "some" &&
		(isCompared || (isAlone && (offset > 0 || cutsOff(lexed)))) &&
		hasConstant(tokens, at + 1)
	)
		kinds.add("tautology");
	// `or true`, and `' or '`, and nothing else
	const isWhole = tokens.length === 2 && text === "or";
	if (isWhole && (offset === 0 ? first?.text === "true" : first?.text === "" && lexed.isOpen)) kinds.add("tautology");
	// `or x=y`, and nothing else
	if (at === 0 && text === "or" && tokens.length === 4 && tokens[2]?.text === "=") kinds.add("blind");
	// `having (1 or true)`
	const isBracketed = first?.text === "(" && (offset > 0 || text === "having" || lexed.endsInComment);
	if (isBracketed && condition.rows !== "some" && holdsConstants(tokens, at + 1)) kinds.add("tautology");
	// `or a=a`, `or name like '%'`
	const isEvery = tokens
		.slice(at + 1, at + 6)
		.some(({ kind, text: sign }) => sign === "=" || (kind === WORD && sign === "like"));
	if (condition.rows === "always" && isEvery) kinds.add("tautology");
	if (isTakenApart(tokens, at + 1) || (isCompared && asksServer(tokens, at))) kinds.add("blind");
	// `' AND mod(7,3) ORDER BY 1-- -`
	const behind = tokens[at + 2]?.text === "." ? at + 4 : at + 2;
	const isCalled = first?.kind === WORD && tokens[behind]?.text === "(";
	if (offset > 0 && lexed.isCutOff && (isCalled || isConstant(first) || first?.kind === VARIABLE)) kinds.add("comment");
	if (at <= 1 && isCalled && lexed.endsInComment) kinds.add("comment");
	// `' or name like 'a`: whoever closes a quote that he did not open goes on in somebody else's statement, and so does who ends a comment.
	const isWithinOther = offset > 0 || lexed.endsComment;
	const isLeft = lexed.isOpen || lexed.endsInComment || tokens.at(-1)?.text === ";";
	if (isWithinOther && isCompared && isLeft) kinds.add("blind");
	// `' OR level <> 2`
	const isColumn = (text === "or" || text === "and") && first?.kind === WORD && offset > 0 && offset <= CLOSING_MAX;
	const second = tokens[at + 2];
	const isSign = second?.kind === SIGN ? /^[<>=!]/u.test(second.text) : COMPARING.has(second?.text ?? "");
	if (isColumn && isSign && tokens.length > at + 3 && !isProse(tokens)) kinds.add("blind");
}

/** Numbers, texts and signs alone. */
const holdsConstants = (tokens: readonly Token[], from: number): boolean =>
	tokens.every(
		({ kind, text }, at) => at < from || kind !== WORD || /^(?:or|and|not|xor|true|false|null)$/u.test(text),
	);

/** `SLEEP(5)`, `benchmark(9,MD5(1))#`; not `sleep (8 hours)`, nor a condition of another language. */
export function onlyWaits(tokens: readonly Token[]): boolean {
	const isCall = WAITING.has(tokens[0]?.text ?? "") && tokens[3]?.kind !== WORD;
	return isCall && tokens.every(({ text }) => text !== "||");
}

/** `SUBSTR(version(),1,1)=5`, `(UPDATEXML(null,CONCAT(0x0a,(SELECT …)),null))`: nothing but what asks the server in a way around. */
export function tellsOfServer(tokens: readonly Token[]): boolean {
	const isAsked = asksServer(tokens, 0);
	const first = tokens[tokens[0]?.text === "(" ? 1 : 0];
	if (TELLING.has(first?.text ?? "")) return isAsked || holdsQuery(tokens, 1);
	return isAsked && isTakenApart(tokens, 0);
}

/** `(SELECT …`, and a call that is given one. */
export function holdsQuery(tokens: readonly Token[], from: number): boolean {
	for (let at = from; at < tokens.length && at < from + 24; at++)
		if (tokens[at]?.text === "(" && tokens[at + 1]?.text === "select" && tokens[at + 2] !== undefined) return true;
	return false;
}

/** `1=1` reads no row; `cats or dogs` compares nothing. */
function hasConstant(tokens: readonly Token[], from: number): boolean {
	for (let at = from; at < tokens.length && at < from + 16; at++) {
		const { kind, text } = tokens[at] as Token;
		if (kind === NUMBER || kind === TEXT || kind === QUOTED || text === "true" || text === "false") return true;
	}
	return false;
}

/** `'||(SELECT …)||'`, `'+SLEEP(5)+'`, `1,(SELECT …)`. */
export function readSigned(
	tokens: readonly Token[],
	at: number,
	offset: number,
	lexed: Lexed,
	kinds: Set<string>,
): void {
	readCalls(tokens, at, kinds);
	if ((asksServer(tokens, at) || isTakenApart(tokens, at)) && !isProse(tokens)) kinds.add("error");
	// `'||utl_http.request(…)||'`, `'||app.make('x')||'`: a call is put between two texts.
	const isPackage = tokens[at + 2]?.text === "." && tokens[at + 3]?.kind === WORD;
	const isCalled = isPackage && tokens[at + 4]?.text === "(";
	if (
		(offset > 0 || at === 0) &&
		tokens[at]?.text === "||" &&
		((isCalled && offset > 0) || (isPackage && /^(?:utl|dbms)_/u.test(tokens[at + 1]?.text ?? "")))
	)
		kinds.add("error");
	if (offset > 0 && cutsOff(lexed) && !isProse(tokens)) kinds.add("comment");
	const sign = (tokens[at] as Token).text;
	if (sign !== "||" && sign !== "&&") return;
	// `7 || substr(name, 1, 1) = 'k'`, `7 || id IS NOT NULL`
	const isBehindNumber = tokens[at - 1]?.kind === NUMBER && tokens[at + 1]?.kind === WORD;
	const isAsking = tokens[at + 2]?.text === "(" || tokens[at + 2]?.text === "is";
	if (isBehindNumber && isAsking && !isProse(tokens)) kinds.add("blind");
	const isTest = tokens.slice(at, at + 12).some(({ kind, text }) => kind === SIGN && /^[<>=!]+$/u.test(text));
	if (
		(offset > 0 || at === 0 || isTest) &&
		readCondition(tokens, at + 1, tokens.length).rows === "always" &&
		hasConstant(tokens, at + 1)
	)
		kinds.add("tautology");
}

/** Calls that wait or tell, and queries within. */
export function readCalls(tokens: readonly Token[], from: number, kinds: Set<string>): void {
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
		else if (token.text === "select" && (isQueried(tokens, at) || (from > 0 && at === from + 1 && !isProse(tokens))))
			kinds.add("blind");
	}
}

const isQueried = (tokens: readonly Token[], at: number): boolean => {
	const before = tokens[at - 1];
	return before?.kind === SIGN && before.text === "(" && tokens[at + 1] !== undefined;
};

/** `ORDER BY 17`, `ORDER BY SLEEP(5)`, `GROUP BY 1 HAVING 1=1`, and nothing else. */
export const isCounted = (tokens: readonly Token[], from: number): boolean =>
	tokens[from + 2]?.kind === NUMBER
		? tokens.every(
				({ kind, text }, at) =>
					at < from + 2 || kind !== WORD || AFTER_ORDER.has(text) || JOINS.has(text) || tokens[at + 1]?.text === "(",
			)
		: tokens[from + 3]?.text === "(";

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
export function isOrder(tokens: readonly Token[], at: number): boolean {
	const { text } = tokens[at] as Token;
	if (text === "order" || text === "group") {
		// `order by 5 please` is said by somebody else.
		const isSaid =
			tokens[at + 2]?.kind === NUMBER &&
			tokens[at + 3]?.kind === WORD &&
			!AFTER_ORDER.has(tokens[at + 3]?.text ?? "") &&
			!JOINS.has(tokens[at + 3]?.text ?? "");
		return tokens[at + 1]?.text === "by" && tokens.length > at + 2 && !isSaid;
	}
	return text === "limit" && tokens[at + 1]?.kind === NUMBER;
}
