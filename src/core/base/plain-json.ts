/**
 * Plain JSON out of live values, which somebody else made and may still change.
 *
 * P1  Each member is read once. What comes out is the canonical text and the frozen parse of that very text: whoever judges
 *     the text and hands on the parse has judged what is handed on.
 * P2  What JSON has no place for is refused with the JSON pointer of the member, never turned into something else: instances
 *     of classes, accessors, hidden and inherited members, numbers that lose digits. One exception, for optional keys: a
 *     member whose value is `undefined` is left out, of the text and of the parse alike.
 * P3  No code of the value runs: no getter, no `toJSON`. (A Proxy's traps do, once for each member.)
 */

import { type CanonicalJson, JSON_CAPS, type JsonCaps, type JsonFault } from "./canonical-json.ts";
import { byCodeUnits } from "./code-units.ts";
import { freezeDeep } from "./frozen.ts";
import type { Json } from "./json.ts";
import { pointerOf } from "./json-pointer.ts";
import { err, ok, type Result } from "./result.ts";

export interface PlainJson {
	/** RFC 8785. */
	readonly text: CanonicalJson;
	/** The parse of `text`, frozen to its leaves. */
	readonly value: Json;
}

export interface PlainFault extends JsonFault {
	/** JSON pointer (RFC 6901) of the member; "" for the value itself. */
	readonly pointer: string;
}

/** Reads a value that may be anything. Never throws; takes time in proportion to the text, however the value is knotted. */
export function readPlainJson(value: unknown, caps: JsonCaps = JSON_CAPS): Result<PlainJson, PlainFault> {
	const reader = new PlainReader(caps);
	let text: string | null;
	try {
		text = reader.read(value);
	} catch {
		// Only the traps of a Proxy can throw in here.
		text = reader.refuse("is a Proxy that cannot be read");
	}
	if (text !== null && text.length > caps.lengthMax) text = reader.tooLong();
	if (text === null) return err(reader.fault as PlainFault);
	return ok({ text: text as CanonicalJson, value: freezeDeep(JSON.parse(text) as Json) });
}

class PlainReader {
	readonly #caps: JsonCaps;
	/** Where the reading is: the containers around the value, and the keys that led into it. */
	readonly #within: object[] = [];
	readonly #path: string[] = [];
	#length = 0;
	#count = 0;
	fault: PlainFault | null = null;

	constructor(caps: JsonCaps) {
		this.#caps = caps;
	}

	/** The canonical text of a value; null once something was refused. */
	read(value: unknown): string | null {
		switch (typeof value) {
			case "string":
				// Before it is written: escapes could make a text longer than the engine allows.
				if (value.length > this.#caps.lengthMax) return this.tooLong();
				return value.isWellFormed() ? this.#counted(JSON.stringify(value)) : this.refuse("holds a lone surrogate");
			case "number":
				return this.#number(value);
			case "boolean":
				return this.#counted(String(value));
			case "object":
				return value === null ? this.#counted("null") : this.#container(value);
			case "undefined":
				return this.refuse("is `undefined`, which JSON does not have: use null");
			case "bigint":
				return this.refuse("is a BigInt: send it as a text");
			case "function":
			case "symbol":
				return this.refuse(`is a ${typeof value}`);
		}
	}

	refuse(what: string, code: JsonFault["code"] = "RECORD_JSON"): null {
		const pointer = pointerOf(this.#path);
		this.fault ??= { code, message: `${placeOf(pointer)} ${what}`, pointer };
		return null;
	}

	tooLong(): null {
		return this.refuse(`has more than ${this.#caps.lengthMax} characters as JSON`, "RECORD_OVERSIZED");
	}

	#tooMany(): null {
		return this.refuse(`is too much: ${this.#caps.membersMax} members and items are accepted`, "RECORD_MEMBERS");
	}

	#number(value: number): string | null {
		if (!Number.isFinite(value)) return this.refuse(`is ${value}`);
		if (Object.is(value, -0)) return this.refuse("is -0, which JSON readers take for 0");
		// Whoever wrote more digits has lost them by now, and another call would have the same text.
		if (Number.isInteger(value) && !Number.isSafeInteger(value)) {
			return this.refuse("is an integer beyond 2^53 - 1, which a number cannot hold exactly: send it as a text");
		}
		return this.#counted(JSON.stringify(value));
	}

	#container(value: object): string | null {
		if (this.#within.includes(value)) return this.refuse("contains itself");
		const isArray = Array.isArray(value);
		const fault = instanceFault(value, isArray);
		if (fault !== null) return this.refuse(fault);
		if (this.#within.length >= this.#caps.depthMax) {
			return this.refuse(`is nested deeper than ${this.#caps.depthMax} levels`, "RECORD_DEPTH");
		}
		this.#within.push(value);
		const text = isArray ? this.#items(value as readonly unknown[]) : this.#members(value);
		this.#within.pop();
		return text;
	}

	#items(value: readonly unknown[]): string | null {
		const length = Number(Reflect.getOwnPropertyDescriptor(value, "length")?.value);
		// Each item takes a character and a comma at least.
		if (2 * length > this.#caps.lengthMax) return this.tooLong();
		if (length > this.#caps.membersMax) return this.#tooMany();
		const keys = Reflect.ownKeys(value);
		if (keys.length !== length + 1) {
			const foreign = keys.find((key) => key !== "length" && !isIndex(key, length));
			if (foreign === undefined) return this.refuse("is an array with holes");
			return this.#at(foreign, () => this.refuse("is a member of an array beside its items"));
		}
		let text = "[";
		for (let index = 0; index < length; index++) {
			const item = this.#member(value, String(index));
			if (item === null) return null;
			if (item === undefined) return this.#at(String(index), () => this.read(undefined));
			text += `${index === 0 ? "" : ","}${item}`;
		}
		return this.#counted("[]") && `${text}]`;
	}

	#members(value: object): string | null {
		const keys = Reflect.ownKeys(value);
		const symbol = keys.find((key) => typeof key === "symbol");
		if (symbol !== undefined) return this.#at(symbol, () => this.refuse("has a symbol for its key"));
		let text = "{";
		for (const key of (keys as string[]).sort(byCodeUnits)) {
			const member = this.#member(value, key);
			if (member === null) return null;
			if (member === undefined) continue;
			const name = this.#counted(JSON.stringify(key));
			if (name === null) return null;
			text += `${text === "{" ? "" : ","}${name}:${member}`;
		}
		return this.#counted("{}") && `${text}}`;
	}

	/** The text of one member, read once; undefined where its value is. */
	#member(of: object, key: string): string | null | undefined {
		return this.#at(key, () => {
			if (key.length > this.#caps.lengthMax) return this.tooLong();
			if (!key.isWellFormed()) return this.refuse("has a key that holds a lone surrogate");
			if (key === "__proto__") return this.refuse("has a key that sets the prototype of any copy");
			const member = Reflect.getOwnPropertyDescriptor(of, key);
			if (member === undefined) return this.refuse("is missing between its neighbours");
			if (!("value" in member)) return this.refuse("is a getter or a setter: its value could change");
			if (!member.enumerable) return this.refuse("is hidden (not enumerable)");
			if (member.value === undefined) return undefined;
			this.#count += 1;
			if (this.#count > this.#caps.membersMax) return this.#tooMany();
			return this.read(member.value);
		});
	}

	#at<Read>(key: string | symbol, read: () => Read): Read {
		this.#path.push(String(key).toWellFormed());
		const found = read();
		this.#path.pop();
		return found;
	}

	/** Counted as it grows: a value that holds one part many times must not be written out first. */
	#counted(text: string): string | null {
		this.#length += text.length;
		return this.#length <= this.#caps.lengthMax ? text : this.tooLong();
	}
}

/** Why an object is no plain object or array; null when it is one. Arrays and objects of other realms are plain, too. */
function instanceFault(value: object, isArray: boolean): string | null {
	const prototype: object | null = Reflect.getPrototypeOf(value);
	if (prototype === null) return isArray ? "is an array without a prototype" : null;
	if (isArray) return Array.isArray(prototype) ? null : instanceOf(prototype);
	const isRoot = Reflect.getPrototypeOf(prototype) === null && Object.hasOwn(prototype, "isPrototypeOf");
	return isRoot ? null : instanceOf(prototype);
}

/** With the class's name, as its prototype tells it. */
function instanceOf(prototype: object): string {
	const maker: unknown = Reflect.getOwnPropertyDescriptor(prototype, "constructor")?.value;
	const name: unknown = typeof maker === "function" ? Reflect.getOwnPropertyDescriptor(maker, "name")?.value : null;
	const isNamed = typeof name === "string" && name !== "";
	return isNamed ? `is an instance of \`${cut(name)}\`` : "inherits members, which JSON does not hold";
}

const isIndex = (key: string | symbol, length: number): boolean =>
	typeof key === "string" && /^(0|[1-9][0-9]*)$/.test(key) && Number(key) < length;

const placeOf = (pointer: string): string => (pointer === "" ? "the value" : `\`${cut(pointer)}\``);

/** Keys are as long as their author likes; messages are for people. */
const cut = (text: string): string => (text.length <= 200 ? text : `${text.slice(0, 199).toWellFormed()}…`);
