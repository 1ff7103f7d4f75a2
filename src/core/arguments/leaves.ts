/**
 * What patterns see of a call's arguments: one text for each leaf.
 *
 * A leaf is a string as it is, a number, boolean or null as JSON text, a key, a list of scalars joined by one space (so
 * that `["rm", "-rf", "/"]` is seen as the command it is), or a program beside its arguments joined in the same way
 * (argument-vector.ts). The parts of a joined text are leaves as well.
 */
import type { Json, JsonObject } from "../base/json.ts";
import { pointerOf } from "../base/json-pointer.ts";
import { argumentVector, isScalar, scalarText } from "./vector.ts";

export interface Leaf {
	readonly text: string;
	/** The place of the value, the list, the map that holds the vector, or the member whose key it is. The walk's own: it holds until the next leaf. */
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

/** Sees leaves one by one, so that no more is in memory than one of them; false ends the walk. */
export type LeafVisitor = (leaf: Leaf) => boolean;

/**
 * Every leaf, a key before its value, a list before its items, a vector before its map. `visitorOf` tells who sees what stands
 * in a member of the arguments, its key included, or what joins several (null); nobody: it is passed over. The decoder has
 * bounded depth and size.
 */
export function visitLeaves(args: JsonObject, visitorOf: (member: string | null) => LeafVisitor | null): void {
	const joined = visitorOf(null);
	if (joined !== null && !visitVector(args, [], joined)) return;
	for (const key of Object.keys(args)) {
		const visit = visitorOf(key);
		if (visit !== null && !visitMember(key, args[key] as Json, [], visit)) return;
	}
}

/** `steps` lead to the value; they are lengthened on the way down and shortened on the way up. */
function visitBelow(value: Json, steps: string[], visit: LeafVisitor): boolean {
	if (isScalar(value)) return visit({ text: scalarText(value), steps, isKey: false, parts: null });
	if (!Array.isArray(value)) return visitMap(value as JsonObject, steps, visit);
	const items = value as readonly Json[];
	if (items.length > 1 && items.every(isScalar)) {
		const parts = items.map(scalarText);
		if (!visit({ text: parts.join(" "), steps, isKey: false, parts })) return false;
	}
	for (let index = 0; index < items.length; index++) {
		steps.push(String(index));
		if (!visitBelow(items[index] as Json, steps, visit)) return false;
		steps.pop();
	}
	return true;
}

function visitMap(members: JsonObject, steps: string[], visit: LeafVisitor): boolean {
	if (!visitVector(members, steps, visit)) return false;
	return Object.keys(members).every((key) => visitMember(key, members[key] as Json, steps, visit));
}

function visitVector(members: JsonObject, steps: readonly string[], visit: LeafVisitor): boolean {
	const parts = argumentVector(members);
	return parts === null || visit({ text: parts.join(" "), steps, isKey: false, parts });
}

function visitMember(key: string, value: Json, steps: string[], visit: LeafVisitor): boolean {
	steps.push(key);
	if (!visit({ text: key, steps, isKey: true, parts: null }) || !visitBelow(value, steps, visit)) return false;
	steps.pop();
	return true;
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
