/** Texts as Python's source spells them: prefixes, quotes, escapes. */

const SIMPLE: Readonly<Record<string, string>> = {
	n: "\n",
	t: "\t",
	r: "\r",
	a: "\x07",
	b: "\b",
	f: "\f",
	v: "\v",
	"\\": "\\",
	"'": "'",
	'"': '"',
	"\n": "",
};

/** The prefix of a literal, in lower case: `rb`, `f`, ``. */
export const prefixOf = (source: string): string => (/^[a-z]{0,3}/iu.exec(source)?.[0] ?? "").toLowerCase();

/** How many letters the prefix and the opening quotes take, and the closing ones. */
export function quotesOf(source: string): { readonly open: number; readonly close: number } {
	const prefix = prefixOf(source).length;
	const isTriple = /^(?:"""|''')/u.test(source.slice(prefix, prefix + 3));
	const open = prefix + (isTriple ? 3 : 1);
	const quote = source.slice(prefix, open);
	return { open, close: source.length >= open + quote.length && source.endsWith(quote) ? quote.length : 0 };
}

/** What a literal without places for values stands for. */
export function literalText(source: string): string {
	const { open, close } = quotesOf(source);
	const held = source.slice(open, source.length - close);
	return prefixOf(source).includes("r") ? held : unescaped(held);
}

/** Resolves escapes. */
export function unescaped(held: string): string {
	if (!held.includes("\\")) return held;
	return held.replace(
		/\\(?:x([0-9a-f]{2})|u([0-9a-f]{4})|U([0-9a-f]{8})|N\{[^}]*\}|([0-7]{1,3})|([\s\S]))/giu,
		(whole, hex?: string, short?: string, long?: string, octal?: string, other?: string) => {
			const digits = hex ?? short ?? long;
			if (digits !== undefined) {
				const code = Number.parseInt(digits, 16);
				return code < 0x11_0000 ? String.fromCodePoint(code) : whole;
			}
			if (octal !== undefined) return String.fromCharCode(Number.parseInt(octal, 8));
			return other === undefined ? whole : (SIMPLE[other] ?? whole);
		},
	);
}

/** A number as Python spells it; undefined for what is none. */
export function literalNumber(source: string): number | undefined {
	const plain = source
		.replaceAll("_", "")
		.toLowerCase()
		.replace(/^0(?=[0-7]+$)/u, "0o");
	const number = Number(plain);
	return Number.isFinite(number) ? number : undefined;
}
