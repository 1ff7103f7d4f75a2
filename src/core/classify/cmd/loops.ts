/** Heads of cmd.exe's loops: what runs for the sake of their set, and what their variable stands for where that can be seen. */

const BY_COMMAND =
	/^\s*@?for\s+\/f\s+(?:("[^"]*")\s+|(?:\w+=\S*\s+)+)?%{1,2}(\w)\s+in\s*\(\s*(['`])(.*)\3\s*\)\s*do\s+/is;
const BY_SET = /^\s*@?for\s+(?:\/([dlrf])\s+("[^"]*"|[^%\s]\S*)?\s*)?%{1,2}(\w)\s+in\s*\(([^)]*)\)\s*do\s+/is;
/** Elements of a set of which the body is read. */
const ELEMENTS_MAX = 8;

export interface Loop {
	/** The command whose lines the loop goes over. */
	readonly command: string | null;
	/** What is done, once for each element that is known; as it is written where none is. */
	readonly bodies: readonly string[];
}

/** The loop at whose head the text begins; null where it begins with none. */
export function loopAt(text: string): Loop | null {
	const lines = BY_COMMAND.exec(text);
	if (lines !== null) {
		const [head, options = "", variable = "", , command = ""] = lines;
		const said = /^\s*echo[ .,:;(]\s*([^&|<>%!]*)$/i.exec(command)?.[1];
		return {
			command,
			bodies: bodies(text.slice(head.length), variable, said === undefined ? [] : [field(said, options)]),
		};
	}
	const found = BY_SET.exec(text);
	if (found === null) return null;
	const [head, kind = "", options = "", variable = "", set = ""] = found;
	return {
		command: null,
		bodies: bodies(text.slice(head.length), variable, elements(kind.toLowerCase(), options, set)),
	};
}

/** Of a line its first word, or the whole of it where nothing delimits words. */
const field = (line: string, options: string): string =>
	/delims=(?:"|\s|$)|tokens=\*/i.test(options) ? line.trim() : (line.trim().split(/[\s,;]+/)[0] ?? "");

function elements(kind: string, options: string, set: string): readonly string[] {
	if (kind === "l" || kind === "d" || kind === "r") return [];
	if (kind !== "f") return set.split(/[\s,;=]+/).filter((each) => /^[\w.:\\/-]+$/.test(each));
	const quoted = /^\s*"(.*)"\s*$/s.exec(set)?.[1];
	return quoted === undefined ? [] : [field(quoted, options)];
}

function bodies(body: string, variable: string, known: readonly string[]): readonly string[] {
	const name = new RegExp(`%{1,2}${variable}(?!\\w)`, "g");
	if (known.length === 0 || !name.test(body)) return [body];
	// Loops within loops would multiply: of an outer one the first element says enough.
	return known.slice(0, /\bfor\s/i.test(body) ? 1 : ELEMENTS_MAX).map((element) => body.replace(name, () => element));
}
