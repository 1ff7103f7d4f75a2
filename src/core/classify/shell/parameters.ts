/** `${name…}` with its operations, where the outcome is constant. */
import type { ParameterExpansionPart, ParameterOperation, Word } from "unbash";
import { isRooted, type Scope, type Value } from "./scope.ts";

type Read = (word: Word) => Value;

/** Null where the value is not known. */
export function parameterValue(part: ParameterExpansionPart, scope: Scope, read: Read): Value | null {
	const { prefix, operation } = part;
	let name = part.parameter;
	if (prefix === "!") {
		const named = scope.get(name);
		if (named === undefined || !named.isStatic || operation?.type === "Names") return null;
		name = named.text;
	}
	const value = element(scope.get(name), part.index, read);
	if (prefix === "#") return value?.isStatic === true ? constant(String(value.text.length)) : null;
	if (operation === undefined) return value ?? null;
	if (operation.type === "Default") return defaulted(operation.operator, value, () => read(operation.operand));
	if (value === undefined) return isRooted(name) && leavesFirstUnit(operation, read) ? constant("/") : null;
	return value.isStatic ? operated(value.text, operation, read) : null;
}

const constant = (text: string): Value => ({ text, isStatic: true });

function element(value: Value | undefined, index: Word | undefined, read: Read): Value | undefined {
	if (value?.items === undefined) return value;
	if (index === undefined) return { text: value.items[0] ?? "", isStatic: value.isStatic };
	const at = read(index).text;
	if (at === "@" || at === "*") return { text: value.items.join(" "), isStatic: value.isStatic };
	const number = Number(at);
	return Number.isInteger(number) ? { text: value.items.at(number) ?? "", isStatic: value.isStatic } : undefined;
}

function defaulted(operator: string, value: Value | undefined, operand: () => Value): Value | null {
	const isEmpty = value === undefined || (operator.startsWith(":") && value.text === "");
	if (operator.endsWith("+")) return isEmpty ? constant("") : operand();
	if (operator.endsWith("?")) return value ?? null;
	return isEmpty ? operand() : value;
}

/** `${HOME:0:1}`, `${HOME%%[!/]*}`, `${PATH%%[a-z]*}`. */
const leavesFirstUnit = (operation: ParameterOperation, read: Read): boolean =>
	isFirstUnit(operation, read) ||
	(operation.type === "Remove" &&
		operation.operator === "%%" &&
		/^(?:\[[^\]]+\]|\w)\*$/.test(read(operation.operand).text));

const isFirstUnit = (operation: ParameterOperation, read: Read): boolean =>
	operation.type === "Slice" &&
	read(operation.offset).text.trim() === "0" &&
	operation.length !== undefined &&
	read(operation.length).text.trim() === "1";

function operated(text: string, operation: ParameterOperation, read: Read): Value | null {
	switch (operation.type) {
		case "Slice": {
			const offset = Number(read(operation.offset).text.trim());
			const length = operation.length === undefined ? undefined : Number(read(operation.length).text.trim());
			if (!Number.isInteger(offset) || (length !== undefined && !Number.isInteger(length))) return null;
			const rest = text.slice(offset);
			if (length === undefined) return constant(rest);
			return constant(length < 0 ? rest.slice(0, length) : rest.slice(0, length));
		}
		case "Replace": {
			if (text.length > TEXT_MAX && /[*?]/.test(read(operation.pattern).text)) return null;
			const pattern = patternOf(read(operation.pattern).text, operation.operator);
			if (pattern === null) return null;
			const replacement = read(operation.replacement).text;
			return constant(text.replace(pattern, () => replacement));
		}
		case "Remove":
			return removed(text, operation.operator, read(operation.operand).text);
		case "CaseModification": {
			const isUpper = operation.operator.startsWith("^");
			const count = operation.operator.length === 2 ? text.length : 1;
			const head = text.slice(0, count);
			return constant((isUpper ? head.toUpperCase() : head.toLowerCase()) + text.slice(count));
		}
		case "Transform":
			// As a prompt it is expanded once more.
			return read(operation.operand).text === "P" ? null : constant(text);
		default:
			return null;
	}
}

/** UTF-16 units of a text that a pattern with stars is tried on, and its stars: more is not tried. */
const TEXT_MAX = 200;
const STARS_MAX = 2;

function patternOf(glob: string, operator: string): RegExp | null {
	const source = globSource(glob);
	if (source === null) return null;
	if (operator === "/#") return new RegExp(`^${source}`);
	if (operator === "/%") return new RegExp(`${source}$`);
	return new RegExp(source, operator === "//" ? "g" : "");
}

function globSource(glob: string): string | null {
	if (glob === "" || glob.length > TEXT_MAX || /[[\]\\]/.test(glob) || glob.split("*").length > STARS_MAX + 1)
		return null;
	return glob
		.replace(/[.+^${}()|]/g, "\\$&")
		.replaceAll("*", "[^]*")
		.replaceAll("?", "[^]");
}

function removed(text: string, operator: string, glob: string): Value | null {
	const source = globSource(glob);
	if (source === null || text.length > TEXT_MAX) return null;
	const isFront = operator.startsWith("#");
	const whole = new RegExp(`^(?:${source})$`);
	const isLongest = operator.length === 2;
	for (let step = 0; step <= text.length; step++) {
		const length = isLongest ? text.length - step : step;
		const cut = isFront ? text.slice(0, length) : text.slice(text.length - length);
		if (whole.test(cut)) return constant(isFront ? text.slice(length) : text.slice(0, text.length - length));
	}
	return constant(text);
}
