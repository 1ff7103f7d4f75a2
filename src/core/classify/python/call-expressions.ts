/** Members, subscripts and calls, with what the calls are given. */
import { isEmptying } from "./access.ts";
import { generated } from "./made.ts";
import { type Cursor, isNode } from "./nodes.ts";
import type { Reading } from "./reading.ts";
import { isPlain } from "./scope.ts";
import { ofName, UNKNOWN, type Value } from "./value.ts";

export function member(reading: Reading, cursor: Cursor): Value {
	if (!cursor.firstChild()) return UNKNOWN;
	const receiver = reading.visit(cursor);
	let value: Value = UNKNOWN;
	let method = "";
	let key: Value | undefined;
	let slice = "";
	let isSubscript = false;
	while (cursor.nextSibling()) {
		if (cursor.name === "PropertyName") method = reading.slice(cursor);
		else if (cursor.name === "[") isSubscript = true;
		else if (isSubscript && cursor.name !== "]") {
			slice += reading.slice(cursor);
			if (isNode(cursor)) key = reading.visit(cursor);
		}
	}
	cursor.parent();
	if (isSubscript) value = reading.members.subscript(receiver, key ?? UNKNOWN, slice, cursor);
	else value = reading.members.attribute(receiver, isPlain(method) ? method : method.normalize("NFKC"), cursor);
	reading.member = { receiver, method };
	return value;
}

export function call(reading: Reading, cursor: Cursor): Value {
	const { from, to } = cursor;
	if (!cursor.firstChild()) return UNKNOWN;
	const isMember = cursor.name === "MemberExpression";
	const callee = reading.visit(cursor);
	const { got } = reading.members;
	const isGot = !isMember && got?.value === callee;
	const receiver = isMember ? reading.member.receiver : isGot ? got.receiver : UNKNOWN;
	const method = isMember ? reading.member.method : isGot ? got.method : "";
	const args: Value[] = [];
	const keywords = new Map<string, Value>();
	const owner = isMember ? reading.text.slice(cursor.from, cursor.to - method.length - 1) : "";
	while (cursor.nextSibling()) if (cursor.name === "ArgList") readArguments(reading, cursor, args, keywords);
	cursor.parent();
	if (KEEPING.has(method)) keep(reading, owner, args);
	if (method === "close" && isEmptying(owner)) reading.calls.noted("emptied-file", { from, to });
	return reading.made(reading.members.called(callee, method, { receiver, args, keywords, from, to }));
}

function readArguments(reading: Reading, cursor: Cursor, args: Value[], keywords: Map<string, Value>): void {
	if (!cursor.firstChild()) return;
	let name: string | undefined;
	let isKeyword = false;
	let isGenerator = false;
	const settle = (value: Value): void => {
		if (isKeyword && name !== undefined) keywords.set(name, value);
		else if (args.length < 64) args.push(value);
		name = undefined;
		isKeyword = false;
	};
	do {
		const kind = cursor.name;
		if (kind === "VariableName" && !isKeyword) {
			if (name !== undefined) settle(reading.scope.lookUp(name));
			name = reading.slice(cursor);
		} else if (kind === "AssignOp") isKeyword = true;
		else if (kind === "for") isGenerator = true;
		else if (kind === "," || kind === ")") {
			if (name !== undefined && !isKeyword) settle(reading.scope.lookUp(name));
		} else if (isNode(cursor)) {
			if (name !== undefined && !isKeyword) settle(reading.scope.lookUp(name));
			settle(reading.visit(cursor));
		}
	} while (cursor.nextSibling());
	if (name !== undefined && !isKeyword) settle(reading.scope.lookUp(name));
	cursor.parent();
	if (isGenerator) args.splice(0, args.length, generated(reading.slice(cursor), args));
}

/** `message.attach(part)`: what is put in is in there from now on. */
function keep(reading: Reading, owner: string, args: readonly Value[]): void {
	const taint = args.reduce((sum, arg) => sum | arg.taint, 0);
	const known = reading.scope.get(owner);
	if (taint === 0 || !/^[\w.]+$/u.test(owner)) return;
	reading.scope.set(owner, { ...(known ?? ofName(owner)), taint: (known?.taint ?? 0) | taint });
}

const KEEPING: ReadonlySet<string> = new Set([
	"append",
	"extend",
	"add",
	"attach",
	"add_attachment",
	"update",
	"set_payload",
	"set_content",
]);
