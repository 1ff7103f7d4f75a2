/** Tools that are named after the program which they run: `kubectl {args: "get pods"}`, `aws {service: "s3", operation: "ls"}`. */
import { REST_KEYS } from "../arguments/vector.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { argumentName, memberKeys } from "./argument-names.ts";
import type { Programs } from "./programs.ts";
import type { ToolHint } from "./tool-hint.ts";
import { type CommandLines, quoted, wordsOf } from "./vectors.ts";

/** What may stand before the program in the name of such a tool, and behind it: `docker_run` is a command of its own. */
const BEFORE = new Set("run exec execute call use invoke mcp".split(" "));
const BEHIND = new Set("cli command cmd tool mcp".split(" "));
const HEADS = ["service", "command", "operation", "action", "verb", "op"];

/** The whole command line; null where the call is no such one. */
export function programLine(
	args: JsonObject,
	{ words, languages, isRunner }: ToolHint,
	programs: Programs,
): CommandLines | null {
	const at = words.findIndex((word) => !BEFORE.has(word));
	const program = words[at];
	if (program === undefined || BEHIND.has(program) || isRunner || languages.length > 0 || !programs.isProgram(program))
		return null;
	if (words.slice(at + 1).some((word) => !BEHIND.has(word))) return null;
	const byLetters = new Map(memberKeys(args).map((key) => [argumentName(key).letters, key]));
	// What its own argument is called is a thing: `call_service {domain, service}`.
	if (at > 0 && byLetters.has(program)) return null;
	const rest = REST_KEYS.flatMap((name) => byLetters.get(name) ?? []);
	const heads = HEADS.flatMap((name) => byLetters.get(name) ?? []);
	const used = [...new Set([...heads, ...rest])].filter((key) => isWords(args[key] as Json));
	if (used.length === 0) return null;
	// A command line keeps its own quoting; a list of words has none.
	const line = used.flatMap((key) => {
		const value = args[key] as Json;
		return typeof value === "string" ? [value] : wordsOf(value).map(quoted);
	});
	const isWhole = line[0]?.split(" ")[0] === program;
	return { lines: [(isWhole ? line : [program, ...line]).join(" ")], used: new Set(used) };
}

const isWords = (value: Json): boolean =>
	(typeof value === "string" && value !== "") ||
	(Array.isArray(value) && value.every((item) => typeof item === "string" || typeof item === "number"));
