/** Texts as servers take what spells them. */

const ESCAPES: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "0": "\0", b: "\b", Z: "\x1a" };

/** What stands between quotes, as the server takes it. */
export function unquoted(held: string, quote: string, escapes: boolean): string {
	let said = "";
	for (let at = 0; at < held.length; at++) {
		const letter = held[at] as string;
		if (letter === quote && held[at + 1] === quote) at++;
		else if (letter === "\\" && escapes && at + 1 < held.length) {
			const next = held[++at] as string;
			said += ESCAPES[next] ?? next;
			continue;
		}
		said += letter;
	}
	return said;
}

/** The text that hexadecimal digits spell, one letter for each byte. */
export function textOfHex(digits: string): string {
	let text = "";
	for (let at = digits.length % 2; at + 1 < digits.length; at += 2) {
		text += String.fromCharCode(Number.parseInt(digits.slice(at, at + 2), 16));
	}
	// UTF-16, of which every other byte is empty.
	return /^(?:[^\0]\0){4,}$/u.test(text) ? text.replaceAll("\0", "") : text;
}
