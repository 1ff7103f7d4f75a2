/** Reads cmd.exe and batch files: commands with their switches and words, redirections, and what they run. */
import type { Findings, Place } from "../fact.ts";
import { parameterOf } from "../powershell/cmdlets.ts";
import { addCommandHosts } from "../windows/hosts.ts";
import { impliedParameter, isEncodedKnown, RUNS_LINE, readWithin } from "../windows/invocation.ts";
import { isLoaderVariable } from "../windows/loader-variables.ts";
import { addWindowsPath, isPath } from "../windows/paths.ts";
import { placeIn } from "../windows/place.ts";
import { isOwnFile, programNames, programOf } from "../windows/program-names.ts";
import { Written } from "../windows/written.ts";
import { expanded, type Variables } from "./expansion.ts";
import { loopAt } from "./loops.ts";
import { cutCommands, cutName, cutWords, type SimpleCommand } from "./words.ts";

/** Commands before `if`, `for`, `call`, `start` have had their own taken off, one in the other. */
const PREFIXES_MAX = 12;

/** UTF-16 units of a text that a loop puts together, and what each step counts beside its length. */
const SET_MAX = 4_096;
const WORK_PER_SET = 1_000;

/** Programs of a pipeline that are named on either side. */
const PIPELINE_MAX = 30;

interface Draft {
	readonly place: Place;
	readonly program: string;
	readonly has: Record<string, readonly string[]>;
	readonly isPiped: boolean;
	/** What `echo` is given. */
	readonly text?: string;
}

/** Switches with which a shell runs something else than what it is piped. */
const OWN_LINE = /[/-](?:[ckr]|f\w*|e\w*)(?![\w-])/i;

/** What a command prints, where it is `echo`. */
const echoed = (draft: Draft | undefined): string | null => draft?.text?.replace(/^[.:,;(/]|^\s/, "").trim() || null;

const COMMENT = /^\s*(?:::|:[\w.-]+\s*$|@?rem(?:\s|$))/i;

/** Reads one line or a whole batch file. */
export function readCmd(text: string, at: Place, to: Findings): void {
	const variables: Variables = new Map();
	const fetched = new Set<string>();
	const written = new Written();
	let from = 0;
	for (const line of joinedLines(text)) {
		const made = expanded(line, variables);
		// Places in a line that was changed are those of the line.
		const place = placeIn(at, text, from, from + line.length);
		const state: State = { variables, fetched, written, drafts: [], to };
		if (!COMMENT.test(made)) readLine(made, place, state);
		else state.drafts.push({ place, program: "rem", has: { program: ["rem"], os: ["windows"] }, isPiped: false });
		emit(state);
		from += line.length + 1;
	}
}

/** Lines, those that a caret joins as one; brackets that are open join lines too, which the cutter sees to. */
function joinedLines(text: string): readonly string[] {
	const lines: string[] = [];
	let open = "";
	for (const line of text.split("\n")) {
		const whole = open === "" ? line : `${open}\n${line}`;
		if (/\^\r?$/.test(line) || (isOpen(whole) && whole.length < 20_000)) open = whole;
		else {
			lines.push(whole);
			open = "";
		}
	}
	if (open !== "") lines.push(...(/\^\r?\n/.test(open) ? [open] : open.split("\n")));
	return lines;
}

const isOpen = (text: string): boolean => /\(\s*$/.test(text.slice(text.lastIndexOf("\n") + 1));

interface State {
	readonly variables: Variables;
	readonly fetched: Set<string>;
	readonly written: Written;
	readonly drafts: Draft[];
	readonly to: Findings;
}

function readLine(line: string, place: Place, state: State): void {
	for (const command of cutCommands(line)) {
		const at = placeIn(place, line, command.from, command.until);
		for (const { mode, path, from, until } of command.redirects) {
			if (/^nul$/i.test(path)) continue;
			const there = placeIn(place, line, from, until);
			state.to.add({ kind: "redirect", ...there, has: { mode: [mode], path: [path] } });
			addWindowsPath(path, mode === "read" ? "read" : "write", there, state.to);
		}
		readCommand(command.text, command, at, state);
	}
}

function emit({ drafts, to }: State): void {
	for (const [index, { place, has, isPiped }] of drafts.entries()) {
		let first = index;
		while (drafts[first]?.isPiped && index - first < PIPELINE_MAX) first -= 1;
		let last = index;
		while (drafts[last + 1]?.isPiped && last - index < PIPELINE_MAX) last += 1;
		const names = (some: readonly Draft[]): string[] => some.map(({ program }) => program);
		to.add({
			kind: "command",
			...place,
			has: {
				...has,
				input: isPiped ? ["pipe"] : [],
				from: names(drafts.slice(Math.max(0, first), index)),
				to: names(drafts.slice(index + 1, last + 1)),
			},
		});
	}
}

function readCommand(written: string, { isPiped, redirects }: SimpleCommand, place: Place, state: State): void {
	// What was set in front of it on the same line is known when it runs, to `call` and between exclamation marks.
	let text = expanded(written, state.variables);
	if (OPERATORS.test(text) && !OPERATORS.test(written)) {
		// A variable holds more than one command, or carets: what is made of it is cut in turn.
		state.to.within("cmd", text.replace(PLAIN, ""), place);
		return;
	}
	noteArguments(text, state);
	let isRepeated = false;
	for (let step = 0; step < PREFIXES_MAX; step++) {
		const rest = withoutPrefix(text, place, state);
		if (rest === null) break;
		isRepeated ||= REPEATS.test(text);
		text = rest;
	}
	const [spelled, tail] = cutName(text);
	if (spelled === "" || /^(?::|::.*|rem|\)|else)$/i.test(spelled)) return;
	const program = programOf(spelled);
	if (program === "set" && setVariable(tail, place, state)) return;
	const words = cutWords(tail.replace(/^[,;=]+/, " "));
	const has = attributes(
		program,
		spelled,
		words,
		redirects.some(({ mode }) => mode !== "read"),
	);
	if (isRepeated) has["shape"] = [...(has["shape"] ?? []), "repeated"];
	if (program === "cmd" && RUNS_LINE.test(tail)) has["flags"] = [...(has["flags"] ?? []), "c"];
	if (isEncodedKnown(program, words)) has["source"] = ["static"];
	const implied = impliedParameter(program, words);
	if (implied !== null) has["flags"] = [...(has["flags"] ?? []), implied];
	const saved = noteDownload(program, words, state);
	if (saved !== null && words.some((word) => /^(?:https?|ftp):\/\//i.test(word))) {
		has["saves"] = [saved];
		addWindowsPath(saved, "write", place, state.to);
	}
	if (isOwnFile(spelled)) has["runs"] = ["file"];
	if (isRepeated && LOOP_VARIABLE.test(spelled)) has["dynamic"] = ["loop"];
	if (state.fetched.has(spelled.toLowerCase())) has["fetched"] = ["yes"];
	const piped = isPiped ? echoed(state.drafts.at(-1)) : null;
	if (piped !== null && /^(?:cmd|powershell|pwsh)$/.test(program) && !OWN_LINE.test(tail)) {
		has["source"] = ["static"];
		const by = { ...place, via: [...place.via, `| ${program}`] };
		state.to.within(program === "cmd" ? "cmd" : "powershell", piped, by);
	}
	state.drafts.push({ place, program, has, isPiped, ...(program === "echo" ? { text: tail } : {}) });
	addCommandHosts(program, has, place, state.to);
	const target = targetOf(program, words);
	for (const [index, word] of words.entries()) addWord(program, word, index === target, place, state.to);
	readWithin({ program, words, tail }, place, state.to);
	if (program === "echo") {
		for (const { mode, path } of redirects)
			state.written.note(path, tail.replace(/^[.:,;(]|^\s/, ""), mode === "append");
	} else runWritten(program, spelled, words, place, state);
}

/** A script of the text's own, by its name or as what an interpreter is given. */
function runWritten(program: string, spelled: string, words: readonly string[], place: Place, state: State): void {
	const paths = /^(?:cmd|powershell|pwsh|call)$/.test(program) ? words : [spelled];
	for (const path of paths) {
		const script = state.written.scriptOf(path);
		if (script !== null) state.to.within(script.language, script.text, { ...place, via: [...place.via, path] });
	}
}

/** What a loop goes over is run, and was not known before. */
const LOOP_VARIABLE = /^%{1,2}(?:~[a-z]*)?[a-z]$/i;

const OPERATORS = /[&|<>^]/;

function noteArguments(text: string, { variables }: State): void {
	const given = CALLED.exec(text)?.[1];
	if (given === undefined || given.length > SET_MAX) return;
	variables.set("*", given);
	for (const [index, word] of cutWords(given).slice(0, 9).entries()) variables.set(String(index + 1), word);
}

const REPEATS = /^[\s@]*for\s/i;
const IF =
	/^\s*@?if\s+(?:\/i\s+)?(?:not\s+)?(?:exist\s+(?:"[^"]*"|\S+)|defined\s+\S+|errorlevel\s+\d+|(?:"[^"]*"|[^\s=]+)\s*==\s*(?:"[^"]*"|\S+)|(?:"[^"]*"|\S+)\s+(?:equ|neq|lss|leq|gtr|geq)\s+(?:"[^"]*"|\S+))\s+/i;
const START =
	/^\s*@?start(?:\.exe)?\s+(?:"[^"]*"\s+(?=\S))?(?:\/(?:d\s*(?:"[^"]*"|\S+)|node\s+\S+|affinity\s+\S+|\w+)\s+(?:""\s+)?)*/i;
/** A part of the file that is called with words, which are `%1`, `%2` and `%*` there. */
const CALLED = /^\s*@?call\s+:[\w.-]+\s+(\S.*)$/i;
const PLAIN = /^\s*@?(?:call|else|do|@)\s+(?!:)|^\s*@+\s*/i;

/** What is behind `for … do`, `if …`, `call`, `start`; null when none of them stands in front. */
function withoutPrefix(text: string, place: Place, state: State): string | null {
	const { to, variables } = state;
	const loop = REPEATS.test(text) ? loopAt(text) : null;
	if (loop !== null) {
		const [first = "", ...others] = loop.bodies;
		if (loop.command !== null) to.within("cmd", loop.command, { ...place, via: [...place.via, "for /f"] });
		for (const body of others) to.within("cmd", body, place);
		for (const set of loop.sets ?? []) {
			const made = expanded(set, variables).replace(/^\s*@?set/i, "");
			if (made.length > SET_MAX || !to.spend(made.length + WORK_PER_SET)) break;
			setVariable(made, place, state);
		}
		if (loop.sets !== null) return "";
		return first;
	}
	const found = IF.exec(text) ?? START.exec(text) ?? PLAIN.exec(text);
	return found === null || found[0] === "" ? null : text.slice(found[0].length);
}

/** `set x=…` and `set "x=…"`; false for `set` alone, `set /a`, `set /p`. */
function setVariable(tail: string, place: Place, { variables, to }: State): boolean {
	const found = /^\s*"?([^=\s"/][^="]*)=([^\n]*)$/.exec(tail);
	if (found === null) return false;
	const text = tail.trimStart().startsWith('"') ? (found[2] ?? "").replace(/"[^"]*$/, "") : (found[2] ?? "");
	const name = (found[1] ?? "").trim().toLowerCase();
	if (text.length <= 8_192) variables.set(name, text);
	const args = [name, text.slice(0, 500).toLowerCase()];
	if (isLoaderVariable(name)) to.add({ kind: "call", ...place, has: { name: ["environment.set"], args } });
	return true;
}

function attributes(
	program: string,
	spelled: string,
	given: readonly string[],
	redirected: boolean,
): Record<string, readonly string[]> {
	const flags: string[] = [];
	const values: string[] = [];
	const words: string[] = [];
	let option: string | null = null;
	for (const word of given) {
		const flag = /^(?:\/|--?)([A-Za-z?][\w-]*)(?:[:=](.*))?$/s.exec(word);
		if (flag !== null) {
			option = parameterOf(program, flag[1] ?? "");
			flags.push(option);
			if (flag[2] !== undefined) {
				values.push(`${option}=${flag[2].toLowerCase()}`);
				words.push(flag[2].toLowerCase());
				option = null;
			} else if (/^(?:\/[a-z?]){2,}$/i.test(word)) flags.push(...word.slice(1).toLowerCase().split("/"));
			continue;
		}
		if (/^(?:\/[A-Za-z?]){2,}$/.test(word)) {
			flags.push(...word.slice(1).toLowerCase().split("/"));
			continue;
		}
		if (option !== null) values.push(`${option}=${word.toLowerCase()}`);
		words.push(word.slice(0, 2_000).toLowerCase());
		const pair = /^(\w+)=(.*)$/s.exec(word);
		option = pair !== null && pair[2] === "" ? (pair[1] ?? "").toLowerCase() : null;
		if (pair !== null && pair[2] !== "") values.push(word.toLowerCase());
	}
	return {
		program: programNames(program),
		...(/[\\/]/.test(spelled) ? { path: [spelled.toLowerCase()] } : {}),
		flags,
		values: values.map((value) => value.slice(0, 1_000)),
		words,
		sub: words
			.filter((word) => /^[\w:-]+$/.test(word))
			.slice(0, 3)
			.map((word) => word.toLowerCase()),
		os: ["windows"],
		redirected: redirected ? ["yes"] : [],
		shape: [/[%!]/.test(spelled) ? "dynamic" : "plain"],
	};
}

/** Programs that put what they fetch where their last word says, or the word behind `-o`: where that is. */
function noteDownload(program: string, words: readonly string[], { fetched }: State): string | null {
	const output = words.findIndex((word) => /^(?:-o|--output|-outfile|\/out)$/i.test(word));
	const isLast = /^(?:certutil|bitsadmin|desktopimgdownldr|certreq)$/.test(program);
	const saved = (output >= 0 ? words[output + 1] : undefined) ?? (isLast ? words.at(-1) : undefined);
	if (saved === undefined) return noteShared(program, words, fetched);
	fetched.add(saved.toLowerCase());
	return saved.toLowerCase();
}

/** A copy of what is on a share, under the name that it has then: fetched as well. */
function noteShared(program: string, words: readonly string[], fetched: Set<string>): null {
	if (!FROM_SHARES.has(program)) return null;
	const operands = words.filter((word) => !/^[/-]/.test(word));
	const [source = "", target = ""] = operands;
	if (!source.startsWith("\\\\") || target === "") return null;
	const name = source.slice(source.lastIndexOf("\\") + 1);
	fetched.add(target.toLowerCase()).add(`${target.replace(/\\$/, "")}\\${name}`.toLowerCase());
	return null;
}

const FROM_SHARES = new Set(["copy", "xcopy", "robocopy", "move", "replace", "expand", "extrac32"]);

const DELETERS = new Set(["del", "erase", "rd", "rmdir"]);
const COPIERS = new Set(["copy", "xcopy", "robocopy", "move"]);

/** Where it copies to: the last word, of `robocopy` the second, behind which it names the files. */
function targetOf(program: string, words: readonly string[]): number {
	if (program === "robocopy") return words.findIndex((word, index) => index > 0 && !word.startsWith("/"));
	return COPIERS.has(program) ? words.findLastIndex((word) => !word.startsWith("/")) : -1;
}

const READERS = new Set(["type", "more", "findstr", "find", "fc"]);

/** `findstr /c:"…"` looks for it in files. */
const isSearchedFor = (program: string, word: string): boolean => program === "findstr" && /^\/c:/i.test(word);

function addWord(program: string, word: string, isTarget: boolean, place: Place, to: Findings): void {
	if (/^(?:https?|ftp|wss?):\/\//i.test(word)) to.within("url", word, place);
	else if (isPath(word) && program !== "echo" && !isSearchedFor(program, word)) {
		const reads = READERS.has(program) || COPIERS.has(program);
		const access = isTarget ? "write" : DELETERS.has(program) ? "delete" : reads ? "read" : "unknown";
		addWindowsPath(/^[/-]\w+:(.+)$/.exec(word)?.[1] ?? word, access, place, to);
	}
}
