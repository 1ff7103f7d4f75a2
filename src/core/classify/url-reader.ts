/** Reads a text that is a URL: the host that it leads to. */
import type { Findings, Language, Place } from "./fact.ts";
import { readPathText } from "./path-reader.ts";
import { safeDecoded } from "./percent.ts";
import { seeUrl } from "./url.ts";

interface Code {
	readonly language: Language;
	readonly text: string;
	readonly via: string;
}

/** What a URL that is code itself holds: `javascript:` and `data:` with a script. Null: it is none. */
function codeOf(text: string): Code | null {
	const [, scheme = "", rest = ""] = /^(javascript|data):([\s\S]*)$/i.exec(text) ?? [];
	if (scheme === "") return null;
	if (scheme.length > 4) return { language: "javascript", text: safeDecoded(rest), via: "javascript:" };
	const [, type = "", data = ""] = /^([^,]*),([\s\S]*)$/.exec(rest) ?? [];
	const language = SCRIPTS.find(([pattern]) => pattern.test(type))?.[1];
	if (language === undefined) return null;
	const plain = /;\s*base64\s*$/i.test(type) ? Buffer.from(data, "base64").toString("utf8") : safeDecoded(data);
	const isPage = /html|svg|xml/i.test(type);
	const scripts = [
		...plain.slice(0, PAGE_MAX).matchAll(/<script[^>]*>([\s\S]*?)<\/script|\bon\w+\s*=\s*(?:"([^"]*)"|'([^']*)')/gi),
	];
	return { language, text: isPage ? scripts.map((each) => each.slice(1).join("")).join("\n") : plain, via: "data:" };
}

/** UTF-16 units of a page that are looked through for scripts. */
const PAGE_MAX = 16_384;

const SCRIPTS: readonly (readonly [type: RegExp, language: Language])[] = [
	[/javascript|ecmascript|html|svg/i, "javascript"],
	[/x-sh\b|shellscript/i, "shell"],
	[/python/i, "python"],
];

/** Texts that lack a scheme are read with one; a `file:` URL is the path in it. */
export function readUrlText(text: string, at: Place, to: Findings): void {
	if (/^file:\/\//i.test(text)) {
		readPathText(text, at, to);
		return;
	}
	const code = codeOf(text.trim());
	if (code !== null) {
		to.within(code.language, code.text, { ...at, via: [...at.via, code.via] });
		return;
	}
	const seen = seeUrl(text.trim()) ?? seeUrl(`http://${text.trim()}`);
	if (seen === null) return;
	const { pointer, span, via } = at;
	const has = {
		host: [seen.host],
		class: [seen.hostClass],
		scheme: [seen.scheme],
		port: seen.port === "" ? [] : [seen.port],
		path: [seen.path],
		...(seen.hasCredentials ? { credentials: ["yes"] } : {}),
	};
	to.add({ kind: "host", pointer, span, via, has });
}
