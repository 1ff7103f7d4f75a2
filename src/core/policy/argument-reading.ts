/**
 * What stands where a rule looks: text that it can read, or a doubt.
 *
 * A rule that permits by exception (`unless`) must not be passed by a call that leaves its argument out, gives it another
 * name, or puts something there that is no text.
 */
import type { Json, JsonObject } from "../base/json.ts";
import { foldText } from "../match/folding.ts";
import { ANY_STEP, type ArgumentPath } from "./argument-path.ts";
import { isScalar, scalarText } from "./argument-vector.ts";

export interface ArgumentReading {
	/** Is anything there that is not empty? */
	readonly isGiven: boolean;
	/** Is a part of it missing: an empty value, an empty list, or a member below `*` that has not got the rest of the path? */
	readonly hasGap: boolean;
	/** Is a map there, where a text or a list of texts is looked for? */
	readonly hasMap: boolean;
	/** Numbers and booleans there, as JSON text. */
	readonly odd: ReadonlySet<string>;
	/** Members beside it, or beside a step on the way to it, whose key is another spelling of its own: `Path` or `paths` beside `path`. A few of them. */
	readonly doubles: readonly (readonly string[])[];
}

export function readArgument(path: ArgumentPath, args: JsonObject): ArgumentReading {
	// All of the arguments are a map by nature: there is nothing but their absence to doubt.
	if (path.length === 0) {
		const isGiven = Object.keys(args).length > 0;
		return { isGiven, hasGap: !isGiven, hasMap: false, odd: NONE, doubles: [] };
	}
	const reader = new ArgumentReader(path);
	reader.descend(args, []);
	return reader;
}

const NONE: ReadonlySet<string> = new Set();

class ArgumentReader implements ArgumentReading {
	isGiven = false;
	hasGap = false;
	hasMap = false;
	readonly odd = new Set<string>();
	readonly doubles: (readonly string[])[] = [];
	readonly #path: ArgumentPath;

	constructor(path: ArgumentPath) {
		this.#path = path;
	}

	descend(value: Json, steps: readonly string[]): void {
		const step = this.#path[steps.length];
		if (step === undefined) {
			this.#take(value);
			return;
		}
		if (isScalar(value)) {
			this.hasGap = true;
			return;
		}
		const members = value as { readonly [key: string]: Json };
		if (step !== ANY_STEP) {
			const has = Object.hasOwn(members, step) && !(Array.isArray(value) && step === "length");
			if (has) this.descend(members[step] as Json, [...steps, step]);
			else this.hasGap = true;
			if (has) this.#findDoubles(members, steps, step);
			return;
		}
		const keys = Object.keys(members);
		if (keys.length === 0) this.hasGap = true;
		for (const key of keys) this.descend(members[key] as Json, [...steps, key]);
	}

	#findDoubles(members: { readonly [key: string]: Json }, steps: readonly string[], step: string): void {
		const own = spelling(step);
		for (const key of Object.keys(members)) {
			if (this.doubles.length === DOUBLES_MAX) return;
			if (key !== step && spelling(key) === own) this.doubles.push([...steps, key]);
		}
	}

	#take(value: Json): void {
		if (value === null || value === "") {
			this.hasGap = true;
		} else if (isScalar(value)) {
			this.isGiven = true;
			if (typeof value !== "string") this.odd.add(scalarText(value));
		} else if (Object.keys(value).length === 0) {
			this.hasGap = true;
		} else if (Array.isArray(value)) {
			for (const item of value as readonly Json[]) this.#take(item);
		} else {
			this.isGiven = true;
			this.hasMap = true;
		}
	}
}

const DOUBLES_MAX = 16;

/** A key without what spellings differ in: case, `_`, `-`, and the plural. */
const spelling = (key: string): string =>
	foldText(key)
		.replace(/[\s_-]/g, "")
		.replace(/s$/, "");
