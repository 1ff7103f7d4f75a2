/** Statements and code that a statement puts together and runs. */
import { argumentAt } from "./argument.ts";
import type { Has } from "./statement.ts";
import type { Range } from "./statements.ts";
import { BY_BYTES, isSpelledByBytes, type Variables } from "./static-text.ts";
import { QUOTED, SIGN, TEXT, type Token, WORD } from "./token.ts";
import type { Within } from "./within.ts";

/** Statements that are put together and executed: `EXEC('…')`, `EXECUTE IMMEDIATE '…'`, `sp_executesql N'…'`, `PREPARE s FROM '…'`, `DO $$…$$`. */
export function readExecuted(
	tokens: readonly Token[],
	range: Range,
	has: Has,
	variables: Variables,
	within: Within,
): void {
	const { from, to } = range;
	let at = from;
	while (at < to && (tokens[at] as Token).kind === SIGN) at++;
	const verb = (tokens[at] as Token | undefined)?.text ?? "";
	let next = at + 1;
	const word = tokens[next]?.text ?? "";
	if (verb === "prepare") {
		while (next < to && (tokens[next] as Token).text !== "from" && (tokens[next] as Token).text !== "as") next++;
		const body = tokens[next + 1];
		if (tokens[next]?.text === "as" && body !== undefined) return;
		next++;
	} else if (word === "immediate") next++;
	else if (verb === "exec" || verb === "execute") {
		const name = lastOfName(tokens, next, to);
		if (name.text === "sp_executesql" || name.text === "sp_prepare" || name.text === "sp_sqlexec") next = name.end;
		else if (name.text === "sp_execute_external_script") {
			readScript(tokens, range, has, within);
			return;
		} else if (isPutTogether(tokens, next)) {
			// `EXECUTE format('DROP TABLE %I', name)`
		} else if (tokens[next]?.kind === WORD || (tokens[next]?.kind === QUOTED && tokens[next + 1]?.text !== ")")) {
			has["names"] = [name.text];
			has["functions"] = [...new Set([name.text, ...(has["functions"] ?? [])])];
			return;
		}
	} else if (verb === "do") {
		const body = tokens.slice(next, to).find((token) => token.kind === TEXT);
		const isPython = tokens.slice(next, to).some((token) => token.text.startsWith("plpython"));
		if (body !== undefined) within(isPython ? "python" : "sql", body.text, body, "do");
		return;
	} else {
		const name = lastOfName(tokens, verb === "call" ? next : at, to);
		has["names"] = [name.text];
		has["functions"] = [...new Set([name.text, ...(has["functions"] ?? [])])];
		// `CALL run_sql('DROP TABLE t')`
		const given = RUNS.test(name.text) ? argumentAt(tokens, name.end, to, variables) : undefined;
		if (given !== undefined) within("sql", given.text, given.token, name.text);
		return;
	}
	const argument = argumentAt(tokens, next, to, variables);
	if (argument === undefined) {
		has["shape"] = ["dynamic"];
		// How it begins is enough to tell what it does, to whatever it does it.
		const first = tokens.slice(next, to).find(({ kind }) => kind === TEXT);
		if (first !== undefined && /^\s*(?:drop|truncate|delete|grant|alter|shutdown)\s/iu.test(first.text))
			within("sql", `${first.text} x`, first, verb);
	}
	if (argument === undefined) return;
	// What is run was written so that nobody reads it.
	if (isSpelledByBytes(argument.token) || variables.has(argument.token.text + BY_BYTES)) has["content"] = ["bytes"];
	within("sql", argument.text, argument.token, verb);
}

/** How procedures are named that run what they are given. */
const RUNS = /(?:^|_)(?:sql|ddl|query|statement)(?:$|_)|^(?:exec|run|eval)_/u;

const isPutTogether = (tokens: readonly Token[], at: number): boolean =>
	/^(?:format|concat|concat_ws|replace|convert_from|decode|chr|lower|upper|quote_ident)$/u.test(
		tokens[at]?.text ?? "",
	) && tokens[at + 1]?.text === "(";

/** The last part of `master..xp_cmdshell`, and where it ends. */
function lastOfName(tokens: readonly Token[], at: number, to: number): { text: string; end: number } {
	let end = at;
	let text = "";
	while (end < to) {
		const token = tokens[end] as Token;
		if (token.kind === WORD || token.kind === QUOTED) {
			if (text !== "" && (tokens[end - 1] as Token).text !== ".") break;
			text = token.text;
		} else if (token.text !== ".") break;
		end++;
	}
	return { text, end };
}

function readScript(tokens: readonly Token[], range: Range, has: Has, within: Within): void {
	has["functions"] = ["sp_execute_external_script"];
	for (let at = range.from; at + 2 < range.to; at++) {
		const token = tokens[at] as Token;
		const script = tokens[at + 2] as Token;
		if (token.text === "@script" && script.kind === TEXT)
			within("python", script.text, script, "sp_execute_external_script");
	}
}

/** The language of a function that is made, where it is code of the server's own process or of an interpreter. */
export function readLanguage(tokens: readonly Token[], range: Range, has: Has, within: Within): void {
	for (let at = range.from; at + 1 < range.to; at++) {
		const token = tokens[at] as Token;
		if (token.kind !== WORD || token.text !== "language") continue;
		const language = (tokens[at + 1] as Token).text.toLowerCase();
		has["language"] = [language];
		if (!language.startsWith("plpython")) return;
		const body = tokens
			.slice(range.from, range.to)
			.find(({ kind, text }) => kind === TEXT && text.toLowerCase() !== language);
		if (body !== undefined) within("python", body.text, body, language);
		return;
	}
	const soname = tokens.slice(range.from, Math.min(range.to, range.from + 24)).some((token) => token.text === "soname");
	const java = tokens
		.slice(range.from, Math.min(range.to, range.from + 10))
		.some((token) => token.text === "java" || token.text === "assembly");
	if (soname) has["language"] = ["c"];
	else if (java) has["language"] = ["java"];
}
