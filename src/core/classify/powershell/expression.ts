/** Expressions of PowerShell: what they call, and what they come to where that is known without running them. */
import { called, property } from "./members.ts";
import { combined, operatorAt } from "./operators.ts";
import type { Reading } from "./reading.ts";
import { isHereString, isQuote, readString } from "./strings.ts";
import { cast, splitBy } from "./text-methods.ts";
import { indexed, known, knownTexts, listed, listOf, shown, textOf, typeName, UNKNOWN, type Value } from "./value.ts";

/** Reads statements up to the closing bracket, and stands behind it: the value is that of the last. */
export type ReadStatements = (r: Reading, closing: string) => Value;

const UNARY = /(?:[-\u2013](?:join|split|isplit|csplit|not|bnot)(?![\w-])|!|\+\+|--|[+\-,](?=\s*[^\s=]))/iy;
const NUMBER = /0x[\da-f]+|\d+(?:\.(?!\.)\d*)?(?:e[+-]?\d+)?/iy;
const VARIABLE = /\$(?:\{([^}]*)\}|((?:\w+:)?(?:\w+|[?^$]))|)/y;
const TYPE = /\[\s*[A-Za-z_][\w.`+]*(?:\[[\w\s.,[\]]*\])?(?:\s*,[\w\s.=,]*)?\s*\]/y;
const MEMBER = /[\w`]+/y;

export class Expressions {
	readonly #statements: ReadStatements;

	constructor(statements: ReadStatements) {
		this.#statements = statements;
	}

	/** An expression whose operators bind at least as much as `level`; in the brackets of a method the comma is none of them. */
	read(r: Reading, level = 2, isArgument = false): Value {
		return r.deeper(() => this.#binary(r, level, isArgument), UNKNOWN);
	}

	#binary(r: Reading, level: number, isArgument: boolean): Value {
		let left = this.#unary(r);
		while (r.mayGoOn()) {
			r.skip(false);
			const found = operatorAt(r, level, isArgument);
			if (found === null) return left;
			r.pos += found[1].length;
			r.skip(true);
			const from = r.pos;
			const right = this.read(r, found[0] + 1, isArgument);
			left =
				found[1] === ","
					? listed([left, right, ...this.#elements(r, found[0] + 1)])
					: combined(found[1].toLowerCase(), left, right);
			if (r.pos === from) return left;
		}
		return UNKNOWN;
	}

	/** What further commas join: all at once, for lists of thousands are looked through but once. */
	#elements(r: Reading, level: number): readonly Value[] {
		const elements: Value[] = [];
		while (r.mayGoOn()) {
			r.skip(false);
			if (r.char !== ",") break;
			r.pos += 1;
			r.skip(true);
			const from = r.pos;
			elements.push(this.read(r, level, false));
			if (r.pos === from) break;
		}
		return elements;
	}

	#unary(r: Reading): Value {
		UNARY.lastIndex = r.pos;
		const operator = UNARY.exec(r.text)?.[0].toLowerCase();
		if (operator === undefined) return this.primary(r);
		r.pos += operator.length;
		r.skip(false);
		const value = r.deeper(() => this.#unary(r), UNKNOWN);
		const name = operator.replace(/^[-\u2013][ci]?/, "");
		if (name === "join") return knownTexts(value) === null ? UNKNOWN : textOf((knownTexts(value) ?? []).join(""));
		if (name === "split") return splitBy(value, null);
		if (operator === "-") return known(value) === null ? UNKNOWN : textOf(`-${known(value)}`);
		return operator === "," || operator === "+" ? value : UNKNOWN;
	}

	/** A variable, a text, a bracket, a type, with the members and indexes behind it. */
	primary(r: Reading): Value {
		return this.#postfix(r, this.#atom(r));
	}

	#atom(r: Reading): Value {
		const { char } = r;
		if (isQuote(char) || isHereString(r)) return readString(r, (reading) => this.expand(reading));
		if (char === "$") return this.expand(r);
		if (char === "(") return this.#bracket(r, 1, ")");
		if (char === "@") {
			const next = r.text[r.pos + 1];
			if (next === "(") return this.#bracket(r, 2, ")");
			if (next === "{") return this.hashtable(r);
			r.pos += 1;
			MEMBER.lastIndex = r.pos;
			r.pos += MEMBER.exec(r.text)?.[0].length ?? 0;
			return UNKNOWN;
		}
		if (char === "{") return this.block(r);
		if (char === "[") return this.#typed(r);
		NUMBER.lastIndex = r.pos;
		const number = NUMBER.exec(r.text)?.[0];
		if (number === undefined) return UNKNOWN;
		r.pos += number.length;
		return textOf(number.startsWith("0x") || number.startsWith("0X") ? String(Number(number)) : number);
	}

	#bracket(r: Reading, length: number, closing: string): Value {
		r.pos += length;
		return r.deeper(() => this.#statements(r, closing), UNKNOWN);
	}

	block(r: Reading): Value {
		const from = r.pos + 1;
		this.#bracket(r, 1, "}");
		return { kind: "block", from, until: r.pos };
	}

	/** `@{ name = value; … }`: the values as `name=value`. */
	hashtable(r: Reading): Value {
		r.pos += 2;
		const pairs: string[] = [];
		return r.deeper((): Value => {
			while (r.pos < r.text.length && r.mayGoOn()) {
				r.skip(true);
				if (r.char === "}") {
					r.pos += 1;
					break;
				}
				const from = r.pos;
				const key = isQuote(r.char) || r.char === "$" || r.char === "(" ? this.primary(r) : textOf(readKey(r));
				r.skip(true);
				if (r.char === "=") {
					r.pos += 1;
					r.skip(true);
					const value = this.#statements(r, ";");
					pairs.push(`${shown(key).join("").toLowerCase()}=${shown(value).join(" ")}`);
				} else if (r.pos === from || r.char === ";") r.pos += 1;
			}
			return { kind: "texts", texts: pairs, partial: true };
		}, UNKNOWN);
	}

	/** `$name`, `${name}`, `$env:NAME`, `$( … )`. */
	expand(r: Reading): Value {
		if (r.text[r.pos + 1] === "(") return this.#bracket(r, 2, ")");
		VARIABLE.lastIndex = r.pos;
		const found = VARIABLE.exec(r.text);
		r.pos += Math.max(1, found?.[0].length ?? 1);
		const name = (found?.[1] ?? found?.[2] ?? "").replaceAll("`", "");
		if (r.carrying.size > 0 && r.carrying.has(name.toLowerCase())) r.reads += 1;
		return name === "" ? UNKNOWN : r.variable(name);
	}

	/** `[type]::member`, `[type]value`. */
	#typed(r: Reading): Value {
		TYPE.lastIndex = r.pos;
		const found = TYPE.exec(r.text)?.[0];
		if (found === undefined) {
			r.pos += 1;
			return UNKNOWN;
		}
		r.pos += found.length;
		const name = typeName(found.slice(1, -1));
		if (r.text.startsWith("::", r.pos) || !startsOperand(r)) return { kind: "type", name };
		r.skip(false);
		const from = r.pos;
		const value = r.deeper(() => this.#unary(r), UNKNOWN);
		if (name === "type" || name === "runtimetype")
			return knownTexts(value) === null ? UNKNOWN : { kind: "type", name: typeName(known(value) ?? "") };
		if (name === "management.automation.scriptblock") r.within("powershell", known(value) ?? "", from, "[scriptblock]");
		if (name === "directoryservices.directoryentry" || name === "management.managementclass") {
			r.add("call", from, r.pos, { name: [`${name}.new`], args: shown(value) });
			return { kind: "object", name };
		}
		return cast(name, value);
	}

	#postfix(r: Reading, first: Value): Value {
		let value = first;
		while (r.pos < r.text.length && r.mayGoOn()) {
			const from = r.pos;
			if (r.char === "[") {
				r.pos += 1;
				value = indexed(value, this.#bracketIndex(r));
			} else if (r.text.startsWith("::", r.pos)) {
				r.pos += 2;
				value = this.#member(r, value);
			} else if (r.char === "." && /[\w'"$(`]/.test(r.text[r.pos + 1] ?? "")) {
				r.pos += 1;
				value = this.#member(r, value);
			} else if (r.text.startsWith("++", r.pos) || r.text.startsWith("--", r.pos)) {
				r.pos += 2;
				value = UNKNOWN;
			} else if (r.text.startsWith("?.", r.pos)) r.pos += 1;
			else return value;
			if (r.pos === from) return value;
		}
		return value;
	}

	#bracketIndex(r: Reading): Value {
		r.skip(true);
		const index = this.read(r);
		r.skip(true);
		while (r.pos < r.text.length && r.char !== "]" && r.char !== "\n") r.pos += 1;
		r.pos += 1;
		return index;
	}

	#member(r: Reading, of: Value): Value {
		const from = r.pos;
		let name: string | null;
		if (isQuote(r.char) || r.char === "$" || r.char === "(") name = known(this.#atom(r));
		else {
			MEMBER.lastIndex = r.pos;
			const written = MEMBER.exec(r.text)?.[0] ?? "";
			r.pos += written.length;
			name = written.replaceAll("`", "");
		}
		const member = name?.toLowerCase() ?? "";
		if (r.char === "{") {
			const block = this.block(r);
			return member === "foreach" ? this.#each(r, of, block) : UNKNOWN;
		}
		if (r.char !== "(") return ofVariable(r, of, member) ?? property(of, member);
		r.pos += 1;
		const args = this.#arguments(r);
		return called(r, of, member, args, from);
	}

	/** `list.ForEach{ … }`: the values of the block for each element. */
	#each(r: Reading, of: Value, block: Value): Value {
		return block.kind === "block" ? this.forEach(r, of, block.from) : UNKNOWN;
	}

	/** Reads a block for each text of a list, with `$_` as that text; the reader stands where it stood. */
	forEach(r: Reading, list: Value, block: number): Value {
		const texts = knownTexts(list);
		if (texts === null) return UNKNOWN;
		const back = r.pos;
		const before = r.variables.get("_");
		const made: string[] = [];
		let isKnown = true;
		for (const text of texts) {
			if (!r.mayGoOn()) return UNKNOWN;
			r.setVariable("_", textOf(text));
			r.pos = block;
			const value = r.quietly(() => r.deeper(() => this.#statements(r, "}"), UNKNOWN));
			const results = knownTexts(value);
			if (results === null) isKnown = false;
			if (!isKnown) break;
			made.push(...(results ?? []));
		}
		r.setVariable("_", before ?? UNKNOWN);
		r.pos = back;
		return isKnown ? listOf(made) : UNKNOWN;
	}

	#arguments(r: Reading): Value[] {
		const args: Value[] = [];
		while (r.pos < r.text.length && r.mayGoOn()) {
			r.skip(true);
			if (r.char === ")") {
				r.pos += 1;
				break;
			}
			const from = r.pos;
			if (r.char === ",") r.pos += 1;
			else args.push(this.read(r, 2, true));
			if (r.pos === from) r.pos += 1;
		}
		return args;
	}
}

/** `(Get-Variable x).Value`: what the variable holds. */
const ofVariable = (r: Reading, of: Value, member: string): Value | null =>
	of.kind === "object" && of.name.startsWith("variable:") && member === "value"
		? r.variable(of.name.slice("variable:".length))
		: null;

/** Whether what follows a type in brackets is what it casts. */
function startsOperand(r: Reading): boolean {
	const rest = /\s*(\S?)(\S?)/y;
	rest.lastIndex = r.pos;
	const [, char = "", next = ""] = rest.exec(r.text) ?? [];
	return /['"$([@{\u2018\u201c\d]/.test(char) || (char === "-" && /[\dj]/.test(next));
}

function readKey(r: Reading): string {
	const key = /[^\s=;{}()]+/y;
	key.lastIndex = r.pos;
	const found = key.exec(r.text)?.[0] ?? "";
	r.pos += found.length;
	return found;
}
