/** What `printf`, `echo -e` and `$'…'` make of backslashes and directives. */

const LETTERS: Readonly<Record<string, string>> = {
	a: "\x07",
	b: "\b",
	e: "\x1b",
	E: "\x1b",
	f: "\f",
	n: "\n",
	r: "\r",
	t: "\t",
	v: "\v",
	"\\": "\\",
	"'": "'",
	'"': '"',
};

export function escaped(text: string): string {
	if (!text.includes("\\")) return text;
	return text.replace(
		/\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,6})|(0?[0-7]{1,3})|(.))/gs,
		(whole, hex, short, long, octal, letter) => {
			const digits = hex ?? short ?? long;
			if (digits !== undefined) return codePoint(Number.parseInt(digits, 16), whole);
			if (octal !== undefined) return codePoint(Number.parseInt(octal, 8) & 0xff, whole);
			return LETTERS[letter as string] ?? whole;
		},
	);
}

const codePoint = (code: number, otherwise: string): string =>
	code <= 0x10ffff ? String.fromCodePoint(code) : otherwise;

/** Rounds over the arguments. */
const ROUNDS_MAX = 64;

/** Null where a directive is none of those that stand for their argument. */
export function formatted(args: readonly string[]): string | null {
	const [format, ...values] = args;
	if (format === undefined || format === "-v") return null;
	const pieces = escaped(format).split(/(%(?:%|-?\d*(?:\.\d+)?[a-zA-Z]))/);
	let output = "";
	let at = 0;
	for (let round = 0; round < ROUNDS_MAX; round++) {
		const before = at;
		for (const piece of pieces) {
			if (!/^%(?:%|-?\d*(?:\.\d+)?[a-zA-Z])$/.test(piece)) output += piece;
			else if (piece === "%%") output += "%";
			else {
				const value = values[at++] ?? "";
				const text = directive(piece, value);
				if (text === null) return null;
				output += text;
			}
		}
		if (at >= values.length || at === before) return output;
	}
	return null;
}

function directive(piece: string, value: string): string | null {
	const text = plain(piece, value);
	const [, left, zero, width = ""] = /^%(-?)(0?)(\d*)/.exec(piece) ?? [];
	if (text === null || Number(width) > WIDTH_MAX) return null;
	if (left === "-") return text.padEnd(Number(width));
	return text.padStart(Number(width), zero === "0" && piece.at(-1) !== "s" ? "0" : " ");
}

const WIDTH_MAX = 1_000;

/** `114`, `0x72`, or `'r` for a letter's number. */
const numbered = (value: string): number =>
	Math.trunc(/^['"]./.test(value) ? (value.codePointAt(1) ?? 0) : Number(value) || 0);

function plain(piece: string, value: string): string | null {
	const precision = /\.(\d+)/.exec(piece)?.[1];
	switch (piece.at(-1)) {
		case "s":
			return precision === undefined ? value : value.slice(0, Number(precision));
		case "b":
			return escaped(value);
		case "c":
			return value.slice(0, 1);
		case "q":
			return value;
		case "d":
		case "i":
			return String(numbered(value));
		case "x":
			return numbered(value).toString(16);
		case "o":
			return numbered(value).toString(8);
		default:
			return null;
	}
}
