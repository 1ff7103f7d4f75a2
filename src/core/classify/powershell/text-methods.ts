/** What methods and operators of PowerShell and .NET make of texts that are known, as far as obfuscation uses them. */
import { isNumber, known, knownTexts, listOf, textOf, UNKNOWN, type Value } from "./value.ts";

const REPEAT_MAX = 4_096;

/** `'a'.Replace('a','b')`, or null when the method is none that makes a text of a text. */
export function textMethod(of: Value, method: string, args: readonly Value[]): Value | null {
	const texts = knownTexts(of);
	if (texts === null) return null;
	const [text = ""] = texts;
	const given = args.map((arg) => known(arg));
	const [a, b] = given;
	switch (method) {
		case "replace":
			return typeof a === "string" && a !== "" ? textOf(text.replaceAll(a, b ?? "")) : UNKNOWN;
		case "tolower":
		case "tolowerinvariant":
			return textOf(text.toLowerCase());
		case "toupper":
		case "toupperinvariant":
			return textOf(text.toUpperCase());
		case "trim":
			return typeof a === "string" ? textOf(reversed(trimmed(reversed(trimmed(text, a)), a))) : textOf(text.trim());
		case "tostring":
		case "clone":
		case "normalize":
			return texts.length === 1 ? textOf(text) : of;
		case "trimstart":
			return textOf(typeof a === "string" ? trimmed(text, a) : text.trimStart());
		case "trimend":
			return textOf(typeof a === "string" ? reversed(trimmed(reversed(text), a)) : text.trimEnd());
		case "substring":
			return isCount(a) ? textOf(text.slice(Number(a), isCount(b) ? Number(a) + Number(b) : undefined)) : UNKNOWN;
		case "remove":
			return isCount(a)
				? textOf(text.slice(0, Number(a)) + (isCount(b) ? text.slice(Number(a) + Number(b)) : ""))
				: UNKNOWN;
		case "insert":
			return isCount(a) && typeof b === "string"
				? textOf(text.slice(0, Number(a)) + b + text.slice(Number(a)))
				: UNKNOWN;
		case "split":
			return typeof a === "string" && a !== "" ? listOf(splitAtAny(text, a)) : UNKNOWN;
		case "tochararray":
			return listOf([...text]);
		case "concat":
			return textOf(text + given.map((one) => one ?? "").join(""));
		default:
			return null;
	}
}

/** `[string]::Join`, `[Convert]::FromBase64String`, …, or null when the method is none of them. */
export function typeMethod(type: string, method: string, args: readonly Value[]): Value | null {
	const [a, b, c] = args.map((arg) => known(arg));
	const lists = args.map((arg) => knownTexts(arg));
	switch (`${type}.${method}`) {
		case "string.join":
			return a !== null && a !== undefined && args.length > 1 && lists.every((list) => list !== null)
				? textOf(lists.slice(1).flat().join(a))
				: UNKNOWN;
		case "string.concat":
		case "string.new":
			return lists.every((list) => list !== null) ? textOf(lists.flat().join("")) : UNKNOWN;
		case "string.format":
			return a === null || a === undefined
				? UNKNOWN
				: formatted(
						a,
						lists.slice(1).flatMap((list) => list ?? []),
					);
		case "convert.frombase64string":
			return typeof a === "string" ? bytesOf(a) : UNKNOWN;
		case "convert.toint16":
		case "convert.toint32":
		case "convert.tobyte":
			return typeof a === "string" ? numberIn(a, typeof b === "string" && isNumber(b) ? Number(b) : 10) : UNKNOWN;
		case "convert.tochar":
			return typeof a === "string" ? charOf(a) : UNKNOWN;
		case "convert.tostring":
			return typeof a === "string" && args.length === 1 ? textOf(a) : UNKNOWN;
		case "char.convertfromutf32":
			return typeof a === "string" ? charOf(a) : UNKNOWN;
		case "text.regularexpressions.regex.replace":
			return typeof a === "string" && typeof b === "string" ? replaced(a, b, c ?? "", true) : UNKNOWN;
		case "text.regularexpressions.regex.matches":
			return typeof a === "string" && b === "."
				? listOf(c?.toLowerCase() === "righttoleft" ? [...a].reverse() : [...a])
				: UNKNOWN;
		case "text.regularexpressions.regex.unescape":
			return typeof a === "string" ? textOf(a.replace(/\\(.)/g, "$1")) : UNKNOWN;
		case "environment.getenvironmentvariable":
			return typeof a === "string" ? textOf(`%${a.toLowerCase()}%`) : UNKNOWN;
		case "environment.getfolderpath":
			return typeof a === "string" ? textOf(`%${a.toLowerCase()}%`) : UNKNOWN;
		case "io.path.combine":
			return lists.every((list) => list !== null) ? textOf(lists.flat().join("\\")) : UNKNOWN;
		default:
			return /^text\.(?:\w*encoding|encoding\.\w+)\.getstring$/.test(`${type}.${method}`)
				? decodedBytes(type, args[0] ?? UNKNOWN)
				: null;
	}
}

/** Bytes that are known as text of UTF-16 or of bytes. */
function decodedBytes(type: string, bytes: Value): Value {
	if (bytes.kind !== "texts" || bytes.partial) return UNKNOWN;
	const raw = bytes.bytes
		? (bytes.texts[0] ?? "")
		: bytes.texts.map((text) => String.fromCharCode(Number(text) & 255)).join("");
	return textOf(type.includes("unicode") ? utf16(raw) : raw);
}

/** The text of bytes in UTF-16, the least significant first; each byte is one character of `raw`. */
export function utf16(raw: string): string {
	let text = "";
	for (let at = 0; at + 1 < raw.length; at += 2)
		text += String.fromCharCode(raw.charCodeAt(at) | (raw.charCodeAt(at + 1) << 8));
	return text;
}

function bytesOf(base64: string): Value {
	try {
		const raw = atob(base64);
		return raw.length > 65_536 ? UNKNOWN : { kind: "texts", texts: [raw], bytes: true };
	} catch {
		return UNKNOWN;
	}
}

/** `'{1}{0}' -f 'b','a'`. */
export function formatted(format: string, args: readonly string[]): Value {
	return textOf(format.replace(/\{(\d{1,3})(?:[,:][^{}]*)?\}/g, (_, at: string) => args[Number(at)] ?? ""));
}

/** Replaces by pattern where it is one whose work is bounded: few repetitions, a short text. */
export function replaced(text: string, pattern: string, by: string, isExact: boolean): Value {
	const plain = /^(?:[^\\^$.|?*+()[\]{}]|\\[^A-Za-z0-9])*$/.test(pattern);
	if (!plain && (/[*+{].*[*+{]|\\\d/.test(pattern) || text.length > REPEAT_MAX || pattern.length > 200)) return UNKNOWN;
	try {
		return textOf(text.replace(new RegExp(pattern, isExact ? "g" : "gi"), by));
	} catch {
		return UNKNOWN;
	}
}

/** `'a-b' -split '-'`. */
export function splitBy(value: Value, by: string | null): Value {
	const text = known(value);
	if (text === null) return UNKNOWN;
	if (by === null) return listOf(text.split(/\s+/).filter((part) => part !== ""));
	const separator = by.replace(/\\(.)/g, "$1").replace(/^\[(.)\]$/, "$1");
	return separator === "" ? listOf([...text]) : listOf(text.split(separator));
}

/** `'ab' * 3`. */
export function repeated(value: Value, times: string | null): Value {
	const text = known(value);
	if (text === null || times === null || !isNumber(times)) return UNKNOWN;
	if (isNumber(text)) return textOf(String(Number(text) * Number(times)));
	return Number(times) < 0 || Number(times) * text.length > REPEAT_MAX ? UNKNOWN : textOf(text.repeat(Number(times)));
}

/** `[char]105`, `[int]'0x69'`, `[char[]](…)`, `[string](…)`; other casts keep what they are given. */
export function cast(type: string, value: Value): Value {
	const texts = knownTexts(value);
	switch (type) {
		case "char":
			return texts === null ? UNKNOWN : charOf(texts[0] ?? "");
		case "char[]":
			if (texts === null) return UNKNOWN;
			if (texts.length === 1 && !isNumber(texts[0] ?? "")) return listOf([...(texts[0] ?? "")]);
			return listOf(texts.map((text) => known(charOf(text)) ?? ""));
		case "int":
		case "int32":
		case "byte":
		case "int16":
			return texts === null || texts.length !== 1 ? UNKNOWN : toNumber(texts[0] ?? "");
		case "string":
			return texts === null ? value : textOf(texts.join(" "));
		default:
			return value;
	}
}

function charOf(text: string): Value {
	const code = toNumber(text);
	const number = code.kind === "texts" ? Number(code.texts[0]) : Number.NaN;
	return number >= 0 && number <= 0x10ffff && !(number >= 0xd800 && number < 0xe000)
		? textOf(String.fromCodePoint(number))
		: UNKNOWN;
}

function toNumber(text: string): Value {
	if (/^\s*-?\d{1,9}\s*$/.test(text)) return textOf(String(Number(text)));
	if (/^\s*0x[\da-f]{1,8}\s*$/i.test(text)) return textOf(String(Number(text)));
	return text.length === 1 ? textOf(String(text.charCodeAt(0))) : UNKNOWN;
}

function numberIn(text: string, base: number): Value {
	const number = [2, 8, 10, 16].includes(base) ? Number.parseInt(text, base) : Number.NaN;
	return Number.isNaN(number) ? UNKNOWN : textOf(String(number));
}

const isCount = (text: string | null | undefined): text is string => typeof text === "string" && /^\d{1,6}$/.test(text);

const reversed = (text: string): string => [...text].reverse().join("");

function trimmed(text: string, of: string): string {
	let at = 0;
	while (at < text.length && of.includes(text[at] ?? "")) at++;
	return text.slice(at);
}

function splitAtAny(text: string, separators: string): string[] {
	const parts = [""];
	for (const char of text) {
		if (separators.includes(char)) parts.push("");
		else parts[parts.length - 1] += char;
	}
	return parts;
}
