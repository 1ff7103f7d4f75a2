/** `xargs` and `parallel`: a command with words of an input, where that is constant. */
import type { Session } from "./session.ts";
import type { Field } from "./words.ts";

export type Fed =
	| { readonly kind: "argv"; readonly args: readonly Field[] }
	| { readonly kind: "texts"; readonly texts: readonly string[] };

/** Words of an input that are added, and texts that are each read. */
const WORDS_MAX = 64;
const TEXTS_MAX = 8;
const COLONS = /^:::\+?$/;

export const isFeeder = (program: string): boolean => /^(?:g?xargs|parallel)$/.test(program);

/** The text of the file that `-a` names, where this text made it. */
export function fileOfWords(session: Session, args: readonly Field[]): string | null {
	const path = optionValue(args, /^(?:-a|--arg-file)$/, /^(?:-a|--arg-file=)(.+)$/);
	return path === undefined ? null : (session.written.get(path) ?? null);
}

/** The command `words` as it is run: `args` are all words of the program, `input` what it is given, null: not known. */
export function fed(program: string, words: readonly Field[], input: string | null, args: readonly Field[]): Fed {
	const colons = words.findIndex(({ text }) => COLONS.test(text));
	const plain = colons < 0 ? words : words.slice(0, colons);
	const given = colons < 0 ? separated(program, input ?? "", args) : words.slice(colons + 1).map(({ text }) => text);
	const mark = replacedIn(args);
	if (program === "parallel") {
		const command = plain.map(({ text }) => text).join(" ");
		if (plain.length < 2) return { kind: "texts", texts: texts(command, mark, given) };
	}
	if (given.length === 0) return { kind: "argv", args: plain };
	const [first] = plain;
	const place = { isStatic: true, pos: first?.pos ?? 0, end: first?.end ?? 0 };
	if (plain.some(({ text }) => text.includes(mark))) {
		const whole = colons < 0 ? (input ?? "").trim() : (given[0] as string);
		return {
			kind: "argv",
			args: plain.map((field) => ({ ...field, text: field.text.replaceAll(mark, () => whole) })),
		};
	}
	return { kind: "argv", args: [...plain, ...given.slice(0, WORDS_MAX).map((text) => ({ ...place, text }))] };
}

/** What a shell is given for each word. */
function texts(command: string, mark: string, given: readonly string[]): readonly string[] {
	if (given.length === 0) return command === "" ? [] : [command];
	return given
		.slice(0, TEXTS_MAX)
		.map((word) => (command.includes(mark) ? command.replaceAll(mark, () => word) : `${command} ${word}`.trim()));
}

function separated(program: string, input: string, args: readonly Field[]): readonly string[] {
	const delimiter = optionValue(args, /^(?:-d|--delimiter)$/, /^(?:-d|--delimiter=)(.+)$/);
	const at = args.some(({ text }) => /^(?:-\w{0,3}0\w{0,3}|--null)$/.test(text))
		? "\0"
		: delimiter !== undefined
			? delimiter.replace(/^\\n$/, "\n").replace(/^\\0$/, "\0").replace(/^\\t$/, "\t")
			: program === "parallel"
				? "\n"
				: /[\s\0]+/;
	return input.split(at).filter((word) => word.trim() !== "");
}

const replacedIn = (args: readonly Field[]): string => optionValue(args, /^(?:-I|--replace)$/, /^-I(.+)$/) ?? "{}";

/** The word behind an option, or in the same word. */
function optionValue(args: readonly Field[], alone: RegExp, joined: RegExp): string | undefined {
	for (let index = 0; index < args.length; index++) {
		const { text } = args[index] as Field;
		if (!text.startsWith("-")) return undefined;
		if (alone.test(text)) return args[index + 1]?.text;
		const value = joined.exec(text)?.[1];
		if (value !== undefined) return value;
	}
	return undefined;
}
