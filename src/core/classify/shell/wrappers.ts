/** Programs that run another program, which their own words name: where in these its words begin. */
import { pathClasses } from "../path.ts";
import { table } from "../table.ts";
import { gitCommands } from "./git-texts.ts";
import type { Inner } from "./inner.ts";
import type { Field } from "./words.ts";
import { SHAPES, type Shape } from "./wrapper-shapes.ts";

const PACKAGE_RUNNERS = new Set(["npx", "pnpx", "bunx", "uvx", "npm", "pnpm", "yarn", "bun", "pipx"]);
const FIND = new Set(["find", "gfind", "bfs"]);
const FIND_RUNS = new Set(["-exec", "-execdir", "-ok", "-okdir"]);
const LOADER = /^ld-(?:linux|musl)[\w.-]*\.so[\w.]*$/;

export const isWrapper = (program: string): boolean => SHAPES.has(program) || FIND.has(program);

export const runsOthers = (program: string): boolean =>
	isWrapper(program) || isLoader(program) || OTHERS.has(program) || HAS_MODULES.test(program);

const isLoader = (program: string): boolean => program.startsWith("ld-") && LOADER.test(program);
/** Modules of Python that are programs of their own. */
const PROGRAM_MODULES = new Set(["pip", "pipx", "uv", "twine", "yt_dlp", "ansible"]);
const HAS_MODULES = /^(?:python|pypy)[23]?(?:\.\d+)?$/;
const OTHERS = new Set(["fd", "fdfind", "start-stop-daemon", "git", "npm", "pnpm", "just", "fzf", "sk", "cmake"]);

/** The commands that these words have run; `args` are those behind the program's name. */
export function innerCommands(program: string, args: readonly Field[]): readonly Inner[] {
	if (FIND.has(program)) return found(args);
	if (program === "fd" || program === "fdfind")
		return behindFlag(program, args, ["-x", "-X", "--exec", "--exec-batch"]);
	if (program === "start-stop-daemon") return behindFlag(program, args, ["-x", "--exec", "-a", "--startas"]);
	if (program === "git") return gitCommands(args);
	if (/^p?npm$/.test(program) && args.some(({ text }) => text.startsWith("scripts.")))
		return scriptTexts(program, args);
	if (program === "cmake") return toolOfCmake(args);
	if (program === "just") return behindFlag(program, args, ["--command", "-c"]);
	if (program === "fzf" || program === "sk") return actions(args);
	if (HAS_MODULES.test(program)) return moduleOf(program, args);
	if (program === "command" && /^-[pvV]*[vV]/.test(args[0]?.text ?? "")) return [];
	const shapes = SHAPES.get(isLoader(program) ? "ld.so" : program);
	if (shapes === undefined) return [];
	for (const each of shapes) {
		const rest = behindSub(args, each.sub);
		if (rest === null) continue;
		const inner = shaped(program, rest, each);
		return PACKAGE_RUNNERS.has(program) ? inner.map(withoutVersion) : inner;
	}
	return [];
}

/** `tool@5`, `tool==5`: which version of a package is run says nothing of what it does. */
function withoutVersion(inner: Inner): Inner {
	const [first, ...rest] = inner.kind === "argv" ? inner.args : [];
	const name = first === undefined ? null : /^((?:@[\w.-]+\/)?[\w.-]+)(?:@|==)[\w.^~<>=*-]+$/.exec(first.text)?.[1];
	return first === undefined || name == null
		? inner
		: { ...inner, kind: "argv", args: [{ ...first, text: name }, ...rest] };
}

/** The words behind the subcommand, wherever among options it stands. */
function behindSub(args: readonly Field[], sub: readonly string[]): readonly Field[] | null {
	let rest = args;
	for (const word of sub) {
		const index = rest.findIndex(({ text }, at) => text === word && at < 8);
		if (index < 0) return null;
		rest = rest.slice(index + 1);
	}
	return rest;
}

function shaped(
	program: string,
	args: readonly Field[],
	{ valued, operands, assigns, joins, dashed, texts }: Shape,
): readonly Inner[] {
	let index = 0;
	let left = operands;
	let isDashed = false;
	for (; index < args.length; index++) {
		const { text } = args[index] as Field;
		if (text === "--") {
			isDashed = true;
			index += 1;
			break;
		}
		if (text.startsWith("-") && text.length > 1) {
			const given = textOption(text, texts, args[index + 1]);
			if (given !== null) return [{ kind: "text", ...given, via: program }];
			if (takesNext(text, valued)) index += 1;
			continue;
		}
		if (assigns && /^[A-Za-z_]\w*=/.test(text)) continue;
		if (left > 0) {
			left -= 1;
			continue;
		}
		if (dashed && texts.size > 0) continue;
		if (
			texts.size > 0 &&
			(program === "su" || program === "runuser" || program === "script" || program === "vagrant")
		) {
			if (program !== "runuser" || args.some((arg) => texts.has(arg.text.replace(/^-+/, "").split("=")[0] as string)))
				continue;
		}
		break;
	}
	if (dashed && !isDashed) return [];
	if (isDashed && left > 0 && !dashed) index += left;
	const rest = args.slice(index);
	if (rest.length === 0) return [];
	if (!joins || rest.length === 0) return [{ kind: "argv", args: rest, via: program }];
	return [
		{
			kind: "text",
			text: rest.map(({ text }) => text).join(" "),
			isStatic: rest.every(({ isStatic }) => isStatic),
			via: program,
		},
	];
}

function textOption(
	text: string,
	texts: ReadonlySet<string>,
	next: Field | undefined,
): { text: string; isStatic: boolean } | null {
	if (texts.size === 0) return null;
	const body = text.replace(/^--?/, "");
	const [name = "", ...value] = body.split("=");
	if (text.startsWith("--")) {
		if (!texts.has(name)) return null;
		if (value.length > 0) return { text: value.join("="), isStatic: true };
		return next ?? null;
	}
	const letter = body[0] ?? "";
	if (texts.has(body.at(-1) ?? "") && /^[a-zA-Z]+$/.test(body) && body.length <= 4) return next ?? null;
	return texts.has(letter) && body.length > 1 ? { text: body.slice(1), isStatic: true } : null;
}

function takesNext(text: string, valued: ReadonlySet<string>): boolean {
	if (text.startsWith("--")) return !text.includes("=") && valued.has(text.slice(2));
	return (
		valued.has(text.slice(1)) ||
		(text.length > 2 &&
			valued.has(text.at(-1) as string) &&
			/^-[a-zA-Z]+$/.test(text) &&
			!valued.has(text[1] as string))
	);
}

function found(args: readonly Field[]): readonly Inner[] {
	const inner: Inner[] = [];
	const place = placeOfOneKind(args);
	for (let index = 0; index < args.length; index++) {
		const flag = (args[index] as Field).text;
		if (!FIND_RUNS.has(flag)) continue;
		let end = index + 1;
		while (
			end < args.length &&
			(args[end] as Field).text !== ";" &&
			!((args[end] as Field).text === "+" && args[end - 1]?.text === "{}")
		)
			end += 1;
		const words = args.slice(index + 1, end);
		const given = place === null ? words : words.map((word) => (word.text === "{}" ? place : word));
		if (words.length > 0) inner.push({ kind: "argv", args: given, via: `find ${flag}` });
		index = end;
	}
	return inner;
}

/** The one place that is searched, where all that is found there is of a kind: keys, credentials, logs. */
function placeOfOneKind(args: readonly Field[]): Field | null {
	const [place, next] = args;
	if (place === undefined || next?.text.startsWith("-") !== true) return null;
	return pathClasses(place.text).some((each) => OF_ONE_KIND.has(each)) ? place : null;
}

const OF_ONE_KIND: ReadonlySet<string> = new Set(
	"ssh-key cloud-credential token-file browser-secret password-store shadow sudoers history database-file log".split(
		" ",
	),
);

/** `cmake -E TOOL …`: a tool that every system has, by the name that it has there. */
function toolOfCmake(args: readonly Field[]): readonly Inner[] {
	const [flag, tool, ...rest] = args;
	if (flag?.text !== "-E" || tool === undefined) return [];
	return [{ kind: "argv", args: [{ ...tool, text: OF_CMAKE[tool.text] ?? tool.text }, ...rest], via: "cmake -E" }];
}

const OF_CMAKE = table({
	copy: "cp",
	copy_if_different: "cp",
	copy_directory: "cp",
	rename: "mv",
	remove: "rm",
	remove_directory: "rm",
	make_directory: "mkdir",
	create_symlink: "ln",
	create_hardlink: "ln",
	compare_files: "cmp",
	capabilities: "true",
});

/** `python -m pip …`, `python -mpip …`. */
function moduleOf(program: string, args: readonly Field[]): readonly Inner[] {
	const index = args.findIndex(({ text }) => !text.startsWith("-") || text.startsWith("-m"));
	const option = args[index];
	if (option?.text.startsWith("-m") !== true) return [];
	const isJoined = option.text.length > 2;
	const module = isJoined ? { ...option, text: option.text.slice(2) } : args[index + 1];
	if (module === undefined || !PROGRAM_MODULES.has(module.text)) return [];
	const name = { ...module, text: module.text.replace("_", "-") };
	return [{ kind: "argv", args: [name, ...args.slice(index + (isJoined ? 1 : 2))], via: `${program} -m` }];
}

function behindFlag(program: string, args: readonly Field[], flags: readonly string[]): readonly Inner[] {
	const index = args.findIndex(({ text }) => flags.includes(text));
	const rest = index < 0 ? [] : args.slice(index + 1).filter(({ text }) => text !== ";" && text !== "--");
	return rest.length === 0 ? [] : [{ kind: "argv", args: rest, via: program }];
}

/** UTF-16 units of the actions of a chooser. */
const ACTIONS_MAX = 2_000;
const ACTION =
	/(?:execute(?:-silent|-multi)?|become|reload(?:-sync)?|transform[\w-]*|change-preview|preview)(?:\((.*?)\)(?=$|[,+])|\[(.*?)\](?=$|[,+])|:(.*)$)/gs;

/** Commands of a chooser's keys, of its preview and of its reload. */
function actions(args: readonly Field[]): readonly Inner[] {
	const inner: Inner[] = [];
	for (let index = 0; index < args.length; index++) {
		const { text, isStatic } = args[index] as Field;
		const [, flag, given] = /^--(bind|preview)(?:=(.*))?$/s.exec(text) ?? [];
		const value = given ?? args[index + 1]?.text;
		if (flag === undefined || value === undefined) continue;
		if (flag === "preview") inner.push({ kind: "text", text: value, isStatic, via: "fzf" });
		else
			for (const [, round, square, rest] of value.slice(0, ACTIONS_MAX).matchAll(ACTION))
				inner.push({ kind: "text", text: round ?? square ?? rest ?? "", isStatic, via: "fzf" });
	}
	return inner;
}

/** `npm pkg set scripts.NAME=TEXT`. */
const scriptTexts = (program: string, args: readonly Field[]): readonly Inner[] =>
	args.flatMap(({ text, isStatic }) => {
		const script = /^scripts\.[\w:-]+=(.+)$/s.exec(text)?.[1];
		return script === undefined ? [] : [{ kind: "text", text: script, isStatic, via: program }];
	});
