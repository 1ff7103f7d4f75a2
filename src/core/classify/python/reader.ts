/**
 * Facts of Python code: what it imports and calls, by the names that imports, assignments, getattr and their like lead to.
 *
 * One pass over the syntax tree in the order of the source, with one table of names for the whole text; nothing is run. Texts that are put
 * together from constants are followed; what is not known in them is a hole.
 */

import { parser } from "@lezer/python";
import type { Findings, Place } from "../fact.ts";
import { Calls } from "./calls.ts";
import { literalNumber, literalText, prefixOf, quotesOf, unescaped } from "./literals.ts";
import { combined, elementOf, generated, letterOf, sliced } from "./made.ts";
import { canonical, MODES, PROCESSES } from "./names.ts";
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
import { pathOf, plus, textFunction, textMethod } from "./texts.ts";
import { GIVEN, HOLE, isWhole, ofName, ofText, SECRET, UNKNOWN, type Value } from "./value.ts";

const DEPTH_MAX = 600;
const NAME_MAX = 200;
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
	}

	end(): void {
		this.#calls.end(this.#nodes, this.#errors);
	}

	/** The value of a node; what it calls is told on the way. The cursor is left where it was. */
	visit(cursor: Cursor): Value {
		if (this.#depth >= DEPTH_MAX) {
			this.#calls.opaque("too-deep", cursor.from, cursor.to);
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
				this.#imports(cursor);
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
			const before = items.at(-1);
			const given = value.items ?? (isReturned && value.text !== undefined ? [value] : undefined);
			if (before?.name !== undefined && given !== undefined)
				this.#calls.referred(before.name, given, cursor.from, cursor.to);
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
		if (isSubscript) value = this.#subscript(receiver, key ?? UNKNOWN, slice, cursor);
		else value = this.#attribute(receiver, isPlain(method) ? method : method.normalize("NFKC"), cursor);
		this.#receiver = receiver;
		this.#method = method;
		return value;
	}

	#attribute(receiver: Value, method: string, cursor: Span): Value {
		if (method === "__call__") return receiver;
		const isWalked = method === "__subclasses__" && /^object$|__\w+__$|\?|^$/u.test(receiver.name ?? "");
		if (isWalked || method === "__globals__" || method === "__builtins__")
			this.#calls.escaped(method, cursor.from, cursor.to);
		if (receiver.name === undefined)
			return receiver.taint === 0 ? ofName(`?.${method}`) : ofName(`?.${method}`, receiver.taint);
		if (receiver.name === "globals()") return this.#scope.lookUp(method);
		const name = canonical(`${receiver.name}.${method}`);
		const known = this.#scope.get(name);
		if (known !== undefined) return known;
		if (MODES[name] !== undefined) return { number: MODES[name], taint: 0 };
		return ofName(name.slice(0, NAME_MAX), name === "os.environ" ? SECRET : receiver.taint);
	}

	#subscript(receiver: Value, key: Value, slice: string, cursor: Span): Value {
		const { name } = receiver;
		if (receiver.entries !== undefined)
			return (key.text === undefined ? undefined : receiver.entries.get(key.text)) ?? { taint: receiver.taint };
		if (receiver.text !== undefined) return sliced(receiver, slice);
		if (receiver.items !== undefined)
			return (key.number === undefined ? undefined : receiver.items.at(key.number)) ?? { taint: receiver.taint };
		if (name === undefined) return { taint: receiver.taint };
		// The module itself.
		if (name === "sys.modules" && key.text === undefined) return ofName("globals()");
		if (name === "os.environ" || name === "os.environb") return this.#calls.environment(key, cursor.from, cursor.to);
		const table = TABLE.exec(name);
		if (table !== null && key.text !== undefined) {
			const owner = table[1] ?? "";
			const found = owner === "" ? this.#scope.lookUp(key.text) : this.#attribute(ofName(owner), key.text, cursor);
			if (owner === "") this.#veiled(found.name ?? "", cursor.from, cursor.to);
			else this.#calls.dynamic(owner, cursor.from, cursor.to);
			return found;
		}
		if (table !== null && key.text === undefined) this.#calls.dynamic(name, cursor.from, cursor.to);
		return ofName(name, receiver.taint);
	}

	#call(cursor: Cursor): Value {
		const { from, to } = cursor;
		if (!cursor.firstChild()) return UNKNOWN;
		const isMember = cursor.name === "MemberExpression";
		const callee = this.visit(cursor);
		const receiver = isMember ? this.#receiver : UNKNOWN;
		const method = isMember ? this.#method : "";
		const args: Value[] = [];
		const keywords = new Map<string, Value>();
		const owner = isMember ? this.#text.slice(cursor.from, cursor.to - method.length - 1) : "";
		while (cursor.nextSibling()) if (cursor.name === "ArgList") this.#arguments(cursor, args, keywords);
		cursor.parent();
		if (KEEPING.has(method)) this.#keep(owner, args);
		if (method === "close" && EMPTIED.test(owner)) this.#calls.escaped("emptied-file", from, to);
		return this.#called(callee, receiver, method, args, keywords, from, to);
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

	#called(
		callee: Value,
		receiver: Value,
		method: string,
		args: Value[],
		keywords: Map<string, Value>,
		from: number,
		to: number,
	): Value {
		if (ASKED_OF_TABLES.has(method) && (receiver.entries !== undefined || TABLE.test(receiver.name ?? "")))
			return this.#subscript(receiver, args[0] ?? UNKNOWN, "", { from, to });
		if (receiver.text !== undefined) {
			if (method === "decode" && OF_MAINFRAMES.test(args[0]?.text ?? ""))
				this.#calls.escaped("decode-ebcdic", from, to);
			const made = textMethod(receiver, method, args);
			if (made !== undefined) return this.#made(made);
			if (callee.name?.startsWith("?.") === true)
				return { taint: args.reduce((sum, arg) => sum | arg.taint, receiver.taint) };
		}
		const name = callee.name === undefined ? "?" : callee.name.replace(/^builtins\./u, "");
		if (name === "getattr" || name.endsWith(".__getattribute__") || name === "operator.attrgetter")
			return this.#getattr(name, receiver, args, from, to);
		if (
			name === "__import__" ||
			name === "importlib.import_module" ||
			name === "importlib.__import__" ||
			name === "imp.load_module"
		) {
			return this.#imported(name, args, from, to);
		}
		if (name === "vars" && args[0]?.name !== undefined) return ofName(`${args[0].name}.__dict__`);
		const isLocal = name.startsWith("<local>");
		const text = isLocal ? undefined : textFunction(name, args);
		if (text !== undefined && !name.startsWith("?")) return this.#made(text);
		if (name === "map" && args[0]?.name === "chr" && args[1]?.items !== undefined) {
			return { items: args[1].items.map((item) => ofText(letterOf(item, undefined, undefined))), taint: args[1].taint };
		}
		const isStarred = this.#scope.stars.length > 0 && !isLocal && !this.#scope.has(name.split(".")[0] ?? name);
		const starred = isStarred ? this.#scope.stars.map((star) => `${star}.${name}`) : [];
		const names = name.includes(".") || starred.length === 0 ? [name, ...starred] : starred;
		const told = this.#calls.called(names, receiver, args, keywords, from, to);
		const made = isLocal ? told | callee.taint : told;
		const folder = FOLDERS.get(name);
		if (folder !== undefined) return { ...ofText(folder, made), name: "pathlib.Path()" };
		if (name === "pathlib.Path" || name === "pathlib.PurePath" || name === "Path")
			return { ...pathOf(args, made), name: "pathlib.Path()" };
		if (isPathKept(name) && receiver.text !== undefined) return { ...receiver, name: "pathlib.Path()" };
		return ofName(`${name.slice(0, NAME_MAX)}()`, made);
	}

	#getattr(name: string, receiver: Value, args: Value[], from: number, to: number): Value {
		const owner = name === "getattr" ? args[0] : receiver;
		const attribute = name === "getattr" ? args[1] : args[0];
		if (owner?.name === undefined) return UNKNOWN;
		if (attribute?.text !== undefined && isWhole(attribute.text)) {
			const known = canonical(`${owner.name}.${attribute.text}`);
			if (owner.name === "globals()") return this.#scope.lookUp(attribute.text);
			this.#veiled(known, from, to);
			return this.#scope.get(known) ?? ofName(known.replace(/^builtins\./u, ""), owner.taint);
		}
		this.#calls.dynamic(owner.name, from, to);
		return ofName(`${owner.name}.*`, owner.taint);
	}

	/** Who asks for a function that runs something by a text would rather not be seen to name it. */
	#veiled(name: string, from: number, to: number): void {
		const plain = name.replace(/^builtins\./u, "");
		if (plain === "eval" || plain === "exec" || plain === "subprocess" || PROCESSES.has(plain)) {
			this.#calls.dynamic("os", from, to);
		}
	}

	#imported(name: string, args: Value[], from: number, to: number): Value {
		const text = args[0]?.text;
		if (text !== undefined && isWhole(text)) {
			this.#calls.imported(text, from, to);
			return ofName(canonical(text));
		}
		this.#calls.dynamic(name, from, to);
		return ofName("?");
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
		for (const targets of groups.slice(0, -1)) this.#bind(targets, values, cursor);
	}

	#bind(targets: readonly string[], values: readonly Value[], cursor: Cursor): void {
		const [only] = values;
		const parts = values.length === 1 ? only?.items : values;
		const taint = values.reduce((sum, value) => sum | value.taint, 0);
		for (const [index, target] of targets.entries()) {
			const value =
				targets.length === 1 ? (values.length === 1 ? only : { items: values, taint }) : (parts?.[index] ?? { taint });
			this.#set(target, value ?? UNKNOWN, cursor);
		}
	}

	#set(target: string, value: Value, cursor: Cursor): void {
		if (/^[\w.]+$/u.test(target)) this.#scope.set(target, value);
		else if (!isPlain(target) && !/[[\](){}'"\s]/u.test(target)) this.#scope.set(target.normalize("NFKC"), value);
		else {
			const key = /^(?:os\.)?environ\[\s*['"](\w+)['"]\s*\]$/u.exec(target)?.[1];
			if (key !== undefined)
				this.#calls.called(
					["os.environ.__setitem__"],
					UNKNOWN,
					[ofText(key), value],
					new Map(),
					cursor.from,
					cursor.to,
				);
			const owner = /^([\w.]+)\[/u.exec(target)?.[1];
			const known = owner === undefined ? undefined : this.#scope.get(owner);
			if (owner !== undefined && value.taint !== 0)
				this.#scope.set(owner, { ...(known ?? UNKNOWN), taint: (known?.taint ?? 0) | value.taint });
		}
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
				if (sign === "+=") this.#set(target, this.#made(plus(before, value)), cursor);
			}
		}
		cursor.parent();
	}

	#imports(cursor: Cursor): void {
		const source = this.#slice(cursor)
			.replaceAll(/\\\n|[()]|#[^\n]*/gu, " ")
			.trim();
		const from = /^from\s+([\w.\s]*?)\s*\bimport\s+([\s\S]*)$/u.exec(source);
		const list = (from?.[2] ?? source.replace(/^import\s+/u, "")).split(",");
		const module = from?.[1]?.replaceAll(/\s/gu, "");
		if (module !== undefined && !module.startsWith(".")) this.#calls.imported(module, cursor.from, cursor.to);
		for (const item of list) {
			const [name = "", alias] = item.trim().split(/\s+as\s+/u);
			if (name === "") continue;
			if (name === "*") {
				if (module !== undefined) this.#scope.stars.push(canonical(module));
				continue;
			}
			if (module !== undefined)
				this.#scope.set(
					alias ?? name,
					module.startsWith(".") ? ofName(`<local>.${name}`) : ofName(canonical(`${module}.${name}`)),
				);
			else {
				this.#calls.imported(name, cursor.from, cursor.to);
				const root = name.split(".")[0] ?? name;
				this.#scope.set(alias ?? root, ofName(canonical(alias === undefined ? root : name)));
			}
		}
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
			if (EMPTIED.test(head.replace(/^(?:async\s+)?with\s+/u, "")))
				this.#calls.escaped("emptied-file", cursor.from, cursor.to);
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

type Span = Pick<Cursor, "from" | "to">;

/** Tables of names by name. */
const TABLE =
	/^(?:(.*)\.__dict__|vars\(\)|globals\(\)|locals\(\)|builtins|.*__globals__|.*__builtins__|sys\.modules)$/u;
const ASKED_OF_TABLES: ReadonlySet<string> = new Set(["get", "__getitem__", "pop", "setdefault"]);
/** Codecs in which no source is written: a text that is spelled in one of them is meant not to be read. */
const OF_MAINFRAMES = /^(?:cp|ibm|ebcdic)[-_]?(?:037|273|424|500|875|1026|1140)/iu;

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

/** Folders as a shell would write them. */
const FOLDERS: ReadonlyMap<string, string> = new Map([
	["pathlib.Path.home", "~"],
	["Path.home", "~"],
	["pathlib.Path.cwd", "."],
	["Path.cwd", "."],
]);

const isPathKept = (name: string): boolean => /^pathlib\.Path\(\)\.(?:expanduser|resolve|absolute)$/u.test(name);
