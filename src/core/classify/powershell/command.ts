/** One command of a PowerShell pipeline: its name, its parameters by their full names, its words, and what it comes to. */

import { table } from "../table.ts";
import { readWithin } from "../windows/invocation.ts";
import { addWindowsPath, isPath } from "../windows/paths.ts";
import { cmdletOf, parameterOf } from "./cmdlets.ts";
import type { Expressions } from "./expression.ts";
import type { Reading } from "./reading.ts";
import { serviceCmdlet } from "./service-cmdlets.ts";
import { isHereString, isQuote, readEscape, readString } from "./strings.ts";
import { known, partial, shown, textOf, typeName, UNKNOWN, type Value } from "./value.ts";

/** A command that waits for the end of its pipeline, which says what comes before and behind it. */
export interface Draft {
	readonly from: number;
	readonly until: number;
	readonly program: string;
	readonly has: Record<string, readonly string[]>;
}

export interface ReadCommand {
	readonly draft: Draft | null;
	readonly value: Value;
}

interface Argument {
	/** As written, with dash or slash; of an option its name. */
	readonly option?: string;
	readonly value?: Value;
	readonly words: readonly string[];
	readonly place: number;
	readonly block?: number;
}

const ENDS = /[\s;|&(){},]/;
const REDIRECT = /(?:[1-6*]?>>?(?:&[12])?|<)/y;
const OPTION = /[-\u2013\u2014\u2015]([A-Za-z_?][\w-]*)(:)?/y;

/** What cmdlets do with the paths of their first and second word. */
const ACCESS = table<readonly string[]>({
	"get-content": ["read"],
	"import-csv": ["read"],
	"get-childitem": ["list"],
	"get-item": ["list"],
	"get-itemproperty": ["read"],
	"select-string": ["unknown", "read"],
	"copy-item": ["read", "write"],
	"move-item": ["move", "write"],
	"rename-item": ["write", "write"],
	"remove-item": ["delete"],
	"clear-content": ["delete"],
	"set-content": ["write"],
	"add-content": ["write"],
	"out-file": ["write"],
	"tee-object": ["write"],
	"new-item": ["write"],
	"export-csv": ["write"],
	"export-clixml": ["write"],
	"compress-archive": ["read", "write"],
	"expand-archive": ["read", "write"],
	"start-process": ["execute"],
	"invoke-item": ["execute"],
	"set-acl": ["write"],
});

/** Options whose value is a path, with the access. */
const PATH_OPTIONS = table<string>({
	outfile: "write",
	infile: "read",
	destination: "write",
	destinationpath: "write",
	attachments: "read",
	redirectstandardoutput: "write",
});

export function readCommand(
	r: Reading,
	expressions: Expressions,
	name: Value,
	from: number,
	prior: Value | null,
): ReadCommand {
	const args = readArguments(r, expressions);
	const until = r.pos;
	if (name.kind === "block") return { draft: null, value: UNKNOWN };
	const spelled = shown(name).join("");
	const written = args.flatMap((arg) => (arg.option === undefined ? arg.words : [arg.option]));
	if (spelled === "" || /^(?:\$[\w:{}]*|%[\w:]+%)$/.test(spelled))
		return { draft: dynamic(r, args, from, until, name), value: UNKNOWN };
	const program = r.aliases.get(spelled.toLowerCase()) ?? cmdletOf(programOf(spelled), written);
	if (r.functions.has(program)) return { draft: null, value: UNKNOWN };
	const has = attributes(program, args, spelled);
	if (r.fetched.has(spelled.toLowerCase())) has["fetched"] = ["yes"];
	const draft = { from, until, program, has };
	if (!r.isQuiet && !(has["flags"] ?? []).includes("whatif")) {
		addPaths(r, program, has, from, until);
		const service = serviceCmdlet(spelled, has["flags"] ?? [], has["values"] ?? []);
		if (service !== undefined) r.add("tool", from, until, service);
		for (const word of has["words"] ?? []) if (/^(?:https?|ftp|wss?):\/\//i.test(word)) r.within("url", word, from);
	}
	return { draft, value: act(r, expressions, draft, args, prior) };
}

/** The base name in lower case, without `.exe`. */
export function programOf(spelled: string): string {
	const base = spelled.replace(/^.*[\\/]/, "").toLowerCase();
	return base.replace(/\.(?:exe|com)$/, "");
}

function dynamic(r: Reading, args: readonly Argument[], from: number, until: number, name: Value): Draft | null {
	if (name.kind === "object" && /^management\.automation\.scriptblock/.test(name.name)) {
		return {
			from,
			until,
			program: "invoke-expression",
			has: { program: ["invoke-expression"], shape: ["dynamic"], os: ["windows"] },
		};
	}
	r.add("opaque", from, until, { why: ["dynamic-program"] });
	return {
		from,
		until,
		program: "",
		has: { program: [], words: args.flatMap(({ words }) => words), shape: ["dynamic"], os: ["windows"] },
	};
}

function attributes(program: string, args: readonly Argument[], spelled: string): Record<string, readonly string[]> {
	const flags: string[] = [];
	const values: string[] = [];
	const words: string[] = [];
	let isDynamic = false;
	let option: string | null = null;
	for (const arg of args) {
		if (arg.option !== undefined) {
			option = optionName(program, arg.option);
			flags.push(option);
			const slash = /^\/(\w+):?$/.exec(arg.option);
			if (slash !== null && slash[1] !== option) flags.push((slash[1] ?? "").toLowerCase());
		}
		if (arg.value !== undefined && arg.words.length === 0) isDynamic = true;
		for (const word of arg.words) {
			if (option !== null) values.push(`${option}=${word}`.slice(0, 1_000));
			words.push(word.slice(0, 2_000).toLowerCase());
		}
		if (arg.option === undefined) option = null;
	}
	// Of a cmdlet the first words are values, not a command of its own.
	const sub = /^[a-z]+-\w+$/.test(program) ? [] : words.filter((word) => /^[\w:-]+$/.test(word)).slice(0, 3);
	return {
		program: [program],
		...(/[\\/]/.test(spelled) ? { path: [spelled.toLowerCase()] } : {}),
		flags,
		values: values.map((text) => text.toLowerCase()),
		words,
		sub,
		os: ["windows"],
		shape: [isDynamic ? "dynamic" : "plain"],
	};
}

function optionName(program: string, written: string): string {
	const bare = written
		.replace(/^[-/\u2013\u2014\u2015]+/, "")
		.replace(/:$/, "")
		.toLowerCase();
	return parameterOf(program, bare);
}

function readArguments(r: Reading, expressions: Expressions): Argument[] {
	const args: Argument[] = [];
	while (r.pos < r.text.length && r.mayGoOn()) {
		r.skip(false);
		const { char, pos: place } = r;
		if (char === "" || char === "\n" || char === ";" || char === "|" || char === ")" || char === "}") break;
		if (char === "&") break;
		if (char === "#") {
			const end = r.text.indexOf("\n", place);
			r.pos = end < 0 ? r.text.length : end;
			break;
		}
		if (r.text.startsWith("--%", place)) {
			args.push(...verbatim(r));
			break;
		}
		const arg = readRedirect(r, expressions) ?? readOption(r) ?? readValue(r, expressions);
		if (arg !== null) args.push(arg);
		if (r.pos === place) r.pos += 1;
	}
	return args;
}

/** `--%`: the rest of the line as it stands. */
function verbatim(r: Reading): Argument[] {
	const rest = /[^\n|]*/y;
	rest.lastIndex = r.pos + 3;
	const found = rest.exec(r.text)?.[0] ?? "";
	const place = r.pos;
	r.pos += 3 + found.length;
	return (found.match(/"[^"]*"|\S+/g) ?? []).map((word) => ({ words: [word.replaceAll('"', "")], place }));
}

function readRedirect(r: Reading, expressions: Expressions): Argument | null {
	REDIRECT.lastIndex = r.pos;
	const operator = REDIRECT.exec(r.text)?.[0];
	if (operator === undefined) return null;
	const place = r.pos;
	r.pos += operator.length;
	if (operator.includes("&")) return { words: [], place };
	r.skip(false);
	const target = readWord(r, expressions);
	const path = shown(target).join("");
	if (path !== "" && !/^(?:nul|\$null)$/i.test(path) && !r.isQuiet) addRedirect(r, operator, path, place);
	return { words: [], place };
}

export function addRedirect(r: Reading, operator: string, path: string, place: number): void {
	const mode = operator === "<" ? "read" : operator.endsWith(">>") ? "append" : "write";
	r.add("redirect", place, r.pos, { mode: [mode], path: [path] });
	addWindowsPath(path, mode === "read" ? "read" : "write", r.placeOf(place, r.pos), r.to);
}

function readOption(r: Reading): Argument | null {
	OPTION.lastIndex = r.pos;
	const found = OPTION.exec(r.text);
	if (found === null) return null;
	const next = r.text[r.pos + found[0].length] ?? "";
	if (next !== "" && found[2] === undefined && !ENDS.test(next)) return null;
	const place = r.pos;
	r.pos += found[0].length;
	return { option: found[0], words: [], place };
}

function readValue(r: Reading, expressions: Expressions): Argument | null {
	const place = r.pos;
	if (r.char === ",") {
		r.pos += 1;
		return null;
	}
	if (r.char === "{") {
		const block = expressions.block(r);
		return { value: block, words: [], place, ...(block.kind === "block" ? { block: block.from } : {}) };
	}
	const value = readWord(r, expressions);
	const words = shown(value);
	const [word = ""] = words;
	if (
		words.length === 1 &&
		(/^\/[A-Za-z?][\w-]*$/.test(word) || /^--?[A-Za-z?][\w-]*$/.test(word)) &&
		!isQuote(r.text[place] ?? "")
	) {
		return { option: word, words: [], place };
	}
	const glued = words.length === 1 ? /^(?:--?|\/)([A-Za-z][\w-]*)[:=](.+)$/s.exec(word) : null;
	if (glued !== null) return { option: `/${glued[1]}`, value, words: [glued[2] ?? ""], place };
	return { value, words, place };
}

/** One word of a command: a text, a variable, a bracket, or letters up to a blank, with quotes and variables in it. */
export function readWord(r: Reading, expressions: Expressions): Value {
	const first = r.char;
	if (first === "(" || first === "@" || first === "$" || isQuote(first) || isHereString(r)) {
		const from = r.pos;
		const value =
			first === "(" || first === "@" || isHereString(r) ? expressions.primary(r) : softPrimary(r, expressions);
		if (r.pos > from && (r.pos >= r.text.length || ENDS.test(r.char))) {
			return value.kind === "unknown" && first === "$"
				? partial(r.text.slice(from, Math.min(r.pos, from + 200)))
				: value;
		}
		const tail = readLetters(r, expressions);
		const [start, end] = [shown(value).join(" "), shown(tail).join(" ")];
		return known(value) === null || known(tail) === null
			? partial((start || r.text.slice(from, from + 100)) + end)
			: textOf(start + end);
	}
	return readLetters(r, expressions);
}

/** In a command a text or variable may go on as a word: `"a"b`, `$x\y`. */
function softPrimary(r: Reading, expressions: Expressions): Value {
	return r.char === "$" ? expressions.primary(r) : readString(r, (reading) => expressions.expand(reading));
}

function readLetters(r: Reading, expressions: Expressions): Value {
	let text = "";
	let isWhole = true;
	while (r.pos < r.text.length && !ENDS.test(r.char)) {
		if (r.char === "`") {
			// Outside of quotes a letter behind a backtick is that letter.
			if (/\w/.test(r.text[r.pos + 1] ?? "")) r.pos += 1;
			else {
				text += readEscape(r);
				continue;
			}
		}
		const from = r.pos;
		if (isQuote(r.char) || (r.char === "$" && /[\w{(]/.test(r.text[r.pos + 1] ?? ""))) {
			const value = r.char === "$" ? expressions.expand(r) : readString(r, (reading) => expressions.expand(reading));
			const one = known(value);
			if (one === null) isWhole = false;
			text += one ?? (shown(value).join(" ") || r.text.slice(from, Math.min(r.pos, from + 100)));
			continue;
		}
		text += r.char;
		r.pos += 1;
	}
	return isWhole ? textOf(text) : partial(text);
}

function addPaths(r: Reading, program: string, has: Draft["has"], from: number, until: number): void {
	const place = r.placeOf(from, until);
	const access = Object.hasOwn(ACCESS, program) ? ACCESS[program] : undefined;
	for (const pair of has["values"] ?? []) {
		const [name = "", ...rest] = pair.split("=");
		if (Object.hasOwn(PATH_OPTIONS, name)) addWindowsPath(rest.join("="), PATH_OPTIONS[name] ?? "unknown", place, r.to);
	}
	for (const [index, word] of (has["words"] ?? []).entries()) {
		if (program.startsWith("write-")) break;
		const known = access?.[Math.min(index, access.length - 1)];
		if (isPath(word) || (known !== undefined && /^[\w-]+$/.test(word)))
			addWindowsPath(word, known ?? "unknown", place, r.to);
	}
}

/** What a command does that the reader must know: aliases, variables, texts that are run, objects that are made. */
function act(
	r: Reading,
	expressions: Expressions,
	draft: Draft,
	args: readonly Argument[],
	prior: Value | null,
): Value {
	const { program, has, from } = draft;
	const words = args.flatMap((arg) => arg.words);
	const operands = args.filter(({ option }) => option === undefined);
	const [first] = operands;
	switch (program) {
		case "invoke-expression":
			r.within("powershell", known(first?.value ?? prior ?? UNKNOWN) ?? "", from, "invoke-expression");
			return UNKNOWN;
		case "set-alias":
		case "new-alias":
			if (words.length >= 2) r.aliases.set((words[0] ?? "").toLowerCase(), cmdletOf(programOf(words[1] ?? ""), []));
			return UNKNOWN;
		case "set-variable":
		case "new-variable":
			r.setVariable(words[0] ?? "", operands[1]?.value ?? prior ?? UNKNOWN);
			return UNKNOWN;
		case "get-variable": {
			const name = matching(words[0] ?? "", ["MaximumDriveCount", "PSHome", "ShellId", "ExecutionContext"]);
			return name === null ? UNKNOWN : { kind: "object", name: `variable:${name.toLowerCase()}` };
		}
		case "get-command": {
			const name = matching(words[0] ?? "", [
				"New-Object",
				"Invoke-Expression",
				"Invoke-WebRequest",
				"Invoke-RestMethod",
				"Start-Process",
			]);
			return name === null ? UNKNOWN : textOf(name);
		}
		case "write-output":
		case "out-string":
			return first?.value ?? prior ?? UNKNOWN;
		case "foreach-object": {
			const block = args.find((arg) => arg.block !== undefined)?.block;
			return block === undefined || prior === null ? UNKNOWN : expressions.forEach(r, prior, block);
		}
		case "new-object":
			return made(r, draft, words);
		case "invoke-webrequest":
		case "start-bitstransfer":
		case "invoke-restmethod":
		case "curl":
			for (const pair of has["values"] ?? []) {
				const path = /^(?:outfile|destination|o|output)=(.+)$/s.exec(pair)?.[1];
				if (path !== undefined) r.fetched.add(path);
			}
			// Without its name the destination comes second.
			if (words.length > 1 && /\.(?:exe|ps1|bat|cmd|dll|vbs|js|msi|scr)$/i.test(words[1] ?? ""))
				r.fetched.add((words[1] ?? "").toLowerCase());
			return { kind: "object", name: "fetched" };
		case "start-process":
			if (r.fetched.has((words[0] ?? "").toLowerCase())) has["fetched"] = ["yes"];
			runWords(
				r,
				draft,
				words.filter((word) => !/^(?:runas|hidden|open|minimized|normal|maximized)$/i.test(word)),
			);
			return UNKNOWN;
		case "invoke-sqlcmd":
		case "invoke-dbaquery":
		case "invoke-sqlquery":
			for (const pair of has["values"] ?? []) {
				const statement = /^(?:query|q|sql)=(.+)$/s.exec(pair)?.[1];
				if (statement !== undefined) r.within("sql", statement, from, program);
			}
			return UNKNOWN;
		case "invoke-wmimethod":
		case "invoke-cimmethod":
			runCreated(r, draft, words);
			return UNKNOWN;
		default:
			if (!program.includes("-")) runWords(r, draft, rawWords(args));
			if (/^(?:powershell|pwsh|cmd)$/.test(program) && prior !== null && known(prior) !== null) {
				r.within(program === "cmd" ? "cmd" : "powershell", known(prior) ?? "", from, program);
			}
			return UNKNOWN;
	}
}

function runWords(r: Reading, { program, from, until }: Draft, words: readonly string[]): void {
	if (!r.isQuiet) readWithin({ program, words }, r.placeOf(from, until), r.to);
}

/** Options and words in their order, as a program would be given them. */
const rawWords = (args: readonly Argument[]): string[] =>
	args.flatMap(({ option, words }) => (option === undefined ? words : [option, ...words]));

/** `Win32_Process`, `Create`: the command line among the words. */
function runCreated(r: Reading, { from }: Draft, words: readonly string[]): void {
	if (!words.some((word) => /^create$/i.test(word))) return;
	for (const word of words) {
		const line =
			/^commandline=(.*)$/is.exec(word)?.[1] ?? (/^(?:create|(?:root\\.*)?win32_process)$/i.test(word) ? "" : word);
		if (line !== "" && !/^\w+=/.test(line)) r.within("cmd", line, from, "win32_process");
	}
}

function made(r: Reading, { has, from, until }: Draft, words: readonly string[]): Value {
	const com = (has["values"] ?? []).find((pair) => pair.startsWith("comobject="))?.slice("comobject=".length);
	const name = com === undefined ? typeName(words[0] ?? "unknown") : `com:${com}`;
	r.add("call", from, until, { name: [`${name}.new`], args: com === undefined ? words.slice(1) : [] });
	return { kind: "object", name };
}

/** The one of the names that a pattern with `*` and `?` means. */
function matching(pattern: string, names: readonly string[]): string | null {
	if (pattern === "" || pattern.length > 60 || (pattern.match(/\*/g)?.length ?? 0) > 6) return null;
	const source = pattern
		.split("")
		.map((char) => (char === "*" ? ".*" : char === "?" ? "." : char.replace(/[^\w]/, "\\$&")))
		.join("");
	try {
		return names.find((name) => new RegExp(`^${source}$`, "i").test(name)) ?? null;
	} catch {
		return null;
	}
}
