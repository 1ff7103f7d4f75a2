/**
 * A command that is spread over the members of a map, as many tools take it: `{command: "rm", args: ["-rf", "/"]}`,
 * `{program, flags, target}`; or an action beside what it is about: `{operation: "delete", path: "/"}`.
 */
import type { Json, JsonObject } from "../base/json.ts";

type Scalar = null | boolean | number | string;

export const isScalar = (value: Json): value is Scalar => value === null || typeof value !== "object";

export const scalarText = (value: Scalar): string => (typeof value === "string" ? value : JSON.stringify(value));

/** Keys of what is run, in the order in which one is looked for. */
const PROGRAM_KEYS: readonly string[] = [
	"command",
	"cmd",
	"program",
	"executable",
	"binary",
	"operation",
	"action",
	"verb",
];

/** Keys of what it is given, in the order in which a command line has them. */
const REST_KEYS: readonly string[] = [
	"subcommand",
	"flags",
	"flag",
	"options",
	"opts",
	"args",
	"argv",
	"arguments",
	"params",
	"parameters",
	"operands",
	"service",
	"unit",
	"target",
	"targets",
	"path",
	"paths",
];

const PROGRAMS: ReadonlySet<string> = new Set(PROGRAM_KEYS);

/** The program and its arguments in the order of a command line; null where the map holds no such thing. `keys` are its own. */
export function argumentVector(members: JsonObject, keys: readonly string[]): readonly string[] | null {
	if (keys.length < 2 || !hasProgram(keys)) return null;
	for (const key of PROGRAM_KEYS) {
		if (!Object.hasOwn(members, key)) continue;
		const program = wordsOf(members[key] as Json);
		if (program === null) continue;
		const rest = restOf(members);
		return rest.length === 0 ? null : [...program, ...rest];
	}
	return null;
}

/** In the order of `REST_KEYS`. Most maps with a program hold nothing of the kind beside it. */
function restOf(members: JsonObject): readonly string[] {
	const rest: string[] = [];
	for (const key of REST_KEYS) {
		const words = Object.hasOwn(members, key) ? wordsOf(members[key] as Json) : null;
		if (words !== null) for (const word of words) rest.push(word);
	}
	return rest;
}

function hasProgram(keys: readonly string[]): boolean {
	for (const key of keys) if (PROGRAMS.has(key)) return true;
	return false;
}

/** A scalar or a list of scalars; nothing else is a part of a command line. */
function wordsOf(value: Json): readonly string[] | null {
	if (value === null || typeof value === "boolean") return null;
	if (isScalar(value)) return [scalarText(value)];
	if (!Array.isArray(value)) return null;
	const items = value as readonly Json[];
	return items.length > 0 && items.every(isScalar) ? items.map(scalarText) : null;
}
