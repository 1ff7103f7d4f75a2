/** One command of a PowerShell pipeline: its name, its parameters by their full names, its words, and what it comes to. */
import { table } from "../table.ts";
import { addCommandHosts } from "../windows/hosts.ts";
import { impliedParameter } from "../windows/invocation.ts";
import { addWindowsPath, isPath } from "../windows/paths.ts";
import { isOwnFile, programNames, programOf } from "../windows/program-names.ts";
import { type Argument, rawWords, readArguments } from "./arguments.ts";
import { cmdletOf, parameterOf } from "./cmdlets.ts";
import { act, runWritten } from "./effects.ts";
import type { Expressions } from "./expression.ts";
import { SEEN_SCRIPT } from "./members.ts";
import type { Draft, Reading } from "./reading.ts";
import { serviceCmdlet } from "./service-cmdlets.ts";
import { shown, textOf, UNKNOWN, type Value } from "./value.ts";

export interface ReadCommand {
	readonly draft: Draft | null;
	readonly value: Value;
}

/** What cmdlets do with the paths of their first and second word. */
const ACCESS = table<readonly string[]>({
	"get-content": ["read"],
	"import-csv": ["read"],
	"get-childitem": ["list"],
	"get-item": ["list"],
	"get-itemproperty": ["read"],
	"select-string": ["unknown", "read"],
	"copy-item": ["read", "write"],
	xcopy: ["read", "write"],
	robocopy: ["read", "write", "unknown"],
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

/** Commands that read of the machine what others should not have. */
const READERS = new Set(
	"get-content import-csv import-clixml get-clipboard get-childitem get-process get-ciminstance get-wmiobject get-computerinfo get-aduser get-localuser get-credential get-history get-winevent get-eventlog get-netipaddress get-netipconfiguration get-itemproperty systeminfo ipconfig tasklist netstat whoami compress-archive".split(
		" ",
	),
);

/** Blocks that are called are worked out up to this length. */
const BLOCK_MAX = 300;

/** Options whose value is sent. */
const SENT = new Set(["body", "infile", "form", "attachments", "d", "data"]);

export function readCommand(
	r: Reading,
	expressions: Expressions,
	name: Value,
	from: number,
	prior: Value | null,
): ReadCommand {
	// What the block of `| % { … }` does it does for each.
	if (/^(?:%|foreach|foreach-object)$/i.test(shown(name).join(""))) r.hasLoop = true;
	const args = readArguments(r, expressions);
	const until = r.pos;
	if (name.kind === "block") {
		const isPlain = name.until - name.from < BLOCK_MAX && !r.text.slice(name.from, name.until).includes("{");
		return { draft: null, value: isPlain ? expressions.forEach(r, textOf(""), name.from) : UNKNOWN };
	}
	const spelled = shown(name).join("");
	const written = args.flatMap((arg) => (arg.option === undefined ? arg.words : [arg.option]));
	if (spelled === "" || /^(?:\$[\w:{}]*|%[\w:]+%)$/.test(spelled))
		return { draft: dynamic(r, args, from, until, name), value: UNKNOWN };
	const program = r.aliases.get(spelled.toLowerCase()) ?? cmdletOf(programOf(spelled), written);
	if (r.functions.has(program)) return { draft: null, value: UNKNOWN };
	const has = attributes(program, args, spelled);
	if (READERS.has(program)) r.reads += 1;
	if (r.hasLoop) has["shape"] = [...(has["shape"] ?? []), "repeated"];
	if (r.fetched.has(spelled.toLowerCase())) has["fetched"] = ["yes"];
	if (isOwnFile(spelled)) has["runs"] = ["file"];
	const draft = { from, until, program, has };
	if (!r.isQuiet && !(has["flags"] ?? []).includes("whatif")) {
		addPaths(r, program, has, from, until);
		addCommandHosts(program, has, r.placeOf(from, until), r.to);
		const service = serviceCmdlet(spelled, has["flags"] ?? [], has["values"] ?? []);
		if (service !== undefined) r.add("tool", from, until, service);
		for (const word of has["words"] ?? []) if (/^(?:https?|ftp|wss?):\/\//i.test(word)) r.within("url", word, from);
	}
	runWritten(r, program, spelled, has["words"] ?? []);
	return { draft, value: act(r, expressions, draft, args, prior) };
}

function dynamic(r: Reading, args: readonly Argument[], from: number, until: number, name: Value): Draft | null {
	if (name.kind === "object" && /^management\.automation\.scriptblock/.test(name.name)) {
		return {
			from,
			until,
			program: "invoke-expression",
			has: {
				program: ["invoke-expression"],
				shape: ["dynamic"],
				os: ["windows"],
				...(name.name === SEEN_SCRIPT ? { source: ["static"] } : {}),
			},
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
	const carries: string[] = [];
	let isDynamic = false;
	let option: string | null = null;
	let last: string | null = null;
	for (const arg of args) {
		if (arg.joins === true) option = last;
		if (arg.option !== undefined) {
			option = optionName(program, arg.option);
			flags.push(option);
			const slash = /^\/(\w+):?$/.exec(arg.option);
			if (slash !== null && slash[1] !== option) flags.push((slash[1] ?? "").toLowerCase());
		}
		if (arg.value !== undefined && arg.words.length === 0) isDynamic = true;
		if (arg.carries === true && option !== null && SENT.has(option)) carries.push(option);
		for (const word of arg.words) {
			if (option !== null) values.push(`${option}=${word}`.slice(0, 1_000));
			words.push(word.slice(0, 2_000).toLowerCase());
		}
		last = option;
		if (arg.option === undefined) option = null;
	}
	const implied = impliedParameter(program, rawWords(args));
	if (implied !== null) flags.push(implied);
	// Of a cmdlet the first words are values, not a command of its own.
	const sub = /^[a-z]+-\w+$/.test(program) ? [] : words.filter((word) => /^[\w:-]+$/.test(word)).slice(0, 3);
	return {
		program: programNames(program),
		...(/[\\/]/.test(spelled) ? { path: [spelled.toLowerCase()] } : {}),
		flags,
		values: values.map((text) => text.toLowerCase()),
		words,
		sub,
		os: ["windows"],
		shape: [isDynamic ? "dynamic" : "plain"],
		...(carries.length > 0 ? { carries } : {}),
	};
}

function optionName(program: string, written: string): string {
	const bare = written
		.replace(/^[-/\u2013\u2014\u2015]+/, "")
		.replace(/:$/, "")
		.toLowerCase();
	return parameterOf(program, bare);
}

/** It is looked for in files, and is none. */
function searchedFor(has: Draft["has"]): string | null {
	const named = (has["values"] ?? []).find((pair) => pair.startsWith("pattern="));
	return named?.slice("pattern=".length) ?? (has["flags"]?.includes("path") ? null : has["words"]?.[0]) ?? null;
}

function addPaths(r: Reading, program: string, has: Draft["has"], from: number, until: number): void {
	const place = r.placeOf(from, until);
	const access = Object.hasOwn(ACCESS, program) ? ACCESS[program] : undefined;
	for (const pair of has["values"] ?? []) {
		const [name = "", ...rest] = pair.split("=");
		if (Object.hasOwn(PATH_OPTIONS, name)) addWindowsPath(rest.join("="), PATH_OPTIONS[name] ?? "unknown", place, r.to);
	}
	const pattern = program === "select-string" ? searchedFor(has) : null;
	for (const [index, word] of (has["words"] ?? []).entries()) {
		if (program.startsWith("write-")) break;
		if (word === pattern) continue;
		const known = access?.[Math.min(index, access.length - 1)];
		if (isPath(word) || (known !== undefined && /^[\w-]+$/.test(word)))
			addWindowsPath(word, known ?? "unknown", place, r.to);
	}
}
