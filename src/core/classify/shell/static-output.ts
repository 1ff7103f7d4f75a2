/** What simple programs put out of constant arguments and a constant input: enough to read what pipelines only spell. */
import { fromBase32, fromBase64, fromGzip, fromHex, toBase64 } from "../encoding.ts";
import { escaped, formatted } from "./printf.ts";

type Filter = (args: readonly string[], input: string | null) => string | null;

/** UTF-16 units of one output. */
const OUTPUT_MAX = 65_536;

/** Null where it is not constant. `args` are the words behind the program's name. */
export function staticOutput(program: string, args: readonly string[], input: string | null): string | null {
	const filter = FILTERS.get(program);
	if (filter === undefined) return null;
	const output = filter(args, input);
	return output === null || output.length > OUTPUT_MAX ? null : output;
}

export const hasStaticOutput = (program: string): boolean => FILTERS.has(program);

/** The encoding that a program undoes with these arguments; null: none. */
export function decodedLayer(program: string, args: readonly string[]): string | null {
	if (isGunzip(program, args)) return "gzip";
	if (["xxd", "hexdump"].includes(program)) return args.some((arg) => /^-\w*r/.test(arg)) ? "hex" : null;
	if (program === "b64decode" || program === "base64decode") return "base64";
	if (program === "openssl") return isOpensslDecode(args) ? "base64" : null;
	return /^(?:base(?:64|32)|basenc)$/.test(program) && isDecode(args) ? program : null;
}

const isGunzip = (program: string, args: readonly string[]): boolean =>
	["gunzip", "zcat", "gzcat"].includes(program) ||
	(["gzip", "pigz"].includes(program) && args.some((arg) => /^-(?:-(?:de|un)compress$|\w*d)/.test(arg)));
const isDecode = (args: readonly string[]): boolean =>
	args.some((arg) => /^-(?:-d(?:e(?:c(?:o(?:d(?:e)?)?)?)?)?$|[iw0]*[dD])/.test(arg));
const isOpensslDecode = (args: readonly string[]): boolean =>
	(args[0] === "base64" || args.some((arg) => /^-(?:base64|a)$/.test(arg))) && args.includes("-d");

const FILTERS: ReadonlyMap<string, Filter> = new Map<string, Filter>([
	["echo", echoed],
	["printf", (args) => formatted(args[0] === "--" ? args.slice(1) : args)],
	["print", (args) => `${args.filter((arg) => !/^-[rnlP]+$/.test(arg)).join(" ")}\n`],
	["cat", whole],
	["tee", (_args, input) => input],
	["sort", (args, input) => (input !== null && args.length === 0 && !/\n./.test(input) ? input : null)],
	["nohup", () => null],
	["which", (args) => nameAsked(args)],
	["command", (args) => (/^-[pvV]+$/.test(args[0] ?? "") ? nameAsked(args) : null)],
	["type", (args) => (/^-[pP]+$/.test(args[0] ?? "") ? nameAsked(args) : null)],
	["awk", printed],
	["gawk", printed],
	["mawk", printed],
	["tty", () => "/dev/tty\n"],
	["base64", (args, input) => coded(args, input, fromBase64, toBase64)],
	["base32", (args, input) => coded(args, input, fromBase32, () => null)],
	["b64decode", (_args, input) => (input === null ? null : fromBase64(input))],
	["xxd", (args, input) => (input !== null && args.some((arg) => /^-\w*r/.test(arg)) ? fromHex(input.trim()) : null)],
	["openssl", (args, input) => (input !== null && isOpensslDecode(args) ? fromBase64(input) : null)],
	[
		"rev",
		(_args, input) =>
			input
				?.split("\n")
				.map((line) => [...line].reverse().join(""))
				.join("\n") ?? null,
	],
	...["gunzip", "zcat", "gzcat", "gzip", "pigz"].map((program): [string, Filter] => [
		program,
		(args, input) =>
			input !== null && isGunzip(program, args) && args.every((arg) => arg.startsWith("-")) ? fromGzip(input) : null,
	]),
	["tac", (_args, input) => (input === null ? null : lines(input, (all) => all.reverse()))],
	["tr", translated],
	["sed", substituted],
	["head", (args, input) => (args.length === 0 ? input : counted(args, input, fromStart))],
	["tail", (args, input) => (args.length === 0 ? input : counted(args, input, fromEnd))],
	["cut", cut],
	["grep", kept],
	["jq", (args) => /^-\w*n\w*\0"([^"\\]*)"$/.exec(args.join("\0"))?.[1]?.concat("\n") ?? null],
	...["python", "python3", "perl", "ruby", "php", "node"].map((program): [string, Filter] => [program, said]),
]);

/** Where a program is: its name says as much. */
function nameAsked(args: readonly string[]): string | null {
	const [name, ...more] = args.filter((arg) => !arg.startsWith("-"));
	return name === undefined || more.length > 0 ? null : `${name}\n`;
}

/** `{print $2}` and the like, with `-F`. */
function printed(args: readonly string[], input: string | null): string | null {
	const joined = args.join("\0");
	if (joined.length > 500) return null;
	const [, alone] = /^\s*BEGIN\s*\{\s*print\s+"([^"\\]*)"\s*;?\s*\}\s*$/.exec(joined) ?? [];
	if (alone !== undefined) return `${alone}\n`;
	const [, separator = " ", list = ""] =
		/^(?:-F\0?([^\0])\0)?\s*\{\s*print\s+((?:\$(?:\d+|NF)|"[^"\\]*"|[\s,])+?)\s*;?\s*\}\s*$/.exec(joined) ?? [];
	if (list === "" || input === null) return null;
	return lines(input, (all) =>
		all.map((line) => {
			const words = separator === " " ? line.trim().split(/\s+/) : line.split(separator);
			return list
				.split(",")
				.map((part) =>
					(part.match(/\$(?:\d+|NF)|"[^"]*"/g) ?? [])
						.map((one) => {
							if (one.startsWith('"')) return one.slice(1, -1);
							const number = one === "$NF" ? words.length : Number(one.slice(1));
							return number === 0 ? line : (words[number - 1] ?? "");
						})
						.join(""),
				)
				.join(" ");
		}),
	);
}

function echoed(args: readonly string[]): string {
	let index = 0;
	let isEscaped = false;
	let end = "\n";
	for (; index < args.length && /^-[neE]+$/.test(args[index] as string); index++) {
		const flag = args[index] as string;
		if (flag.includes("n")) end = "";
		if (flag.includes("e")) isEscaped = true;
	}
	const text = args.slice(index).join(" ");
	return (isEscaped ? escaped(text) : text) + end;
}

function whole(args: readonly string[], input: string | null): string | null {
	return args.every((arg) => arg === "-" || /^-[uvet]+$/.test(arg)) ? input : null;
}

function coded(
	args: readonly string[],
	input: string | null,
	decode: (text: string) => string | null,
	encode: (text: string) => string | null,
): string | null {
	if (input === null || args.some((arg) => !arg.startsWith("-") && !/^\d+$/.test(arg))) return null;
	return isDecode(args) ? decode(input) : encode(input);
}

const lines = (text: string, change: (all: string[]) => string[]): string => {
	const all = text.replace(/\n$/, "").split("\n");
	return `${change(all).join("\n")}\n`;
};

interface Take {
	(all: string, count: number): string;
	(all: string[], count: number): string[];
}
const fromStart = ((all: string, count: number) => all.slice(0, count)) as Take;
const fromEnd = ((all: string, count: number) => all.slice(-count)) as Take;

/** `-c 5`, `-n 1` and `-1`: so many of its units or lines. */
function counted(args: readonly string[], input: string | null, take: Take): string | null {
	const [, unit = "", count = ""] = /^(-c|--bytes=?|-n|-) ?(\d+)$/.exec(args.join(" ")) ?? [];
	if (input === null || count === "" || count === "0") return null;
	if (unit.includes("c") || unit.includes("b")) return take(input, Number(count));
	return lines(input, (all) => take(all, Number(count)));
}

/** Lines with a plain word in them. */
function kept(args: readonly string[], input: string | null): string | null {
	const [word = "", ...more] = args.filter((arg) => !/^-[FEe]+$/.test(arg));
	if (input === null || more.length > 0 || !/^(?:\.|[\w @:/-]*\w)$/.test(word) || word.startsWith("-")) return null;
	return lines(input, (all) => all.filter((line) => (word === "." ? line !== "" : line.includes(word))));
}

const SAID = /^-[cer]\0\s*(?:print|puts|echo|say|console\.log)(?:\s*\(\s*|\s+)(["'])([^"'\\$]*)\1\s*\)?\s*;?\s*$/;

/** `print("…")` and the like, as the whole of a program. */
function said(args: readonly string[]): string | null {
	const text = args.length === 2 ? SAID.exec(args.join("\0"))?.[2] : undefined;
	return text === undefined ? null : `${text}\n`;
}

function cut(args: readonly string[], input: string | null): string | null {
	const text = args.join(" ");
	const units = /^-[cb] ?(\d+)?(-)?(\d+)?$/.exec(text);
	const [, early, fields, late] = /^(?:-d ?(.) )?-f ?(\d+)(?: -d ?(.))?$/.exec(text) ?? [];
	if (input !== null && fields !== undefined) {
		const separator = early ?? late ?? "\t";
		return lines(input, (all) => all.map((line) => line.split(separator)[Number(fields) - 1] ?? line));
	}
	if (input === null || units === null) return null;
	const from = Number(units[1] ?? 1);
	const to = units[2] === undefined ? from : units[3] === undefined ? Number.POSITIVE_INFINITY : Number(units[3]);
	return lines(input, (all) => all.map((line) => line.slice(from - 1, to)));
}

const CLASSES: readonly (readonly [name: string, letters: string])[] = [
	["[:lower:]", "abcdefghijklmnopqrstuvwxyz"],
	["[:upper:]", "ABCDEFGHIJKLMNOPQRSTUVWXYZ"],
	["[:digit:]", "0123456789"],
	["[:space:]", " \t\n\r\f\v"],
	["[:blank:]", " \t"],
];

function translated(args: readonly string[], input: string | null): string | null {
	if (input === null) return null;
	const flags = args.filter((arg) => /^-[cCdst]+$/.test(arg)).join("");
	const [from, to] = args.filter((arg) => !/^-[cCdst]+$/.test(arg)).map(letterSet);
	if (from === undefined || /[cCs]/.test(flags)) return null;
	if (flags.includes("d")) return [...input].filter((letter) => !from.includes(letter)).join("");
	if (to === undefined || to.length === 0) return null;
	const map = new Map(from.map((letter, index) => [letter, to[index] ?? (to.at(-1) as string)]));
	return [...input].map((letter) => map.get(letter) ?? letter).join("");
}

function letterSet(text: string): readonly string[] {
	let source = escaped(text);
	for (const [name, letters] of CLASSES) source = source.replaceAll(name, letters);
	const letters: string[] = [];
	const units = [...source];
	for (let index = 0; index < units.length && letters.length < 1_000; index++) {
		const first = units[index] as string;
		const last = units[index + 1] === "-" ? units[index + 2] : undefined;
		if (last === undefined) letters.push(first);
		else {
			for (
				let code = first.codePointAt(0) as number;
				code <= (last.codePointAt(0) as number) && letters.length < 1_000;
				code++
			) {
				letters.push(String.fromCodePoint(code));
			}
			index += 2;
		}
	}
	return letters;
}

/** `s/a/b/g` and `y/abc/xyz/` over plain letters. */
function substituted(args: readonly string[], input: string | null): string | null {
	const scripts = args.filter((arg) => !/^-[enErs]+$/.test(arg));
	if (input === null || scripts.length === 0 || args.includes("-n") || input.length > OUTPUT_MAX) return null;
	let text = input;
	for (const one of scripts.flatMap((script) => script.split(";"))) {
		const match = /^\s*([sy])([/|#,:@!_])((?:\\.|(?!\2).)*?)\2((?:\\.|(?!\2).)*?)\2(g?)\s*$/s.exec(one);
		if (match === null) return null;
		const [, verb, , from = "", to = "", flags] = match;
		if (from === ".*" && !/&|\\[^/]/.test(to)) text = lines(text, (all) => all.map(() => to.replaceAll("\\/", "/")));
		else if (verb === "y") text = translated([from, to], text) ?? text;
		else if (
			from === "^" ||
			from === "$" ||
			from === "" ||
			/[[\]\\.*^$+?(){}|]/.test(from.replace(/^\^|\\?\$$/g, "")) ||
			/[&\\]/.test(to)
		)
			return null;
		else text = lines(text, (all) => all.map((line) => replacedIn(line, from, to, flags === "g")));
		if (text.length > OUTPUT_MAX) return null;
	}
	return text;
}

function replacedIn(line: string, from: string, to: string, isGlobal: boolean): string {
	if (from.startsWith("^")) return line.startsWith(from.slice(1)) ? to + line.slice(from.length - 1) : line;
	if (from.endsWith("$"))
		return line.endsWith(from.slice(0, -1)) ? line.slice(0, line.length - from.length + 1) + to : line;
	return isGlobal ? line.replaceAll(from, () => to) : line.replace(from, () => to);
}
