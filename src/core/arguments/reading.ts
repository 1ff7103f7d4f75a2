/**
 * What stands where a rule looks: text that it can read, or a doubt.
 *
 * A rule that permits by exception (`unless`) must not be passed by a call that leaves its argument out, gives it another
 * name, or puts something there that is no text.
 */
import type { Json, JsonObject } from "../base/json.ts";
import { spellingOfKey } from "./key-spelling.ts";
import { ANY_STEP, type ArgumentPath, covers } from "./path.ts";
import type { Selector } from "./selector.ts";
import { isScalar, scalarText } from "./vector.ts";

export interface ArgumentReading {
	/** Is anything there that is not empty? */
	readonly isGiven: boolean;
	/** Is a part of it missing: an empty value, an empty list, or a member below `*` that has not got the rest of the path? */
	readonly hasGap: boolean;
	/** Is a map there, where a text or a list of texts is looked for? */
	readonly hasMap: boolean;
	/** Numbers and booleans there, as JSON text. */
	readonly odd: ReadonlySet<string>;
	/** Is there a member, in its place or beside it or beside a step on the way to it, whose key is another spelling of its own, and at which nobody looks: `Path` or `paths` for `path`? */
	readonly hasDouble: boolean;
	/** Values and keys that were looked at to find out. */
	readonly visited: number;
}

/** A value that was found, or a key, and where. */
export interface FoundValue {
	readonly value: Json;
	/** Of a key those of the member that it names. */
	readonly steps: readonly string[];
}

/** What a selector names in one call. */
export interface SelectedValues extends ArgumentReading {
	/** Members of lists one by one, maps as they are; nothing that is empty. */
	readonly values: readonly FoundValue[];
	/** The same with lists as they are, those of empty members, too: that nothing is in them does not make them shorter. */
	readonly wholes: readonly FoundValue[];
}

/** `looked` are all paths at which the rule looks, `path` among them. */
export function readArgument(path: ArgumentPath, args: JsonObject, looked: readonly ArgumentPath[]): ArgumentReading {
	// All of the arguments are a map by nature: there is nothing but their absence to doubt.
	if (path.length === 0) {
		const isGiven = Object.keys(args).length > 0;
		return { isGiven, hasGap: !isGiven, hasMap: false, odd: NONE, hasDouble: false, visited: 1 };
	}
	const reader = new ArgumentReader(path, looked);
	reader.descend(args);
	return reader;
}

/** The path of `selector` is not empty; `looked` as above. */
export function readSelected(
	{ path, ofKeys }: Pick<Selector, "path" | "ofKeys">,
	args: JsonObject,
	looked: readonly ArgumentPath[],
): SelectedValues {
	const reader = new ValueReader(path, looked, ofKeys);
	reader.descend(args);
	return reader;
}

const NONE: ReadonlySet<string> = new Set();

class ArgumentReader implements ArgumentReading {
	isGiven = false;
	hasGap = false;
	hasMap = false;
	hasDouble = false;
	visited = 0;
	readonly odd = new Set<string>();
	readonly #path: ArgumentPath;
	readonly #spellings: readonly (string | null)[];
	readonly #looked: readonly ArgumentPath[];
	/** To the value that is read now. */
	protected readonly steps: string[] = [];

	constructor(path: ArgumentPath, looked: readonly ArgumentPath[]) {
		this.#path = path;
		this.#spellings = path.map((step) => (step === ANY_STEP ? null : spellingOfKey(step)));
		this.#looked = looked;
	}

	descend(value: Json): void {
		this.visited += 1;
		const step = this.#path[this.steps.length];
		if (step === undefined) {
			this.take(value);
			return;
		}
		if (isScalar(value)) {
			this.hasGap = true;
			return;
		}
		const members = value as { readonly [key: string]: Json };
		if (step !== ANY_STEP) {
			const has = Object.hasOwn(members, step) && !(Array.isArray(value) && step === "length");
			if (has) this.descendTo(members, step);
			else this.hasGap = true;
			// Also where it is absent: another of several alternatives may be there, and what stands in for this one is not read.
			if (!Array.isArray(value)) this.#findDouble(members, step);
			return;
		}
		const keys = Object.keys(members);
		if (keys.length === 0) this.hasGap = true;
		for (const key of keys) this.descendTo(members, key);
	}

	protected descendTo(members: { readonly [key: string]: Json }, key: string): void {
		this.steps.push(key);
		this.descend(members[key] as Json);
		this.steps.pop();
	}

	#findDouble(members: { readonly [key: string]: Json }, step: string): void {
		const own = this.#spellings[this.steps.length];
		for (const key of Object.keys(members)) {
			if (this.hasDouble) return;
			this.visited += 1;
			if (key === step || spellingOfKey(key) !== own) continue;
			const steps = [...this.steps, key];
			this.hasDouble = !this.#looked.some((path) => covers(path.slice(0, steps.length), steps));
		}
	}

	protected take(value: Json): void {
		this.visited += 1;
		if (value === null || value === "") {
			this.hasGap = true;
		} else if (isScalar(value)) {
			this.isGiven = true;
			if (typeof value !== "string") this.odd.add(scalarText(value));
		} else if (Object.keys(value).length === 0) {
			this.hasGap = true;
		} else if (Array.isArray(value)) {
			for (const item of value as readonly Json[]) this.take(item);
		} else {
			this.isGiven = true;
			this.hasMap = true;
		}
	}
}

class ValueReader extends ArgumentReader implements SelectedValues {
	readonly values: FoundValue[] = [];
	readonly wholes: FoundValue[] = [];
	readonly #length: number;
	readonly #ofKeys: boolean;

	constructor(path: ArgumentPath, looked: readonly ArgumentPath[], ofKeys: boolean) {
		super(path, looked);
		this.#length = path.length;
		this.#ofKeys = ofKeys;
	}

	/** An index is no key: a list is found itself, once, where keys are looked for. */
	protected override descendTo(members: { readonly [key: string]: Json }, key: string): void {
		if (!this.#ofKeys || this.steps.length < this.#length - 1) {
			super.descendTo(members, key);
			return;
		}
		this.visited += 1;
		this.isGiven = true;
		if (Array.isArray(members) && key !== "0") return;
		const found = Array.isArray(members)
			? { value: members as Json, steps: [...this.steps] }
			: { value: key, steps: [...this.steps, key] };
		this.values.push(found);
		this.wholes.push(found);
	}

	protected override take(value: Json): void {
		const steps = [...this.steps];
		this.#flatten(value, steps);
		if (!isEmpty(value)) this.wholes.push({ value, steps });
	}

	#flatten(value: Json, steps: readonly string[]): void {
		if (!Array.isArray(value)) {
			super.take(value);
			if (!isEmpty(value)) this.values.push({ value, steps });
			return;
		}
		this.visited += 1;
		if (value.length === 0) this.hasGap = true;
		for (const [index, item] of value.entries()) this.#flatten(item as Json, [...steps, String(index)]);
	}
}

const isEmpty = (value: Json): boolean =>
	value === null || value === "" || (typeof value === "object" && Object.keys(value).length === 0);
