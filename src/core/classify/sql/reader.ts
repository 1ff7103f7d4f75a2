/**
 * Facts of SQL texts: one for each statement, and for each text that is meant to break out of a statement.
 *
 * What a statement runs in turn is read as well: texts of EXEC, EXECUTE IMMEDIATE, PREPARE and DO, commands of COPY … PROGRAM and xp_cmdshell, code of
 * functions in Python. Linear, but for the second and third reading of a text in which servers part company.
 */
import type { Fact, Findings, Place } from "../fact.ts";
import { readClientCommand } from "./client-command.ts";
import { readEffects } from "./effects.ts";
import { readFragment, readRemnant } from "./injection.ts";
import { type Lexed, lex } from "./lexer.ts";
import { ANY, MYSQL, STANDARD } from "./manner.ts";
import { readSecrets } from "./secrets.ts";
import { readSigns } from "./signs.ts";
import { type Has, readStatement } from "./statement.ts";
import { type Range, statementsOf, VERBS } from "./statements.ts";
import type { Variables } from "./static-text.ts";
import { SIGN, type Token, WORD } from "./token.ts";

const STATEMENTS_MAX = 1_000;
/** Of more, those that are read at the end. */
const LAST = 100;
/** What long texts are full of. */
const DUMPED: ReadonlySet<string> = new Set("insert set values begin commit start use replace comment end".split(" "));

/** Reads an SQL text, or a fragment of one. */
export function readSql(text: string, at: Place, to: Findings): void {
	if (readClientCommand(text, at, to)) return;
	const seen = new Set<string>();
	const all = readings(text);
	if (all.some(({ isTooLong }) => isTooLong))
		to.add({ kind: "opaque", ...at, has: { why: ["too-long"], language: ["sql"] } });
	for (const lexed of all) new Reading(text, at, to, seen).read(lexed);
}

/** Is the text an SQL statement, or a fragment that breaks out of one, as far as its first words tell? */
export function isSql(text: string): boolean {
	const lexed = lex(text.length > 4_096 ? text.slice(0, 4_096) : text, ANY);
	if (startsWithVerb(lexed.tokens)) return true;
	return readFragment(text, ANY) !== undefined;
}

/** The text as servers take it apart; more than once where they differ and each way ends well. */
function readings(text: string): readonly Lexed[] {
	const any = lex(text, ANY);
	if (!any.isAmbiguous) return [any];
	const clean = [any, lex(text, MYSQL), lex(text, STANDARD)].filter((lexed) => !lexed.isOpen);
	return clean.length > 0 ? clean : [any];
}

function startsWithVerb(tokens: readonly Token[]): boolean {
	const first = tokens.find((token) => token.kind === WORD || token.text !== "(");
	if (first === undefined || first.kind !== WORD) return false;
	// `open') AND …`: the word is a value, and its quote is closed.
	if (NAMES.has(first.text) && tokens[tokens.indexOf(first) + 1]?.from === first.to) return false;
	// `IF(3=3, 1, 0)` is a value.
	if (
		/^i?if$/u.test(first.text) &&
		tokens.every(({ kind, text }) => kind !== WORD || text === first.text || !VERBS.has(text) || text === "select")
	)
		return false;
	const isPackage = /^(?:dbms|utl)_\w+$/u.test(first.text) && tokens[1]?.text === "." && tokens[3]?.text === "(";
	const next = tokens[tokens.indexOf(first) + 1]?.text ?? "";
	// `FROM t WHERE …`, as DuckDB and HQL have it.
	if (first.text === "from") return tokens.some(({ kind, text }) => kind === WORD && CLAUSES.has(text));
	if (first.text === "add") return /^(?:jars?|archives?)$/u.test(next);
	return VERBS.has(first.text) || first.text === "explain" || /^(?:xp|sp)_/u.test(first.text) || isPackage;
}

/** What follows the first `;` with a statement behind it. */
function behindRefused(tokens: readonly Token[]): readonly Token[] {
	const at = tokens.findIndex(
		({ kind, text }, index) =>
			text === ";" && kind === SIGN && tokens[index + 1]?.kind === WORD && VERBS.has(tokens[index + 1]?.text ?? ""),
	);
	return at < 0 ? [] : tokens.slice(at + 1);
}

const CLAUSES: ReadonlySet<string> = new Set(["where", "select", "join", "order", "group", "limit"]);

/** Verbs that are states and kinds of things as well: of these a blank parts what follows. */
const NAMES: ReadonlySet<string> = new Set(
	"open close start stop enable disable suspend resume cancel change audit system security backup export import print use show set replace merge lock comment release".split(
		" ",
	),
);

class Reading {
	readonly #text: string;
	readonly #at: Place;
	readonly #to: Findings;
	readonly #seen: Set<string>;
	readonly #variables: Variables = new Map();
	/** Statements that were read beyond the first thousand. */
	#further = 0;

	constructor(text: string, at: Place, to: Findings, seen: Set<string>) {
		this.#text = text;
		this.#at = at;
		this.#to = to;
		this.#seen = seen;
	}

	read(lexed: Lexed): void {
		const { tokens } = lexed;
		if (tokens.length === 0) return;
		if (!startsWithVerb(tokens)) {
			// A server that refuses the first of several may run the others.
			if (!this.#readFragment()) this.#readStatements(behindRefused(tokens), 0);
			return;
		}
		this.#readStatements(tokens, 0, lexed.isCutOff);
	}

	/** False where the text breaks out of nothing. */
	#readFragment(): boolean {
		const fragment = readFragment(this.#text, ANY) ?? readRemnant(this.#text, ANY);
		if (fragment === undefined) return false;
		const { tokens, offset, stacked } = fragment;
		const has = readStatement(tokens, { from: 0, to: stacked < 0 ? tokens.length : stacked });
		has["verb"] = ["fragment"];
		has["injection"] = fragment.kinds;
		readSecrets(tokens, { from: 0, to: tokens.length }, has);
		readEffects(tokens, { from: 0, to: tokens.length }, has, this.#variables, this.#within(offset));
		this.#add(has, 0, this.#text.length);
		if (stacked >= 0) this.#readStatements(tokens.slice(stacked), offset);
		return true;
	}

	#readStatements(tokens: readonly Token[], offset: number, isCutOff = false): void {
		const ranges = statementsOf(tokens);
		for (const [index, range] of ranges.entries()) {
			if (index >= STATEMENTS_MAX && !this.#isRead(tokens, range, ranges.length - index)) continue;
			this.#readOne(tokens, range, offset, { index, isCutOff: isCutOff && range.to === tokens.length });
		}
		const left = ranges[STATEMENTS_MAX];
		if (left === undefined) return;
		this.#to.add({
			...this.#place((tokens[left.from] as Token).from + offset, this.#text.length),
			kind: "truncated",
			has: { why: ["statements"] },
		});
	}

	/** Of more statements than are read one by one, those at the end, and those that are not of the kinds that fill a dump. */
	#isRead(tokens: readonly Token[], { from }: Range, left: number): boolean {
		if (left <= LAST) return true;
		if (DUMPED.has((tokens[from] as Token).text)) return false;
		this.#further += 1;
		return this.#further <= STATEMENTS_MAX;
	}

	#readOne(
		tokens: readonly Token[],
		range: Range,
		offset: number,
		standing: { readonly index: number; readonly isCutOff: boolean },
	): void {
		const has = readStatement(tokens, range);
		has["statement"] = [String(standing.index + 1)];
		readSigns(tokens, range, has, standing);
		readSecrets(tokens, range, has);
		readEffects(tokens, range, has, this.#variables, this.#within(offset));
		const from = (tokens[range.from] as Token).from + offset;
		this.#add(has, from, (tokens[range.to - 1] as Token).to + offset);
	}

	/** Reads a text within, which a token of this one holds. */
	#within(
		offset: number,
	): (language: "sql" | "shell" | "cmd" | "python" | "path" | "url", text: string, token: Token, via: string) => void {
		return (language, text, token, via) => {
			const place = this.#place(token.from + offset, token.to + offset);
			this.#to.within(language, text, { ...place, via: [...place.via, via] });
		};
	}

	#add(has: Has, from: number, to: number): void {
		const key = JSON.stringify(has);
		if (this.#seen.has(key)) return;
		this.#seen.add(key);
		this.#to.add({ ...this.#place(from, to), kind: "sql", has } satisfies Fact);
	}

	/** Of a text that was decoded only the place is known that it was decoded from. */
	#place(from: number, to: number): Place {
		const [start, end] = this.#at.span;
		if (end - start !== this.#text.length) return this.#at;
		return { pointer: this.#at.pointer, span: [start + from, start + to], via: this.#at.via };
	}
}
