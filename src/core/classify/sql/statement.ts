/**
 * What one statement does: its verb, what it is done to, which rows, and where its result goes.
 */
import { table } from "../table.ts";
import { readCondition } from "./condition.ts";
import { namesFrom, namesIn } from "./names.ts";
import type { Range } from "./statements.ts";
import { QUOTED, SIGN, TEXT, type Token, VARIABLE, WORD } from "./token.ts";

export type Has = Record<string, readonly string[]>;

const WORDS_MAX = 64;
const CONDITIONS_MAX = 8;

const QUERIES: ReadonlySet<string> = new Set("select insert update delete merge replace truncate drop".split(" "));

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
	if (verb === "from") verb = "select";
	// `UPDATE STATISTICS t` counts rows.
	if (verb === "update" && tokens[at + 1]?.text === "statistics" && tokens[at + 2]?.text !== "set") verb = "analyze";
	const has: Has = { verb: [verb] };
	const inner = verb === "with" ? withVerbs(tokens, at, to) : [];
	if (inner.length > 0) has["verb"] = inner;
	if (isPlanned) return has;
	Object.assign(has, namesIn(tokens, at, to));
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
