/**
 * Texts that a server would put together from constants alone: joined by `||` or `+`, by CONCAT, CHAR and CHR, from hexadecimal digits, and
 * what was put into a variable before.
 */
import { textOfHex } from "./escapes.ts";
import { NUMBER, QUOTED, TEXT, type Token, VARIABLE, WORD } from "./token.ts";

/** Values of variables that statements before set to constants. */
export type Variables = Map<string, string>;

/** Behind the name of a variable whose text was spelled by its bytes. */
export const BY_BYTES = "\0bytes";

const CHARACTERS: ReadonlySet<string> = new Set(["char", "chr", "nchar", "ascii_char", "unichr"]);
const JOINING: ReadonlySet<string> = new Set(["concat", "group_concat", "concat_ws"]);
const JOINERS: ReadonlySet<string> = new Set(["||", "+", ",", "&", "::"]);
const SAME: ReadonlySet<string> = new Set([
	"cast",
	"convert",
	"n",
	"quote_literal",
	"lower",
	"upper",
	"trim",
	"utl_raw.cast_to_varchar2",
	"hextoraw",
	"convert_from",
	"nvarchar",
	"as",
	"varchar",
	"text",
	"max",
	"using",
	"utf8",
]);

/**
 * The text that the tokens from `from` spell, up to `to`; undefined where something but constants takes part. Brackets, signs that join
 * and casts are passed over.
 */
export function staticText(
	tokens: readonly Token[],
	from: number,
	to: number,
	variables: Variables,
): string | undefined {
	let text = "";
	let parts = 0;
	const ofCharacters: boolean[] = [];
	for (let at = from; at < to; at++) {
		const token = tokens[at] as Token;
		if (token.kind === TEXT || token.kind === QUOTED) {
			text += token.text;
			parts++;
		} else if (token.kind === VARIABLE) {
			const value = variables.get(token.text);
			if (value === undefined) return undefined;
			text += value;
			parts++;
		} else if (token.kind === NUMBER) {
			if (ofCharacters.at(-1) !== true) continue;
			text += letterOf(token.text);
			parts++;
		} else if (token.kind === WORD) {
			const isKnown = CHARACTERS.has(token.text) || JOINING.has(token.text) || SAME.has(token.text);
			if (token.text === "unhex" || token.text === "from_base64" || token.text === "decode") {
				const value = tokens[at + 2];
				if (value?.kind !== TEXT) return undefined;
				const format = tokens[at + 3]?.text === "," ? tokens[at + 4] : undefined;
				const isBase64 = token.text === "from_base64" || format?.text.toLowerCase() === "base64";
				text += isBase64 ? textOfBase64(value.text) : textOfHex(value.text);
				parts++;
				// The format is no part of the text, nor is the encoding behind it: `convert_from(decode('…', 'hex'), 'UTF8')`.
				at += format?.kind === TEXT ? 4 : 2;
				if (tokens[at + 1]?.text === ")" && tokens[at + 2]?.text === "," && tokens[at + 3]?.kind === TEXT) at += 3;
			} else if (!isKnown) {
				const value = variables.get(token.text);
				if (value === undefined) return undefined;
				text += value;
				parts++;
			}
		} else if (token.text === "(") ofCharacters.push(CHARACTERS.has(tokens[at - 1]?.text ?? ""));
		else if (token.text === ")") ofCharacters.pop();
		else if (!JOINERS.has(token.text)) return undefined;
	}
	return parts > 0 ? text : undefined;
}

const letterOf = (number: string): string => {
	const code = Number(number);
	return Number.isInteger(code) && code >= 0 && code < 0x11_0000 ? String.fromCodePoint(code) : "";
};

const textOfBase64 = (text: string): string => Buffer.from(text, "base64").toString("latin1");

/** Is a text spelled by its bytes, so that nobody reads it: `0x64726f70`? */
export const isSpelledByBytes = ({ kind, text, from, to }: Token): boolean =>
	kind === TEXT && text.length >= BYTES_MIN && to - from >= 2 * text.length + 2;

const BYTES_MIN = 4;
