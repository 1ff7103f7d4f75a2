/** Command lines that stand in several members or items: `{program: "rm", args: ["-rf", "/"]}`, `["bash", "-c", "…"]`. */
import { REST_KEYS } from "../arguments/vector.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { type ArgumentRole, argumentName } from "./argument-names.ts";
import { looksLikeShell } from "./detectors.ts";
import type { Programs } from "./programs.ts";
import type { ToolHint } from "./tool-hint.ts";

export interface CommandLines {
	readonly lines: readonly string[];
	/** Keys of the map whose values are in the lines. */
	readonly used: ReadonlySet<string>;
}

const PROGRAM_KEYS = ["command", "cmd", "program", "executable", "binary", "exe", "bin"];
/** Of a tool that runs something. */
const RUNNER_KEYS = [...PROGRAM_KEYS, "file", "path", "name"];

const NO_KEYS: ReadonlySet<string> = new Set();
const NONE: CommandLines = { lines: [], used: NO_KEYS };

/**
 * Of a map, by those of its keys that are looked at together. Lines are in the shell's own writing: words that it would change are
 * in quotes, as whoever runs a vector has no shell.
 */
export function mapLines(
	members: JsonObject,
	keys: readonly string[],
	{ takesWords, isRunner }: ToolHint,
): CommandLines {
	if (takesWords || keys.length < 2) return NONE;
	const byLetters = new Map(keys.map((key) => [argumentName(key).letters, key]));
	const names = isRunner ? RUNNER_KEYS : PROGRAM_KEYS;
	const programKey = names.map((name) => byLetters.get(name)).find((key) => key !== undefined);
	if (programKey === undefined) return NONE;
	const program = members[programKey];
	const rest = REST_KEYS.flatMap((name) => byLetters.get(name) ?? []).filter((key) => key !== programKey);
	const words = rest.flatMap((key) => wordsOf(members[key] as Json));
	if (words.length === 0) return NONE;
	// A whole command line under `command` keeps its own quoting.
	const first =
		typeof program === "string" ? [program] : Array.isArray(program) ? wordsOf(program as Json).map(quoted) : [];
	if (first.length === 0) return NONE;
	return {
		lines: [[...first, ...words.map(quoted)].join(" ")],
		used: new Set([programKey, ...rest.filter((key) => typeof members[key] !== "string")]),
	};
}

const SEVERAL = /^(?:commands|cmds|scripts|steps|statements|queries|lines)$/;
const VECTOR = /^(?:argv|args|command|cmd|arguments|commandline|exec|entrypoint)$/;

/** Of a list that stands under a name. */
export function listLines(
	items: readonly Json[],
	hint: ToolHint,
	{ role, name, programs }: { readonly role: ArgumentRole; readonly name: string; readonly programs: Programs },
): CommandLines {
	if (
		hint.takesWords ||
		items.length < 2 ||
		!items.every((item) => typeof item === "string" || typeof item === "number")
	)
		return NONE;
	const letters = argumentName(name).letters;
	if (SEVERAL.test(letters)) return NONE;
	const isShell =
		hint.languages.length === 0 || hint.languages.some((language) => language !== "sql" && language !== "python");
	const isVector = VECTOR.test(letters) || role === "command" || (hint.isRunner && role === "unknown");
	if (!isShell) return NONE;
	const [program = "", ...rest] = items.map(String);
	// Under a name that says nothing: a shell with a script, or a program with options.
	if (!isVector && (role !== "unknown" || !looksLikeShell(`${program} ${rest.map(quoted).join(" ")}`, programs)))
		return NONE;
	if (letters === "args" && !hint.isRunner && hint.languages.length === 0 && /^-|\s/.test(program)) return NONE;
	return { lines: [[program.includes(" ") ? quoted(program) : program, ...rest.map(quoted)].join(" ")], used: NO_KEYS };
}

/** Text words and numbers of a value and of lists in it. */
export function wordsOf(value: Json): readonly string[] {
	if (typeof value === "string") return value === "" ? [] : [value];
	if (typeof value === "number") return [String(value)];
	return Array.isArray(value) ? (value as readonly Json[]).flatMap(wordsOf) : [];
}

export const quoted = (word: string): string =>
	/^[\w@%+=:,./~^-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
