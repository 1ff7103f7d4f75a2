/**
 * Facts of Python code: what it imports and calls, by the names that imports, assignments, getattr and their like lead to.
 *
 * One pass over the syntax tree in the order of the source, with one table of names for the whole text; nothing is run. Texts that are put
 * together from constants are followed; what is not known in them is a hole.
 */

import { parser } from "@lezer/python";
import type { Findings, Place } from "../fact.ts";
import { Bindings } from "./bindings.ts";
import { call, member } from "./call-expressions.ts";
import { Calls } from "./calls.ts";
import {
	binary,
	comprehension,
	conditional,
	dictionary,
	fold,
	formatted,
	inner,
	numberOf,
	sequence,
} from "./expressions.ts";
import { literalText } from "./literals.ts";
import { Members } from "./members.ts";
import * as kinds from "./nodes.ts";
import { type Cursor, isNode, KINDS } from "./nodes.ts";
import { withoutShellLines } from "./notebook.ts";
import type { Reading } from "./reading.ts";
import { Scope } from "./scope.ts";
import { assign, bindings, decorator, definition, parameters, update } from "./statements.ts";
import { plus } from "./texts.ts";
import { ofName, ofText, UNKNOWN, type Value } from "./value.ts";

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

class Module implements Reading {
	readonly text: string;
	readonly calls: Calls;
	readonly scope: Scope;
	readonly members: Members;
	readonly targets: Bindings;
	inClass = 0;
	returned = 0;
	member: Reading["member"] = { receiver: UNKNOWN, method: "" };
	#depth = 0;
	#errors = 0;
	#nodes = 0;
	#work = 0;

	constructor(text: string, calls: Calls) {
		this.text = text;
		this.calls = calls;
		this.scope = new Scope(text);
		this.members = new Members(this.scope, calls);
		this.targets = new Bindings(this.scope, calls);
	}

	end(): void {
		this.calls.end(this.#nodes, this.#errors);
	}

	visit(cursor: Cursor): Value {
		if (this.#depth >= DEPTH_MAX) {
			this.calls.opaque("too-deep", cursor);
			return UNKNOWN;
		}
		this.#depth++;
		this.#nodes++;
		const value = this.#visit(cursor);
		this.#depth--;
		return value;
	}

	children(cursor: Cursor): Value {
		let taint = 0;
		if (cursor.firstChild()) {
			do if (isNode(cursor)) taint |= this.visit(cursor).taint;
			while (cursor.nextSibling());
			cursor.parent();
		}
		return taint === 0 ? UNKNOWN : { taint };
	}

	made(value: Value): Value {
		if (value.text === undefined) return value;
		this.#work += value.text.length;
		return this.#work > WORK_MAX ? { taint: value.taint } : value;
	}

	slice(cursor: Cursor): string {
		return this.text.slice(cursor.from, cursor.to);
	}

	#visit(cursor: Cursor): Value {
		switch (KINDS[cursor.type.id]) {
			case kinds.NOTHING:
				return UNKNOWN;
			case kinds.STRING:
				return ofText(literalText(this.slice(cursor)));
			case kinds.CONSTANT:
				return ofName(this.slice(cursor));
			case kinds.FORMAT:
				return formatted(this, cursor);
			case kinds.CONTINUED:
				return fold(this, cursor, plus);
			case kinds.NUMBER:
				return numberOf(this, cursor);
			case kinds.NAME:
				return this.scope.lookUp(this.slice(cursor));
			case kinds.MEMBER:
				return member(this, cursor);
			case kinds.CALL:
				return call(this, cursor);
			case kinds.BINARY:
				return this.made(binary(this, cursor));
			case kinds.INNER:
				return inner(this, cursor);
			case kinds.CONDITIONAL:
				return conditional(this, cursor);
			case kinds.SEQUENCE:
				return sequence(this, cursor);
			case kinds.COMPREHENSION:
				return comprehension(this, cursor);
			case kinds.DICTIONARY:
				return dictionary(this, cursor);
			case kinds.BRANCH:
				return this.scope.branch(() => this.children(cursor));
			case kinds.LOOP:
				return this.calls.repeated(this.slice(cursor), () => this.children(cursor));
			case kinds.ASSIGN:
				assign(this, cursor);
				return UNKNOWN;
			case kinds.UPDATE:
				update(this, cursor);
				return UNKNOWN;
			case kinds.IMPORT:
				this.targets.imports(this.slice(cursor), cursor);
				return UNKNOWN;
			case kinds.DEFINITION:
				definition(this, cursor);
				return UNKNOWN;
			case kinds.BINDING:
				bindings(this, cursor);
				return UNKNOWN;
			case kinds.PARAMETERS:
				parameters(this, cursor);
				return UNKNOWN;
			case kinds.DECORATOR:
				return decorator(this, cursor);
			case kinds.FAULT:
				this.#errors++;
				return this.children(cursor);
			default:
				return this.children(cursor);
		}
	}
}
