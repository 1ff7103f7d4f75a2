/** Files that a text fetched or wrote itself, and programs that then do what these files say. */
import { hasOwnUse } from "./accesses.ts";
import { readCode } from "./code.ts";
import { withEnvironment } from "./given-texts.ts";
import { isShell, textsOf } from "./interpreters.ts";
import { recipes } from "./recipes.ts";
import type { Session, Spot } from "./session.ts";
import { scriptOf } from "./shell-words.ts";
import type { Standing } from "./standing.ts";
import { textLanguage } from "./text-language.ts";
import { type Field, operandsOf } from "./words.ts";

/** Do what files say that they are given, though they are known to read files for other ends, too. */
const RUNS_ITS_FILES =
	/^(?:g?make|pandoc|perl|ruby|php|node|lua|[a-z]*tex|latexmk|openvpn|awk|gawk|mawk|nawk|sed|gsed|vim?|nvim|emacs|ed|ex|sqlite3?|arp|minicom)[\d.]*$/;

/** Read without being told to: what a program does is in a file of this name. */
const OF_THEIR_OWN: readonly (readonly [program: RegExp, file: RegExp])[] = [
	[/^bundler?$/, /(?:^|\/)Gemfile$/],
	[/^rake$/, /(?:^|\/)[Rr]akefile(?:\.rb)?$/],
	[/^(?:cmake|ctest)$/, /(?:^|\/)CMakeLists\.txt$/],
	[/^(?:g|b)?make$/, /(?:^|\/)(?:GNU)?[Mm]akefile$/],
	[/^(?:npm|yarn|pnpm|bun|npx)$/, /(?:^|\/)package\.json$/],
	[/^composer$/, /(?:^|\/)composer\.json$/],
	[/^(?:pip[\d.]*|easy_install|pipx|uv|poetry|python[\d.]*|tox|nox)$/, /(?:^|\/)(?:setup|noxfile)\.py$/],
	[/^cargo$/, /(?:^|\/)build\.rs$/],
	[/^gradlew?$/, /(?:^|\/)build\.gradle(?:\.kts)?$/],
	[/^vagrant$/, /(?:^|\/)Vagrantfile$/],
	[/^scons$/, /(?:^|\/)SConstruct$/],
	[/^(?:invoke|inv|fab)$/, /(?:^|\/)(?:tasks|fabfile)\.py$/],
	[/^(?:pytest|py\.test)$/, /(?:^|\/)(?:conftest|test_\w+)\.py$/],
	[/^dstat$/, /dstat_\w+\.py$/],
	[/^ninja$/, /(?:^|\/)build\.ninja$/],
	[/^just$/, /(?:^|\/)[Jj]ustfile$/],
	[/^terraform$/, /\.tf$/],
	[/^fastlane$/, /(?:^|\/)Fastfile$/],
];

const FILES_MAX = 4;

/** Facts of the files that a program runs, of those that the text wrote; says where the first of them is from. */
export function runWritten(
	session: Session,
	{ program, name, args }: { readonly program: string | null; readonly name: Field; readonly args: readonly Field[] },
	read: (text: string) => void,
): "fetched" | "written" | "read" | "file" | null {
	const { fetched, written } = session;
	const otherwise = runsFile(program, name, args) ? "file" : null;
	if ((fetched.size === 0 && written.size === 0) || program === "chmod") return otherwise;
	const isReader = program !== null && !isShell(program) && textsOf(program, []).readsInput;
	const isRunner = isReader || (program !== null && (isShell(program) || program === "source" || program === "."));
	const files = isRunner ? operandsOf(args) : name.text.includes("/") ? [name.text] : [];
	for (const file of files.slice(0, 2)) {
		const plain = withoutDot(file);
		if (fetched.get(plain) === true) return "fetched";
		const text = written.get(file) ?? written.get(plain);
		if (text === undefined) continue;
		if (text === null) return "written";
		if (isReader) readFile(session, { program, path: file, args }, text, name);
		else session.nested(text, name, ["script"], false, read);
		return "read";
	}
	if (program !== null && !isShell(program)) runGiven(session, program, args, name);
	return otherwise;
}

/** A script that a shell is given, or a program that is in no folder of the system's. */
function runsFile(program: string | null, name: Field, args: readonly Field[]): boolean {
	if (program === "source" || program === ".") return args.length > 0;
	if (program !== null && isShell(program)) return scriptOf(args).kind === "file";
	return name.text.includes("/") && !OF_SYSTEM.test(name.text);
}

const OF_SYSTEM = /^\/(?:usr|bin|sbin|opt|snap|nix|System|Library|Applications)\//;

/** Programs that make files of their input, or of other files. */
export const keepsInput = (program: string): boolean => /^(?:tee|sponge|dd|cp|mv|install|ln|chmod)$/.test(program);

/** Files that a program makes of its input, or of files whose text is known. */
export function keepWritten(
	session: Session,
	program: string,
	args: readonly Field[],
	{ input: { text: input }, spot }: Standing,
): void {
	const { written } = session;
	const words = operandsOf(args);
	if (program === "chmod") {
		// What is made a program here, and run, is in no plain sight.
		const [mode = "", path = ""] = words;
		if (
			/^\/(?!usr\/|bin\/|sbin\/)/.test(path) &&
			/x|^[0-7]*[1357][0-7]{0,2}$/.test(mode) &&
			written.get(path) === undefined
		)
			written.set(path, null);
		return;
	}
	const textOf = (path: string | undefined): string | null | undefined =>
		path === undefined || INPUT.test(path) ? input : (written.get(path) ?? written.get(withoutDot(path)));
	if (/^(?:tee|sponge)$/.test(program)) for (const path of words) session.keep(path, input, spot);
	else if (program === "dd") {
		const [from, to] = ["if=", "of="].map((name) => words.find((word) => word.startsWith(name))?.slice(name.length));
		if (to !== undefined) written.set(to, textOf(from) ?? null);
	} else if (words.length === 2) {
		const text = textOf(words[0]);
		if (text !== undefined) written.set(words[1] as string, text);
	}
}

/** What a program reads that is given one file whose text is known: its other words, and that text. */
export function fileRead(
	session: Session,
	args: readonly string[],
): { readonly args: readonly string[]; readonly text: string } | null {
	if (session.written.size === 0) return null;
	const last = args.at(-1);
	const text = last === undefined ? undefined : (session.written.get(last) ?? session.written.get(withoutDot(last)));
	return typeof text === "string" ? { args: args.slice(0, -1), text } : null;
}

const INPUT = /^(?:-|\/dev\/stdin|\/dev\/fd\/0|\/proc\/self\/fd\/0)$/;

/** What a program is given that is no interpreter, or finds where it looks for it. */
function runGiven(session: Session, program: string, args: readonly Field[], spot: Spot): void {
	const isTold = !hasOwnUse(program) || RUNS_ITS_FILES.test(program);
	const own = OF_THEIR_OWN.find(([of]) => of.test(program))?.[1];
	if (!isTold && own === undefined) return;
	const words = args.map(({ text }) => withoutDot(text.replace(/^-[\w-]*=/, "").replace(/^@/, "")));
	let left = FILES_MAX;
	for (const [path, text] of session.written) {
		if (text === null || (own?.test(path) !== true && !(isTold && words.includes(withoutDot(path))))) continue;
		if (--left < 0) return;
		readFile(session, { program, path, args }, text, spot);
	}
}

/** A file's text in the language that its name says, or its program's. */
function readFile(
	session: Session,
	{ program, path, args }: { readonly program: string; readonly path: string; readonly args: readonly Field[] },
	written: string,
	spot: Spot,
): void {
	const text = withEnvironment(session, written);
	const place = session.place(spot);
	const at = { ...place, via: [...place.via, program] };
	if (/\.py$/.test(path) || textLanguage(program) === "python") session.to.within("python", text, at);
	else if (/\.[cm]?[jt]s$/.test(path)) session.to.within("javascript", text, at);
	else if (/\.sql$/.test(path) || textLanguage(program) === "sql") session.to.within("sql", text, at);
	else if (/(?:package|composer)\.json$/.test(path)) {
		for (const [, script = ""] of text.matchAll(/"[\w:-]+"\s*:\s*"((?:[^"\\]|\\.){1,2000})"/g))
			if (/[\s/]/.test(script)) session.to.within("shell", script.replace(/\\(.)/g, "$1"), at);
	} else if (/^ansible/.test(program)) {
		for (const [, command = ""] of text.matchAll(/\b(?:shell|command|raw|script)\s*:\s*([^\]}\n]{1,2000})/g))
			session.to.within("shell", command, at);
	} else if (/^[gb]?make$/.test(program)) {
		for (const line of recipes(text, operandsOf(args))) session.to.within("shell", line, at);
		readCode(program, text, at, session.to);
	} else if (program === "ninja") {
		for (const [, line = ""] of text.matchAll(/^\s*command\s*=\s*(.{1,2000})/gm)) session.to.within("shell", line, at);
	} else readCode(program, text, at, session.to);
}

const withoutDot = (path: string): string => path.replace(/^\.\//, "");
