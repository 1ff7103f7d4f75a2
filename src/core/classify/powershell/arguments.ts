/** The words behind a command's name in PowerShell: parameters, values, blocks and redirections, as they are written. */
import { addWindowsPath } from "../windows/paths.ts";
import type { Expressions } from "./expression.ts";
import type { Reading } from "./reading.ts";
import { isHereString, isQuote, readEscape, readString } from "./strings.ts";
import { known, partial, shown, textOf, type Value } from "./value.ts";

export interface Argument {
	/** As written, with dash or slash; of an option its name. */
	readonly option?: string;
	readonly value?: Value;
	readonly words: readonly string[];
	readonly place: number;
	readonly block?: number;
	/** It is made of something that was read before, or by it. */
	readonly carries?: boolean;
	/** A comma joins it to the value before. */
	readonly joins?: boolean;
}

const ENDS = /[\s;|&(){},]/;
const REDIRECT = /(?:[1-6*]?>>?(?:&[12])?|<)/y;
const OPTION = /[-\u2013\u2014\u2015]([A-Za-z_?][\w-]*)(:)?/y;

/** Up to the end of the command. */
export function readArguments(r: Reading, expressions: Expressions): Argument[] {
	const args: Argument[] = [];
	let joins = false;
	while (r.pos < r.text.length && r.mayGoOn()) {
		r.skip(joins);
		const { char, pos: place } = r;
		if (char === "" || char === "\n" || char === ";" || char === "|" || char === ")" || char === "}") break;
		if (char === "&") break;
		if (char === "#") {
			const end = r.text.indexOf("\n", place);
			r.pos = end < 0 ? r.text.length : end;
			break;
		}
		if (r.text.startsWith("--%", place)) {
			args.push(...verbatim(r));
			break;
		}
		const { reads } = r;
		const arg = readRedirect(r, expressions) ?? readOption(r) ?? readValue(r, expressions);
		if (arg !== null) {
			const joined = joins ? { ...arg, joins } : arg;
			args.push(r.reads > reads ? { ...joined, carries: true } : joined);
		}
		joins = char === ",";
		if (r.pos === place) r.pos += 1;
	}
	return args;
}

/** `--%`: the rest of the line as it stands. */
function verbatim(r: Reading): Argument[] {
	const rest = /[^\n|]*/y;
	rest.lastIndex = r.pos + 3;
	const found = rest.exec(r.text)?.[0] ?? "";
	const place = r.pos;
	r.pos += 3 + found.length;
	return (found.match(/"[^"]*"|\S+/g) ?? []).map((word) => ({ words: [word.replaceAll('"', "")], place }));
}

function readRedirect(r: Reading, expressions: Expressions): Argument | null {
	REDIRECT.lastIndex = r.pos;
	const operator = REDIRECT.exec(r.text)?.[0];
	if (operator === undefined) return null;
	const place = r.pos;
	r.pos += operator.length;
	if (operator.includes("&")) return { words: [], place };
	r.skip(false);
	const target = readWord(r, expressions);
	const path = shown(target).join("");
	if (path !== "" && !/^(?:nul|\$null)$/i.test(path) && !r.isQuiet) addRedirect(r, operator, path, place);
	return { words: [], place };
}

export function addRedirect(r: Reading, operator: string, path: string, place: number): void {
	const mode = operator === "<" ? "read" : operator.endsWith(">>") ? "append" : "write";
	r.add("redirect", place, r.pos, { mode: [mode], path: [path] });
	addWindowsPath(path, mode === "read" ? "read" : "write", r.placeOf(place, r.pos), r.to);
}

function readOption(r: Reading): Argument | null {
	OPTION.lastIndex = r.pos;
	const found = OPTION.exec(r.text);
	if (found === null) return null;
	const next = r.text[r.pos + found[0].length] ?? "";
	if (next !== "" && found[2] === undefined && !ENDS.test(next)) return null;
	const place = r.pos;
	r.pos += found[0].length;
	return { option: found[0], words: [], place };
}

function readValue(r: Reading, expressions: Expressions): Argument | null {
	const place = r.pos;
	if (r.char === ",") {
		r.pos += 1;
		return null;
	}
	if (r.char === "{") {
		const block = expressions.block(r);
		return { value: block, words: [], place, ...(block.kind === "block" ? { block: block.from } : {}) };
	}
	const value = readWord(r, expressions);
	const words = shown(value);
	const [word = ""] = words;
	if (
		words.length === 1 &&
		(/^\/[A-Za-z?][\w-]*$/.test(word) || /^--?[A-Za-z?][\w-]*$/.test(word)) &&
		!isQuote(r.text[place] ?? "")
	) {
		return { option: word, words: [], place };
	}
	const glued = words.length === 1 ? /^(?:--?|\/)([A-Za-z][\w-]*)[:=](.+)$/s.exec(word) : null;
	if (glued !== null) return { option: `/${glued[1]}`, value, words: [glued[2] ?? ""], place };
	return { value, words, place };
}

/** One word of a command: a text, a variable, a bracket, or letters up to a blank, with quotes and variables in it. */
export function readWord(r: Reading, expressions: Expressions): Value {
	const first = r.char;
	if (first === "(" || first === "@" || first === "$" || isQuote(first) || isHereString(r)) {
		const from = r.pos;
		const value =
			first === "(" || first === "@" || isHereString(r) ? expressions.primary(r) : softPrimary(r, expressions);
		if (r.pos > from && (r.pos >= r.text.length || ENDS.test(r.char))) {
			return value.kind === "unknown" && first === "$"
				? partial(r.text.slice(from, Math.min(r.pos, from + 200)))
				: value;
		}
		const tail = readLetters(r, expressions);
		const [start, end] = [shown(value).join(" "), shown(tail).join(" ")];
		return known(value) === null || known(tail) === null
			? partial((start || r.text.slice(from, from + 100)) + end)
			: textOf(start + end);
	}
	return readLetters(r, expressions);
}

/** In a command a text or variable may go on as a word: `"a"b`, `$x\y`. */
function softPrimary(r: Reading, expressions: Expressions): Value {
	return r.char === "$" ? expressions.primary(r) : readString(r, (reading) => expressions.expand(reading));
}

function readLetters(r: Reading, expressions: Expressions): Value {
	let text = "";
	let isWhole = true;
	while (r.pos < r.text.length && !ENDS.test(r.char)) {
		if (r.char === "`") {
			// Outside of quotes a letter behind a backtick is that letter.
			if (/\w/.test(r.text[r.pos + 1] ?? "")) r.pos += 1;
			else {
				text += readEscape(r);
				continue;
			}
		}
		const from = r.pos;
		if (isQuote(r.char) || (r.char === "$" && /[\w{(]/.test(r.text[r.pos + 1] ?? ""))) {
			const value = r.char === "$" ? expressions.expand(r) : readString(r, (reading) => expressions.expand(reading));
			const one = known(value);
			if (one === null) isWhole = false;
			text += one ?? (shown(value).join(" ") || r.text.slice(from, Math.min(r.pos, from + 100)));
			continue;
		}
		text += r.char;
		r.pos += 1;
	}
	return isWhole ? textOf(text) : partial(text);
}

/** Options and words in their order, as a program would be given them. */
export const rawWords = (args: readonly Argument[]): string[] =>
	args.flatMap(({ option, words }) => (option === undefined ? words : [option, ...words]));
