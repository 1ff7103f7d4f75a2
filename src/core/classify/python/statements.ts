/** What statements bind: assignments, functions and classes, parameters, loops. */
import { isEmptying } from "./access.ts";
import { elementOf } from "./made.ts";
import { type Cursor, isNode } from "./nodes.ts";
import type { Reading } from "./reading.ts";
import { plus } from "./texts.ts";
import { GIVEN, ofName, UNKNOWN, type Value } from "./value.ts";

export function assign(reading: Reading, cursor: Cursor): void {
	let signs = 0;
	if (!cursor.firstChild()) return;
	do if (cursor.name === "AssignOp") signs++;
	while (cursor.nextSibling());
	cursor.parent();
	cursor.firstChild();
	const groups: string[][] = [[]];
	const values: Value[] = [];
	let before = "";
	do {
		const kind = cursor.name;
		if (kind === "AssignOp") {
			signs--;
			// `f, = list`: one of a list of one.
			if (before === ",") groups.at(-1)?.push("");
			groups.push([]);
		} else if (kind === "TypeDef" || kind === "Comment") continue;
		else if (signs > 0) {
			if (kind === "TupleExpression" || kind === "ArrayExpression")
				groups.at(-1)?.push(
					...reading
						.slice(cursor)
						.replaceAll(/[()[\]\s]/gu, "")
						.split(","),
				);
			else if (kind !== ",") groups.at(-1)?.push(reading.slice(cursor));
		} else if (isNode(cursor)) values.push(reading.visit(cursor));
		before = kind;
	} while (cursor.nextSibling());
	cursor.parent();
	for (const targets of groups.slice(0, -1)) reading.targets.bind(targets, values, cursor);
}

export function update(reading: Reading, cursor: Cursor): void {
	if (!cursor.firstChild()) return;
	const target = reading.slice(cursor);
	const before = reading.visit(cursor);
	let sign = "";
	while (cursor.nextSibling()) {
		if (cursor.name === "UpdateOp") sign = reading.slice(cursor);
		else if (isNode(cursor)) {
			const value = reading.visit(cursor);
			if (sign === "+=") reading.targets.set(target, reading.made(plus(before, value)), cursor);
		}
	}
	cursor.parent();
}

/** A function or class of the text itself; of a function it is kept where what it returns comes from, and whether it sends what it is given. */
export function definition(reading: Reading, cursor: Cursor): void {
	const isClass = reading.text.startsWith("class", cursor.from);
	const returned = reading.returned;
	const isPassing = reading.calls.isPassing;
	let name = "";
	if (!cursor.firstChild()) return;
	reading.returned = 0;
	reading.calls.isPassing = false;
	do {
		if (cursor.name === "VariableName" && name === "") {
			name = reading.slice(cursor);
			if (reading.inClass === 0) reading.scope.set(name, ofName(`<local>.${name}`));
		} else {
			const isBody = isClass && cursor.name === "Body";
			if (isBody) reading.inClass++;
			reading.visit(cursor);
			if (isBody) reading.inClass--;
		}
	} while (cursor.nextSibling());
	cursor.parent();
	if (!isClass) {
		const made = ofName(`<local>.${name}`, reading.returned & ~GIVEN);
		reading.scope.set(reading.inClass === 0 ? name : `self.${name}`, made);
		if (reading.calls.isPassing) reading.calls.senders.add(`<local>.${name}`);
	}
	reading.returned = returned;
	reading.calls.isPassing = isPassing;
}

/** `@exec` is called with what stands below it. */
export function decorator(reading: Reading, cursor: Cursor): Value {
	const [root = "", ...members] = /^@\s*([\w.]+)/u.exec(reading.slice(cursor))?.[1]?.split(".") ?? [];
	reading.calls.referred([reading.scope.lookUp(root).name ?? root, ...members].join("."), [], cursor);
	return reading.children(cursor);
}

/** Defaults of parameters; the parameters themselves hide what was known under their names. */
export function parameters(reading: Reading, cursor: Cursor): void {
	if (!cursor.firstChild()) return;
	let isDefault = false;
	do {
		if (cursor.name === "AssignOp") isDefault = true;
		else if (cursor.name === "VariableName" && !isDefault) {
			const name = reading.slice(cursor);
			if (name !== "self" && name !== "cls")
				reading.scope.set(name, ofName(reading.scope.get(name)?.name ?? name, GIVEN));
		} else if (cursor.name === ",") isDefault = false;
		else if (isDefault) reading.visit(cursor);
	} while (cursor.nextSibling());
	cursor.parent();
}

/** `with open(x) as f`, `for f in os.listdir(d)`. */
export function bindings(reading: Reading, cursor: Cursor): void {
	const isFor = cursor.name === "ForStatement";
	if (!isFor && /:\s*pass\s*$/u.test(reading.text.slice(cursor.to - 40, cursor.to))) {
		const [head = ""] = reading.slice(cursor).split(/:\s*pass\s*$/u);
		if (isEmptying(head.replace(/^(?:async\s+)?with\s+/u, ""))) reading.calls.noted("emptied-file", cursor);
	}
	let value: Value = UNKNOWN;
	let targets: string[] = [];
	let isTarget = isFor;
	if (!cursor.firstChild()) return;
	do {
		const kind = cursor.name;
		if (kind === "as") isTarget = true;
		else if (kind === "in") isTarget = false;
		else if (isTarget && kind === "VariableName") {
			const name = reading.slice(cursor);
			if (isFor) targets.push(name);
			else {
				reading.scope.set(name, value);
				isTarget = false;
			}
		} else if (isNode(cursor) && !(isTarget && isFor)) {
			if (kind === "Body") {
				for (const name of targets) reading.scope.set(name, elementOf(value));
				targets = [];
			}
			const next = reading.visit(cursor);
			if (kind !== "Body") value = next;
		}
	} while (cursor.nextSibling());
	cursor.parent();
}
