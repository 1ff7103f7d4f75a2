/**
 * What one statement does: its verb, what it is done to, which rows, and where its result goes.
 */
import { table } from "../table.ts";
import { readCondition } from "./condition.ts";
import type { Range } from "./statements.ts";
import { QUOTED, SIGN, TEXT, type Token, VARIABLE, WORD } from "./token.ts";

export type Has = Record<string, readonly string[]>;

const NAMES_MAX = 32;
const WORDS_MAX = 64;
const CONDITIONS_MAX = 8;

/** Words after which the name of a table or of another object stands. */
const BEFORE_NAMES: ReadonlySet<string> = new Set([
	"from",
	"join",
	"into",
	"update",
	"table",
	"using",
	"truncate",
	"describe",
	"desc",
	"overwrite",
]);

/** After these a bracket belongs to a function that gives rows; after the others to a list of columns. */
const READ_FROM: ReadonlySet<string> = new Set(["from", "join", "using"]);

/** Words between such a word and the name. */
const BETWEEN: ReadonlySet<string> = new Set([
	"if",
	"exists",
	"not",
	"only",
	"table",
	"lateral",
	"ignore",
	"low_priority",
	"concurrently",
	"of",
	"delayed",
	"overwrite",
	"into",
]);

/** Words that may stand before a bracket and are no functions. */
const NO_FUNCTIONS: ReadonlySet<string> = new Set(
	`in values exists and or not on select as from where by over partition table into set any all some when then else case between using union with key
	primary unique check references if like is join having limit distinct except intersect over filter within returning interval varchar
	char decimal numeric int constraint index view columns options procedure function immediate exec execute default only import explain analyze`.split(
		/\s+/u,
	),
);

const QUERIES: ReadonlySet<string> = new Set([
	"select",
	"insert",
	"update",
	"delete",
	"merge",
	"replace",
	"truncate",
	"drop",
]);

/** Kinds of objects, as they follow CREATE, DROP, ALTER, SHOW, and words that may stand before them. */
const OBJECTS: ReadonlySet<string> = new Set(
	`table database schema user login role view procedure function index trigger sequence server assembly type extension package synonym directory
	profile tablespace system session credential certificate endpoint event publication subscription policy group warehouse stage stream task pipe
	share integration catalog keyspace column columns constraint partition policies language rule aggregate domain operator collation cast
	grants databases tables processlist variables status schemas users roles library java source master key audit resource pluggable pdb cluster
	global account organization project listing dictionary quota keyfile slave replica replication snapshot model dataset secret connection`.split(
		/\s+/u,
	),
);
const SAME_OBJECT = table<string>({
	proc: "procedure",
	temp: "temporary",
	materialized: "view",
	mapping: "mapping",
});

/** Reads one statement. `verb` and the rest are lower case; attributes that say nothing are left out. */
export function readStatement(tokens: readonly Token[], range: Range): Has {
	const { from, to } = range;
	let at = from;
	let isPlanned = false;
	while (at < to && (tokens[at] as Token).kind === SIGN) at++;
	let verb = verbAt(tokens, at);
	if (verb === "explain" || verb === "describe" || verb === "desc") {
		const inner = afterExplain(tokens, at, to);
		if (inner.at > 0) {
			isPlanned = !inner.isRun;
			at = inner.at;
			verb = isPlanned ? verb : verbAt(tokens, at);
		}
	}
	// `UPDATE STATISTICS t` counts rows.
	if (verb === "update" && tokens[at + 1]?.text === "statistics" && tokens[at + 2]?.text !== "set") verb = "analyze";
	const has: Has = { verb: [verb] };
	const inner = verb === "with" ? withVerbs(tokens, at, to) : [];
	if (inner.length > 0) has["verb"] = inner;
	if (isPlanned) return has;
	readNames(tokens, at, to, has);
	const verbs = has["verb"] as readonly string[];
	if (
		verb === "merge" &&
		tokens.slice(at, to).some(({ text }, index) => text === "delete" && tokens[at + index - 1]?.text === "then")
	)
		has["words"] = ["delete"];
	if (verb === "insert" && tokens[at + 1]?.text === "overwrite") has["words"] = ["overwrite"];
	if (!QUERIES.has(verb) && verb !== "with") has["words"] = wordsOf(tokens, at, to);
	if (
		verb === "create" ||
		verb === "drop" ||
		verb === "alter" ||
		verb === "show" ||
		verb === "comment" ||
		verb === "rename" ||
		verb === "undrop"
	) {
		readObject(tokens, at, to, has);
	} else if (verb === "truncate") has["object"] = [tokens[at + 1]?.text === "database" ? "database" : "table"];
	if (verbs.some((each) => each === "delete" || each === "update" || each === "select")) readRows(tokens, at, to, has);
	return has;
}

const verbAt = (tokens: readonly Token[], at: number): string => tokens[at]?.text ?? "";

/** `EXPLAIN ANALYZE DELETE …` runs the statement, `EXPLAIN DELETE …` does not. */
function afterExplain(tokens: readonly Token[], at: number, to: number): { at: number; isRun: boolean } {
	let isRun = false;
	for (let next = at + 1; next < to && next < at + 24; next++) {
		const { kind, text } = tokens[next] as Token;
		if (kind !== WORD) continue;
		if (text === "analyze" || text === "analyse") isRun = !/^(?:false|off|0)$/u.test(tokens[next + 1]?.text ?? "");
		else if (
			text === "select" ||
			text === "insert" ||
			text === "update" ||
			text === "delete" ||
			text === "with" ||
			text === "merge" ||
			text === "replace" ||
			text === "create" ||
			text === "execute"
		) {
			return { at: next, isRun };
		}
	}
	return { at: 0, isRun };
}

/** What the parts of `WITH … AS (DELETE …) SELECT …` do, the last one first. */
function withVerbs(tokens: readonly Token[], at: number, to: number): string[] {
	const verbs: string[] = [];
	let depth = 0;
	for (let next = at + 1; next < to; next++) {
		const { kind, text } = tokens[next] as Token;
		if (kind === SIGN && text === "(") depth++;
		else if (kind === SIGN && text === ")") depth--;
		else if (
			kind === WORD &&
			(text === "select" || text === "insert" || text === "update" || text === "delete" || text === "merge")
		) {
			const before = tokens[next - 1]?.text;
			const isFirst = before === "(" || before === "materialized" || (depth === 0 && before === ")");
			if (isFirst && !verbs.includes(text)) verbs.push(text);
		}
	}
	return verbs;
}

/** Names of what is read or written, functions that are called, and where a SELECT puts its result. */
function readNames(tokens: readonly Token[], from: number, to: number, has: Has): void {
	const names: string[] = [];
	const functions: string[] = [];
	for (let at = from; at < to; at++) {
		const token = tokens[at] as Token;
		if (token.kind !== WORD && token.kind !== QUOTED) continue;
		if (token.kind === WORD && BEFORE_NAMES.has(token.text)) {
			const isOutfile = token.text === "into" && /^(?:out|dump)file$/u.test(tokens[at + 1]?.text ?? "");
			if (isOutfile) has["into"] = ["file"];
			else if (token.text === "into" && (tokens[from] as Token).text === "select") has["into"] = ["table"];
			if (!isOutfile) at = namesFrom(tokens, at + 1, to, names);
			continue;
		}
		const end = endOfName(tokens, at, to);
		const next = tokens[end];
		if (
			end < to &&
			next?.kind === SIGN &&
			next.text === "(" &&
			!(token.kind === WORD && NO_FUNCTIONS.has(token.text) && end === at + 1)
		) {
			const name = nameText(tokens, at, end);
			if (functions.length < NAMES_MAX && !functions.includes(name)) functions.push(name);
			const last = (tokens[end - 1] as Token).text;
			if (last !== name && functions.length < NAMES_MAX && !functions.includes(last)) functions.push(last);
		}
		at = end - 1;
	}
	if (names.length > 0) has["names"] = names;
	if (functions.length > 0) has["functions"] = functions;
}

/** Reads `a.b c, d AS e`; gives the index of the last token that belongs to it. */
function namesFrom(tokens: readonly Token[], start: number, to: number, names: string[]): number {
	let at = start;
	for (;;) {
		while (at < to && (tokens[at] as Token).kind === WORD && BETWEEN.has((tokens[at] as Token).text)) at++;
		const token = tokens[at];
		if (
			at >= to ||
			token === undefined ||
			(token.kind !== WORD && token.kind !== QUOTED && token.kind !== VARIABLE) ||
			token.text === "select"
		)
			return at - 1;
		const end = endOfName(tokens, at, to);
		// A function that gives rows is told by the functions.
		if (tokens[end]?.text === "(" && tokens[end]?.kind === SIGN && READ_FROM.has(tokens[start - 1]?.text ?? ""))
			return at - 1;
		const name = nameText(tokens, at, end);
		if (names.length < NAMES_MAX && !names.includes(name)) names.push(name);
		at = end;
		if (tokens[at]?.text === "as") at++;
		if (at < to && (tokens[at] as Token).kind === WORD && tokens[at + 1]?.text === ",") at++;
		if (at < to && (tokens[at] as Token).text === ",") at++;
		else return at - 1;
	}
}

/** The end of `a.b..c`, `a.[b]`, `a@link`. */
function endOfName(tokens: readonly Token[], at: number, to: number): number {
	let end = at + 1;
	while (end < to && (tokens[end] as Token).kind === SIGN && (tokens[end] as Token).text === ".") {
		end++;
		while (end < to && (tokens[end] as Token).text === ".") end++;
		const next = tokens[end];
		if (end < to && next !== undefined && (next.kind === WORD || next.kind === QUOTED)) end++;
		else break;
	}
	return end;
}

function nameText(tokens: readonly Token[], at: number, end: number): string {
	if (end === at + 1) return (tokens[at] as Token).text;
	let name = "";
	for (let next = at; next < end; next++) name += (tokens[next] as Token).text;
	return name;
}

/** Every bare word and quoted name of a statement, once: options, privileges, roles. */
function wordsOf(tokens: readonly Token[], from: number, to: number): string[] {
	const words = new Set<string>();
	for (let at = from; at < to && words.size < WORDS_MAX; at++) {
		const token = tokens[at] as Token;
		if (token.kind === WORD || token.kind === QUOTED || token.kind === VARIABLE) words.add(token.text);
	}
	return [...words];
}

function readObject(tokens: readonly Token[], from: number, to: number, has: Has): void {
	for (let at = from + 1; at < to && at < from + 16; at++) {
		const { kind, text } = tokens[at] as Token;
		if (kind === SIGN && text === "(") return;
		const object = SAME_OBJECT[text] ?? text;
		if (kind !== WORD || !OBJECTS.has(object)) continue;
		has["object"] = [isTemporary(tokens, at, to) ? "temporary" : object];
		// The names of what is made or dropped; those of a table are read already.
		const names = [...(has["names"] ?? [])];
		if (text !== "table") namesFrom(tokens, at + 1, to, names);
		if (names.length > 0) has["names"] = names;
		return;
	}
}

/** `DROP TEMPORARY TABLE x`, `DROP TABLE #x`. */
function isTemporary(tokens: readonly Token[], at: number, to: number): boolean {
	if (tokens[at]?.text !== "table") return false;
	if (/^temp(?:orary)?$/u.test(tokens[at - 1]?.text ?? "") && tokens[at - 2]?.text === "drop") return true;
	let next = at + 1;
	while (next < to && /^(?:if|exists)$/u.test(tokens[next]?.text ?? "")) next++;
	return tokens[at - 1]?.text === "drop" && /^#/u.test(tokens[next]?.text ?? "");
}

/** Which rows a query is about: those of its outermost WHERE. */
function readRows(tokens: readonly Token[], from: number, to: number, has: Has): void {
	const [verb] = has["verb"] as readonly string[];
	let depth = 0;
	let rows: string | undefined;
	let conditions = 0;
	for (let at = from; at < to; at++) {
		const { kind, text } = tokens[at] as Token;
		if (kind === SIGN) {
			if (text === "(") depth++;
			else if (text === ")") depth--;
		} else if (
			kind === WORD &&
			text === "where" &&
			(depth <= 0 || verb !== "select") &&
			conditions++ < CONDITIONS_MAX
		) {
			const condition = readCondition(tokens, at + 1, to);
			// What is deleted by a range or a state: as many rows as there are.
			const said = verb === "delete" && condition.rows === "some" && !condition.isKeyed ? "many" : condition.rows;
			rows = rows === undefined || rows === "some" || rows === "many" ? said : rows;
			if (condition.isWidened) has["injection"] = ["tautology"];
			if (depth <= 0) break;
		} else if (kind === WORD && text === "limit" && verb !== "select" && rows === undefined) rows = "some";
		else if (kind === WORD && text === "join" && verb === "update" && rows === undefined) rows = "some";
	}
	has["where"] = [rows ?? "none"];
}

/** Static texts of a statement, with their places. */
export function textsOf(tokens: readonly Token[], range: Range): readonly Token[] {
	const texts: Token[] = [];
	for (let at = range.from; at < range.to && texts.length < 16; at++) {
		const token = tokens[at] as Token;
		if (token.kind === TEXT || (token.kind === QUOTED && /[\s/\\]/u.test(token.text))) texts.push(token);
	}
	return texts;
}
