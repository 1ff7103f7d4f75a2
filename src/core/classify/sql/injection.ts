/**
 * Texts that are meant to break out of somebody else's statement: `1' OR '1'='1' --`, `'; DROP TABLE x; --`, `-1 UNION SELECT null,@@version`,
 * `1 AND SLEEP(5)`.
 *
 * Such a text is no statement: it may begin with a value, closes a quote or brackets, and goes on with what no value goes on with. Only what a
 * server would run of it is told; words that merely stand together are not.
 */
import { readCondition } from "./condition.ts";
import { type Lexed, lex, type Manner, NUMBER, QUOTED, SIGN, TEXT, type Token, VARIABLE, WORD } from "./lexer.ts";
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

/** Functions that wait, and so tell by time what they were asked. */
export const WAITING: ReadonlySet<string> = new Set([
	"sleep",
	"pg_sleep",
	"pg_sleep_for",
	"benchmark",
	"dbms_pipe.receive_message",
	"dbms_lock.sleep",
	"dbms_session.sleep",
	"user_lock.sleep",
	"sleepeachrow",
	"randomblob",
]);

/** What the server is asked about itself, and what takes answers apart letter by letter. */
const SERVERS =
	/^(?:version|user|database|schema|current_user|session_user|system_user|sqlite_version|db_name|host_name)$/u;
const TAKING: ReadonlySet<string> = new Set([
	"make_set",
	"elt",
	"ascii",
	"ord",
	"unicode",
	"substr",
	"substring",
	"mid",
]);

/** Functions that tell what they were asked in an error's text. */
export const TELLING: ReadonlySet<string> = new Set([
	"extractvalue",
	"updatexml",
	"xmltype",
	"geometrycollection",
	"multipoint",
	"polygon",
	"multipolygon",
	"linestring",
	"multilinestring",
	"gtid_subset",
	"gtid_subtract",
	"st_latfromgeohash",
	"st_longfromgeohash",
	"st_pointfromgeohash",
	"utl_inaddr.get_host_address",
	"utl_inaddr.get_host_name",
	"ctxsys.drithsx.sn",
	"ordsys.ord_dicom.getmappingxpath",
	"dbms_xdb_version.checkin",
	"query_to_xml",
	"database_to_xml",
	"xmlforest",
]);

const JOINS: ReadonlySet<string> = new Set([
	"or",
	"and",
	"xor",
	"having",
	"where",
	"rlike",
	"like",
	"in",
	"regexp",
	"div",
	"between",
	"is",
]);

/** Words with which a fragment may begin, and that are no value. */
const LEADING: ReadonlySet<string> = new Set(["procedure", "group", "limit", "waitfor", "into"]);
const COMPARING: ReadonlySet<string> = new Set(["is", "like", "in", "between", "rlike", "regexp"]);

/** Reads a fragment; undefined for a text that breaks out of nothing. */
export function readFragment(text: string, manner: Manner): Fragment | undefined {
	const found = fragmentIn(text, manner);
	if (found !== undefined || !/%[\da-f]{2}|^\S*\+\S*$/iu.test(text)) return found;
	// As part of an address: `1%27+OR+1=1`.
	const plain = text
		.replaceAll("+", " ")
		.replaceAll(/%([\da-f]{2})/giu, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
	return fragmentIn(plain, manner);
}

function fragmentIn(text: string, manner: Manner): Fragment | undefined {
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
	const token = tokens[at];
	const kinds = new Set<string>();
	if (token === undefined) {
		if (offset > 0 && lexed.endsInComment) return { kinds: ["comment"], tokens, offset, stacked: -1 };
		return undefined;
	}
	const stacked = stackedAt(tokens, at, offset);
	if (stacked >= 0) kinds.add("stacked");
	readUnion(tokens, at, kinds);
	if (token.kind === WORD && JOINS.has(token.text)) readJoin(tokens, at, offset, lexed, kinds);
	else if (token.kind === SIGN && "|| && + - * / , = < > ^ % !=".split(" ").includes(token.text))
		readSigned(tokens, at, offset, lexed, kinds);
	else if (at > 0 && token.text === "(" && tokens[at + 1]?.text === "select") kinds.add("blind");
	else if (token.text === "(" && /^(?:cast|convert)$/u.test(tokens[at - 1]?.text ?? "") && asksServer(tokens, at))
		kinds.add("error");
	else if (token.kind === WORD && offset > 0 && isOrder(tokens, at) && (lexed.endsInComment || lexed.isOpen))
		kinds.add("order");
	else if (token.kind === WORD && isOrder(tokens, at) && lexed.endsInComment) kinds.add("order");
	else if (token.kind === WORD && token.text === "waitfor") kinds.add("time");
	else if (token.kind === WORD && token.text === "into" && /^(?:out|dump)file$/u.test(tokens[at + 1]?.text ?? ""))
		kinds.add("outfile");
	else if (token.kind === WORD && token.text === "procedure" && tokens[at + 1]?.text === "analyse") kinds.add("error");
	if (at > 0 && kinds.size === 0 && hasEqualConstants(tokens, at, tokens.length)) kinds.add("tautology");
	return kinds.size === 0 ? undefined : { kinds: [...kinds], tokens, offset, stacked };
}

/** The value that stood where the text is put: a number, a word, `id = 1`, `1)`; or nothing. */
function afterValue(tokens: readonly Token[]): number {
	let from = 0;
	while (tokens[from]?.kind === SIGN && (tokens[from]?.text === "?" || tokens[from]?.text === "&")) from++;
	const first = tokens[from];
	if (first === undefined) return 0;
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

/** `; DROP TABLE x`: a verb and what it is about. */
function stackedAt(tokens: readonly Token[], from: number, offset: number): number {
	for (let at = from; at < tokens.length; at++) {
		const token = tokens[at] as Token;
		if (token.kind !== SIGN || token.text !== ";") continue;
		if (at !== from && (offset === 0 || !isGoing(tokens[from] as Token))) return -1;
		const isBracketed = tokens[at + 1]?.text === "(" && tokens[at + 2]?.text === "select";
		const verb = tokens[isBracketed ? at + 2 : at + 1];
		return verb?.kind === WORD && VERBS.has(verb.text) && tokens.length > at + 2 ? at + 1 : -1;
	}
	return -1;
}

/** Goes on in a statement: with a sign, or with a word that joins. */
const isGoing = ({ kind, text }: Token): boolean =>
	kind === WORD ? JOINS.has(text) || text === "union" || text === "order" : kind === SIGN;

function readUnion(tokens: readonly Token[], from: number, kinds: Set<string>): void {
	for (let at = from; at < tokens.length; at++) {
		if (isUnion(tokens, at)) {
			kinds.add("union");
			return;
		}
		if (at > from + 200) return;
	}
}

function isUnion(tokens: readonly Token[], at: number): boolean {
	const token = tokens[at] as Token;
	if (token.kind !== WORD || token.text !== "union") return false;
	let next = at + 1;
	while (
		next < at + 5 &&
		(tokens[next]?.text === "all" || tokens[next]?.text === "distinct" || tokens[next]?.text === "(")
	)
		next++;
	const item = tokens[next + 1];
	if (tokens[next]?.text !== "select" || item === undefined) return false;
	const after = tokens[next + 2];
	return item.kind !== WORD || item.text === "null" || after?.kind === SIGN || after?.text === "from";
}

/** Does a SELECT of constants, or of what the server is, follow a UNION? So ask those who do not know the query that they extend. */
export function hasForeignUnion(tokens: readonly Token[], from: number, to: number): boolean {
	for (let at = from; at < to; at++) {
		if (!isUnion(tokens, at)) continue;
		let hasTable = false;
		let isForeign = false;
		for (let next = at + 1; next < to && next < at + 120; next++) {
			const { kind, text } = tokens[next] as Token;
			if (kind === WORD && text === "from") {
				hasTable =
					!/^(?:information_schema|mysql|sqlite_master|sqlite_schema|pg_catalog|pg_shadow|pg_user|sys|sysobjects|syscolumns|all_tables|all_tab_columns|v\$version|dual|master)/u.test(
						tokens[next + 1]?.text ?? "",
					);
				if (!hasTable && tokens[next + 1]?.text !== "dual") isForeign = true;
				break;
			}
			if (kind === VARIABLE && text.startsWith("@@")) isForeign = true;
			else if (
				kind === WORD &&
				/^(?:null|version|user|database|current_user|system_user|group_concat|sqlite_version)$/u.test(text)
			)
				isForeign = true;
		}
		if (isForeign && !hasTable && hasFrom(tokens, from, at)) return true;
	}
	return false;
}

/** Did the query that is extended ask of a table? `SELECT 1 UNION ALL SELECT NULL` makes one. */
function hasFrom(tokens: readonly Token[], from: number, to: number): boolean {
	let depth = 0;
	for (let at = to - 1; at >= from && at > to - 400; at--) {
		const { kind, text } = tokens[at] as Token;
		if (kind === SIGN && text === ")") depth++;
		else if (kind === SIGN && text === "(" && --depth < 0) return false;
		if (kind === WORD && depth === 0 && text === "from") return true;
	}
	return false;
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
	const isAlone = first?.kind === NUMBER || first?.kind === TEXT || first?.text === "true";
	if (
		condition.rows !== "some" &&
		(isCompared || (isAlone && (offset > 0 || lexed.endsInComment))) &&
		hasConstant(tokens, at + 1)
	)
		kinds.add("tautology");
	if (isTakenApart(tokens, at + 1) || (isCompared && asksServer(tokens, at))) kinds.add("blind");
	// `' or name like 'a`: whoever closes a quote that he did not open goes on in somebody else's statement.
	if (offset > 0 && isCompared && (lexed.isOpen || lexed.endsInComment)) kinds.add("blind");
}

/** `SUBSTRING(VERSION(), 1, 1) = 5`, `ELT(7=7, 3)`: a letter of an answer at a time. */
function isTakenApart(tokens: readonly Token[], from: number): boolean {
	for (let at = from; at < tokens.length; at++) {
		const { kind, text } = tokens[at] as Token;
		if (kind === WORD && TAKING.has(text) && tokens[at + 1]?.text === "(")
			return /^(?:make_set|elt)$/u.test(text) || asksServer(tokens, at);
	}
	return false;
}

function asksServer(tokens: readonly Token[], from: number): boolean {
	for (let at = from; at < tokens.length; at++) {
		const { kind, text } = tokens[at] as Token;
		if (kind === VARIABLE && text.startsWith("@@")) return true;
		if (kind === WORD && SERVERS.test(text) && (tokens[at + 1]?.text === "(" || text.includes("_user"))) return true;
	}
	return false;
}

const isConstant = (token: Token | undefined): boolean => token?.kind === NUMBER || token?.kind === TEXT;

/** `AND 4821=4821`, `(CASE WHEN ('x'='x') …`: nobody who knows what he asks compares such, but for `1=1`. */
export function hasEqualConstants(tokens: readonly Token[], from: number, to: number): boolean {
	for (let at = from + 1; at + 1 < to; at++) {
		const left = tokens[at - 1] as Token;
		const right = tokens[at + 1] as Token;
		if ((tokens[at] as Token).text !== "=" || !isConstant(left) || left.kind !== right.kind) continue;
		const before = tokens[at - 2]?.text ?? "";
		if (left.text === right.text && left.text.length > 1 && /^(?:and|or|xor|when|not|\()$/u.test(before)) return true;
	}
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
	if (asksServer(tokens, at)) kinds.add("error");
	if (offset > 0 && endsInComment) kinds.add("comment");
	const sign = (tokens[at] as Token).text;
	if (sign !== "||" && sign !== "&&") return;
	if (offset > 0 && readCondition(tokens, at + 1, tokens.length).rows === "always" && hasConstant(tokens, at + 1))
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
		else if (token.text === "select" && isQueried(tokens, at)) kinds.add("blind");
	}
}

const isQueried = (tokens: readonly Token[], at: number): boolean => {
	const before = tokens[at - 1];
	return before?.kind === SIGN && before.text === "(" && tokens[at + 1] !== undefined;
};

/** `ORDER BY 5`, `GROUP BY 1,2 HAVING 1=1`, `LIMIT 1`. */
function isOrder(tokens: readonly Token[], at: number): boolean {
	const { text } = tokens[at] as Token;
	if (text === "order" || text === "group") return tokens[at + 1]?.text === "by" && tokens.length > at + 2;
	return text === "limit" && tokens[at + 1]?.kind === NUMBER;
}
