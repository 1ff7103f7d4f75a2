/** Texts that a script makes of constants: of numbers, of encoded texts, by what is called on a text. */
import { NAME, NUMBER, SIGN, TEXT, type Token } from "./lexer.ts";

/** Undefined where it is not known before the script runs; `end`: the token behind it. */
export interface Static {
	readonly text: string | undefined;
	readonly end: number;
}

const STEPS_MAX = 24;
const LETTERS_MAX = 8_192;

/** What a call of a known function gives whose argument begins at `open + 1`: `atob("…")`, `String.fromCharCode(…)`, `Buffer.from([…])`. */
export function madeBy(name: string, tokens: readonly Token[], open: number, ofText: (at: number) => Static): Static {
	const unknown = { text: undefined, end: open };
	if (name === "String.fromCharCode" || name === "String.fromCodePoint") return lettersOf(tokens, open + 1, ")");
	const isBuffer = name === "Buffer.from" || name === "Buffer" || name === "Uint8Array.from";
	if (isBuffer && tokens[open + 1]?.text === "[") {
		const letters = lettersOf(tokens, open + 2, "]");
		return tokens[letters.end]?.text === ")" ? { text: letters.text, end: letters.end + 1 } : unknown;
	}
	const decode = DECODERS.get(name);
	if (!isBuffer && decode === undefined) return unknown;
	const given = ofText(open + 1);
	if (given.text === undefined) return unknown;
	if (tokens[given.end]?.text === ")")
		return { text: isBuffer ? given.text : decode?.(given.text), end: given.end + 1 };
	const codec = ofText(given.end + 1);
	if (tokens[given.end]?.text !== "," || tokens[codec.end]?.text !== ")") return unknown;
	const isEncoded = /^(?:base64(?:url)?|hex)$/iu.test(codec.text ?? "");
	return {
		text: isEncoded ? Buffer.from(given.text, codec.text as "hex").toString("utf8") : given.text,
		end: codec.end + 1,
	};
}

const DECODERS: ReadonlyMap<string, (text: string) => string> = new Map([
	["atob", (text: string) => Buffer.from(text, "base64").toString("latin1")],
	["unescape", percentDecoded],
	["decodeURIComponent", percentDecoded],
	["decodeURI", percentDecoded],
	["String", (text: string) => text],
]);

function percentDecoded(text: string): string {
	return text.replace(/%u([\da-f]{4})|%([\da-f]{2})/giu, (_, long?: string, short?: string) =>
		String.fromCharCode(Number.parseInt(long ?? short ?? "0", 16)),
	);
}

function lettersOf(tokens: readonly Token[], from: number, close: string): Static {
	let text = "";
	let at = from;
	for (; at < tokens.length && at < from + 2 * LETTERS_MAX; at++) {
		const token = tokens[at] as Token;
		if (token.text === close) return { text, end: at + 1 };
		if (token.kind === NUMBER && Number(token.text) < 0x11_0000) text += String.fromCodePoint(Number(token.text));
		else if (token.text !== ",") break;
	}
	return { text: undefined, end: from };
}

/** `["cal", "c"].join("")`: the token at `open` is the bracket. */
export function joinedList(tokens: readonly Token[], open: number, ofText: (at: number) => Static): Static {
	const parts: string[] = [];
	let at = open + 1;
	while (parts.length < 256) {
		const part = ofText(at);
		if (part.text === undefined) break;
		parts.push(part.text);
		at = part.end + 1;
		const sign = tokens[part.end]?.text;
		if (sign === ",") continue;
		const isJoined = sign === "]" && tokens[at]?.text === "." && tokens[at + 1]?.text === "join";
		const between = tokens[at + 3];
		if (!isJoined || tokens[at + 2]?.text !== "(") break;
		if (between?.text === ")" && between.kind === SIGN) return { text: parts.join(","), end: at + 4 };
		if (between?.kind === TEXT && tokens[at + 4]?.text === ")") return { text: parts.join(between.text), end: at + 5 };
		break;
	}
	return { text: undefined, end: open };
}

/** What is called on a text that is known, one after another: `.toString()`, `.split("").reverse().join("")`, `.replace("a", "b")`. */
export function stepsOf(first: Static, tokens: readonly Token[]): Static {
	let { text, end } = first;
	for (let steps = 0; steps < STEPS_MAX && text !== undefined; steps++) {
		const method = tokens[end + 1];
		if (tokens[end]?.text !== "." || method?.kind !== NAME || tokens[end + 2]?.text !== "(") break;
		const given: string[] = [];
		let at = end + 3;
		while (tokens[at] !== undefined && (tokens[at]?.kind !== SIGN || tokens[at]?.text === ",")) {
			if (tokens[at]?.kind !== SIGN) given.push((tokens[at] as Token).text);
			at++;
		}
		if (tokens[at]?.text !== ")") break;
		const made = called(text, method.text, given);
		if (made === undefined) {
			const reversed = REVERSING.exec(spelled(tokens, end, 14));
			if (reversed === null) break;
			text = [...text].reverse().join("");
			end += 14;
			continue;
		}
		text = made;
		end = at + 1;
	}
	return { text, end };
}

const REVERSING = /^\.split\(\)\.reverse\(\)\.join\(\)$/u;

/** Signs and names from a token on, without the texts that are empty. */
const spelled = (tokens: readonly Token[], from: number, count: number): string =>
	tokens
		.slice(from, from + count)
		.map(({ text }) => text)
		.join("");

function called(text: string, method: string, given: readonly string[]): string | undefined {
	const [first, second] = given;
	switch (method) {
		case "toString":
		case "trim":
		case "valueOf":
		case "normalize":
			return text;
		case "toLowerCase":
			return text.toLowerCase();
		case "toUpperCase":
			return text.toUpperCase();
		case "concat":
			return text + given.join("");
		case "replace":
			return first === undefined || second === undefined ? undefined : text.replace(first, () => second);
		case "replaceAll":
			return first === undefined || second === undefined ? undefined : text.replaceAll(first, () => second);
		case "slice":
		case "substring":
			return text.slice(Number(first ?? 0), second === undefined ? undefined : Number(second));
		default:
			return undefined;
	}
}
