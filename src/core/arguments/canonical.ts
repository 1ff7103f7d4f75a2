/** An intent's arguments: as they travel, canonical JSON text of an object; as they run, the frozen parse of that text. */
import { isPlainlyCanonical } from "../base/canonical-check.ts";
import { type CanonicalJson, canonicalize, type JsonFault, parseIJson } from "../base/canonical-json.ts";
import type { JsonObject } from "../base/json.ts";
import { hasMoreMembers } from "../base/json-members.ts";
import { type PlainFault, readPlainJson } from "../base/plain-json.ts";
import { err, ok, type Result } from "../base/result.ts";
import { ARGS_DEPTH_MAX, ARGS_LENGTH_MAX, ARGS_MEMBERS_MAX } from "../model/bounds.ts";

const CAPS = { depthMax: ARGS_DEPTH_MAX, lengthMax: ARGS_LENGTH_MAX, membersMax: ARGS_MEMBERS_MAX };

export interface Arguments {
	/** The parse of `text`, frozen to its leaves: what may run. */
	readonly args: JsonObject;
	/** What is judged. */
	readonly text: CanonicalJson;
}

/** Reads the arguments that a caller hands over, whatever they are. Refused: what is not plain JSON, not an object, too long, too deep or of too many members. */
export function readArguments(value: unknown): Result<Arguments, PlainFault> {
	const read = readPlainJson(value, CAPS);
	if (!read.ok) return read;
	const { value: args, text } = read.value;
	if (!isObject(args)) return err({ code: "RECORD_JSON", message: "the arguments are not an object", pointer: "" });
	return ok({ args, text });
}

/** Parses `argsText`. Refused: what is not I-JSON, not an object, too long, too deep or of too many members, or not written canonically. */
export function parseArguments(argsText: string): Result<JsonObject, JsonFault> {
	const isSmall = argsText.length <= ARGS_LENGTH_MAX && !hasMoreMembers(argsText, ARGS_MEMBERS_MAX);
	if (isSmall && isPlainlyCanonical(argsText, ARGS_DEPTH_MAX)) {
		return ok(JSON.parse(argsText) as JsonObject);
	}
	const parsed = parseIJson(argsText, CAPS);
	if (!parsed.ok) return parsed;
	const args = parsed.value;
	if (!isObject(args)) return err({ code: "RECORD_JSON", message: "the arguments are not an object" });
	if (canonicalize(args) !== argsText) {
		return err({ code: "RECORD_JSON", message: "the arguments are not canonical JSON (RFC 8785)" });
	}
	return ok(args);
}

const isObject = (value: unknown): value is JsonObject =>
	typeof value === "object" && value !== null && !Array.isArray(value);
