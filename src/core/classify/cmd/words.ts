/** Cuts a line of cmd.exe into commands: carets, quotes, `&`, `|`, brackets and redirections. One pass. */

export interface Redirect {
	readonly mode: "write" | "append" | "read";
	readonly path: string;
	readonly from: number;
	readonly until: number;
}

export interface SimpleCommand {
	/** As written, without carets. */
	readonly text: string;
	readonly redirects: readonly Redirect[];
	readonly from: number;
	readonly until: number;
	/** Whether the command before it writes into it. */
	readonly isPiped: boolean;
}

/** What stands before a bracket that opens a block. */
const OPENS_BLOCK =
	/(?:\bdo|\belse|==\S*|\bexist\s+\S+|\bdefined\s+\S+|\berrorlevel\s+\d+|\b(?:equ|neq|lss|leq|gtr|geq)\s+\S+)\s+$/i;

/** `tokens` of a text in order; brackets only count where a command may begin or end. */
export function cutCommands(text: string): readonly SimpleCommand[] {
	const commands: SimpleCommand[] = [];
	let redirects: Redirect[] = [];
	// Looked at as seldom as may be: a text that is put together letter by letter is joined whenever it is looked at.
	let written = "";
	let last = "";
	let isBlank = true;
	let from = 0;
	let depth = 0;
	let isQuoted = false;
	let isPiped = false;
	let at = 0;
	const finish = (until: number, pipesOn: boolean): void => {
		if (written.trim() !== "" || redirects.length > 0)
			commands.push({ text: written, redirects, from, until, isPiped });
		[written, redirects, isPiped] = ["", [], pipesOn];
		[last, isBlank] = ["", true];
	};
	const put = (chars: string): void => {
		written += chars;
		last = chars;
		isBlank &&= chars.trim() === "";
	};
	while (at < text.length) {
		const char = text[at] ?? "";
		if (char === "\n" || char === "\r") {
			finish(at, false);
			isQuoted = false;
			from = at += 1;
		} else if (char === '"') {
			isQuoted = !isQuoted;
			put(char);
			at += 1;
		} else if (isQuoted) {
			put(char);
			at += 1;
		} else if (char === "^") {
			// Before a line end it joins the lines.
			const next = text[at + 1] === "\r" ? 2 : 1;
			if (text[at + next] === "\n") at += next + 1;
			else {
				put(text[at + 1] ?? "");
				at += 2;
			}
		} else if (char === "&" || char === "|") {
			const isDouble = text[at + 1] === char;
			finish(at, char === "|" && !isDouble);
			from = at += isDouble ? 2 : 1;
		} else if (char === "(" && (isBlank || (last.trim() === "" && OPENS_BLOCK.test(written.slice(-300))))) {
			if (!isBlank) finish(at, false);
			depth += 1;
			from = at += 1;
		} else if (char === ")" && depth > 0) {
			finish(at, false);
			depth -= 1;
			from = at += 1;
		} else if (char === ">" || char === "<") {
			const start = at;
			const handle = /(?:^|\s)(\d)$/.exec(written.slice(-2))?.[1];
			if (handle !== undefined) written = written.slice(0, -1);
			const isDouble = char === ">" && text[at + 1] === ">";
			at += isDouble ? 2 : 1;
			const target = /[ \t]*(?:&\d|"[^"\n]*"?|[^\s&|<>()]+)?/y;
			target.lastIndex = at;
			const found = target.exec(text)?.[0] ?? "";
			at += found.length;
			const path = found.trim().replaceAll('"', "").replaceAll("^", "");
			if (path !== "" && !path.startsWith("&"))
				redirects.push({ mode: char === "<" ? "read" : isDouble ? "append" : "write", path, from: start, until: at });
		} else {
			put(char);
			at += 1;
		}
	}
	finish(text.length, false);
	return commands;
}

/**
 * The words behind a program's name, quotes taken off; `\"` within quotes is a quote for the program, but the end of a folder's
 * name where no other quote would close it: `"C:\x\"`.
 */
export function cutWords(text: string): readonly string[] {
	const words: string[] = [];
	let word = "";
	let isWord = false;
	let isQuoted = false;
	let quotes = text.split('"').length - 1;
	for (let at = 0; at < text.length; at++) {
		const char = text[at] ?? "";
		if (char === '"') quotes -= 1;
		if (char === "\\" && text[at + 1] === '"' && !(isQuoted && quotes % 2 === 1 && /^\s?$/.test(text[at + 2] ?? ""))) {
			word += '"';
			isWord = true;
			at += 1;
			quotes -= 1;
		} else if (char === '"' && isQuoted && text[at + 1] === '"') {
			word += '"';
			at += 1;
			quotes -= 1;
		} else if (char === '"') {
			isQuoted = !isQuoted;
			isWord = true;
		} else if (!isQuoted && (char === " " || char === "\t")) {
			if (isWord) words.push(word);
			[word, isWord] = ["", false];
		} else {
			word += char;
			isWord = true;
		}
	}
	if (isWord) words.push(word);
	return words;
}

/** The program's name of a command, and the text behind it: `cmd/c x`, `"a b.exe" x`, `c"ert"util x`, `echo.x`. */
export function cutName(text: string): readonly [name: string, tail: string] {
	const start = /^[\s,;=@(]*/.exec(text)?.[0].length ?? 0;
	let name = "";
	let isQuoted = false;
	let at = start;
	for (; at < text.length; at++) {
		const char = text[at] ?? "";
		if (char === '"') {
			isQuoted = !isQuoted;
			// Behind the whole path of a program its words may follow at once.
			if (!isQuoted && text[start] === '"' && /[\\/].*\.(?:exe|com|bat|cmd)$/i.test(name)) {
				at += 1;
				break;
			}
		} else if (!isQuoted && /[\s,;=]/.test(char)) break;
		else if (!isQuoted && char === "/" && name.length < 100 && /^\w{2,}$/.test(name)) break;
		else if (!isQuoted && name.length === 4 && /[.:\\/([+]/.test(char) && /^echo$/i.test(name)) break;
		else name += char;
	}
	return [name, text.slice(at)];
}
