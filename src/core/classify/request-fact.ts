/** The fact of one HTTP request, whoever makes it: a tool by its members, a script by a call. */
import type { Fact, Place } from "./fact.ts";
import { isSentence } from "./sentence.ts";
import { type SeenUrl, seeUrl } from "./url.ts";

export interface MadeRequest {
	readonly url: string;
	readonly method: string;
	/** none, some, large, file. */
	readonly body: string;
	/** Names at the top of the body. */
	readonly keys: readonly string[];
}

/** Of a text without a scheme, or of a path on a host that only the tool knows. */
export function requestUrl(text: string): SeenUrl | null {
	return text.startsWith("/") ? seeUrl(`http://localhost${text}`) : (seeUrl(text) ?? seeUrl(`http://${text}`));
}

/** Null where the text is no URL. */
export function requestFact(made: MadeRequest, at: Place): Fact | null {
	const seen = requestUrl(made.url);
	return seen === null ? null : factOfRequest(seen, made, at);
}

export function factOfRequest(
	seen: SeenUrl,
	{ method, body, keys }: Omit<MadeRequest, "url">,
	{ pointer, span, via }: Place,
): Fact {
	const has = {
		method: [method.toUpperCase()],
		host: [seen.host],
		class: [seen.hostClass],
		port: seen.port === "" ? [] : [seen.port],
		path: [safeDecoded(seen.path).toLowerCase(), safeDecoded(`${seen.path}?${asked(seen.query)}`).toLowerCase()],
		shape: [shapeOf(safeDecoded(seen.path).toLowerCase())],
		body: [body],
		keys,
		...(seen.hasCredentials ? { credentials: ["yes"] } : {}),
	};
	return { kind: "request", pointer, span, via, has };
}

/** Without sentences that something is searched for with. */
function asked(query: string): string {
	if (!/[+]|%20/.test(query)) return query;
	return query
		.split("&")
		.filter((each) => {
			const equals = each.indexOf("=");
			return !isSearched(each.slice(0, equals), safeDecoded(each.slice(equals + 1).replaceAll("+", " ")));
		})
		.join("&");
}

/** Is this parameter, without percent signs, a sentence that is searched for? */
export const isSearched = (name: string, value: string): boolean => SEARCHED.test(name) && isSentence(value);

const SEARCHED = /^(?:q|s|query|search|search_query|term|text|keywords?)$/i;

/** Without percent signs; as it is where these stand for nothing. */
export function safeDecoded(text: string): string {
	if (!text.includes("%")) return text;
	try {
		return decodeURIComponent(text);
	} catch {
		return text;
	}
}

/** One thing by its number or name; a whole collection; several by a pattern. */
function shapeOf(path: string): string {
	if (/\*|_all\b|,/.test(path)) return "pattern";
	const steps = path.split("/").filter((step) => step !== "");
	if (steps.length === 0) return "root";
	const last = steps.at(-1) as string;
	return /\d|^[0-9a-f-]{8,}$/.test(last) && !/^v\d+$/.test(last) ? "one" : "collection";
}
