/** The arguments as a decision lets them run: the values that the policy redacts are replaced. */
import type { Json, JsonObject } from "../base/json.ts";
import { stepsOf } from "../base/json-pointer.ts";

/** The arguments with the values at these JSON pointers replaced; pointers to nothing are passed over. */
export function redacted(args: JsonObject, pointers: readonly string[]): JsonObject {
	return pointers.reduce<Json>((value, pointer) => {
		const path = stepsOf(pointer);
		return path.length === 0 ? value : replaceAt(value, path);
	}, args) as JsonObject;
}

function replaceAt(value: Json, path: readonly string[]): Json {
	const [head, ...rest] = path;
	if (head === undefined) return REDACTED;
	if (value === null || typeof value !== "object") return value;
	if (Array.isArray(value)) {
		const index = Number(head);
		return index in value ? value.with(index, replaceAt(value[index] as Json, rest)) : value;
	}
	const members = value as JsonObject;
	return Object.hasOwn(members, head) ? { ...members, [head]: replaceAt(members[head] as Json, rest) } : value;
}

const REDACTED = "[redacted]";
