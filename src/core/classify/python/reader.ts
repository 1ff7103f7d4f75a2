/**
 * Facts of Python code: what it imports and calls, by the names that imports, assignments, getattr and their like lead to.
 *
 * One pass over the syntax tree in the order of the source, with one table of names for the whole text; nothing is run. Texts that are put
 * together from constants are followed; what is not known in them is a hole.
 */

import { parser } from "@lezer/python";
import type { Findings, Place } from "../fact.ts";
import { Bindings } from "./bindings.ts";
import { Calls } from "./calls.ts";
import { literalNumber, literalText, prefixOf, quotesOf, unescaped } from "./literals.ts";
import { combined, elementOf, generated } from "./made.ts";
import { Members } from "./members.ts";
import {
	ASSIGN,
	BINARY,
	BINDING,
	BRANCH,
	CALL,
	COMPREHENSION,
	CONDITIONAL,
	CONSTANT,
	CONTINUED,
	type Cursor,
	DECORATOR,
	DEFINITION,
	DICTIONARY,
	FAULT,
	FORMAT,
	IMPORT,
	INNER,
	isNode,
	KINDS,
	MEMBER,
	NAME,
	NOTHING,
	NUMBER,
	PARAMETERS,
	SEQUENCE,
	STRING,
	UPDATE,
} from "./nodes.ts";
import { withoutShellLines } from "./notebook.ts";
import { isPlain, Scope } from "./scope.ts";
import { plus } from "./texts.ts";
import { GIVEN, HOLE, ofName, ofText, UNKNOWN, type Value } from "./value.ts";

const DEPTH_MAX = 600;
/** UTF-16 units of texts that are put together. */
const WORK_MAX = 2_000_000;

/** Reads Python code. */
export function readPython(text: string, at: Place, to: Findings): void {
	const plain = text.includes("!") || text.includes("%%") ? withoutShellLines(text, at, to) : text;
	const cursor = parser.parse(plain).cursor();
	const module = new Module(plain, new Calls(plain, at, to));
	module.visit(cursor);
	module.end();
}

class Module {
	readonly #text: string;
	readonly #calls: Calls;
	readonly #scope: Scope;
	readonly #members: Members;
	readonly #targets: Bindings;
	#depth = 0;
	#errors = 0;
	#nodes = 0;
	#inClass = 0;
	#work = 0;
	/** Where what the function that is being read returns comes from. */
	#returned = 0;
	/** Of the member expression that was visited last. */
	#receiver: Value = UNKNOWN;
	#method = "";

	constructor(text: string, calls: Calls) {
		this.#text = text;
		this.#calls = calls;
		this.#scope = new Scope(text);
		this.#members = new Members(this.#scope, calls);
		this.#targets = new Bindings(this.#scope, calls);
	}

	end(): void {
		this.#calls.end(this.#nodes, this.#errors);
	}

	/** The value of a node; what it calls is told on the way. The cursor is left where it was. */
	visit(cursor: Cursor): Value {
		if (this.#depth >= DEPTH_MAX) {
			this.#calls.opaque("too-deep", cursor);
			return UNKNOWN;
		}
		this.#depth++;
		this.#nodes++;
		const value = this.#visit(cursor);
		this.#depth--;
		return value;
	}

	#visit(cursor: Cursor): Value {
		switch (KINDS[cursor.type.id]) {
			case NOTHING:
				return UNKNOWN;
			case STRING:
				return ofText(literalText(this.#slice(cursor)));
			case CONSTANT:
				return ofName(this.#slice(cursor));
			case FORMAT:
				return this.#format(cursor);
			case CONTINUED:
				return this.#fold(cursor, plus);
			case NUMBER:
				return this.#number(cursor);
			case NAME:
				return this.#scope.lookUp(this.#slice(cursor));
			case MEMBER:
				return this.#member(cursor);
			case CALL:
				return this.#call(cursor);
			case BINARY:
				return this.#made(this.#binary(cursor));
			case INNER:
				return this.#inner(cursor);
			case CONDITIONAL:
				return this.#conditional(cursor);
			case SEQUENCE:
				return this.#sequence(cursor);
			case COMPREHENSION:
				return this.#comprehension(cursor);
			case DICTIONARY:
				return this.#dictionary(cursor);
			case BRANCH:
				return this.#scope.branch(() => this.#children(cursor));
			case ASSIGN:
				this.#assign(cursor);
				return UNKNOWN;
			case UPDATE:
				this.#update(cursor);
				return UNKNOWN;
			case IMPORT:
				this.#targets.imports(this.#slice(cursor), cursor);
				return UNKNOWN;
			case DEFINITION:
				this.#definition(cursor);
				return UNKNOWN;
			case BINDING:
				this.#bindings(cursor);
				return UNKNOWN;
			case PARAMETERS:
				this.#parameters(cursor);
				return UNKNOWN;
			case DECORATOR:
				return this.#decorator(cursor);
			case FAULT:
				this.#errors++;
				return this.#children(cursor);
			default:
				return this.#children(cursor);
		}
	}

	/** A text that was put together; past what one reading may put together, texts are not followed. */
	#made(value: Value): Value {
		if (value.text === undefined) return value;
		this.#work += value.text.length;
		return this.#work > WORK_MAX ? { taint: value.taint } : value;
	}

	#slice(cursor: Cursor): string {
		return this.#text.slice(cursor.from, cursor.to);
	}

	/** All that is within; of a dictionary's and the like only where it comes from is known. */
	#children(cursor: Cursor): Value {
		let taint = 0;
		if (cursor.firstChild()) {
			do if (isNode(cursor)) taint |= this.visit(cursor).taint;
			while (cursor.nextSibling());
			cursor.parent();
		}
		return taint === 0 ? UNKNOWN : { taint };
	}

	#fold(cursor: Cursor, join: (left: Value, right: Value) => Value): Value {
		let value: Value | undefined;
		if (cursor.firstChild()) {
			do {
				if (!isNode(cursor)) continue;
				const next = this.visit(cursor);
				value = value === undefined ? next : join(value, next);
			} while (cursor.nextSibling());
			cursor.parent();
		}
		return value ?? UNKNOWN;
	}

	#number(cursor: Cursor): Value {
		const number = literalNumber(this.#slice(cursor));
		return number === undefined ? UNKNOWN : { number, taint: 0 };
	}

	#format(cursor: Cursor): Value {
		const source = this.#slice(cursor);
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
				const value = this.#inner(cursor);
				text += value.text ?? (value.number === undefined ? HOLE : String(value.number));
				taint |= value.taint;
				at = cursor.to - base;
			} while (cursor.nextSibling());
			cursor.parent();
		}
		return ofText(text + literal(source.length - close), taint);
	}

	/** The first expression within, after whose signs nothing else is asked; an assignment within binds. */
	#inner(cursor: Cursor): Value {
		let value: Value | undefined;
		let name: string | undefined;
		let sign = "";
		if (!cursor.firstChild()) return UNKNOWN;
		do {
			const kind = cursor.name;
			if (kind === "ArithOp" || kind === "AssignOp") sign = this.#slice(cursor);
			else if (kind === "VariableName" && sign === "" && value === undefined) {
				name = this.#slice(cursor);
				value = this.visit(cursor);
			} else if (isNode(cursor) && kind !== "FormatSpec" && kind !== "FormatConversion") {
				const next = this.visit(cursor);
				value = value === undefined || sign === ":=" ? next : value;
			}
		} while (cursor.nextSibling());
		cursor.parent();
		if (sign === ":=" && name !== undefined && value !== undefined) this.#scope.set(name, value);
		if (sign === "-" && value?.number !== undefined) return { number: -value.number, taint: value.taint };
		return value ?? UNKNOWN;
	}

	#conditional(cursor: Cursor): Value {
		return this.#fold(cursor, (left, right) => ({
			...(left.text !== undefined || left.name !== undefined ? left : right),
			taint: left.taint | right.taint,
		}));
	}

	#binary(cursor: Cursor): Value {
		if (!cursor.firstChild()) return UNKNOWN;
		let value: Value = UNKNOWN;
		let sign = "";
		do {
			if (!isNode(cursor)) sign = this.#slice(cursor);
			else if (sign === "") value = this.visit(cursor);
			else value = combined(value, sign, this.visit(cursor));
		} while (cursor.nextSibling());
		cursor.parent();
		return value;
	}

	/** A list; `return eval, ("…",)` of `__reduce__` is a call that waits. */
	#sequence(cursor: Cursor): Value {
		const items: Value[] = [];
		const isReturned = cursor.name === "ReturnStatement";
		let taint = 0;
		if (!cursor.firstChild()) return { items, taint };
		do {
			if (!isNode(cursor)) continue;
			const value = this.visit(cursor);
			taint |= value.taint;
			const [callee, told] = isReturned ? (value.items ?? []) : [];
			if (callee?.name !== undefined && told !== undefined)
				this.#calls.referred(callee.name, told.items ?? [told], cursor);
			const before = items.at(-1);
			const given = value.items ?? (isReturned && value.text !== undefined ? [value] : undefined);
			if (before?.name !== undefined && given !== undefined) this.#calls.referred(before.name, given, cursor);
			if (items.length < 4_096) items.push(value);
		} while (cursor.nextSibling());
		cursor.parent();
		if (isReturned) this.#returned |= taint;
		return { items, taint };
	}

	#dictionary(cursor: Cursor): Value {
		const entries = new Map<string, Value>();
		let taint = 0;
		let key: Value | undefined;
		if (!cursor.firstChild()) return { entries, taint };
		do {
			if (cursor.name === ",") key = undefined;
			if (!isNode(cursor)) continue;
			const value = this.visit(cursor);
			taint |= value.taint;
			if (key === undefined) key = value;
			else if (key.text !== undefined && entries.size < 256) entries.set(key.text, value);
		} while (cursor.nextSibling());
		cursor.parent();
		return { entries, taint };
	}

	/** `[chr(c) for c in (111, 115)]` is followed; of others only where they come from. */
	#comprehension(cursor: Cursor): Value {
		const source = this.#slice(cursor);
		const values: Value[] = [];
		// What each is of is said behind what is made of it.
		const [, each, from] = /\bfor\s+(\w+)\s+in\s+([A-Za-z_][\w.]*)\(/.exec(source.slice(0, 1_000)) ?? [];
		const before = each === undefined ? undefined : this.#scope.get(each);
		if (each !== undefined) this.#scope.set(each, elementOf(ofName(`${from}()`)));
		if (!cursor.firstChild()) return UNKNOWN;
		do if (isNode(cursor)) values.push(this.visit(cursor));
		while (cursor.nextSibling());
		cursor.parent();
		if (each !== undefined) {
			if (before === undefined) this.#scope.forget(each);
			else this.#scope.set(each, before);
		}
		return generated(source, values);
	}

	#member(cursor: Cursor): Value {
		if (!cursor.firstChild()) return UNKNOWN;
		const receiver = this.visit(cursor);
		let value: Value = UNKNOWN;
		let method = "";
		let key: Value | undefined;
		let slice = "";
		let isSubscript = false;
		while (cursor.nextSibling()) {
			if (cursor.name === "PropertyName") method = this.#slice(cursor);
			else if (cursor.name === "[") isSubscript = true;
			else if (isSubscript && cursor.name !== "]") {
				slice += this.#slice(cursor);
				if (isNode(cursor)) key = this.visit(cursor);
			}
		}
		cursor.parent();
		if (isSubscript) value = this.#members.subscript(receiver, key ?? UNKNOWN, slice, cursor);
		else value = this.#members.attribute(receiver, isPlain(method) ? method : method.normalize("NFKC"), cursor);
		this.#receiver = receiver;
		this.#method = method;
		return value;
	}

	#call(cursor: Cursor): Value {
		const { from, to } = cursor;
		if (!cursor.firstChild()) return UNKNOWN;
		const isMember = cursor.name === "MemberExpression";
		const callee = this.visit(cursor);
		const { got } = this.#members;
		const isGot = !isMember && got?.value === callee;
		const receiver = isMember ? this.#receiver : isGot ? got.receiver : UNKNOWN;
		const method = isMember ? this.#method : isGot ? got.method : "";
		const args: Value[] = [];
		const keywords = new Map<string, Value>();
		const owner = isMember ? this.#text.slice(cursor.from, cursor.to - method.length - 1) : "";
		while (cursor.nextSibling()) if (cursor.name === "ArgList") this.#arguments(cursor, args, keywords);
		cursor.parent();
		if (KEEPING.has(method)) this.#keep(owner, args);
		if (method === "close" && EMPTIED.test(owner)) this.#calls.noted("emptied-file", { from, to });
		return this.#made(this.#members.called(callee, method, { receiver, args, keywords, from, to }));
	}

	#arguments(cursor: Cursor, args: Value[], keywords: Map<string, Value>): void {
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
				if (name !== undefined) settle(this.#scope.lookUp(name));
				name = this.#slice(cursor);
			} else if (kind === "AssignOp") isKeyword = true;
			else if (kind === "for") isGenerator = true;
			else if (kind === "," || kind === ")") {
				if (name !== undefined && !isKeyword) settle(this.#scope.lookUp(name));
			} else if (isNode(cursor)) {
				if (name !== undefined && !isKeyword) settle(this.#scope.lookUp(name));
				settle(this.visit(cursor));
			}
		} while (cursor.nextSibling());
		if (name !== undefined && !isKeyword) settle(this.#scope.lookUp(name));
		cursor.parent();
		if (isGenerator) args.splice(0, args.length, generated(this.#slice(cursor), args));
	}

	/** `message.attach(part)`: what is put in is in there from now on. */
	#keep(owner: string, args: readonly Value[]): void {
		const taint = args.reduce((sum, arg) => sum | arg.taint, 0);
		const known = this.#scope.get(owner);
		if (taint === 0 || !/^[\w.]+$/u.test(owner)) return;
		this.#scope.set(owner, { ...(known ?? ofName(owner)), taint: (known?.taint ?? 0) | taint });
	}

	#assign(cursor: Cursor): void {
		let signs = 0;
		if (!cursor.firstChild()) return;
		do if (cursor.name === "AssignOp") signs++;
		while (cursor.nextSibling());
		cursor.parent();
		cursor.firstChild();
		const groups: string[][] = [[]];
		const values: Value[] = [];
		do {
			const kind = cursor.name;
			if (kind === "AssignOp") {
				signs--;
				groups.push([]);
			} else if (kind === "TypeDef" || kind === "Comment") continue;
			else if (signs > 0) {
				if (kind === "TupleExpression" || kind === "ArrayExpression")
					groups.at(-1)?.push(
						...this.#slice(cursor)
							.replaceAll(/[()[\]\s]/gu, "")
							.split(","),
					);
				else if (kind !== ",") groups.at(-1)?.push(this.#slice(cursor));
			} else if (isNode(cursor)) values.push(this.visit(cursor));
		} while (cursor.nextSibling());
		cursor.parent();
		for (const targets of groups.slice(0, -1)) this.#targets.bind(targets, values, cursor);
	}

	#update(cursor: Cursor): void {
		if (!cursor.firstChild()) return;
		const target = this.#slice(cursor);
		const before = this.visit(cursor);
		let sign = "";
		while (cursor.nextSibling()) {
			if (cursor.name === "UpdateOp") sign = this.#slice(cursor);
			else if (isNode(cursor)) {
				const value = this.visit(cursor);
				if (sign === "+=") this.#targets.set(target, this.#made(plus(before, value)), cursor);
			}
		}
		cursor.parent();
	}

	/** A function or class of the text itself; of a function it is kept where what it returns comes from, and whether it sends what it is given. */
	#definition(cursor: Cursor): void {
		const isClass = this.#text.startsWith("class", cursor.from);
		const returned = this.#returned;
		const isPassing = this.#calls.isPassing;
		let name = "";
		if (!cursor.firstChild()) return;
		this.#returned = 0;
		this.#calls.isPassing = false;
		do {
			if (cursor.name === "VariableName" && name === "") {
				name = this.#slice(cursor);
				if (this.#inClass === 0) this.#scope.set(name, ofName(`<local>.${name}`));
			} else {
				const isBody = isClass && cursor.name === "Body";
				if (isBody) this.#inClass++;
				this.visit(cursor);
				if (isBody) this.#inClass--;
			}
		} while (cursor.nextSibling());
		cursor.parent();
		if (!isClass) {
			const made = ofName(`<local>.${name}`, this.#returned & ~GIVEN);
			this.#scope.set(this.#inClass === 0 ? name : `self.${name}`, made);
			if (this.#calls.isPassing) this.#calls.senders.add(`<local>.${name}`);
		}
		this.#returned = returned;
		this.#calls.isPassing = isPassing;
	}

	/** `@exec` is called with what stands below it. */
	#decorator(cursor: Cursor): Value {
		const [root = "", ...members] = /^@\s*([\w.]+)/u.exec(this.#slice(cursor))?.[1]?.split(".") ?? [];
		this.#calls.referred([this.#scope.lookUp(root).name ?? root, ...members].join("."), [], cursor);
		return this.#children(cursor);
	}

	/** Defaults of parameters; the parameters themselves hide what was known under their names. */
	#parameters(cursor: Cursor): void {
		if (!cursor.firstChild()) return;
		let isDefault = false;
		do {
			if (cursor.name === "AssignOp") isDefault = true;
			else if (cursor.name === "VariableName" && !isDefault) {
				const name = this.#slice(cursor);
				if (name !== "self" && name !== "cls")
					this.#scope.set(name, ofName(this.#scope.get(name)?.name ?? name, GIVEN));
			} else if (cursor.name === ",") isDefault = false;
			else if (isDefault) this.visit(cursor);
		} while (cursor.nextSibling());
		cursor.parent();
	}

	/** `with open(x) as f`, `for f in os.listdir(d)`. */
	#bindings(cursor: Cursor): void {
		const isFor = cursor.name === "ForStatement";
		if (!isFor && /:\s*pass\s*$/u.test(this.#text.slice(cursor.to - 40, cursor.to))) {
			const [head = ""] = this.#slice(cursor).split(/:\s*pass\s*$/u);
			if (EMPTIED.test(head.replace(/^(?:async\s+)?with\s+/u, ""))) this.#calls.noted("emptied-file", cursor);
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
				const name = this.#slice(cursor);
				if (isFor) targets.push(name);
				else {
					this.#scope.set(name, value);
					isTarget = false;
				}
			} else if (isNode(cursor) && !(isTarget && isFor)) {
				if (kind === "Body") {
					for (const name of targets) this.#scope.set(name, elementOf(value));
					targets = [];
				}
				const next = this.visit(cursor);
				if (kind !== "Body") value = next;
			}
		} while (cursor.nextSibling());
		cursor.parent();
	}
}

/** A file of data that is opened to be written from its beginning, and nothing else. */
const EMPTIED =
	/^(?:io\.)?open\([^()]*\.(?:db|sqlite3?|sql|log|dat|data|bak|csv|jsonl?|parquet|kdbx?|xlsx?|docx?|img|tar|gz|zip)['"]\s*,\s*(?:mode\s*=\s*)?['"]w[bt+]*['"]/u;

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
