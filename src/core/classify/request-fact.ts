/** The fact of one HTTP request, whoever makes it: a tool by its members, a script by a call. */
import type { Fact, Place } from "./fact.ts";
import { safeDecoded } from "./percent.ts";
import { operationFact, shapesOf } from "./request-operation.ts";
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

/** The request, and what it does to the things that its path names; none where the text is no URL. */
export function requestFacts(made: MadeRequest, at: Place): readonly Fact[] {
	const seen = requestUrl(made.url);
	if (seen === null) return [];
	const operation = operationFact(made, at);
	return operation === null ? [factOfRequest(seen, made, at)] : [factOfRequest(seen, made, at), operation];
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
		shape: shapesOf(safeDecoded(seen.path)),
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
