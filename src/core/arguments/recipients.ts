/**
 * Who an e-mail goes to, as a text says it: `ann@x.org`, `Ann <ann@x.org>, "Bo, Jr." <bo@x.org>`.
 *
 * Programs read such texts in many ways, and a message goes to whom the last of them finds. What is read here is what all of
 * them read alike.
 */
import { err, ok, type Result } from "../base/result.ts";
import { foldText } from "../language/folding.ts";
import { isAddress } from "./address-class.ts";
import { isSettled } from "./settled-letters.ts";
import { canonicalHost } from "./url-reading.ts";

/** Addresses in one spelling: ASCII letters in lower case, the host as a `URL` writes it. Null where not all of them are certain. */
export function readRecipients(text: string): readonly string[] | null {
	if (REFUSED.test(text)) return null;
	const entries = split(text);
	if (entries === null) return null;
	const found: string[] = [];
	for (const entry of entries) {
		// `a@x.org,` and `a@x.org;;` are written every day.
		if (entry.trim() === "") continue;
		const address = addressOf(entry.trim());
		if (address === null) return null;
		found.push(address);
	}
	return found.length === 0 ? null : found;
}

/** Line breaks begin headers; encoded words are decoded by some; other signs that look like `@`, `,` or `.` are tidied up by some. */
const REFUSED = /[\p{Cc}\p{Cf}\u2028\u2029\u3002\ufe50-\ufe6b\uff01-\uff65]|=\?/u;

/** At `,` and `;` outside quotes, comments and brackets. Null where one of these is not closed. */
function split(text: string): readonly string[] | null {
	const entries: string[] = [];
	let from = 0;
	let closing = "";
	for (let index = 0; index < text.length; index++) {
		const letter = text[index] as string;
		if (closing !== "") {
			// Escapes and comments in comments: not everybody reads them.
			if (letter === "\\" || (closing === ")" && letter === "(")) return null;
			if (letter === closing) closing = "";
		} else if (letter === "," || letter === ";") {
			entries.push(text.slice(from, index));
			from = index + 1;
		} else closing = CLOSING[letter] ?? "";
	}
	entries.push(text.slice(from));
	return closing === "" ? entries : null;
}

const CLOSING: Readonly<Record<string, string | undefined>> = { '"': '"', "(": ")", "<": ">" };

/** Of `ann@x.org`, `Ann <ann@x.org>`, `ann@x.org (Ann)`. */
function addressOf(entry: string): string | null {
	// A second `@` is read by some as the recipient's.
	const at = entry.indexOf("@");
	if (at < 0 || entry.indexOf("@", at + 1) >= 0) return null;
	const open = entry.indexOf("<");
	if (open >= 0) {
		const name = entry.slice(0, open);
		return entry.endsWith(">") && at > open && isName(name) ? specOf(entry.slice(open + 1, -1)) : null;
	}
	const comment = entry.indexOf("(");
	if (comment < 0) return specOf(entry);
	return comment > at && entry.endsWith(")") && entry.indexOf(")") === entry.length - 1
		? specOf(entry.slice(0, comment).trimEnd())
		: null;
}

/** Words, or a text in quotes. */
const isName = (name: string): boolean => /^(?:"[^"]*"|[^"():;<>[\]\\]*)$/.test(name.trim());

/** `%` and `!` once led a message on through other hosts. */
const LOCAL = /^(?:[^\s"(),:;<>@[\]\\%!.]+(?:\.[^\s"(),:;<>@[\]\\%!.]+)*|"[^\s"\\<>,;:%!][^"\\<>,;:%!]*")$/;

function specOf(spec: string): string | null {
	const at = spec.indexOf("@");
	const local = spec.slice(0, at);
	const domain = spec.slice(at + 1);
	if (local.length > LOCAL_LENGTH_MAX || domain.length > DOMAIN_LENGTH_MAX) return null;
	if (!LOCAL.test(local) || !isSettled(local) || local.normalize("NFKC") !== local || !DOMAIN.test(domain)) return null;
	const host = PLAIN_HOST.test(domain) ? domain : canonicalHost(domain);
	return host === null || isAddress(host) ? null : `${foldText(local)}@${host}`;
}

/** In the spelling of a `URL` already, and no address: nothing has to be asked. */
const PLAIN_HOST = /^(?!(?:.*\.)?xn--)(?:[a-z0-9-]+\.)+[a-z][a-z-]*$/;

const LOCAL_LENGTH_MAX = 320;
const DOMAIN_LENGTH_MAX = 255;
const DOMAIN = /^[\p{L}\p{M}\p{N}_-]+(?:\.[\p{L}\p{M}\p{N}_-]+)*\.?$/u;

/** A glob over addresses with its host in the spelling of `readRecipients`, so that `*@bücher.example` finds what it means. */
export function readRecipientGlob(text: string): Result<string, { readonly message: string; readonly help: string }> {
	const shown = text.slice(0, 60);
	const message = `\`${shown}\` is not an address`;
	const at = text.indexOf("@");
	if (at < 0 && !/[^*?.]/.test(text)) {
		return err({
			message,
			help: "write `'*@example.com'` for everybody there; to ask for any value write `present: true`",
		});
	}
	if (at < 0) return err({ message, help: `write \`'*@${shown.replace(/^\*\.?/, "")}'\` for everybody there` });
	if (at === 0) return err({ message, help: `write \`'*${shown}'\` for everybody there` });
	if (text.indexOf("@", at + 1) >= 0 || /[\s,;<>"():]/.test(text)) {
		return err({ message, help: "write one address or glob, such as `'*@example.com'`, and several as a list" });
	}
	const domain = text.slice(at + 1);
	const end = /^\*([^.*].*)$/.exec(domain)?.[1];
	if (end !== undefined) {
		const help = `\`*${end}\` is the end of other hosts, too: write \`'*@${end}'\`, and \`'*@*.${end}'\` for those below it`;
		return err({ message: `the host in \`${shown}\` may begin with anything`, help });
	}
	const labels = domain.split(".").map((label) => (/^[\0-\x7f]*$/.test(label) ? label : canonicalHost(label)));
	if (domain === "" || labels.includes(null)) {
		return err({
			message: domain === "" ? `\`${shown}\` has no host` : `\`${domain.slice(0, 60)}\` is not a host`,
			help: "write a host behind `@`, such as `'*@example.com'`",
		});
	}
	return ok(`${text.slice(0, at)}@${labels.join(".")}`);
}
