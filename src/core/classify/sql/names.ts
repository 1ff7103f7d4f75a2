/** Names in a statement: of what is read or written, and of functions that are called. */
import { QUOTED, SIGN, type Token, VARIABLE, WORD } from "./token.ts";

const NAMES_MAX = 32;

/** What says nothing is left out. */
interface Named {
	/** Where a SELECT puts its result: `file`, `table`. */
	readonly into?: readonly string[];
	readonly names?: readonly string[];
	readonly functions?: readonly string[];
}

/** Words after which the name of a table or of another object stands. */
const BEFORE_NAMES: ReadonlySet<string> = new Set(
	"from join into update table using truncate describe desc overwrite".split(" "),
);

/** After these a bracket belongs to a function that gives rows; after the others to a list of columns. */
const READ_FROM: ReadonlySet<string> = new Set(["from", "join", "using"]);

/** Words between such a word and the name. */
const BETWEEN: ReadonlySet<string> = new Set(
	"if exists not only table lateral ignore low_priority concurrently of delayed overwrite into".split(" "),
);

/** Words that may stand before a bracket and are no functions. */
const NO_FUNCTIONS: ReadonlySet<string> = new Set(
	`in values exists and or not on select as from where by over partition table into set any all some when then else case between using union with key
	primary unique check references if like is join having limit distinct except intersect over filter within returning interval varchar
	char decimal numeric int constraint index view columns options procedure function immediate exec execute default only import explain analyze`.split(
		/\s+/u,
	),
);

/** Names of what is read or written, functions that are called, and where a SELECT puts its result. */
export function namesIn(tokens: readonly Token[], from: number, to: number): Named {
	let into: readonly string[] | undefined;
	const names: string[] = [];
	const functions: string[] = [];
	for (let at = from; at < to; at++) {
		const token = tokens[at] as Token;
		if (token.kind !== WORD && token.kind !== QUOTED) continue;
		if (token.kind === WORD && BEFORE_NAMES.has(token.text)) {
			const isOutfile = token.text === "into" && /^(?:out|dump)file$/u.test(tokens[at + 1]?.text ?? "");
			if (isOutfile) into = ["file"];
			else if (token.text === "into" && (tokens[from] as Token).text === "select") into = ["table"];
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
	return {
		...(into === undefined ? {} : { into }),
		...(names.length > 0 ? { names } : {}),
		...(functions.length > 0 ? { functions } : {}),
	};
}

/** Reads `a.b c, d AS e`; gives the index of the last token that belongs to it. */
export function namesFrom(tokens: readonly Token[], start: number, to: number, names: string[]): number {
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
