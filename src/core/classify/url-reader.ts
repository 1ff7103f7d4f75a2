/** Reads a text that is a URL: the host that it leads to. */
import type { Findings, Place } from "./fact.ts";
import { readPathText } from "./path-reader.ts";
import { seeUrl } from "./url.ts";

/** Texts that lack a scheme are read with one; a `file:` URL is the path in it. */
export function readUrlText(text: string, at: Place, to: Findings): void {
	if (/^file:\/\//i.test(text)) {
		readPathText(text, at, to);
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
