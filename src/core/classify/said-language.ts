/** The language that a call itself names beside its code: `{language: "javascript", code: "…"}`. */

import type { JsonObject } from "../base/json.ts";
import { argumentName, memberKeys } from "./argument-names.ts";
import type { Language } from "./fact.ts";
import { table } from "./table.ts";
import { LANGUAGE_WORDS, type ToolHint } from "./tool-hint.ts";

const KEYS = new Set("language lang interpreter runtime kernel kernelname engine shell dialect languageid".split(" "));
const OTHER_NAMES = table<Language>({
	typescript: "javascript",
	ts: "javascript",
	ecmascript: "javascript",
	bun: "javascript",
	ps: "powershell",
	bat: "cmd",
	dos: "cmd",
	tsql: "sql",
	plpgsql: "sql",
	plsql: "sql",
});

/** What the call says counts more than what its tool's name does; nothing changes for tools that take words. */
export function spokenHint(hint: ToolHint, args: JsonObject): ToolHint {
	if (hint.takesWords) return hint;
	for (const key of memberKeys(args)) {
		const value = args[key];
		if (typeof value !== "string" || value.length > LENGTH_MAX || !KEYS.has(argumentName(key).letters)) continue;
		const name = value
			.toLowerCase()
			.replace(/^.*\//, "")
			.replace(/\.exe$|[\d. ]+$/g, "");
		const language = LANGUAGE_WORDS[name] ?? OTHER_NAMES[name];
		if (language !== undefined) return { ...hint, languages: [language], isRunner: false };
	}
	return hint;
}

const LENGTH_MAX = 40;
