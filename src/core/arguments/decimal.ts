/**
 * Exact decimals: what a number of JSON is and what a text spells, compared without rounding.
 *
 * Nothing is written out: `1e999999999` costs what its ten characters cost.
 */
import type { Json } from "../base/json.ts";
import { scalarText } from "./vector.ts";

/** `sign` × 0.`digits` × 10^`magnitude`; the digits neither begin nor end with `0`. Zero has none. */
export interface Decimal {
	readonly sign: -1 | 0 | 1;
	readonly digits: string;
	readonly magnitude: number;
}

const ZERO: Decimal = { sign: 0, digits: "", magnitude: 0 };

const SPELLING = /^([+-]?)(0|[1-9]\d*)?(?:\.(\d*))?(?:[eE]([+-]?)(\d+))?$/;

/** An exponent of more digits is not read: nobody means it. */
const EXPONENT_DIGITS_MAX = 15;

/**
 * The number that a text spells: digits with `.` before decimals, `e` before an exponent, space around it. Null where it is
 * none, or where programs differ about it: `010` is eight to some, `1,000` is one to others.
 */
export function readDecimal(text: string): Decimal | null {
	const [, minus, whole = "", decimals = "", exponentSign, exponentDigits = "0"] = SPELLING.exec(text.trim()) ?? [];
	if (minus === undefined || whole + decimals === "") return null;
	const all = whole + decimals;
	const from = indexOfOther(all, 0, 1);
	if (from === all.length) return ZERO;
	const exponentFrom = indexOfOther(exponentDigits, 0, 1);
	if (exponentDigits.length - exponentFrom > EXPONENT_DIGITS_MAX) return null;
	const exponent = Number(exponentDigits) * (exponentSign === "-" ? -1 : 1);
	const to = indexOfOther(all, all.length - 1, -1) + 1;
	return {
		sign: minus === "-" ? -1 : 1,
		digits: all.slice(from, to),
		magnitude: whole.length - from + exponent,
	};
}

/** The first place, from one on in one direction, that is no `0`. */
function indexOfOther(digits: string, from: number, step: 1 | -1): number {
	let index = from;
	while (digits[index] === "0") index += step;
	return index;
}

/** Of a number, or of a text that spells one; null for anything else. */
export const decimalOf = (value: Json): Decimal | null =>
	typeof value === "number" || typeof value === "string" ? readDecimal(scalarText(value)) : null;

/** Below 0 where `a` is less than `b`, 0 where they are equal, above 0 otherwise. */
export function compareDecimals(a: Decimal, b: Decimal): number {
	if (a.sign !== b.sign) return a.sign - b.sign;
	if (a.magnitude !== b.magnitude) return a.sign * (a.magnitude - b.magnitude);
	// Both begin right behind the point, so that they compare as words do.
	if (a.digits === b.digits) return 0;
	return a.digits < b.digits ? -a.sign : a.sign;
}
