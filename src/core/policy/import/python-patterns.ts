/**
 * The patterns of Python programs in the dialect of policies: `re` as far as both know it, and `fnmatch`.
 *
 * What Python writes in another way is rewritten; what the dialect has not is left for `readPattern` to refuse. Where the two
 * differ in what they match, the rewritten one matches more: it stands for a pattern that stops calls.
 */

/** Of a regex: the same in the dialect, as far as there is one. */
export function regexOfPython(source: string): string {
	const flags = /^\(\?[aiLsu]+\)/.exec(source);
	let text = "";
	for (let at = flags?.[0].length ?? 0; at < source.length; ) {
		const rest = source.slice(at);
		const [taken, written] = piece(rest);
		text += written;
		at += taken;
	}
	return text;
}

/** Is it a regex of Python, as far as its brackets and repetitions go? Of what Python alone has, that is believed. */
export function isRegex(source: string): boolean {
	if (PYTHON_ONLY.test(source)) return true;
	try {
		new RegExp(regexOfPython(source));
		return true;
	} catch {
		return false;
	}
}

/** Atomic groups, conditions, flags inside, references by name, possessive repetitions. */
const PYTHON_ONLY = /\(\?(?:>|\(|P=|-?[aiLmsux]+[-a-z]*[:)])|[*+?}]\+/;

/** How many characters of Python's are written as what. */
function piece(rest: string): readonly [taken: number, written: string] {
	const sign = rest.charAt(0);
	if (sign === "\\") return escapePiece(rest);
	if (sign === "[") return classPiece(rest);
	// `$` is also before a line break that ends the text.
	if (sign === "$") return [1, "\\n?$"];
	if (rest.startsWith("(?P<")) return [4, "(?<"];
	const bounds = /^\{,(\d+)\}/.exec(rest);
	if (bounds !== null) return [bounds[0].length, `{0,${bounds[1]}}`];
	const comment = /^\(\?#[^)]*\)/.exec(rest);
	return comment === null ? [1, sign] : [comment[0].length, ""];
}

function escapePiece(rest: string): readonly [number, string] {
	const two = rest.slice(0, 2);
	if (two === "\\A") return [2, "^"];
	if (two === "\\Z") return [2, "$"];
	if (two === "\\a") return [2, "\\x07"];
	const long = /^\\U00([0-9A-Fa-f]{6})/.exec(rest);
	return long === null ? [two.length, two] : [long[0].length, `\\u{${long[1]}}`];
}

/** A class: `]` in the first place is itself. */
function classPiece(rest: string): readonly [number, string] {
	let at = rest.startsWith("[^") ? 2 : 1;
	let text = rest.slice(0, at);
	if (rest.charAt(at) === "]") {
		text += "\\]";
		at += 1;
	}
	while (at < rest.length && rest.charAt(at) !== "]") {
		if (rest.charAt(at) === "\\") {
			const [taken, written] = escapePiece(rest.slice(at));
			text += written;
			at += taken;
		} else {
			text += rest.charAt(at);
			at += 1;
		}
	}
	return [at + 1, `${text}${rest.charAt(at)}`];
}

/** Of a regex of the dialect: the same in Python, which is always asked without regard to case. */
export const regexForPython = (source: string): string =>
	source.replace(/^\(\?[is]+\)/, "").replaceAll(PIECE, (found) => {
		if (found === "\\n?$") return "$";
		if (found === "(?<") return "(?P<";
		if (found === "[^]") return "[\\s\\S]";
		return found.replaceAll(/\\u\{([0-9A-Fa-f]{1,6})\}|\\./gs, (one, rune?: string) =>
			rune === undefined ? one : `\\U${rune.padStart(8, "0")}`,
		);
	});

/** What Python writes in another way, and what must not be taken for it: a class, an escape. */
const PIECE = /\\n\?\$|\\u\{[0-9A-Fa-f]{1,6}\}|\\.|\[\^\]|\[(?:\\.|[^\]\\])*\]|\(\?<(?![=!])/gs;

/**
 * Of a glob of `fnmatch`, which may begin anywhere and has to reach the end; in style `text`. A bracket that nothing closes is
 * a character.
 */
export function globOfFnmatch(source: string): string {
	let text = source.startsWith("*") ? "" : "*";
	for (let at = 0; at < source.length; ) {
		const sign = source.charAt(at);
		const end = sign === "[" ? classEnd(source, at) : -1;
		if (end >= 0) {
			const negated = source.charAt(at + 1) === "!";
			const inner = source.slice(at + (negated ? 2 : 1), end);
			text += `[${negated ? "!" : ""}${inner.replaceAll(/[\\\]^![]/g, "\\$&")}]`;
			at = end + 1;
		} else {
			text += SPECIAL.test(sign) ? `\\${sign}` : sign;
			at += 1;
		}
	}
	return text.replaceAll(/(?<!\\)\*\*+/g, "*");
}

const SPECIAL = /[[\]{}()|\\!+@]/;

function classEnd(source: string, start: number): number {
	const first = start + (source.charAt(start + 1) === "!" ? 2 : 1);
	return source.indexOf("]", first + 1);
}

/** Of a glob of style `text` without braces: the same for `fnmatch`, which knows no escapes. Null where it cannot say it. */
export function globForFnmatch(source: string): string | null {
	let text = "";
	for (let at = 0; at < source.length; ) {
		const sign = source.charAt(at);
		if (sign === "\\") {
			const next = source.charAt(at + 1);
			text += /[*?[]/.test(next) ? `[${next}]` : next;
			at += 2;
		} else if (sign === "{" || sign === "}") return null;
		else if (sign === "[") {
			const [taken, members] = classMembers(source.slice(at));
			if (members === null) return null;
			text += members;
			at += taken;
		} else {
			text += sign;
			at += 1;
		}
	}
	return text;
}

/** A class of a glob of the dialect as `fnmatch` has it: `]` comes first, `!` last. Null where that would break a range. */
function classMembers(rest: string): readonly [number, string | null] {
	const [whole = "", negation = "", inner = ""] = /^\[([!^]?)((?:\\.|[^\\\]])+)\]/.exec(rest) ?? [];
	const plain = inner.replaceAll(/\\(.)/g, "$1");
	const begin = negation === "" ? "[" : "[!";
	if (!/\]|^[!^]/.test(plain)) return [whole.length, whole === "" ? null : `${begin}${plain}]`];
	if (plain.includes("-")) return [whole.length, null];
	const others = plain.replaceAll(/[\]!^]/g, "");
	const last = ["!", "^"].filter((sign) => plain.includes(sign)).join("");
	const first = plain.includes("]") ? "]" : "";
	return [whole.length, first + others === "" && negation === "" ? null : `${begin}${first}${others}${last}]`];
}
