/** What programs of Windows run that their arguments name: `cmd /c`, `powershell -enc`, `wmic process call create`, … */

import type { Findings, Language, Place } from "../fact.ts";
import { parameterOf } from "../powershell/cmdlets.ts";
import { utf16 } from "../powershell/text-methods.ts";
import { traitsOf } from "../shell/traits.ts";
import { table } from "../table.ts";

/** One program with its words, quotes taken off. `tail` is the text behind the program's name as written, if there is one. */
export interface Invocation {
	readonly program: string;
	readonly words: readonly string[];
	readonly tail?: string;
}

/** Parameters of powershell.exe that take no value. */
const SWITCHES = new Set(["noprofile", "noninteractive", "nologo", "noexit", "sta", "mta", "login", "interactive"]);

/** `-name`, `/name:value`. */
const PARAMETER = /^[-/\u2013\u2014\u2015]([A-Za-z]+)(?::(.*))?$/;

/** Parameters of powershell.exe that say what it runs. */
const OWN_TEXT = new Set(["command", "commandwithargs", "encodedcommand", "file"]);

/** Programs that run the rest of their line, with the count of own words before it. */
const RUNNERS = table<Language>({
	conhost: "cmd",
	pcalua: "cmd",
	forfiles: "cmd",
	psexec: "cmd",
	psexec64: "cmd",
	paexec: "cmd",
	runas: "cmd",
	gsudo: "cmd",
	sudo: "cmd",
	wt: "cmd",
	scriptrunner: "cmd",
	bash: "shell",
	wsl: "shell",
	busybox: "shell",
});

/** Reads what the invocation runs, where that can be seen. */
export function readWithin(of: Invocation, at: Place, to: Findings): void {
	const { program, words } = of;
	switch (program) {
		case "powershell":
		case "pwsh":
		case "powershell_ise":
			readPowerShellArguments(program === "pwsh" ? "pwsh" : "powershell", of, at, to);
			return;
		case "cmd":
			readCmdArguments(of, at, to);
			return;
		case "wmic":
			readAfter(words, /^create$/i, "cmd", at, "wmic", to);
			return;
		case "schtasks":
			readOption(words, /^\/tr$/i, at, "schtasks", to);
			return;
		case "sc":
			readOption(words, /^binpath=$/i, at, "sc", to);
			return;
		case "at":
			if (words.length > 1) within("cmd", words.slice(1).join(" "), at, "at", to);
			return;
		case "start-process":
		case "invoke-item":
			if (words.length > 0) within("cmd", words.join(" "), at, program, to);
			return;
		case "winrs":
			readAfter(words, /^[/-]r(?:emote)?:/i, "cmd", at, "winrs", to);
			return;
		case "sqlcmd":
		case "osql":
			readStatement(words, at, program, to);
			return;
		case "mshta":
			readScriptUrl(words, at, to);
			return;
		default:
			readRunner(program, words, at, to);
	}
}

function readRunner(program: string, words: readonly string[], at: Place, to: Findings): void {
	if (!Object.hasOwn(RUNNERS, program)) {
		const name = program === "py" ? "python3" : program;
		if (isOfAnySystem(name)) to.within("shell", [name, ...unquoted(words)].map(inQuotes).join(" "), at);
		return;
	}
	const language = RUNNERS[program] ?? "cmd";
	if (program === "forfiles" || program === "pcalua") {
		readOption(words, program === "pcalua" ? /^-a$/i : /^[/-]c$/i, at, program, to);
		return;
	}
	if (language === "shell") {
		const start = program === "bash" ? 0 : firstOperand(words, program);
		const isOwn = program === "bash" || /^(?:-|(?:.*\/)?(?:ba|da|z|k)?sh$|busybox$)/.test(words[start] ?? "");
		const code = isOwn ? words.findIndex((word) => /^-\w*c$/.test(word)) : -1;
		const line = words.slice(firstOperand(words, program));
		const rest = code >= 0 ? words[code + 1] : (line.length > 1 ? line.map(inQuotes) : line).join(" ");
		if (rest !== undefined && rest !== "" && (code >= 0 || program !== "bash")) within("shell", rest, at, program, to);
		return;
	}
	const rest = words.slice(firstOperand(words, program)).join(" ");
	if (rest !== "") within(language, rest, at, program, to);
}

/** Names that stand for something else on Windows than elsewhere, or are read above. */
const OF_WINDOWS = new Set(
	"at bash busybox cmd command convert env eval exec find ftp more powershell print pwsh set sort source start telnet time timeout type where wsl".split(
		" ",
	),
);

/** Copy files to other hosts. */
const COPIERS = new Set(["scp", "pscp", "rsync", "rclone"]);

/** Programs that are the same everywhere, and run, evaluate or send what they are given: `python -c`, `ssh host …`, `psql -c`. */
function isOfAnySystem(program: string): boolean {
	if (OF_WINDOWS.has(program) || !/^[a-z][\w.-]*$/.test(program)) return false;
	if (COPIERS.has(program)) return true;
	const { takesTexts, runsOthers, namesDeeds } = traitsOf(program);
	return takesTexts || runsOthers || namesDeeds;
}

/** Single quotes mean nothing to cmd.exe, but who writes them there means a text. */
function unquoted(words: readonly string[]): readonly string[] {
	const made: string[] = [];
	let mayClose = true;
	for (let at = 0; at < words.length; at++) {
		const word = words[at] ?? "";
		let end = at;
		if (mayClose && word.startsWith("'")) {
			while (end < words.length && !(words[end] ?? "").slice(end === at ? 1 : 0).endsWith("'")) end += 1;
			mayClose = end < words.length;
		}
		const isText = word.startsWith("'") && mayClose;
		made.push(
			isText
				? words
						.slice(at, end + 1)
						.join(" ")
						.slice(1, -1)
				: word,
		);
		if (isText) at = end;
	}
	return made;
}

const inQuotes = (word: string): string => (/^[\w./:=@,+-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`);

/** Options of these that take the next word as their value. */
const TAKES_VALUE = /^[-/](?:u|p|user|password|d|distribution|w|r|n|c|cd)$/i;

function firstOperand(words: readonly string[], program: string): number {
	let at = 0;
	while (at < words.length) {
		const word = words[at] ?? "";
		if (word === "--") return at + 1;
		if (/^\\\\/.test(word)) at += 1;
		else if ((RUNNERS[program] === "shell" ? /^-/ : /^[-/]/).test(word))
			at += TAKES_VALUE.test(word) && program !== "runas" ? 2 : 1;
		else return at;
	}
	return at;
}

/** The parameter that powershell.exe's first word which is no parameter is meant for; null when there is no such word. */
export function impliedParameter(program: string, words: readonly string[]): "command" | "file" | null {
	if (program !== "powershell" && program !== "pwsh") return null;
	for (let index = 0; index < words.length; index++) {
		const written = PARAMETER.exec(words[index] ?? "");
		if (written === null) return program === "pwsh" ? "file" : "command";
		const name = parameterOf(program, written[1] ?? "");
		if (OWN_TEXT.has(name)) return null;
		if (written[2] === undefined && !SWITCHES.has(name)) index += 1;
	}
	return null;
}

function readPowerShellArguments(program: string, { words }: Invocation, at: Place, to: Findings): void {
	for (let index = 0; index < words.length; index++) {
		const word = words[index] ?? "";
		const written = PARAMETER.exec(word);
		if (written === null) {
			if (program === "powershell") within("powershell", rest(words, index), at, program, to);
			return;
		}
		const name = parameterOf(program, written[1] ?? "");
		if (name === "command" || name === "commandwithargs") {
			const text = written[2] ?? rest(words, index + 1);
			if (text !== "" && text !== "-") within("powershell", text, at, `${program} -command`, to);
			return;
		}
		if (name === "encodedcommand") {
			readEncoded(written[2] ?? words[index + 1] ?? "", at, `${program} -encodedcommand`, to);
			index += 1;
		} else if (name === "file") return;
		else if (!SWITCHES.has(name)) index += 1;
	}
}

/** Whether what `-EncodedCommand` is given can be seen. */
export function isEncodedKnown(program: string, words: readonly string[]): boolean {
	if (program !== "powershell" && program !== "pwsh") return false;
	const at = words.findIndex((word) => parameterOf(program, PARAMETER.exec(word)?.[1] ?? "") === "encodedcommand");
	const text = PARAMETER.exec(words[at] ?? "")?.[2] ?? words[at + 1] ?? "";
	return at >= 0 && text.length > 3 && /^[A-Za-z\d+/]+={0,2}$/.test(text);
}

const rest = (words: readonly string[], from: number): string => words.slice(from).join(" ");

/** Base64 of UTF-16. */
function readEncoded(base64: string, at: Place, via: string, to: Findings): void {
	const { pointer, span } = at;
	try {
		const text = utf16(atob(base64));
		const place = { pointer, span, via: [...at.via, via] };
		to.add({ kind: "encoding", ...place, has: { layer: ["base64"] }, decoded: text.slice(0, 1_000) });
		to.within("powershell", text, place);
	} catch {
		to.add({ kind: "opaque", pointer, span, via: at.via, has: { why: ["dynamic"] } });
	}
}

function readCmdArguments({ words, tail }: Invocation, at: Place, to: Findings): void {
	const index = words.findIndex((word) => /^\/[ckr]/i.test(word));
	if (index < 0 && !RUNS_LINE.test(tail ?? "")) return;
	const glued = index < 0 ? "" : (words[index] ?? "").slice(2);
	const written = tail === undefined ? undefined : /\/[ckr][\s,;=]*(.*)$/is.exec(tail)?.[1];
	const rest = [glued, ...words.slice(index + 1)].filter((word) => word !== "");
	// What another shell passes on as several words reaches cmd.exe in quotes again.
	const text = written ?? (rest.length > 1 ? rest.map(quoted) : rest).join(" ");
	const inner = /^\s*"(.*)"\s*$/s.exec(text)?.[1];
	if (text.trim() !== "") within("cmd", (inner ?? text).trim(), at, "cmd /c", to);
}

/** `/v:on/c x`, `,;/c,x`: other switches and what cmd.exe takes for blanks in front of the line that it runs. */
export const RUNS_LINE = /^[\s,;="]*(?:\/[a-bd-jl-qs-z](?::\w{1,3})?[\s,;="]*){0,6}\/[ckr]/i;

const quoted = (word: string): string => (/[\s]/.test(word) && !word.includes('"') ? `"${word}"` : word);

/** The word behind an option, or glued to it by a colon or an equals sign. */
function readOption(words: readonly string[], option: RegExp, at: Place, via: string, to: Findings): void {
	for (const [index, word] of words.entries()) {
		const glued = /^([/-]\w+|\w+=)[:=]?(.*)$/.exec(word);
		if (option.test(word) && words[index + 1] !== undefined) within("cmd", words[index + 1] ?? "", at, via, to);
		else if (glued !== null && option.test(glued[1] ?? "") && glued[2] !== "")
			within("cmd", glued[2] ?? "", at, via, to);
	}
}

/** `sqlcmd -Q "…"`, or glued to it. */
function readStatement(words: readonly string[], at: Place, via: string, to: Findings): void {
	for (const [index, word] of words.entries()) {
		if (!/^[-/]q/i.test(word)) continue;
		const statement = word.length > 2 ? word.slice(2) : (words[index + 1] ?? "");
		if (statement !== "") within("sql", statement, at, via, to);
	}
}

function readAfter(
	words: readonly string[],
	mark: RegExp,
	language: Language,
	at: Place,
	via: string,
	to: Findings,
): void {
	const index = words.findIndex((word) => mark.test(word));
	const text = words
		.slice(index + 1)
		.join(" ")
		.replace(/^["']|["']$/g, "");
	if (index >= 0 && text !== "") within(language, text, at, via, to);
}

/** `vbscript:Execute("…Run ""calc""…")` and `javascript:…Run("calc")`: the texts that are handed to Run, Exec, ShellExecute. */
function readScriptUrl(words: readonly string[], at: Place, to: Findings): void {
	const text = words.join(" ");
	if (!/^(?:vbscript|javascript|about):/i.test(text)) return;
	const run = /\b(?:run|exec|shellexecute)\s*\(?\s*["']{1,2}([^"']{1,2000})/gi;
	for (const [, command = ""] of text.matchAll(run)) within("cmd", command, at, "mshta", to);
}

function within(language: Language, text: string, { pointer, span, via }: Place, by: string, to: Findings): void {
	to.within(language, text, { pointer, span, via: [...via, by] });
}
