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

/** `; DROP TABLE x`: a verb and what it is about. */
export function stackedAt(tokens: readonly Token[], from: number, offset: number): number {
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
