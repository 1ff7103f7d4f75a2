/**
 * Where the statements of an SQL text begin and end.
 *
 * A `;` parts them, and so does a verb where no verb can go on, for T-SQL needs no `;`. Bodies of procedures, functions and triggers are made, not run:
 * they belong to the statement that makes them.
 */
import { QUOTED, SIGN, TEXT, type Token, VARIABLE, WORD } from "./token.ts";

/** Tokens from (inclusive) and to (exclusive). */
export interface Range {
	readonly from: number;
	readonly to: number;
}

/** Words with which a statement begins, in one dialect or another. */
export const VERBS: ReadonlySet<string> = new Set(
	`select insert update delete drop truncate alter create grant revoke copy call load set show explain merge replace exec execute attach detach
	backup restore bulk use kill shutdown vacuum optimize analyze reindex cluster pragma comment rename lock unlock flush reset purge prepare
	deallocate do handler describe desc with values table declare begin start commit rollback savepoint release abort end checkpoint install
	uninstall export import unload put get list ls rm remove undrop refresh msck repair cache uncache clear discard listen notify unlisten
	reassign security deny waitfor dbcc reconfigure print raiserror throw openrowset move fetch open close upsert upset system exchange watch
	change stop resume suspend pause binlog cancel audit noaudit administer flashback associate disassociate exists if while signal help go host
	delimiter connect disconnect spool prompt define noop enable disable receive send return writetext updatetext readtext output freeze`.split(
		/\s+/u,
	),
);

const OBJECTS: ReadonlySet<string> = new Set(
	`table database schema user login role view procedure proc function index trigger sequence server assembly type extension materialized
	temporary temp external global foreign or unique package synonym directory profile tablespace system session credential certificate
	endpoint event publication subscription server policy group resource credential columnfamily keyspace warehouse stage stream task pipe`.split(
		/\s+/u,
	),
);

/** After one of these a verb goes on with what was said: `ON DELETE`, `FOR UPDATE`, `GRANT SELECT, DELETE`. */
const GOES_ON: ReadonlySet<string> = new Set(
	`on for after before or and of key then do not , ( = as grant revoke deny with union all except intersect instead explain analyze by no
	from join into to in default when create alter table`.split(/\s+/u),
);

/** Parts a text into statements. Linear. */
export function statementsOf(tokens: readonly Token[]): readonly Range[] {
	const ranges: Range[] = [];
	let from = 0;
	let depth = 0;
	let verb = "";
	for (let at = 0; at < tokens.length; at++) {
		const token = tokens[at] as Token;
		if (token.kind === SIGN) {
			if (token.text === "(") depth++;
			else if (token.text === ")") depth = Math.max(0, depth - 1);
			else if (token.text === ";") {
				if (at > from) ranges.push({ from, to: at });
				from = at + 1;
				depth = 0;
				verb = "";
			}
			continue;
		}
		if (token.kind !== WORD) continue;
		if (verb === "") {
			const start = startOf(tokens, at);
			if (start > at) {
				from = start;
				at = start - 1;
				continue;
			}
			verb = VERBS.has(token.text) ? token.text : "?";
			if (verb === "create" && isRoutine(tokens, at)) {
				at = endOfRoutine(tokens, at) - 1;
			}
		} else if (depth === 0 && at > from && begins(tokens, at, verb)) {
			ranges.push({ from, to: at });
			from = at;
			verb = "";
			at--;
		}
	}
	if (from < tokens.length) ranges.push({ from, to: tokens.length });
	return ranges;
}

/** Passes over what only leads to a statement: `BEGIN`, `THEN`, `ELSE`, `DECLARE … BEGIN`, `IF … THEN`, a label, `GO`. */
function startOf(tokens: readonly Token[], at: number): number {
	const word = (tokens[at] as Token).text;
	const next = tokens[at + 1];
	if (word === "begin") {
		const isTransaction =
			next === undefined ||
			(next.kind === WORD &&
				/^(?:tran|transaction|work|immediate|exclusive|deferred|isolation|read)/u.test(next.text)) ||
			next.text === ";";
		return isTransaction ? at : at + 1;
	}
	if (word === "then" || word === "else" || word === "loop" || word === "go" || word === "try") return at + 1;
	if ((word === "do" || word === "end") && next?.kind === WORD && VERBS.has(next.text)) return at + 1;
	if (word === "exception" && next?.text === "when") return afterWord(tokens, at, "then");
	if (word === "if" || word === "while" || word === "elsif" || word === "elseif" || word === "for")
		return afterTest(tokens, at);
	return at;
}

function afterWord(tokens: readonly Token[], at: number, word: string): number {
	for (let next = at; next < tokens.length && next < at + 200; next++) {
		if ((tokens[next] as Token).text === word) return next + 1;
	}
	return at;
}

/** After the condition of an IF: its THEN, its BEGIN, or the verb that follows it at once. */
function afterTest(tokens: readonly Token[], at: number): number {
	let depth = 0;
	for (let next = at + 1; next < tokens.length && next < at + 400; next++) {
		const token = tokens[next] as Token;
		if (token.kind === SIGN) {
			if (token.text === "(") depth++;
			else if (token.text === ")") depth--;
			else if (token.text === ";") return at;
		} else if (token.kind === WORD && depth <= 0) {
			if (token.text === "then" || token.text === "begin" || token.text === "loop") return next + 1;
			if (token.text !== "exists" && token.text !== "not" && VERBS.has(token.text) && next > at + 1) return next;
		}
	}
	return at;
}

const ROUTINES: ReadonlySet<string> = new Set(["procedure", "proc", "function", "trigger", "event", "package"]);

/** `CREATE [OR REPLACE] … PROCEDURE`: is what follows a body with statements in it? */
function isRoutine(tokens: readonly Token[], at: number): boolean {
	for (let next = at + 1; next < at + 14 && next < tokens.length; next++) {
		const { kind, text } = tokens[next] as Token;
		if (kind === WORD && (ROUTINES.has(text) || (text === "java" && tokens[next - 1]?.text !== "language")))
			return true;
		if (kind === SIGN && (text === "(" || text === ";")) return false;
	}
	return false;
}

/** The end of a routine whose body is spelled out between BEGIN and END; otherwise of its head. */
function endOfRoutine(tokens: readonly Token[], at: number): number {
	// A class in Java goes on to the end of the text.
	if (tokens.slice(at, at + 14).some(({ kind, text }) => kind === WORD && text === "java")) return tokens.length;
	let depth = 0;
	let hasBody = false;
	for (let next = at + 1; next < tokens.length; next++) {
		const { kind, text } = tokens[next] as Token;
		if (kind === SIGN && text === ";" && depth === 0) {
			// The declarations of PL/SQL stand before BEGIN.
			if (hasBody || !isDeclared(tokens, at, next)) return next;
		}
		if (kind !== WORD) continue;
		if (text === "begin" || text === "case") {
			depth++;
			hasBody = true;
		} else if (text === "end") {
			const after = tokens[next + 1]?.text ?? "";
			if (after === "if" || after === "loop" || after === "while" || after === "repeat" || after === "for") next++;
			else depth = Math.max(0, depth - 1);
		}
	}
	return tokens.length;
}

function isDeclared(tokens: readonly Token[], from: number, to: number): boolean {
	let hasBody = false;
	for (let at = from; at < to && at < from + 400; at++) {
		const { kind, text } = tokens[at] as Token;
		if (kind === TEXT) return false;
		if (kind === WORD && (text === "is" || text === "as")) hasBody = true;
	}
	if (!hasBody) return false;
	for (let at = to; at < tokens.length && at < to + 600; at++) {
		const { kind, text } = tokens[at] as Token;
		if (kind === WORD && text === "begin") return true;
	}
	return false;
}

/** Does a new statement begin here, with no `;` before it? */
function begins(tokens: readonly Token[], at: number, verb: string): boolean {
	const { text } = tokens[at] as Token;
	if (!JUXTAPOSED.has(text)) return false;
	const before = tokens[at - 1] as Token;
	if (before.text === "." && before.kind === SIGN) return false;
	if (before.kind !== TEXT && before.kind !== QUOTED && GOES_ON.has(before.text)) return false;
	if (
		verb === "grant" ||
		verb === "revoke" ||
		verb === "deny" ||
		verb === "explain" ||
		verb === "comment" ||
		verb === "show"
	)
		return false;
	const next = tokens[at + 1];
	if (next === undefined) return text === "shutdown" || text === "reconfigure";
	const isName = next.kind === WORD || next.kind === QUOTED || next.kind === VARIABLE;
	switch (text) {
		case "drop":
		case "create":
		case "alter":
			return verb !== "alter" && verb !== "create" && next.kind === WORD && OBJECTS.has(next.text);
		case "delete":
			return next.text === "from";
		case "insert":
			return next.text === "into";
		case "truncate":
			return next.text === "table";
		case "update":
			return verb !== "merge" && isName && tokens[at + 2]?.text === "set";
		case "exec":
		case "execute":
			return (isName || next.text === "(" || next.kind === TEXT) && verb !== "create" && next.text !== "as";
		case "waitfor":
			return next.text === "delay" || next.text === "time";
		case "declare":
			return next.kind === VARIABLE;
		case "set":
			return next.kind === VARIABLE && tokens[at + 2]?.text === "=" && verb !== "update";
		case "backup":
		case "restore":
			return next.text === "database" || next.text === "log";
		case "go":
		case "if":
			return verb !== "drop" && verb !== "create" && verb !== "alter" && VERBS.has(next.text) && next.text !== "exists";
		case "shutdown":
		case "reconfigure":
			return next.text === "with" || VERBS.has(next.text);
		default:
			return false;
	}
}

const JUXTAPOSED: ReadonlySet<string> = new Set([
	"drop",
	"create",
	"alter",
	"delete",
	"insert",
	"truncate",
	"update",
	"exec",
	"execute",
	"waitfor",
	"declare",
	"set",
	"backup",
	"restore",
	"go",
	"if",
	"shutdown",
	"reconfigure",
]);
