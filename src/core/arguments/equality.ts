/** Whether a value is the one that a rule names, whatever type it came in. */
import type { Json } from "../base/json.ts";
import { visibleName } from "../base/unseen.ts";
import { foldText } from "../language/folding.ts";
import { type Answer, answerOf, anyOf } from "./answer.ts";
import { compareDecimals, decimalOf } from "./decimal.ts";
import { isSettled } from "./settled-letters.ts";
import { isScalar } from "./vector.ts";

type Scalar = string | number | boolean;

/** `caseSensitive` is about texts, and about ASCII letters alone. */
export const oneOf = (wanted: readonly Scalar[], value: Json, caseSensitive: boolean): Answer =>
	anyOf(wanted.map((each) => sameValue(each, value, caseSensitive)));

/** A text that looks like a boolean is in doubt: programs differ about what is true. */
export const booleanIs = (wanted: boolean, value: Json): Answer =>
	typeof value === "boolean" ? answerOf(value === wanted) : "unreadable";

/** In code points. A number has no length that anybody agrees on. */
export const lengthOf = (value: Json): number | null => {
	if (typeof value !== "string") return null;
	let length = 0;
	for (let index = 0; index < value.length; length++) index += (value.codePointAt(index) as number) > 0xffff ? 2 : 1;
	return length;
};

/** Items of a list, 1 for anything else that is not a map; null also for a list in a list, which may count as one or as many. */
export const countOf = (value: Json): number | null => {
	if (isScalar(value)) return 1;
	if (!Array.isArray(value)) return null;
	return value.every((item) => !Array.isArray(item)) ? value.length : null;
};

/** Numbers are equal by what they are, texts by how they are written; a map or list is never read. */
export function sameValue(wanted: Scalar, value: Json, caseSensitive: boolean): Answer {
	if (value === null || !isScalar(value)) return "unreadable";
	if (typeof wanted === "string" && typeof value === "string") return sameText(wanted, value, caseSensitive);
	if (typeof wanted === "boolean" || typeof value === "boolean") {
		if (typeof wanted === typeof value) return answerOf(wanted === value);
		const text = typeof wanted === "string" ? wanted : value;
		return BOOLEAN.test(String(text).trim()) ? "unreadable" : "no";
	}
	const [a, b] = [decimalOf(wanted), decimalOf(value)];
	if (a !== null && b !== null) return answerOf(compareDecimals(a, b) === 0);
	// One of them is a text that spells no number.
	return isUnclearNumber(String(a === null ? wanted : value)) ? "unreadable" : "no";
}

/** Of a text that spells no number: with a digit in it, some program finds one there. */
export const isUnclearNumber = (text: string): boolean => DIGIT.test(text) || !isSettled(text);

const BOOLEAN = /^(?:true|false|yes|no|on|off|t|f|y|n|[01])$/i;
const DIGIT = /\p{N}/u;

/** Texts that look the same and are not, are in doubt: space around them, characters of no width, full-width letters. */
function sameText(wanted: string, value: string, caseSensitive: boolean): Answer {
	const [a, b] = caseSensitive ? [wanted, value] : [foldText(wanted), foldText(value)];
	if (a === b) return "yes";
	const [seenA, seenB] = [visibleName(wanted), visibleName(value)];
	const looksSame = caseSensitive ? seenA === seenB : foldText(seenA) === foldText(seenB);
	return looksSame ? "unreadable" : "no";
}
