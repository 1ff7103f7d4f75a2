/** Comments of a YAML file, with their places. What looks like one inside a text is none. */
import { Lexer } from "yaml";
import type { Place } from "../base/errors.ts";

export interface YamlComment {
	/** From `#` to the end of the line. */
	readonly text: string;
	readonly place: Place;
	/** Is nothing else on its line? */
	readonly isAlone: boolean;
}

/** Marks that the lexer puts between tokens: a document's begin, a broken flow, a scalar. */
const MARKS: ReadonlySet<string> = new Set(["\u0002", "\u0018", "\u001f"]);

export function commentsIn(file: string, text: string): readonly YamlComment[] {
	const found: YamlComment[] = [];
	let line = 1;
	let before = "";
	let isText = false;
	for (const token of new Lexer().lex(text)) {
		if (MARKS.has(token)) {
			isText = token === "\u001f";
			continue;
		}
		if (!isText && token.startsWith("#")) {
			const place = { file, line, column: before.length + 1 };
			found.push({ text: token, place, isAlone: before.trim() === "" });
		}
		isText = false;
		const lines = token.split(/\r\n|\n|\r/);
		before = lines.length === 1 ? before + token : (lines.at(-1) ?? "");
		line += lines.length - 1;
	}
	return found;
}
