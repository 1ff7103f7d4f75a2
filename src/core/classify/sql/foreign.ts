/**
 * What is compared, joined and counted as only those do who extend a statement that they do not know: `4821=4821`, `7=(SELECT 7 FROM …)`,
 * a letter of a query's answer, an answer between two marks, all tables of the server times all others.
 *
 * One pass, and from each place a bounded number of words further.
 */
import { NUMBER, SIGN, TEXT, type Token, VARIABLE, WORD } from "./token.ts";

/** Words that are looked at behind one that may be a sign. */
const FURTHER_MAX = 60;
/** A number that counts what takes time to make. */
const LARGE = /^\d{7,}$/u;

const QUERY = 1;
const COMPARE = 2;
const CAST = 3;
const LETTER = 4;
const REPEAT = 5;
const CATALOGUE = 6;
const CONDITION = 7;
const JOIN = 8;
const WORDS = new Map(
	Object.entries({
		select: QUERY,
		"like rlike regexp ilike": COMPARE,
		"cast convert": CAST,
		"ascii ord unicode": LETTER,
		"repeat replicate rpad lpad space generate_series numbers range": REPEAT,
		"all_users all_objects all_tables all_tab_columns systables syscolumns sysobjects sysusers sysindexes columns tables domain sqlite_master information_schema sys sysibm sysmaster":
			CATALOGUE,
		"where having order": CONDITION,
		"concat concat_ws": JOIN,
	}).flatMap(([words, does]) => words.split(" ").map((word): [string, number] => [word, does])),
);

const BEFORE = /^(?:and|or|xor|when|not|where|having|\()$/u;
const CUTTING = /^(?:substr|substring|mid|left|right|lower)$/u;

export type Foreign = "tautology" | "error" | "blind" | "time";

const SERVERS =
	/^(?:version|user|database|schema|current_user|session_user|system_user|sqlite_version|db_name|host_name)$/u;

/** What the server is, and who asks it. */
export function asksServer(tokens: readonly Token[], from: number): boolean {
	for (let at = from; at < tokens.length; at++) {
		const { kind, text } = tokens[at] as Token;
		if (kind === VARIABLE && text.startsWith("@@")) return true;
		if (kind === WORD && SERVERS.test(text) && (tokens[at + 1]?.text === "(" || text.includes("_user"))) return true;
	}
	return false;
}

/** A number or a text. */
export const isConstant = (token: Token | undefined): boolean => token?.kind === NUMBER || token?.kind === TEXT;

/** `isAsked`: it has a condition of its own; `isWithin`: all of it stands within somebody else's. */
export function readForeign(
	tokens: readonly Token[],
	{ from, to }: { readonly from: number; readonly to: number },
	{ isAsked, isWithin }: { readonly isAsked: boolean; readonly isWithin: boolean },
): Foreign | undefined {
	let tables = 0;
	let isCondition = isWithin;
	for (let at = from; at < to; at++) {
		const { kind, text } = tokens[at] as Token;
		if (kind === SIGN) {
			const isCompared = at > from && isComparison(text) && isConstant(tokens[at - 1]);
			if (isCompared && text === "=" && comparesConstants(tokens, at)) return "tautology";
			if (isCompared && comparesQuery(tokens, at, to)) return "blind";
			if (isCondition && (text === "||" || text === "+") && joinsAnswer(tokens, at)) return "error";
			continue;
		}
		if (kind !== WORD) continue;
		const does = WORDS.get(text) ?? (text.startsWith("rdb$") ? CATALOGUE : undefined);
		if (does === undefined) continue;
		if (does === CONDITION) isCondition = true;
		else if (does === QUERY && (asksConstant(tokens, at) || asksLetter(tokens, at))) return "blind";
		else if (does === LETTER && isLetterOfQuery(tokens, at)) return "blind";
		else if (does === COMPARE && isConstant(tokens[at - 1]) && comparesQuery(tokens, at, to)) return "blind";
		else if (does === CAST && isAsked && castsAnswer(tokens, at)) return "error";
		else if (does === JOIN && isCondition && tokens[at + 1]?.text === "(" && joinsAnswer(tokens, at + 3))
			return "error";
		else if (does === REPEAT && isCondition && repeatsForLong(tokens, at)) return "time";
		else if (does === CATALOGUE && isListed(tokens, at) && ++tables === 3) return "time";
	}
	return undefined;
}

const isComparison = (sign: string): boolean => /^[<>=!]/u.test(sign);

/** `AND 4821=4821`, `(CASE WHEN ('x'='x') …`, `OR 7=8`: nobody who knows what he asks compares such, but for `1=1` and `1=0`. */
function comparesConstants(tokens: readonly Token[], at: number): boolean {
	const left = tokens[at - 1] as Token;
	const right = tokens[at + 1];
	if (right === undefined || left.kind !== right.kind) return false;
	const before = tokens[at - 2]?.text ?? "";
	if (left.text === right.text) return left.text.length > 1 && BEFORE.test(before);
	return isOdd(left, right, before);
}

/** Two constants that differ, and are more than a way to ask for no row. */
function isOdd(left: Token, right: Token, before: string): boolean {
	if (before === "(") return left.kind === NUMBER && left.text.length > 2 && right.text.length > 2;
	if (before === "or" || before === "having") return left.text !== "0" && right.text !== "0";
	return before === "and" && left.kind === NUMBER && left.text.length > 2 && right.text.length > 2;
}

/** `7731=(SELECT 7731 FROM …)`, `7731=f('x'||(SELECT …))`: a constant is compared with what gives it back, or with what was asked in a call. */
function comparesQuery(tokens: readonly Token[], at: number, to: number): boolean {
	const left = tokens[at - 1] as Token;
	if (left.text.length < 3 || !BEFORE.test(tokens[at - 2]?.text ?? "and")) return false;
	let start = at + 1;
	while (start < to && /^(?:[(!~+-]|binary|not)$/u.test(tokens[start]?.text ?? "")) start++;
	const first = tokens[start];
	if (first?.kind !== WORD || /^(?:any|all|some|exists|coalesce)$/u.test(first.text)) return false;
	const isQuery = first.text === "select" || first.text === "case";
	let depth = start - at - 1;
	for (let next = start; next < to && next < start + FURTHER_MAX; next++) {
		const { kind, text } = tokens[next] as Token;
		if (kind === SIGN) {
			if (text === "(") depth++;
			else if (text === ")" && --depth <= 0) return false;
		} else if (kind === left.kind && text === left.text) return true;
		else if (kind === NUMBER && LARGE.test(text)) return true;
		else if (kind === WORD && next > start && WORDS.get(text) === CATALOGUE && isListed(tokens, next)) return true;
		else if (!isQuery && next > start && kind === WORD && (text === "select" || text === "case")) return true;
		else if (depth === 0 && kind === WORD && /^(?:and|or)$/u.test(text)) return false;
	}
	return false;
}

/** `'x'||(SELECT …)||'y'`, `'x'||CAST((SELECT …) AS text)||'y'`: an answer stands between two marks. */
function joinsAnswer(tokens: readonly Token[], at: number): boolean {
	const mark = tokens[at - 1];
	if (mark?.kind !== TEXT || mark.text.length < 2) return false;
	let next = at + 1;
	if (tokens[next]?.kind === WORD) next++;
	const open = next;
	while (tokens[next]?.text === "(" && next < open + 4) next++;
	const asked = tokens[next];
	return next > open && asked?.kind === WORD && /^(?:select|case|elt)$/u.test(asked.text);
}

/** `(SELECT 7731 UNION …`, `1/(SELECT 0)`: a query for a constant, of nothing. */
function asksConstant(tokens: readonly Token[], at: number): boolean {
	const asked = tokens[at + 1];
	if (tokens[at - 1]?.text !== "(" || asked?.kind !== NUMBER) return false;
	const next = tokens[at + 2]?.text ?? "";
	if (asked.text === "0") return tokens[at - 2]?.text === "/";
	if (asked.text.length < 3) return false;
	return (
		next === "union" ||
		(next === "from" && /^(?:\(|dual|pg_sleep|information_schema)$/u.test(tokens[at + 3]?.text ?? ""))
	);
}

/** `(SELECT SUBSTR(word, 1, 1) FROM …) = 'k'` */
function asksLetter(tokens: readonly Token[], at: number): boolean {
	if (tokens[at - 1]?.text !== "(" || !CUTTING.test(tokens[at + 1]?.text ?? "") || tokens[at + 2]?.text !== "(")
		return false;
	let depth = 1;
	for (let next = at; next < at + FURTHER_MAX && next + 2 < tokens.length; next++) {
		const { kind, text } = tokens[next] as Token;
		if (kind !== SIGN) continue;
		if (text === "(") depth++;
		else if (text === ")" && --depth === 0) {
			const letter = tokens[next + 2];
			return isComparison(tokens[next + 1]?.text ?? "") && letter?.kind === TEXT && letter.text.length === 1;
		}
	}
	return false;
}

/** `ASCII(SUBSTR((SELECT …), 1, 1))` */
function isLetterOfQuery(tokens: readonly Token[], at: number): boolean {
	if (tokens[at + 1]?.text !== "(" || !CUTTING.test(tokens[at + 2]?.text ?? "") || tokens[at + 3]?.text !== "(")
		return false;
	return tokens[at + 4]?.text === "(" && tokens[at + 5]?.text === "select";
}

/** `1 = CAST((SELECT …) AS int)`, `= CONVERT(int, @@version)`: a constant is compared with what cannot become one, and the error tells it. */
function castsAnswer(tokens: readonly Token[], at: number): boolean {
	if (tokens[at + 1]?.text !== "(" || !isConstant(tokens[at - 2]) || !isComparison(tokens[at - 1]?.text ?? ""))
		return false;
	const within = tokens.slice(at + 2, at + 8);
	return within.some((token) => token.kind === WORD && token.text === "select") || asksServer(within, 0);
}

/** `REPEAT(x, 50000000)`: what takes time, and tells by it. */
function repeatsForLong(tokens: readonly Token[], at: number): boolean {
	if (tokens[at + 1]?.text !== "(") return false;
	for (let next = at + 2; next < at + 14; next++)
		if (tokens[next]?.kind === NUMBER && LARGE.test(tokens[next]?.text ?? "")) return true;
	return false;
}

/** Is it one of the tables that are asked, or the owner of one? */
function isListed(tokens: readonly Token[], at: number): boolean {
	const before = tokens[at - 1]?.text;
	const owner = before === "." ? tokens[at - 3]?.text : before;
	if (owner !== "," && owner !== "from") return false;
	// An owner counts by itself; what it owns does not count again.
	return before !== "." || WORDS.get(tokens[at - 2]?.text ?? "") !== CATALOGUE;
}
