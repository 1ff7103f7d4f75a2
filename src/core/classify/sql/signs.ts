/** Signs that somebody else extended a statement: what waits, tells in errors, compares constants, or joins what does not belong there. */

import { asksServer, isConstant, readForeign } from "./foreign.ts";
import type { Has } from "./statement.ts";
import type { Range } from "./statements.ts";
import { NUMBER, SIGN, TEXT, type Token, VARIABLE, WORD } from "./token.ts";

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

/** What takes answers apart letter by letter. */
const TAKING: ReadonlySet<string> = new Set([
	"make_set",
	"elt",
	"ascii",
	"ord",
	"unicode",
	"substr",
	"substring",
	"mid",
	"left",
	"right",
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

/** Signs of a statement that somebody else extended. */
export function readSigns(
	tokens: readonly Token[],
	range: Range,
	has: Has,
	{ index, isCutOff }: { readonly index: number; readonly isCutOff: boolean },
): void {
	const { functions } = has;
	const kinds: string[] = [...(has["injection"] ?? [])];
	const isAsked = has["where"] !== undefined && has["where"][0] !== "none";
	const isWithin = (word: string): boolean => {
		for (let at = range.from + 1; at < range.to; at++) {
			const { kind, text } = tokens[at] as Token;
			if (kind !== TEXT && text === word) return true;
		}
		return false;
	};
	const [verb] = has["verb"] ?? [];
	if (verb !== "create" && functions?.some((name) => TELLING.has(name) && !name.endsWith("_to_xml")) === true) {
		if (isWithin("select") || functions.some((name) => /concat|char|version|user/u.test(name))) kinds.push("error");
	}
	// A group that names itself twice: the oldest way to make MySQL tell in its error.
	if (functions?.includes("rand") && functions.includes("floor") && isWithin("group")) kinds.push("error");
	const isCase = functions?.includes("if") === true || isWithin("case");
	// What waits behind another statement tells by that what it was asked.
	const isBehind = index > 0 || isAsked || isCase || isWithin("select");
	if (isBehind && functions?.some((name) => WAITING.has(name))) kinds.push("time");
	if (verb === "waitfor" || (verb === "if" && isWithin("waitfor"))) kinds.push("time");
	const foreign = readForeign(tokens, range, { isAsked, isWithin: index > 0 && verb === "call" });
	if (foreign !== undefined) kinds.push(foreign);
	// Everything in one answer: rows are put one behind another in a variable.
	const isJoining = functions?.some((name) => /^concat/u.test(name)) === true && isWithin("information_schema");
	if ((isJoining && isWithin(":=")) || (verb === "select" && heapsUp(tokens, range))) kinds.push("blind");
	if (guessesColumns(tokens, range)) kinds.push("union");
	if (hasForeignUnion(tokens, range.from, range.to)) kinds.push("union");
	if (isAsked && closesForeign(tokens, range)) kinds.push("blind");
	const isOfCatalogue =
		has["names"]?.some((name) => /^information_schema\b|^sys(?:objects|columns)$/u.test(name)) === true;
	if (has["names"] === undefined && isWithin("case") && testsConstants(tokens, range)) kinds.push("blind");
	const isGoingOn = isAsked || isOfCatalogue || index > 0 || isWithin("having") || isWithin("union");
	if (isCutOff && verb === "select" && isGoingOn) kinds.push("comment");
	if (kinds.length > 0) has["injection"] = kinds;
}

/** `WHERE id = 'x') OR ('a'='a'`: a bracket is closed that nobody opened, and the condition goes on. */
function closesForeign(tokens: readonly Token[], { from, to }: Range): boolean {
	let depth = 0;
	for (let at = from; at < to; at++) {
		const { kind, text } = tokens[at] as Token;
		if (kind !== SIGN) continue;
		if (text === "(") depth++;
		else if (text === ")" && --depth < 0)
			return /^(?:or|and|union|having|order|rlike|xor)$/u.test(tokens[at + 1]?.text ?? "");
	}
	return false;
}

const TESTS: ReadonlySet<string> = new Set(["when", "if", "iif"]);

/** `CASE WHEN 1=1 THEN`, of no table, and `IF(1=1, …`. */
export function testsConstants(tokens: readonly Token[], { from, to }: Range): boolean {
	for (let at = from; at + 3 < to; at++) {
		if (!TESTS.has((tokens[at] as Token).text)) continue;
		while (/^(?:\(|binary)$/u.test(tokens[at + 1]?.text ?? "")) at++;
		if (!isConstant(tokens[at + 1])) continue;
		if (/^[=<>]/u.test(tokens[at + 2]?.text ?? "") && isConstant(tokens[at + 3])) return true;
	}
	return false;
}

/** `@:=concat(@, name)` in a query: one row after another is put into one text. */
function heapsUp(tokens: readonly Token[], { from, to }: Range): boolean {
	for (let at = from + 1; at + 3 < to; at++) {
		if ((tokens[at] as Token).text !== ":=" || tokens[at + 2]?.text !== "(") continue;
		if (/^(?:concat(?:_ws)?|make_set|export_set)$/u.test(tokens[at + 1]?.text ?? "")) return true;
	}
	return false;
}

/** `SELECT 1,2,3 UNION SELECT * FROM users`: columns get names that are known, whatever they are called. */
function guessesColumns(tokens: readonly Token[], { from, to }: Range): boolean {
	for (let at = from + 6; at + 2 < to; at++) {
		if ((tokens[at] as Token).text !== "union" || tokens[at + 2]?.text !== "*") continue;
		const before = tokens.slice(at - 5, at);
		if (before.every(({ kind, text }, index) => (index % 2 === 0 ? kind === NUMBER : text === ","))) return true;
	}
	return false;
}

/** `UNION SELECT`, `UNION ALL (SELECT`, with something behind that is no word of a sentence. */
export function isUnion(tokens: readonly Token[], at: number): boolean {
	const token = tokens[at] as Token;
	if (token.kind !== WORD || token.text !== "union") return false;
	let next = at + 1;
	while (next < at + 5 && /^(?:all|distinct|distinctrow|[(-])$/u.test(tokens[next]?.text ?? "")) next++;
	if (tokens[next]?.text === "values") return /^(?:row|\()$/u.test(tokens[next + 1]?.text ?? "");
	if (tokens[next]?.text !== "select") return false;
	if (tokens[next + 1]?.text === "top" && tokens[next + 2]?.kind === NUMBER) next += 2;
	while (/^(?:all|distinct|distinctrow|sql_no_cache)$/u.test(tokens[next + 1]?.text ?? "")) next++;
	const item = tokens[next + 1];
	if (item === undefined) return false;
	const after = tokens[next + 2];
	return (
		item.kind !== WORD ||
		/^(?:null|binary)$/u.test(item.text) ||
		(after?.kind === SIGN && (after.text !== "." || tokens[next + 3] !== undefined)) ||
		/^(?:from|as)$/u.test(after?.text ?? "") ||
		(tokens[next + 3]?.text === "from" && tokens[next + 4] !== undefined)
	);
}

/** Does a SELECT of constants, or of what the server is, follow a UNION? So ask those who do not know the query that they extend. */
function hasForeignUnion(tokens: readonly Token[], from: number, to: number): boolean {
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
		if (kind === WORD && depth === 0 && text === "from") return tokens[at + 1]?.text !== "dual";
	}
	return false;
}

/** `SUBSTRING(VERSION(), 1, 1) = 5`, `ELT(7=7, 3)`: a letter of an answer at a time. */
export function isTakenApart(tokens: readonly Token[], from: number): boolean {
	for (let at = from; at < tokens.length; at++) {
		const { kind, text } = tokens[at] as Token;
		if (kind === WORD && TAKING.has(text) && tokens[at + 1]?.text === "(")
			return /^(?:make_set|elt)$/u.test(text) || isOfLetter(tokens, at) || asksServer(tokens, at);
	}
	return false;
}

/** `ASCII(SUBSTRING(password, 1, 1))`: which letter it is. */
const isOfLetter = (tokens: readonly Token[], at: number): boolean =>
	/^(?:ascii|ord|unicode)$/u.test(tokens[at]?.text ?? "") &&
	/^(?:substr|substring|mid|left|right|lower)$/u.test(tokens[at + 2]?.text ?? "") &&
	tokens[at + 3]?.text === "(";
