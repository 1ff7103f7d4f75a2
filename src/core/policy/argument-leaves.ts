/**
 * What patterns see of a call's arguments: one text for each leaf.
 *
 * A leaf is a string as it is, a number, boolean or null as JSON text, a key, a list of scalars joined by one space (so
 * that `["rm", "-rf", "/"]` is seen as the command it is), or a program beside its arguments joined in the same way
 * (argument-vector.ts). The parts of a joined text are leaves as well.
 */
import type { Json, JsonObject } from "../base/json.ts";
import { pointerOf } from "../base/json-pointer.ts";
import { argumentVector, isScalar, scalarText } from "./argument-vector.ts";

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

/** Every leaf, a key before its value, a list before its items, a vector before its map. The decoder has bounded depth and size. */
export function leavesOf(args: JsonObject): readonly Leaf[] {
	const leaves: Leaf[] = [];
	collect(leaves, args, []);
	return leaves;
}

function collect(leaves: Leaf[], value: Json, steps: readonly string[]): void {
	if (isScalar(value)) {
		leaves.push({ text: scalarText(value), steps, isKey: false, parts: null });
		return;
	}
	if (Array.isArray(value)) {
		const items = value as readonly Json[];
		if (items.length > 1 && items.every(isScalar)) {
			const parts = items.map(scalarText);
			leaves.push({ text: parts.join(" "), steps, isKey: false, parts });
		}
		for (let index = 0; index < items.length; index++) collect(leaves, items[index] as Json, [...steps, String(index)]);
		return;
	}
	const members = value as JsonObject;
	const vector = argumentVector(members);
	if (vector !== null) leaves.push({ text: vector.join(" "), steps, isKey: false, parts: vector });
	for (const key of Object.keys(members)) {
		const below = [...steps, key];
		leaves.push({ text: key, steps: below, isKey: true, parts: null });
		collect(leaves, members[key] as Json, below);
	}
}

/** All leaves in one text, separated by newlines: what no part of it matches, no leaf matches. Cheap, without places. */
export function allText(args: JsonObject): string {
	const vector = argumentVector(args);
	let text = vector === null ? "" : `${vector.join(" ")}\n`;
	for (const key of Object.keys(args)) text += `${key}\n${textBelow(args[key] as Json)}\n`;
	return text;
}

function textBelow(value: Json): string {
	if (isScalar(value)) return scalarText(value);
	if (!Array.isArray(value)) return allText(value as JsonObject);
	const items = value as readonly Json[];
	// Joined by spaces the items are searched both one by one and as a list.
	return items.map(textBelow).join(items.every(isScalar) ? " " : "\n");
}
