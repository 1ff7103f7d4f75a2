/** Which numbers a rule is about, as its author writes them: `> 100`, `>= 1, < 5`, `1..100`, `7`. */
import type { Json } from "../base/json.ts";
import { err, ok, type Result } from "../base/result.ts";
import { type Answer, answerOf } from "./answer.ts";
import { compareDecimals, type Decimal, decimalOf, readDecimal } from "./decimal.ts";

export type Relation = ">" | ">=" | "<" | "<=" | "=";

export interface NumberBound {
	readonly relation: Relation;
	readonly than: Decimal;
}

/** Numbers for which every bound holds. */
export type NumberRange = readonly NumberBound[];

export interface RangeFault {
	/** In code units of the text. */
	readonly offset: number;
	readonly message: string;
	readonly help: string;
}

/** At least one number satisfies what is returned. */
export function parseNumberRange(written: string | number): Result<NumberRange, RangeFault> {
	const text = String(written);
	const bounds: NumberBound[] = [];
	let offset = 0;
	const parts = text.split(",");
	for (const part of parts) {
		// `> 1,200` would be above 1 and equal to 200.
		const parsed = parts.length > 1 && !SIGNED.test(part) ? err(partFault(part.trim())) : parsePart(part);
		if (!parsed.ok) {
			const { error } = parsed;
			const indent = part.length - part.trimStart().length;
			return err({ ...error, offset: offset + indent, help: groupedHelp(text) ?? error.help });
		}
		bounds.push(...parsed.value);
		offset += part.length + 1;
	}
	if (isEmpty(bounds)) {
		const help = groupedHelp(text) ?? "correct the bounds: all of them must hold for one number";
		return err({ offset: 0, message: `no number is \`${cut(text)}\``, help });
	}
	return ok(bounds);
}

const SIGNED = /^\s*[<>=]/;
const RELATION = /^(>=|<=|>|<|=)(?![<>=!])\s*/;

function parsePart(part: string): Result<readonly NumberBound[], Omit<RangeFault, "offset">> {
	const text = part.trim();
	const dots = text.indexOf("..");
	if (dots >= 0) return parseInterval(text, dots);
	const relation = RELATION.exec(text)?.[0] ?? "";
	const than = readDecimal(text.slice(relation.length));
	if (than === null) return err(partFault(text));
	return ok([{ relation: (relation.trim() || "=") as Relation, than }]);
}

function parseInterval(text: string, dots: number): Result<readonly NumberBound[], Omit<RangeFault, "offset">> {
	const from = readDecimal(text.slice(0, dots));
	const to = readDecimal(text.slice(dots + 2));
	if (from !== null && to !== null) {
		return ok([
			{ relation: ">=", than: from },
			{ relation: "<=", than: to },
		]);
	}
	if (text.length === dots + 2 && from !== null) {
		return err({ message: `\`${cut(text)}\` has no end`, help: `write \`'>= ${text.slice(0, dots).trim()}'\`` });
	}
	if (dots === 0 && to !== null) {
		return err({ message: `\`${cut(text)}\` has no beginning`, help: `write \`'<= ${text.slice(2).trim()}'\`` });
	}
	return err(partFault(text));
}

function partFault(text: string): Omit<RangeFault, "offset"> {
	const message = text === "" ? "a bound is missing" : `\`${cut(text)}\` is not a bound for a number`;
	for (const [form, written] of SLIPS) if (form.test(text)) return { message, help: written };
	return { message, help: HELP };
}

const HELP =
	"write `'> 100'`, `'>= 1, <= 100'`, `1..100` or a number; each part of a list has a sign: `>`, `>=`, `<`, `<=`, `=`";

/** What other languages have. */
const SLIPS: readonly (readonly [RegExp, string])[] = [
	[/^$/, "write a number behind the comma, or remove the comma"],
	[/^=[<>]|^[≤≥]/, "write `<=` or `>=`"],
	[/^==/, "write `=`, or the number alone"],
	[/^(?:!=|<>|≠|not\b)/i, "there is no such sign: write what is meant as a range, such as `'> 0'`"],
	[/^\W*[+-]?[\d.]+\s*(?:and|&&|&|und)/i, "join bounds with a comma: `'> 100, < 200'`"],
	[/^[+-]?[\d.]+\s*(?:-|to|bis)\s*[\d.]+$/, "write a range with two dots, such as `1..100`"],
	[/^[<>=]*\s*[+-]?0\d/, "write the number without a leading `0`"],
	[/^[<>=]*\s*[+-]?\d+[_' ]\d/, "write the digits without marks between them"],
	[/^[<>=]*\s*[+-]?[\d.]+\s*[kKmM%$€£¥A-Z]/, "write the number alone and in full, without a unit"],
	[/^[<>=]*\s*[$€£¥]/, "write the number alone, without a unit"],
];

/** `10,000` is read as two bounds. */
function groupedHelp(text: string): string | null {
	const grouped = /(?<![\d.])\d{1,3}(?:,\d{3})+(?![\d,])/.exec(text)?.[0];
	if (grouped === undefined) return null;
	return `digits are not grouped: write \`${grouped.replaceAll(",", "")}\``;
}

const cut = (text: string): string => (text.length > 60 ? `${text.slice(0, 57)}…` : text);

/** Is there no number for which all hold? */
function isEmpty(bounds: NumberRange): boolean {
	const lower = bounds.filter(({ relation }) => relation !== "<" && relation !== "<=");
	const upper = bounds.filter(({ relation }) => relation !== ">" && relation !== ">=");
	return lower.some((low) =>
		upper.some((high) => {
			const order = compareDecimals(low.than, high.than);
			return order > 0 || (order === 0 && (low.relation === ">" || high.relation === "<"));
		}),
	);
}

/** A value that is no number, and no text that spells one, is in doubt. */
export function numberIn(range: NumberRange, value: Json): Answer {
	const number = decimalOf(value);
	return number === null ? "unreadable" : answerOf(isIn(range, number));
}

export const isIn = (range: NumberRange, number: Decimal): boolean => range.every((bound) => isWithin(bound, number));

function isWithin({ relation, than }: NumberBound, number: Decimal): boolean {
	const order = compareDecimals(number, than);
	switch (relation) {
		case ">":
			return order > 0;
		case ">=":
			return order >= 0;
		case "<":
			return order < 0;
		case "<=":
			return order <= 0;
		case "=":
			return order === 0;
	}
}
