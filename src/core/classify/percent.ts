/** Texts with percent signs for letters, as addresses spell them: once, or several times over. */

/** Without percent signs; as it is where these stand for nothing. */
export function safeDecoded(text: string): string {
	if (!text.includes("%")) return text;
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

const PERCENT = /%(?:[\da-f]{2}|u[\da-f]{4})/iu;
/** Times that a text may be spelled over. */
const LAYERS_MAX = 3;

export const hasPercent = (text: string): boolean => PERCENT.test(text);

/** Percent signs of addresses, as often as one stands for another, and UTF-8 behind them. */
export function fromAddress(text: string): string {
	let plain = text.replaceAll("+", " ");
	for (let layer = 0; layer < LAYERS_MAX && PERCENT.test(plain); layer++) {
		plain = plain
			.replaceAll(/%u([\da-f]{4})/giu, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))
			.replaceAll(/(?:%[\da-f]{2})+/giu, (bytes) => lettersOf(bytes.slice(1).split("%")));
	}
	return narrowed(plain);
}

/** UTF-8, also where it takes more bytes than it needs: `%C0%A7` for a quote. */
function lettersOf(bytes: readonly string[]): string {
	let text = "";
	for (let at = 0; at < bytes.length; at++) {
		const lead = Number.parseInt(bytes[at] as string, 16);
		const more = lead >= 0xe0 && lead < 0xf0 ? 2 : lead >= 0xc0 && lead < 0xe0 ? 1 : 0;
		const rest = bytes.slice(at + 1, at + 1 + more).map((byte) => Number.parseInt(byte, 16));
		const isWhole = rest.length === more && rest.every((byte) => byte >= 0x80 && byte < 0xc0);
		if (!isWhole || more === 0) {
			text += String.fromCharCode(lead);
			continue;
		}
		const code = rest.reduce((sum, byte) => sum * 64 + byte - 0x80, lead & (more === 2 ? 0x0f : 0x1f));
		text += String.fromCharCode(code);
		at += more;
	}
	return text;
}

/** Letters of full width, for servers that take the nearest of their own. */
export const narrowed = (text: string): string =>
	text.replaceAll(/[\uff01-\uff5e\u02bc]/gu, (letter) =>
		letter === "\u02bc" ? "'" : String.fromCharCode(letter.charCodeAt(0) - 0xfee0),
	);

/** Does it spell letters that need no such spelling? */
export const hidesLetters = (text: string): boolean => /%(?:4[1-9a-f]|5\da?|6[1-9a-f]|7\da?)/iu.test(text);
