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

/**
 * The command lines that a map may hold, each as its words: every program with all of its arguments in the order of a command line,
 * and with the arguments of each key alone, for a tool passes over members that it does not know. `keys` are those of the map.
 */
export function argumentVectors(members: JsonObject, keys: readonly string[]): readonly (readonly string[])[] {
	if (keys.length < 2 || !hasProgram(keys)) return NONE;
	const said = (names: readonly string[]): readonly (readonly string[])[] =>
		names
			.filter((name) => Object.hasOwn(members, name))
			.map((name) => wordsOf(members[name] as Json))
			.filter((words) => words.length > 0);
	const rests = said(REST_KEYS);
	const lines = rests.length < 2 ? rests : [rests.flat(), ...rests];
	return said(PROGRAM_KEYS).flatMap((program) => lines.map((rest) => [...program, ...rest]));
}

const NONE: readonly never[] = [];

function hasProgram(keys: readonly string[]): boolean {
	for (const key of keys) if (PROGRAMS.has(key)) return true;
	return false;
}

/** Words of a command line: a text or number, or those of a list. What else is in the list is no word, and hides none. */
function wordsOf(value: Json): readonly string[] {
	const items = Array.isArray(value) ? (value as readonly Json[]) : [value];
	return items.filter((item) => typeof item === "number" || (typeof item === "string" && item !== "")).map(String);
}

/** What a list says as one command; null for a list of fewer than two scalars. */
export function joinedWords(items: readonly Json[]): readonly string[] | null {
	const words = items.filter(isScalar).map(scalarText);
	return words.length < 2 ? null : words;
}
