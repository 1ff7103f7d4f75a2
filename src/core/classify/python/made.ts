/** What signs, slices and comprehensions make of values that are known. */
import { pathOf, percent, plus } from "./texts.ts";
import { HOLE, ofName, ofText, UNKNOWN, type Value } from "./value.ts";

/** What a comprehension gives: letters of numbers, otherwise only where it comes from. */
export function generated(source: string, values: readonly Value[]): Value {
	const taint = values.reduce((sum, value) => sum | value.taint, 0);
	const element = /^[[({]?\s*chr\(\s*(?:int\()?\s*\w+\s*\)?\s*(?:([\^+-])\s*(\d+|0x[\da-f]+)\s*)?\)\s+for\s/iu.exec(
		source.slice(0, 120),
	);
	const list = values.findLast(({ items }) => items !== undefined)?.items;
	if (element === null || list === undefined) return { taint };
	const [, sign, operand] = element;
	return { items: list.map((item) => ofText(letterOf(item, sign, operand))), taint };
}

/** Each of a list of texts, one on each line, so that each is read. */
export function elementOf(value: Value): Value {
	const { items } = value;
	if (items === undefined || items.length === 0)
		return value.name === undefined ? { taint: value.taint } : ofName(value.name, value.taint);
	if (items.length <= 256 && items.every((item) => item.text !== undefined)) {
		const text = items.map((item) => item.text).join("\n");
		if (text.length < 16_384) return ofText(text, value.taint);
	}
	return items[0] ?? UNKNOWN;
}

/** Of two values with a sign between them. */
export function combined(left: Value, sign: string, right: Value): Value {
	const taint = left.taint | right.taint;
	if (sign === "+") return plus(left, right);
	if (sign === "%" && left.text !== undefined) return percent(left, right);
	if (sign === "/" && left.name === "pathlib.Path()")
		return { ...pathOf([left, right], taint), name: "pathlib.Path()" };
	if (left.text !== undefined && right.number !== undefined && sign === "*") {
		return ofText(
			left.text.repeat(Math.max(0, Math.min(right.number, Math.floor(4_096 / Math.max(1, left.text.length))))),
			taint,
		);
	}
	if (left.number !== undefined && right.number !== undefined) {
		if (sign === "-") return { number: left.number - right.number, taint };
		if (sign === "*") return { number: left.number * right.number, taint };
		if (sign === "^") return { number: left.number ^ right.number, taint };
		if (sign === "|") return { number: left.number | right.number, taint };
	}
	// At least these bits.
	const some = left.number ?? right.number;
	if (sign === "|" && some !== undefined) return { number: some, taint };
	if (sign === "or" || sign === "and")
		return { ...(left.text !== undefined || left.name !== undefined ? left : right), taint };
	return taint === 0 ? UNKNOWN : { taint };
}

/** The letter of a number, which another may change first. */
export function letterOf(item: Value, sign: string | undefined, operand: string | undefined): string {
	const number = item.number ?? (item.text === undefined ? Number.NaN : Number(item.text));
	const other = operand === undefined ? 0 : Number(operand);
	const code = sign === "^" ? number ^ other : sign === "-" ? number - other : sign === "+" ? number + other : number;
	return Number.isInteger(code) && code >= 0 && code < 0x11_0000 ? String.fromCodePoint(code) : HOLE;
}

/** `text[::-1]`, `text[2:5]`, `text[0]`. */
export function sliced(receiver: Value, slice: string): Value {
	const text = receiver.text ?? "";
	const parts = /^(-?\d*)(:?)(-?\d*)(:?)(-?\d*)$/u.exec(slice.replaceAll(/\s/gu, ""));
	if (parts === null) return { taint: receiver.taint };
	const [, start = "", first = "", stop = "", , step = ""] = parts;
	if (first === "") return ofText([...text].at(Number(start)) ?? "", receiver.taint);
	const by = step === "" ? 1 : Number(step);
	if (by === -1) return ofText([...text].reverse().join(""), receiver.taint);
	const cut = text.slice(start === "" ? 0 : Number(start), stop === "" ? undefined : Number(stop));
	if (by === 1) return ofText(cut, receiver.taint);
	return by > 1
		? ofText([...cut].filter((_, index) => index % by === 0).join(""), receiver.taint)
		: { taint: receiver.taint };
}
