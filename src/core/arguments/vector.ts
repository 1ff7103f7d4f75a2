/**
 * A command that is spread over the members of a map, as many tools take it: `{command: "rm", args: ["-rf", "/"]}`,
 * `{program, flags, target}`; or an action beside what it is about: `{operation: "delete", path: "/"}`.
 */
import type { Json, JsonObject } from "../base/json.ts";
import { lettersOfKey } from "./key-spelling.ts";

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
export const REST_KEYS: readonly string[] = [
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
 * and with the arguments of each key alone, for a tool passes over members that it does not know. `keys` are those of the map, in
 * any case: `Command` beside `ARGS` says the same.
 */
export function argumentVectors(members: JsonObject, keys: readonly string[]): readonly (readonly string[])[] {
	if (keys.length < 2 || !keys.some(isProgram)) return NONE;
	const keysOf = Map.groupBy(keys, lettersOfKey);
	const said = (names: readonly string[]): readonly (readonly string[])[] =>
		names
			.flatMap((name): readonly string[] => keysOf.get(name) ?? NONE)
			.map((key) => wordsOf(members[key] as Json))
			.filter((words) => words.length > 0);
	const rests = said(REST_KEYS);
	const lines = rests.length < 2 ? rests : [rests.flat(), ...rests];
	return said(PROGRAM_KEYS).flatMap((program) => lines.map((rest) => [...program, ...rest]));
}

const NONE: readonly never[] = [];

const isProgram = (key: string): boolean => PROGRAMS.has(key) || PROGRAMS.has(lettersOfKey(key));

/** Words of a command line: a text or number, or those of a list and of the lists in it. What else is there is no word, and hides none. */
const wordsOf = (value: Json): readonly string[] =>
	collectWords([], value, (item) => typeof item === "number" || (typeof item === "string" && item !== ""));

/**
 * What a list may say as one command, each of two words or more: its scalars as they are; and its words with those of the lists in
 * it, without what is null or empty, for some tools flatten what they are given. A list that is all of another says what that says.
 */
export function joinedWords(items: readonly Json[]): readonly (readonly string[])[] {
	const scalars = items.filter(isScalar).map(scalarText);
	const own = scalars.length < 2 ? NONE : [scalars];
	if (items.length < 2 || items.every(isWord)) return own;
	const words = collectWords([], items, isWord);
	const isSame = words.length === scalars.length && words.every((word, index) => word === scalars[index]);
	return words.length < 2 || isSame ? own : [...own, words];
}

const isWord = (item: Json): boolean => item !== "" && item !== null && typeof item !== "object";

/** Into one list: arguments may be as large as a record. */
function collectWords(found: string[], value: Json | readonly Json[], wanted: (item: Json) => boolean): string[] {
	if (Array.isArray(value)) for (const item of value as readonly Json[]) collectWords(found, item, wanted);
	else if (wanted(value as Json)) found.push(scalarText(value as Scalar));
	return found;
}
