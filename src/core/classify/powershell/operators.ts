/** Operators of PowerShell: where one stands, how much it binds, and what it makes of two values. */
import type { Reading } from "./reading.ts";
import { cast, formatted, repeated, replaced, splitBy } from "./text-methods.ts";
import { added, isNumber, known, knownTexts, range, textOf, typeName, UNKNOWN, type Value } from "./value.ts";

/** What binds: the comma most, `-and` least. */
const LEVELS: readonly (readonly [level: number, operator: RegExp])[] = [
	[8, /,/y],
	[7, /\.\./y],
	[6, /[-\u2013]f(?![\w-])/iy],
	[5, /[*/%](?![=])/y],
	[4, /[+](?![+=])|[-\u2013\u2014](?![-=\w])|[-](?=\d)/y],
	[
		3,
		/[-\u2013][ci]?(?:join|replace|split|as|is|isnot|eq|ne|gt|ge|lt|le|like|notlike|match|notmatch|contains|notcontains|in|notin|bxor|band|bor|shl|shr)(?![\w-])/iy,
	],
	[2, /[-\u2013](?:and|or|xor)(?![\w-])|\?\?(?!=)/iy],
];

/** The operator at the reader's place that binds at least as much as `level`, with how much it binds; null when none does. */
export function operatorAt(r: Reading, level: number, isArgument: boolean): readonly [number, string] | null {
	for (const [binds, operator] of LEVELS) {
		if (binds < level || (isArgument && binds === 8)) continue;
		operator.lastIndex = r.pos;
		const found = operator.exec(r.text)?.[0];
		if (found !== undefined) return [binds, found];
	}
	return null;
}

/** Numbers alone: a text that looks like one is one. */
const difference = (left: string | null, right: string | null): Value =>
	left !== null && right !== null && isNumber(left) && isNumber(right)
		? textOf(String(Number(left) - Number(right)))
		: UNKNOWN;

/** What an operator, in lower case, makes of two values. */
export function combined(operator: string, left: Value, right: Value): Value {
	const name = operator.replace(/^[-\u2013][ci]?(?=\w{2})/, "").replace(/^[-\u2013]/, "");
	switch (name) {
		case "..":
			return range(left, right);
		case "f":
			return known(left) === null ? UNKNOWN : formatted(known(left) ?? "", knownTexts(right) ?? []);
		case "*":
			return repeated(left, known(right));
		case "+":
			return added(left, right);
		case "":
		case "-":
		case "\u2014":
			return difference(known(left), known(right));
		case "join": {
			const [list, by] = [knownTexts(left), known(right)];
			return list === null || by === null ? UNKNOWN : textOf(list.join(by));
		}
		case "split":
			return splitBy(left, known(right));
		case "replace": {
			const [text, parts] = [known(left), knownTexts(right)];
			return text === null || parts === null
				? UNKNOWN
				: replaced(text, parts[0] ?? "", parts[1] ?? "", operator.includes("creplace"));
		}
		case "as":
			return right.kind === "type"
				? right.name === "type"
					? { kind: "type", name: typeName(known(left) ?? "") }
					: cast(right.name, left)
				: UNKNOWN;
		case "bxor": {
			const [a, b] = [known(left), known(right)];
			return a !== null && b !== null && a !== "" && b !== "" ? textOf(String(Number(a) ^ Number(b))) : UNKNOWN;
		}
		default:
			return UNKNOWN;
	}
}
