/** What a text goes on with behind a value, or behind a quote that it closes. */
import {
	cutsOff,
	holdsQuery,
	isCounted,
	isOrder,
	onlyWaits,
	readCalls,
	readJoin,
	readSigned,
	readUnion,
	tellsOfServer,
} from "./continuation.ts";
import { afterExpression, afterSign, goesRound } from "./expression.ts";
import { asksServer, isConstant, readForeign } from "./foreign.ts";
import type { Lexed } from "./lexer.ts";
import { continuesGraph, walksTree } from "./other-queries.ts";
import { testsConstants } from "./signs.ts";
import { beginsAtOnce, CLOSING_MAX, JOINS, stackedAt } from "./stacked.ts";
import { VERBS } from "./statements.ts";
import { NUMBER, QUOTED, SIGN, TEXT, type Token, VARIABLE, WORD } from "./token.ts";

export interface Fragment {
	/** What breaks out, by name. */
	readonly kinds: readonly string[];
	readonly tokens: readonly Token[];
	/** Where the text begins that the tokens were read from. */
	readonly offset: number;
	/** The first token of stacked statements; -1 for none. */
	readonly stacked: number;
}

/** Words with which a fragment may begin, and that are no value. */
const LEADING: ReadonlySet<string> = new Set(["procedure", "group", "limit", "waitfor", "into"]);
/** Signs with which a value goes on. */
const GOING_ON: ReadonlySet<string> = new Set("|| && + - * / , = < > ^ % !=".split(" "));

/** What breaks out of somebody else's statement, from `offset` of a text; undefined for nothing. */
export function fragmentOf(lexed: Lexed, offset: number): Fragment | undefined {
	const { tokens } = lexed;
	// `FROM t SELECT x`, as DuckDB and Hive have it, is whole.
	if (tokens[0]?.text === "from") return undefined;
	const isAsked =
		offset === 0 &&
		(asksAtOnce(lexed) ||
			cutsOffNumber(lexed) ||
			choosesByConstants(tokens) ||
			onlyAsksServer(tokens) ||
			(tokens[0]?.text === "(" && tellsOfServer(tokens)) ||
			equalsItself(tokens));
	if (isAsked) return { kinds: ["blind"], tokens, offset, stacked: -1 };
	const at = offset === 0 ? afterValue(tokens) : 0;
	const found = continuedAt(lexed, at, offset);
	if (found !== undefined) return found;
	// `(7)*x AND 8=3`, `' + 1 AND 2=3`
	const begin = offset === 0 ? 0 : afterSign(tokens);
	const further = offset === 0 || begin > 0 ? afterExpression(tokens, begin) : 0;
	return (further > at ? continuedAt(lexed, further, offset) : undefined) ?? foreignIn(tokens, offset);
}

const CLOSING = /^[)}\]]$/u;

/** What nobody asks who knows the statement, wherever it stands. */
function foreignIn(tokens: readonly Token[], offset: number): Fragment | undefined {
	if (offset === 0 && isConstant(tokens[0]) && walksTree(tokens, 1))
		return { kinds: ["blind"], tokens, offset, stacked: -1 };
	const kind = readForeign(tokens, { from: 0, to: tokens.length }, { isAsked: true, isWithin: true });
	return kind === undefined ? undefined : { kinds: [kind], tokens, offset, stacked: -1 };
}

function continuedAt(lexed: Lexed, from: number, offset: number): Fragment | undefined {
	const { tokens } = lexed;
	let at = from;
	while (tokens[at]?.kind === SIGN && CLOSING.test(tokens[at]?.text ?? "")) at++;
	// `7)) AS t WHERE …`
	if (tokens[at]?.text === "as" && tokens[at + 2]?.text === "where") at += 2;
	if (offset > 0 && (continuesGraph(tokens, at) || walksTree(tokens, at)))
		return { kinds: ["blind"], tokens, offset, stacked: -1 };
	const kinds = new Set<string>();
	if (tokens[at] === undefined) {
		const isCut = offset > 0 && from === 0 && cutsOff(lexed);
		return isCut ? { kinds: ["comment"], tokens, offset, stacked: -1 } : undefined;
	}
	// `; or '1'='1'`
	while (tokens[at]?.text === ";" && JOINS.has(tokens[at + 1]?.text ?? "")) at++;
	// `1 EXEC xp_…` needs no quote.
	const isBehind = offset > 0 ? offset <= CLOSING_MAX : at > 0 && tokens[at]?.text === "exec";
	const isAtOnce = isBehind && beginsAtOnce(tokens, at);
	const stacked = isAtOnce ? at : stackedAt(tokens, at, offset);
	if (stacked >= 0) kinds.add("stacked");
	readUnion(tokens, at, kinds);
	// `' UNION SELECT`, `1 UNION SELECT name`: what is asked for is to follow, or where.
	const isWhole = at === 0 && tokens.length <= 3 && tokens.at(-1)?.text === "select";
	const isBehindValue = offset > 0 || isConstant(tokens[at - 1]) || isWhole;
	if (isBehindValue && tokens[at]?.text === "union" && tokens.slice(-2).some(({ text }) => text === "select"))
		kinds.add("union");
	const token = tokens[at] as Token;
	// `1;(load_file(…))`
	if (token.text === ";" && token.kind === SIGN && stacked < 0) readCalls(tokens, at, kinds);
	if (token.kind === WORD && JOINS.has(token.text)) readJoin(tokens, at, offset, lexed, kinds);
	else if (token.kind === SIGN && GOING_ON.has(token.text)) readSigned(tokens, at, offset, lexed, kinds);
	else if (at > 0 && token.text === "(" && holdsQuery(tokens, at)) kinds.add("blind");
	// `' (SELECT count(*) FROM a, b, c) '`
	else if (offset > 0 && token.text === "(" && tokens[at + 1]?.text === "select") kinds.add("blind");
	else if (at === 1 && token.text === "(" && onlyWaits(tokens)) kinds.add("time");
	else if (at === 1 && token.text === "(" && tellsOfServer(tokens)) kinds.add("blind");
	else if (token.text === "allow" && tokens[at + 1]?.text === "filtering" && offset > 0) kinds.add("comment");
	else if (token.text === "(" && /^(?:cast|convert)$/u.test(tokens[at - 1]?.text ?? "") && asksServer(tokens, at))
		kinds.add("error");
	else if (token.kind === WORD && offset > 0 && isOrder(tokens, at) && (lexed.endsInComment || lexed.isOpen))
		kinds.add("order");
	else if (token.kind === WORD && isOrder(tokens, at) && (lexed.endsInComment || isCountedBehind(tokens, at))) {
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
	if (offset > 0 && hasUpsert(tokens)) kinds.add("blind");
	if (offset > 0 && (lexed.isOpen || lexed.endsInComment) && goesRound(tokens, at, lexed.endsInComment))
		kinds.add("tautology");
	return kinds.size === 0 ? undefined : { kinds: [...kinds], tokens, offset, stacked };
}

/** `@@version --`: nothing but what the server is. */
const asksAtOnce = ({ tokens, endsInComment }: Lexed): boolean =>
	tokens[0]?.kind === VARIABLE && tokens[0].text.startsWith("@@") && (tokens.length === 1 || endsInComment);

/** `105 -- -`, `2*3/*`: a number, and the rest of the statement cut off. */
const cutsOffNumber = (lexed: Lexed): boolean =>
	/^(?:--|\/\*)/u.test(lexed.comment) &&
	cutsOff(lexed) &&
	lexed.tokens.every(({ kind, text }) => kind === NUMBER || (kind === SIGN && text !== ","));

/** `x", "y"), ("z", "w") ON DUPLICATE KEY UPDATE …`: rows of somebody else's INSERT. */
const hasUpsert = (tokens: readonly Token[]): boolean =>
	tokens.some(
		({ kind, text }, at) =>
			kind === WORD && text === "duplicate" && tokens[at + 1]?.text === "key" && tokens[at + 2]?.text === "update",
	);

/** `crc32('k')=crc32('k')`, `44=44`: whoever knows the server asks what only it knows. */
function equalsItself(tokens: readonly Token[]): boolean {
	const middle = (tokens.length - 1) / 2;
	const [first] = tokens;
	if (first === undefined || tokens[middle]?.text !== "=" || tokens[middle]?.kind !== SIGN) return false;
	const isCall = first.kind === WORD && tokens[1]?.text === "(";
	const isNumber = first.kind === NUMBER && first.text.length > 1;
	if (!isCall && !isNumber && !first.text.startsWith("@@")) return false;
	return tokens.slice(0, middle).every(({ kind, text }, at) => {
		const other = tokens[middle + 1 + at];
		return kind === other?.kind && text === other.text;
	});
}

/** `LENGTH(version())`, `DATABASE() LIKE SCHEMA()`: calls alone, which tell what the server is. */
const onlyAsksServer = (tokens: readonly Token[]): boolean =>
	tokens.length > 4 &&
	tokens.at(-1)?.text === ")" &&
	tokens.every(({ kind, text }, at) => kind !== WORD || JOINS.has(text) || tokens[at + 1]?.text === "(") &&
	asksServer(tokens, 0);

/** `CASE WHEN 4=5 THEN 1 …`, `IF(3=3, 1, 0)`: constants are compared in place of a value. */
function choosesByConstants(tokens: readonly Token[]): boolean {
	const at = tokens[0]?.text === "(" ? 1 : 0;
	const isCase = tokens[at]?.text === "case" && tokens.some(({ text }) => text === "then");
	const isIf = /^i?if$/u.test(tokens[at]?.text ?? "") && tokens[at + 1]?.text === "(";
	return (isCase || isIf) && testsConstants(tokens, { from: 0, to: tokens.length });
}

/** `ORDER BY 17` alone, or behind a constant: `1) ORDER BY 5`. */
const isCountedBehind = (tokens: readonly Token[], at: number): boolean =>
	(at === 0 || isConstant(tokens[0])) && isCounted(tokens, at);

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
