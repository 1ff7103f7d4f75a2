/** The words of a JavaScript text: names, texts, signs; comments and regular expressions are passed over. One pass, whatever it holds. */

export const NAME = 0;
export const TEXT = 1;
export const SIGN = 2;
export const NUMBER = 3;

export interface Token {
	readonly kind: number;
	readonly text: string;
	readonly from: number;
	readonly to: number;
}

/** Stands for what is not known within a template. */
export const HOLE = "\u0001";

const PART =
	/\s+|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|((?:[\p{L}_$#]|\\u[\da-fA-F]{4}|\\u\{[\da-fA-F]{1,6}\})(?:[\p{L}\p{N}_$]|\\u[\da-fA-F]{4}|\\u\{[\da-fA-F]{1,6}\})*)|(\d[\w.]*)|"((?:[^"\\\n]|\\[\s\S])*)"?|'((?:[^'\\\n]|\\[\s\S])*)'?|`((?:[^`\\]|\\[\s\S])*)`?|(=>|\?\.|\.\.\.|[^\s])/gu;

/** After one of these a slash begins a regular expression. */
const BEFORE_EXPRESSION = /^(?:[=(,:;!&|?{}[+\-*%^~<>]|=>|return|typeof|case|in|of)$/u;

/** Takes a text apart. Never fails. */
export function lex(text: string): readonly Token[] {
	const tokens: Token[] = [];
	PART.lastIndex = 0;
	for (let found = PART.exec(text); found !== null; found = PART.exec(text)) {
		const from = found.index;
		const to = PART.lastIndex;
		const [, name, number, double, single, template, sign] = found;
		const add = (kind: number, said: string): void => {
			tokens.push({ kind, text: said, from, to });
		};
		if (name !== undefined) add(NAME, unescaped(name));
		else if (number !== undefined) add(NUMBER, number);
		else if (double !== undefined || single !== undefined) add(TEXT, unescaped(double ?? single ?? ""));
		else if (template !== undefined) add(TEXT, unescaped(template.replaceAll(/\$\{[^}]*\}/gu, HOLE)));
		else if (sign === "/" && BEFORE_EXPRESSION.test(tokens.at(-1)?.text ?? "("))
			PART.lastIndex = endOfExpression(text, from);
		else if (sign !== undefined) add(SIGN, sign);
		// Calls within the places of a template are calls as well.
		if (template?.includes("${") === true) addPlaces(text, from, to, tokens);
	}
	return tokens;
}

function addPlaces(text: string, from: number, to: number, tokens: Token[]): void {
	for (const place of text.slice(from, to).matchAll(/\$\{([^}`]*)\}/gu)) {
		const start = from + place.index + 2;
		const after = PART.lastIndex;
		tokens.push({ kind: SIGN, text: ";", from: start, to: start });
		for (const token of lex(place[1] ?? "")) tokens.push({ ...token, from: start + token.from, to: start + token.to });
		tokens.push({ kind: SIGN, text: ";", from: start, to: start });
		PART.lastIndex = after;
	}
}

/** A regular expression ends on its line; otherwise the slash divides. */
function endOfExpression(text: string, from: number): number {
	let isInClass = false;
	for (let at = from + 1; at < text.length && at < from + 2_000; at++) {
		const letter = text[at];
		if (letter === "\n") break;
		if (letter === "\\") at++;
		else if (letter === "[") isInClass = true;
		else if (letter === "]") isInClass = false;
		else if (letter === "/" && !isInClass) return at + 1;
	}
	return from + 1;
}

const SIMPLE: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", b: "\b", "0": "\0", "\n": "" };

function unescaped(held: string): string {
	if (!held.includes("\\")) return held;
	return held.replaceAll(
		/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|u\{([0-9a-f]{1,6})\}|([\s\S]))/giu,
		(whole, hex?: string, short?: string, long?: string, other?: string) => {
			const digits = hex ?? short ?? long;
			if (digits === undefined) return other === undefined ? whole : (SIMPLE[other] ?? other);
			const code = Number.parseInt(digits, 16);
			return code < 0x11_0000 ? String.fromCodePoint(code) : whole;
		},
	);
}
