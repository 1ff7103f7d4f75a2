/** Heads of cmd.exe's loops: what runs for the sake of their set, and what their variable stands for where that can be seen. */

const BY_COMMAND =
	/^\s*@?for\s+\/f\s+(?:("[^"]*")\s+|(?:\w+=\S*\s+)+)?%{1,2}(\w)\s+in\s*\(\s*(['`])(.*)\3\s*\)\s*do\s+/is;
const BY_SET = /^\s*@?for\s+(?:\/([dlrf])\s+("[^"]*"|[^%\s]\S*)?\s*)?%{1,2}(\w)\s+in\s*\(([^)]*)\)\s*do\s+/is;
/** Elements of a set of which the body is read. */
const ELEMENTS_MAX = 8;
/** Elements of a set of which a text is put together. */
const SETS_MAX = 2_000;

export interface Loop {
	/** The command whose lines the loop goes over. */
	readonly command: string | null;
	/** What is done, once for each element that is known; as it is written where none is. */
	readonly bodies: readonly string[];
	/** Settings of variables, one for each element: a text that the loop puts together. */
	readonly sets: Iterable<string> | null;
}

/** The loop at whose head the text begins; null where it begins with none. */
export function loopAt(text: string): Loop | null {
	const lines = BY_COMMAND.exec(text);
	if (lines !== null) {
		const [head, options = "", variable = "", , command = ""] = lines;
		const said = /^\s*(?:cmd(?:\.exe)?\s*\/[cr]\s*)?echo[ .,:;(]\s*([^&|<>%!]*)$/i.exec(command)?.[1];
		return { command, bodies: fieldBodies(text.slice(head.length), variable, said, options), sets: null };
	}
	const found = BY_SET.exec(text);
	if (found === null) return null;
	const [head, kind = "", options = "", variable = "", set = ""] = found;
	const body = text.slice(head.length);
	if (kind.toLowerCase() === "f") {
		const said = /^\s*"(.*)"\s*$/s.exec(set)?.[1];
		return { command: null, bodies: fieldBodies(body, variable, said, options), sets: null };
	}
	const isSet = /^\s*@?set\s/i.test(body);
	const isCount = kind.toLowerCase() === "l";
	const known = isCount ? [] : elements(kind.toLowerCase(), set);
	if (isSet && (isCount || known.length > 0)) {
		return { command: null, bodies: [body], sets: setsOf(body, variable, isCount ? numbers(set) : known) };
	}
	return { command: null, bodies: bodies(body, variable, known), sets: null };
}

/** What a line is cut into: the first variable has the first word or all of it, with `tokens=1*` the next has the rest. */
function fieldBodies(body: string, variable: string, said: string | undefined, options: string): readonly string[] {
	if (said === undefined) return bodies(body, variable, []);
	const isCut = /tokens=\d+\*/i.test(options);
	const rest = /^\s*\S+\s+(\S.*)$/s.exec(said)?.[1]?.trim() ?? "";
	const next = String.fromCharCode(variable.charCodeAt(0) + 1);
	return bodies(isCut ? named(body, next, rest) : body, variable, [field(said, options)]);
}

const named = (body: string, variable: string, element: string): string =>
	body.replace(new RegExp(`%{1,2}${variable}(?!\\w)`, "g"), () => element);

function* setsOf(body: string, variable: string, elements: Iterable<string>): Iterable<string> {
	const name = new RegExp(`%{1,2}${variable}(?!\\w)`, "g");
	let left = SETS_MAX;
	for (const element of elements) {
		left -= 1;
		if (left < 0) return;
		yield body.replace(name, () => element);
	}
}

/** `1,2,9`: from, by, to. */
function* numbers(set: string): Iterable<string> {
	const [from = 0, by = 0, to = 0] = set
		.split(/[\s,;]+/)
		.filter((one) => one !== "")
		.map(Number);
	if (by > 0) for (let at = from; at <= to; at += by) yield String(at);
	else if (by < 0) for (let at = from; at >= to; at += by) yield String(at);
}

/** Of a line its first word, or the whole of it where nothing delimits words. */
const field = (line: string, options: string): string =>
	/delims=(?:"|\s|$)|tokens=\*/i.test(options) ? line.trim() : (line.trim().split(/[\s,;]+/)[0] ?? "");

function elements(kind: string, set: string): readonly string[] {
	if (kind === "d" || kind === "r") return [];
	return set.split(/[\s,;=]+/).filter((each) => /^[\w.:\\/-]+$/.test(each));
}

function bodies(body: string, variable: string, known: readonly string[]): readonly string[] {
	if (known.length === 0 || named(body, variable, "") === body) return [body];
	// Loops within loops would multiply: of an outer one the first element says enough.
	return known.slice(0, /\bfor\s/i.test(body) ? 1 : ELEMENTS_MAX).map((element) => named(body, variable, element));
}
