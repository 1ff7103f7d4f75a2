/** Statements behind a value that a text closes, and words with which a statement goes on. */

import { VERBS } from "./statements.ts";
import { SIGN, type Token, VARIABLE, WORD } from "./token.ts";

export const JOINS: ReadonlySet<string> = new Set([
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
	"glob",
	"ilike",
	"match",
	"collate",
	"notnull",
	"isnull",
	"sounds",
	"similar",
]);

/** As far from the beginning as the quote may stand behind which a verb needs no `;`. */
export const CLOSING_MAX = 16;

/** `' EXEC sp_addlogin`, `' DROP TABLE x`, `' GRANT connect TO x`: T-SQL parts statements by their verbs alone. */
export function beginsAtOnce(tokens: readonly Token[], at: number): boolean {
	const next = tokens[at + 1];
	if (tokens[at]?.kind !== WORD || next === undefined) return false;
	switch (tokens[at]?.text) {
		case "exec":
		case "execute":
			return /^(?:master|(?:sp|xp)_\w*)$/u.test(next.text);
		case "insert":
			return next.text === "into";
		case "delete":
			return next.text === "from";
		case "create":
		case "drop":
		case "alter":
			return /^(?:table|user|login|database|view|schema|role|procedure|function|index)$/u.test(next.text);
		case "truncate":
			return next.text === "table";
		case "begin":
			return next.kind === WORD && (VERBS.has(next.text) || /^(?:try|goto)$/u.test(next.text));
		case "goto":
			return (
				/^[:;]$/u.test(tokens[at + 2]?.text ?? "") ||
				VERBS.has(tokens[at + 2]?.text ?? "") ||
				tokens[at + 3]?.text === ":"
			);
		case "select":
			return goesOnBehind(tokens, at);
		case "grant":
			return tokens.slice(at + 1, at + 8).some(({ text }) => text === "to" || text === "on");
		case "update":
			return tokens[at + 2]?.text === "set";
		case "declare":
			return next.kind === VARIABLE;
		default:
			return false;
	}
}

/** `' SELECT 1; DECLARE @s …`, `' SELECT 1 BEGIN DECLARE @s …`: other statements follow. */
function goesOnBehind(tokens: readonly Token[], from: number): boolean {
	for (let at = from + 2; at + 1 < tokens.length && at < from + 24; at++) {
		const { kind, text } = tokens[at] as Token;
		const next = tokens[at + 1] as Token;
		if (kind === SIGN && text === ";") return next.kind === WORD && VERBS.has(next.text);
		if (kind === WORD && (text === "begin" || text === "goto" || text === "declare") && next.kind !== SIGN) return true;
	}
	return false;
}

const OBJECTS =
	/^(?:or|if|temp|temporary|unique|global|public|materialized|table|database|schema|user|login|role|view|procedure|proc|function|index|trigger|sequence|server|type|extension|column|constraint|keyspace|tablespace|system|session|assembly|event|partition|policy|synonym|java|language|alias|external|foreign|aggregate|certificate|endpoint|stage|stream|task|warehouse|catalog|publication|subscription|package|library|directory)$/u;
const PARTICLES =
	/^(?:the|a|an|it|this|that|your|my|our|all|and|or|by|off|in|out|on|over|down|up|me|us|to|them|something|nothing)$/u;

/** Does a verb that sentences know go on as a statement does: `SET x = 1`, `EXEC sp_who`? */
function isStatement(tokens: readonly Token[], at: number): boolean {
	const rest = tokens.slice(at + 1, at + 24);
	const [next, second] = rest;
	switch (tokens[at]?.text) {
		case "set":
			return next?.kind === VARIABLE || rest.some(({ text }) => text === "=" || text === ":=");
		case "exec":
		case "execute":
			return (
				next?.kind !== WORD || /^(?:(?:sp|xp|dbms|utl)_\w*|master|immediate)$/u.test(next.text) || second?.kind !== WORD
			);
		case "drop":
		case "create":
		case "alter":
			return OBJECTS.test(next?.text ?? "") || (second === undefined && !PARTICLES.test(next?.text ?? ""));
		case "insert":
			return /^(?:into|ignore|overwrite)$/u.test(next?.text ?? "");
		case "delete":
			return next?.text === "from" || second?.text === "where" || second?.text === "from";
		case "update":
			return rest.some(({ text }) => text === "set");
		case "truncate":
			return next?.text === "table" || second === undefined;
		case "select":
		case "declare":
			return !(next?.kind === WORD && PARTICLES.test(next.text) && second?.kind === WORD);
		default:
			return rest.some(({ kind }) => kind !== WORD) || rest.length < 3;
	}
}

/** `; DROP TABLE x`: a verb and what it is about. */
export function stackedAt(tokens: readonly Token[], from: number, offset: number): number {
	for (let at = from; at < tokens.length; at++) {
		const token = tokens[at] as Token;
		if (token.kind !== SIGN || token.text !== ";") continue;
		if (at !== from && (offset === 0 || !isGoing(tokens[from] as Token))) return -1;
		const isBracketed = tokens[at + 1]?.text === "(" && tokens[at + 2]?.text === "select";
		const verb = tokens[isBracketed ? at + 2 : at + 1];
		const isVerb = verb?.kind === WORD && VERBS.has(verb.text) && tokens.length > at + 2;
		return isVerb && isStatement(tokens, isBracketed ? at + 2 : at + 1) ? at + 1 : -1;
	}
	return -1;
}

/** Goes on in a statement: with a sign, or with a word that joins. */
const isGoing = ({ kind, text }: Token): boolean =>
	kind === WORD ? JOINS.has(text) || text === "union" || text === "order" : kind === SIGN;
