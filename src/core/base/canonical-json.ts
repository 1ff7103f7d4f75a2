/**
 * Canonical JSON: RFC 8785 (JCS) on I-JSON (RFC 7493) input.
 *
 * Keys are sorted by UTF-16 code units, numbers are written as ECMAScript writes them, and what is not I-JSON (lone
 * surrogates, NaN, infinities, duplicate keys, integers that a double would round) is refused, so that one value has
 * exactly one text and no two values share one.
 *
 * Faults name places, never text: they reach the ledger, which holds no argument text, and must be the same on every
 * version of the engine, which JSON.parse's own messages are not.
 */
import { byCodeUnits } from "./code-units.ts";
import type { Json } from "./json.ts";
import { endOfString, hasMoreMembers } from "./json-members.ts";
import { syntaxFaultAt } from "./json-syntax.ts";
import { err, ok, type Result } from "./result.ts";

/** A text that is canonical: whoever has one need not look again. Made here and in `readPlainJson`, nowhere else. */
export type CanonicalJson = string & { readonly [canonical]: true };

declare const canonical: unique symbol;

/** The canonical text. The value must be I-JSON (`parseIJson`, `readPlainJson`); a lone surrogate would come out as an escape. */
export const canonicalize = (value: Json): CanonicalJson => textOf(value) as CanonicalJson;

function textOf(value: Json): string {
	if (value === null || typeof value !== "object") return JSON.stringify(value);
	if (Array.isArray(value)) {
		let text = "[";
		for (let index = 0; index < value.length; index++) {
			text += `${index === 0 ? "" : ","}${textOf(value[index] as Json)}`;
		}
		return `${text}]`;
	}
	const members = value as { readonly [key: string]: Json };
	const keys = Object.keys(members);
	if (keys.length > 1) keys.sort(byCodeUnits);
	let text = "{";
	for (let index = 0; index < keys.length; index++) {
		const key = keys[index] as string;
		text += `${index === 0 ? "" : ","}${JSON.stringify(key)}:${textOf(members[key] as Json)}`;
	}
	return `${text}}`;
}

export interface JsonCaps {
	/** Deepest nesting of arrays and objects; a scalar at the root has depth 0. */
	readonly depthMax: number;
	/** Longest text in UTF-16 code units. */
	readonly lengthMax: number;
	/** Members of objects and items of arrays, at all depths together. */
	readonly membersMax: number;
}

/** As many members as the length has room for: whoever serves several writers bounds what one of them costs. */
export const JSON_CAPS: JsonCaps = { depthMax: 64, lengthMax: 1_000_000, membersMax: 500_000 };

export interface JsonFault {
	readonly code: "RECORD_JSON" | "RECORD_DEPTH" | "RECORD_MEMBERS" | "RECORD_OVERSIZED";
	readonly message: string;
}

/**
 * Parses I-JSON text from an untrusted writer. Duplicate keys, lone surrogates, numbers beyond the double range, integers
 * that a double would round, nesting and members beyond the caps are faults; `__proto__` is an ordinary key. Characters are counted
 * from 1, in UTF-16 code units. Never throws.
 */
export function parseIJson(text: string, caps: JsonCaps = JSON_CAPS): Result<Json, JsonFault> {
	if (text.length > caps.lengthMax) {
		return err({
			code: "RECORD_OVERSIZED",
			message: `the JSON text has ${text.length} characters, at most ${caps.lengthMax} are accepted`,
		});
	}
	if (hasMoreMembers(text, caps.membersMax)) return err(tooManyMembers(caps.membersMax));
	const shape = scan(text, caps.depthMax);
	if (shape !== null) return err(shape);
	let value: Json;
	try {
		value = JSON.parse(text) as Json;
	} catch {
		const at = syntaxFaultAt(text) ?? text.length;
		const what = at === text.length ? "the text ends too early" : `unexpected text at character ${at + 1}`;
		return err({ code: "RECORD_JSON", message: `not JSON: ${what}` });
	}
	const fault = notIJson(value);
	return fault === null ? ok(value) : err({ code: "RECORD_JSON", message: fault });
}

/**
 * Why what JSON.parse made is not I-JSON, or null. Recursion is bounded by the depth that the caller has checked. (Values that
 * somebody else made are read by `readPlainJson`.)
 */
function notIJson(value: Json): string | null {
	if (value === null || typeof value === "boolean") return null;
	if (typeof value === "string") return value.isWellFormed() ? null : "a string holds a lone surrogate";
	if (typeof value === "number") return Number.isFinite(value) ? null : "a number is outside the range of a double";
	if (Array.isArray(value)) {
		for (const item of value as readonly Json[]) {
			const fault = notIJson(item);
			if (fault !== null) return fault;
		}
		return null;
	}
	for (const key of Object.keys(value)) {
		if (!key.isWellFormed()) return "a key holds a lone surrogate";
		const fault = notIJson((value as { readonly [key: string]: Json })[key] as Json);
		if (fault !== null) return fault;
	}
	return null;
}

const refused = (message: string): JsonFault => ({ code: "RECORD_JSON", message });

const QUOTE = 0x22;

/** One pass for what JSON.parse hides: nesting beyond the cap, keys given twice, integers that it would round. */
function scan(text: string, depthMax: number): JsonFault | null {
	/** One entry for each open bracket: the keys seen so far, or null for an array. */
	const open: (Set<string> | null)[] = [];
	let expectsKey = false;
	for (let at = 0; at < text.length; at++) {
		switch (text.charCodeAt(at)) {
			case QUOTE: {
				const start = at;
				at = endOfString(text, at);
				const keys = open.at(-1);
				if (expectsKey && keys) {
					const raw = text.slice(start, at + 1);
					const key = raw.includes("\\") ? unescapeKey(raw) : raw;
					if (keys.has(key)) return refused(`the key at character ${start + 1} is given twice in its object`);
					keys.add(key);
				}
				expectsKey = false;
				break;
			}
			case 0x7b: // {
				open.push(new Set());
				expectsKey = true;
				if (open.length > depthMax) return tooDeep(depthMax);
				break;
			case 0x5b: // [
				open.push(null);
				expectsKey = false;
				if (open.length > depthMax) return tooDeep(depthMax);
				break;
			case 0x7d: // }
			case 0x5d: // ]
				open.pop();
				expectsKey = false;
				break;
			case 0x2c: // ,
				expectsKey = open.at(-1) instanceof Set;
				break;
			default: {
				const end = endOfNumber(text, at);
				if (end === at) break;
				if (end - at > DIGITS_EXACT && isRounded(text.slice(at, end))) {
					return refused(`the integer at character ${at + 1} is too large to be exact: send it as a string`);
				}
				at = end - 1;
			}
		}
	}
	return null;
}

/** Every integer of this many digits is a double of its own. */
const DIGITS_EXACT = 15;

/** Behind the number that begins at `start` with a digit; `start` itself if none does. */
function endOfNumber(text: string, start: number): number {
	let at = start;
	for (let unit = text.charCodeAt(at); isDigit(unit); unit = text.charCodeAt(at)) at += 1;
	if (at === start) return at;
	while (at < text.length && NUMBER_PART.includes(text[at] as string)) at += 1;
	return at;
}

const NUMBER_PART = "0123456789.eE+-";
const isDigit = (unit: number): boolean => unit >= 0x30 && unit <= 0x39;

/**
 * Fractions and exponents mean a double to every reader; a plain integer is read exactly by some (Python) and rounded by
 * others, and then two calls would share one commitment. So an integer has to be what its double is written as.
 */
const isRounded = (number: string): boolean => /^[0-9]+$/.test(number) && String(Number(number)) !== number;

/** `"\u0061"` and `"a"` are the same key. What does not parse is left as it is: JSON.parse will refuse the text anyway. */
function unescapeKey(raw: string): string {
	try {
		return JSON.stringify(JSON.parse(raw));
	} catch {
		return raw;
	}
}

const tooManyMembers = (membersMax: number): JsonFault => ({
	code: "RECORD_MEMBERS",
	message: `more than ${membersMax} members and items`,
});

const tooDeep = (depthMax: number): JsonFault => ({
	code: "RECORD_DEPTH",
	message: `nested deeper than ${depthMax} levels`,
});
