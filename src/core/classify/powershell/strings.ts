/** Quoted texts of PowerShell: `'…'`, `"…"` with variables in it, here-strings, and the escapes of the backtick. */
import type { Reading } from "./reading.ts";
import { known, partial, shown, textOf, type Value } from "./value.ts";

const ESCAPES: Readonly<Record<string, string>> = {
	n: "\n",
	r: "\r",
	t: "\t",
	"0": "\0",
	a: "\x07",
	b: "\b",
	f: "\f",
	v: "\v",
	e: "\x1b",
};

/** Typographic quotes count as quotes. */
const SINGLE = /['\u2018\u2019\u201a\u201b]/;
const DOUBLE = /["\u201c\u201d\u201e]/;

const isSingleQuote = (char: string): boolean => SINGLE.test(char);
const isDoubleQuote = (char: string): boolean => DOUBLE.test(char);
export const isQuote = (char: string): boolean => char !== "" && (SINGLE.test(char) || DOUBLE.test(char));

/** What a `$` in a text begins: its value, and the reader stands behind it. */
export type Expand = (r: Reading) => Value;

/** Reads from a quote, or from the `@` of a here-string, to behind its end. */
export function readString(r: Reading, expand: Expand): Value {
	if (r.char === "@") return readHereString(r, expand);
	return isSingleQuote(r.char) ? readSingle(r) : readDouble(r, expand);
}

function readSingle(r: Reading): Value {
	let text = "";
	r.pos += 1;
	while (r.pos < r.text.length) {
		if (isSingleQuote(r.char)) {
			if (!isSingleQuote(r.text[r.pos + 1] ?? "x")) {
				r.pos += 1;
				break;
			}
			r.pos += 1;
		}
		text += r.char;
		r.pos += 1;
	}
	return textOf(text);
}

function readDouble(r: Reading, expand: Expand): Value {
	r.pos += 1;
	return readExpandable(r, expand, (at) => {
		if (!isDoubleQuote(r.text[at] ?? "")) return 0;
		return isDoubleQuote(r.text[at + 1] ?? "x") ? -1 : 1;
	});
}

/** `ends` gives the length of the end at a place, 0 when there is none, -1 when the end is written twice and is a character. */
function readExpandable(r: Reading, expand: Expand, ends: (at: number) => number): Value {
	let text = "";
	let isWhole = true;
	while (r.pos < r.text.length) {
		const end = ends(r.pos);
		if (end > 0) {
			r.pos += end;
			break;
		}
		if (end < 0) r.pos += 1;
		if (r.char === "`") {
			text += readEscape(r);
			continue;
		}
		if (r.char === "$" && /[\w{(:?^$]/.test(r.text[r.pos + 1] ?? "")) {
			const from = r.pos;
			const value = expand(r);
			const one = known(value);
			if (one === null) isWhole = false;
			text +=
				one ?? (value.kind === "texts" ? shown(value).join(" ") : r.text.slice(from, Math.min(r.pos, from + 200)));
			if (r.pos > from) continue;
		}
		text += r.char;
		r.pos += 1;
	}
	return isWhole ? textOf(text) : partial(text);
}

/** Reads a backtick and what it escapes. */
export function readEscape(r: Reading): string {
	const next = r.text[r.pos + 1] ?? "";
	const code = /^u\{([\da-fA-F]{1,6})\}/.exec(r.text.slice(r.pos + 1, r.pos + 11));
	if (code !== null) {
		r.pos += 1 + code[0].length;
		const point = Number.parseInt(code[1] ?? "", 16);
		return point > 0x10ffff ? "" : String.fromCodePoint(point);
	}
	r.pos += next === "" ? 1 : 2;
	return Object.hasOwn(ESCAPES, next) ? (ESCAPES[next] ?? "") : next;
}

export const isHereString = (r: Reading): boolean => r.char === "@" && isQuote(r.text[r.pos + 1] ?? "");

function readHereString(r: Reading, expand: Expand): Value {
	const isLiteral = isSingleQuote(r.text[r.pos + 1] ?? "");
	const line = r.text.indexOf("\n", r.pos);
	if (line < 0 || r.text.slice(r.pos + 2, line).trim() !== "") {
		r.pos += 2;
		return textOf("");
	}
	if (isLiteral) {
		const end = /\r?\n['\u2018\u2019]@/g;
		end.lastIndex = line;
		const found = end.exec(r.text);
		const until = found?.index ?? r.text.length;
		r.pos = found === null ? until : until + found[0].length;
		return textOf(r.text.slice(line + 1, until));
	}
	r.pos = line + 1;
	return readExpandable(r, expand, (at) => {
		if (r.text[at] !== "\n" && r.text[at] !== "\r") return 0;
		const from = r.text[at] === "\r" ? at + 2 : at + 1;
		return isDoubleQuote(r.text[from] ?? "") && r.text[from + 1] === "@" ? from + 2 - at : 0;
	});
}
