/** Texts as they are spelled on their way to a statement: in addresses, pages and tables, once or twice over. */
import { fromAddress, hasPercent, narrowed } from "../percent.ts";

const PACKED = /^(?:[A-Za-z\d+/]{4}){4,}(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/;

/** The text as it would arrive, in each way that anybody might take it; without the text itself. */
export function plainTexts(text: string): readonly string[] {
	const found: string[] = [];
	// As part of a page, `1&#39; OR`; and for those who take comments out: `UNI/**/ON SELECT`.
	if (/&(?:#|apos;|quot;)/u.test(text)) {
		const named = text.replaceAll("&apos;", "'").replaceAll("&quot;", '"');
		found.push(withoutEntities(hasPercent(named) ? fromAddress(named) : named));
	}
	// As in a program, `\\x27 OR`; and in a table of tables, where quotes are doubled twice.
	if (/\\(?:x[\da-f]{2}|u[\da-f]{4})/iu.test(text)) found.push(escapesTaken(text));
	if (/"{4}/u.test(text)) found.push(text.replaceAll(/"{3,4}/gu, '"'));
	// As a word processor sets it: `' or 1=1–`.
	if (/[‘’′]|–\s*$/u.test(text)) found.push(text.replaceAll(/[‘’′]/gu, "'").replace(/–\s*$/u, "--"));
	if (/\w\/\*\*\/\w/u.test(text)) found.push(text.replaceAll(/\b\/\*\*\/\b/gu, ""));
	// As part of an address: `1%27+OR+1=1`.
	if (hasPercent(text) || /^\S*\+\S*$/u.test(text)) found.push(fromAddress(text));
	// With the page before it: `item.php?id=1 or 1=1`.
	const page = /^[\w./-]{1,60}\?\w{1,30}=/u.exec(text)?.[0];
	if (page !== undefined) found.push(text.slice(page.length));
	// Where a server passes over a sign that begins no letter: `%S%E%L%E%C%T`.
	if (/(?:%[^%\s]){4}/u.test(text)) found.push(text.replaceAll(/%(?=[^%\s])/gu, ""));
	// Letters of full width, for servers that take the nearest of their own.
	if (/[\uff01-\uff5e\u02bc]/u.test(text)) found.push(narrowed(text));
	if (PACKED.test(text)) {
		const unpacked = Buffer.from(text, "base64").toString("latin1");
		if (/^[\x20-\x7e\s]+$/u.test(unpacked)) found.push(unpacked);
	}
	return found;
}

/** Letters as pages spell them by their numbers: `&#39;`, `&#x27`. */
const withoutEntities = (text: string): string =>
	text.replace(/&#(?:x([\da-f]{1,4})|(\d{1,5}));?/gi, (_, hex?: string, decimal?: string) =>
		String.fromCharCode(Number.parseInt(hex ?? decimal ?? "", hex === undefined ? 10 : 16)),
	);

const escapesTaken = (text: string): string =>
	text.replaceAll(/\\(?:x([\da-f]{2})|u([\da-f]{4}))/giu, (_, byte?: string, unit?: string) =>
		String.fromCharCode(Number.parseInt(byte ?? unit ?? "", 16)),
	);
