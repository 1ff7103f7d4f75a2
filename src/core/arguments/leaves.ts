/**
 * What patterns see of a call's arguments: one text for each leaf.
 *
 * A leaf is a string as it is, a number, boolean or null as JSON text, a key, a list joined by one space (so
 * that `["rm", "-rf", "/"]` and `["rm", ["-rf", "/"]]` are seen as the command they are), or a program beside its arguments joined in the same way
 * (vector.ts). The parts of a joined text are leaves as well.
 */
import type { Json, JsonObject } from "../base/json.ts";
import { pointerOf } from "../base/json-pointer.ts";
import { argumentVectors, isScalar, joinedWords, scalarText } from "./vector.ts";

export interface Leaf {
	readonly text: string;
	/** The place of the value, the list, the map that holds the vector, or the member whose key it is. */
	readonly steps: readonly string[];
	readonly isKey: boolean;
	/** What the text is joined from; null for a text of its own. */
	readonly parts: readonly string[] | null;
}

/** The span pointer of a match in the tool's name. */
export const TOOL_POINTER = "#tool";

/**
 * How spans name a leaf: the JSON pointer of a value or list; `#key` and the member's pointer for a key. A JSON pointer is
 * empty or begins with `/`, so the two cannot be confused.
 */
export const leafPointer = (leaf: Leaf): string => `${leaf.isKey ? "#key" : ""}${pointerOf(leaf.steps)}`;

/** Reads leaves one by one, so that no more is in memory than one of them. */
export interface LeafReader {
	/** Does it read what is in this member of the arguments, its key included; or what joins several (null)? */
	wants(member: string | null): boolean;
	/** The leaf is the walk's own: it holds until the next one. False ends the walk. */
	read(leaf: Leaf): boolean;
}

/**
 * Reads every leaf of one call after the other, a key before its value, a list before its items, a vector before its map. The
 * decoder has bounded depth and size.
 */
export class LeafWalk implements Leaf {
	text = "";
	isKey = false;
	parts: readonly string[] | null = null;
	/** They lead to the value that is read; lengthened on the way down and shortened on the way up. */
	readonly steps: string[] = [];
	readonly #reader: LeafReader;

	constructor(reader: LeafReader) {
		this.#reader = reader;
	}

	walk(args: JsonObject): void {
		// A walk that came to its end has left none; an array that is cut to nothing loses its room.
		if (this.steps.length > 0) this.steps.length = 0;
		const keys = Object.keys(args);
		if (this.#reader.wants(null) && !this.#readVector(args, keys)) return;
		for (const key of keys) {
			if (this.#reader.wants(key) && !this.#readMember(key, args[key] as Json)) return;
		}
	}

	#read(text: string, isKey: boolean, parts: readonly string[] | null): boolean {
		this.text = text;
		this.isKey = isKey;
		this.parts = parts;
		return this.#reader.read(this);
	}

	#readValue(value: Json): boolean {
		if (isScalar(value)) return this.#read(scalarText(value), false, null);
		if (Array.isArray(value)) return this.#readList(value as readonly Json[]);
		const keys = Object.keys(value);
		if (!this.#readVector(value as JsonObject, keys)) return false;
		for (const key of keys) if (!this.#readMember(key, (value as JsonObject)[key] as Json)) return false;
		return true;
	}

	#readList(items: readonly Json[]): boolean {
		for (const parts of joinedWords(items)) if (!this.#read(parts.join(" "), false, parts)) return false;
		for (let index = 0; index < items.length; index++) {
			this.steps.push(String(index));
			if (!this.#readValue(items[index] as Json)) return false;
			this.steps.pop();
		}
		return true;
	}

	#readVector(members: JsonObject, keys: readonly string[]): boolean {
		return argumentVectors(members, keys).every((parts) => this.#read(parts.join(" "), false, parts));
	}

	#readMember(key: string, value: Json): boolean {
		this.steps.push(key);
		if (!this.#read(key, true, null) || !this.#readValue(value)) return false;
		this.steps.pop();
		return true;
	}
}
