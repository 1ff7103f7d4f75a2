/** The language that a call itself names beside its code: `{language: "javascript", code: "…"}`. */

import type { Json, JsonObject } from "../base/json.ts";
import { argumentName } from "./argument-names.ts";
import type { Language } from "./fact.ts";
import { table } from "./table.ts";
import { LANGUAGE_WORDS, type ToolHint } from "./tool-hint.ts";

const KEYS = new Set("language lang interpreter runtime kernel kernelname engine shell dialect languageid".split(" "));
const OTHER_NAMES = table<Language>({
	typescript: "javascript",
	ts: "javascript",
	ecmascript: "javascript",
	bun: "javascript",
	rb: "code",
	go: "code",
	r: "code",
	rust: "code",
	c: "code",
	cpp: "code",
	"c++": "code",
	csharp: "code",
	"c#": "code",
	swift: "code",
	dart: "code",
	cs: "code",
	elixir: "code",
	ps: "powershell",
	bat: "cmd",
	dos: "cmd",
	tsql: "sql",
	plpgsql: "sql",
	plsql: "sql",
});

/** What the call says counts more than what its tool's name does; nothing changes for tools that take words. */
export function spokenHint(hint: ToolHint, args: JsonObject, keys: readonly string[]): ToolHint {
	if (hint.takesWords) return hint;
	for (const key of keys) {
		const language = saidLanguage(key, args[key]);
		if (language !== null) return { ...hint, languages: [language], isRunner: false };
	}
	return hint;
}

/** The language that a member says the others are in; null: it says none. */
export function saidLanguage(key: string, value: Json | undefined): Language | null {
	if (typeof value !== "string" || value.length > LENGTH_MAX || !KEYS.has(argumentName(key).letters)) return null;
	const name = value
		.toLowerCase()
		.replace(/^.*\//, "")
		.replace(/\.exe$|[\d. ]+$/g, "");
	return LANGUAGE_WORDS[name] ?? OTHER_NAMES[name] ?? null;
}

const LENGTH_MAX = 40;
