/** The languages in which one text of the arguments is read: by the tool, by the argument's name, by its looks. */
import type { ArgumentRole } from "./argument-names.ts";
import {
	looksLikeCmd,
	looksLikeJavaScript,
	looksLikeOtherCode,
	looksLikePath,
	looksLikePowerShell,
	looksLikePython,
	looksLikeShell,
	looksLikeSql,
	looksLikeUrl,
} from "./detectors.ts";
import type { Language } from "./fact.ts";
import type { Programs } from "./programs.ts";
import type { ToolHint } from "./tool-hint.ts";

const NONE: readonly Language[] = [];
const URL: readonly Language[] = ["url"];
const PATH: readonly Language[] = ["path"];
const SQL: readonly Language[] = ["sql"];
const PROSE: readonly Language[] = NONE;

/** Those that are likely, each once. Words that only speak of commands are in none. */
export function languagesOf(text: string, role: ArgumentRole, hint: ToolHint, programs: Programs): readonly Language[] {
	if (hint.examines && role !== "url" && role !== "path") return PROSE;
	switch (role) {
		case "command":
			return commandLanguages(text, hint);
		case "code":
			return codeLanguages(text, hint);
		case "sql":
			return SQL;
		case "query":
			return queryLanguages(text, hint);
		case "url":
			return URL;
		case "path":
			if (looksLikeUrl(text)) return URL;
			return hint.languages.length > 0 && /[\s(]/.test(text) && !looksLikePath(text) ? hint.languages : PATH;
		case "action":
			return NONE;
		// Said beside what is done, to whoever reads it.
		case "told":
			return PROSE;
		case "words":
			return hint.languages.length > 0 || hint.isRunner ? toolLanguages(text, hint, programs) : PROSE;
		case "unknown":
			return toolLanguages(text, hint, programs);
	}
}

/** A command for a tool that runs commands of one kind, or of any. */
function commandLanguages(text: string, hint: ToolHint): readonly Language[] {
	const [own] = hint.languages;
	if (hint.languages.includes("shell")) return hint.languages;
	// The name of an operation is no statement: `{command: "delete_collection"}`.
	if (own === "sql" && /^\w+$/.test(text)) return NONE;
	// A command for an interpreter may be a line of it, or one for a shell that starts it.
	if (own === "code") return [...anyShell(text), "code"];
	if (own !== undefined) return hint.languages;
	return anyShell(text);
}

/** Which shell runs it is not said: what looks like another than POSIX is read as that, too. */
function anyShell(text: string): readonly Language[] {
	if (looksLikePowerShell(text)) return ["powershell", "shell"];
	if (looksLikeCmd(text)) return ["cmd", "shell"];
	return looksLikeOtherCode(text) ? ["code", "shell"] : ["shell"];
}

function codeLanguages(text: string, hint: ToolHint): readonly Language[] {
	if (hint.languages.length > 0) return hint.languages;
	if (looksLikeOtherCode(text)) return ["code"];
	if (hint.isRunner && !looksLikePython(text)) return looksLikeJavaScript(text) ? ["javascript"] : ["python", "shell"];
	if (looksLikeSql(text)) return SQL;
	return looksLikeJavaScript(text) ? ["javascript"] : ["python"];
}

function queryLanguages(text: string, hint: ToolHint): readonly Language[] {
	if (hint.languages.includes("sql")) return SQL;
	if (hint.languages.length > 0) return hint.languages;
	return !hint.takesWords && !hint.isSending && looksLikeSql(text) ? SQL : PROSE;
}

/** An argument whose name says nothing, of a tool that runs something, or of any tool. */
function toolLanguages(text: string, hint: ToolHint, programs: Programs): readonly Language[] {
	if (looksLikeUrl(text)) return URL;
	if (hint.languages.length > 0) return hint.languages.includes("sql") && !looksLikeSql(text) ? NONE : hint.languages;
	if (hint.isRunner) return anyShell(text);
	if (looksLikePath(text)) return PATH;
	if (hint.takesWords) return PROSE;
	if (looksLikeSql(text)) return SQL;
	if (looksLikeShell(text, programs)) return anyShell(text);
	return NONE;
}
