/** What expressions stand for: literals, operators, lists, dictionaries, comprehensions. */
import { literalNumber, prefixOf, quotesOf, unescaped } from "./literals.ts";
import { combined, elementOf, generated } from "./made.ts";
import { type Cursor, isNode } from "./nodes.ts";
import type { Reading } from "./reading.ts";
import { HOLE, ofName, ofText, UNKNOWN, type Value } from "./value.ts";

export function fold(reading: Reading, cursor: Cursor, join: (left: Value, right: Value) => Value): Value {
	let value: Value | undefined;
	if (cursor.firstChild()) {
		do {
			if (!isNode(cursor)) continue;
			const next = reading.visit(cursor);
			value = value === undefined ? next : join(value, next);
		} while (cursor.nextSibling());
		cursor.parent();
	}
	return value ?? UNKNOWN;
}

export function numberOf(reading: Reading, cursor: Cursor): Value {
	const number = literalNumber(reading.slice(cursor));
	return number === undefined ? UNKNOWN : { number, taint: 0 };
}

export function formatted(reading: Reading, cursor: Cursor): Value {
	const source = reading.slice(cursor);
	const { open, close } = quotesOf(source);
	const isRaw = prefixOf(source).includes("r");
	const base = cursor.from;
	let text = "";
	let taint = 0;
	let at = open;
	const literal = (to: number): string => {
		const held = source.slice(at, to).replaceAll("{{", "{").replaceAll("}}", "}");
		return isRaw ? held : unescaped(held);
	};
	if (cursor.firstChild()) {
		do {
			if (cursor.name !== "FormatReplacement") continue;
			text += literal(cursor.from - base);
			const value = inner(reading, cursor);
			text += value.text ?? (value.number === undefined ? HOLE : String(value.number));
			taint |= value.taint;
			at = cursor.to - base;
		} while (cursor.nextSibling());
		cursor.parent();
	}
	return ofText(text + literal(source.length - close), taint);
}

/** The first expression within, after whose signs nothing else is asked; an assignment within binds. */
export function inner(reading: Reading, cursor: Cursor): Value {
	let value: Value | undefined;
	let name: string | undefined;
	let sign = "";
	if (!cursor.firstChild()) return UNKNOWN;
	do {
		const kind = cursor.name;
		if (kind === "ArithOp" || kind === "AssignOp") sign = reading.slice(cursor);
		else if (kind === "VariableName" && sign === "" && value === undefined) {
			name = reading.slice(cursor);
			value = reading.visit(cursor);
		} else if (isNode(cursor) && kind !== "FormatSpec" && kind !== "FormatConversion") {
			const next = reading.visit(cursor);
			value = value === undefined || sign === ":=" ? next : value;
		}
	} while (cursor.nextSibling());
	cursor.parent();
	if (sign === ":=" && name !== undefined && value !== undefined) reading.scope.set(name, value);
	if (sign === "-" && value?.number !== undefined) return { number: -value.number, taint: value.taint };
	return value ?? UNKNOWN;
}

export function conditional(reading: Reading, cursor: Cursor): Value {
	return fold(reading, cursor, (left, right) => ({
		...(left.text !== undefined || left.name !== undefined ? left : right),
		taint: left.taint | right.taint,
	}));
}

export function binary(reading: Reading, cursor: Cursor): Value {
	if (!cursor.firstChild()) return UNKNOWN;
	let value: Value = UNKNOWN;
	let sign = "";
	do {
		if (!isNode(cursor)) sign = reading.slice(cursor);
		else if (sign === "") value = reading.visit(cursor);
		else value = combined(value, sign, reading.visit(cursor));
	} while (cursor.nextSibling());
	cursor.parent();
	return value;
}

/** A list; `return eval, ("…",)` of `__reduce__` is a call that waits. */
export function sequence(reading: Reading, cursor: Cursor): Value {
	const items: Value[] = [];
	const isReturned = cursor.name === "ReturnStatement";
	let taint = 0;
	if (!cursor.firstChild()) return { items, taint };
	do {
		if (!isNode(cursor)) continue;
		const value = reading.visit(cursor);
		taint |= value.taint;
		const [callee, told] = isReturned ? (value.items ?? []) : [];
		if (callee?.name !== undefined && told !== undefined)
			reading.calls.referred(callee.name, told.items ?? [told], cursor);
		const before = items.at(-1);
		const given = value.items ?? (isReturned && value.text !== undefined ? [value] : undefined);
		if (before?.name !== undefined && given !== undefined) reading.calls.referred(before.name, given, cursor);
		if (items.length < 4_096) items.push(value);
	} while (cursor.nextSibling());
	cursor.parent();
	if (isReturned) reading.returned |= taint;
	return { items, taint };
}

export function dictionary(reading: Reading, cursor: Cursor): Value {
	const entries = new Map<string, Value>();
	let taint = 0;
	let key: Value | undefined;
	if (!cursor.firstChild()) return { entries, taint };
	do {
		if (cursor.name === ",") key = undefined;
		if (!isNode(cursor)) continue;
		const value = reading.visit(cursor);
		taint |= value.taint;
		if (key === undefined) key = value;
		else if (key.text !== undefined && entries.size < 256) entries.set(key.text, value);
	} while (cursor.nextSibling());
	cursor.parent();
	return { entries, taint };
}

/** What a comprehension goes through: what a call gives, what a name stands for, a short list that is spelled there. */
function listOf(reading: Reading, cursor: Cursor, from: string, call: string | undefined): Value {
	if (call === "(" && from.length > 1) return ofName(`${from}()`);
	if (/\w/u.test(from)) return reading.scope.get(from) ?? UNKNOWN;
	let list = UNKNOWN;
	if (!cursor.firstChild()) return list;
	let isBehind = false;
	do {
		const { name } = cursor;
		if (name === "in") isBehind = true;
		else if (isBehind && /^(?:Array|Tuple)Expression$/u.test(name) && cursor.to - cursor.from < 400) {
			list = reading.visit(cursor);
			break;
		} else isBehind = false;
	} while (cursor.nextSibling());
	cursor.parent();
	return list;
}

/** `[chr(c) for c in (111, 115)]` is followed; of others only where they come from. */
export function comprehension(reading: Reading, cursor: Cursor): Value {
	const source = reading.slice(cursor);
	const values: Value[] = [];
	// What each is of is said behind what is made of it.
	const [, each, from, call] = /\bfor\s+(\w+)\s+in\s+([A-Za-z_][\w.]*|[[(])(\(?)/.exec(source.slice(0, 1_000)) ?? [];
	const before = each === undefined ? undefined : reading.scope.get(each);
	if (each !== undefined && from !== undefined) reading.scope.set(each, elementOf(listOf(reading, cursor, from, call)));
	if (!cursor.firstChild()) return UNKNOWN;
	do if (isNode(cursor)) values.push(reading.visit(cursor));
	while (cursor.nextSibling());
	cursor.parent();
	if (each !== undefined) {
		if (before === undefined) reading.scope.forget(each);
		else reading.scope.set(each, before);
	}
	return generated(source, values);
}
