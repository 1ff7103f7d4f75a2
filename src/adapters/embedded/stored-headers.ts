/** Headers as they are stored: an object of texts, in JSON. */
import type { Headers } from "../../ports/log/log.ts";

/** Throws for anything else: whoever can write the file, or to a socket, can write anything. */
export function headersFrom(json: string): Headers {
	const headers: unknown = JSON.parse(json);
	if (!isTexts(headers)) throw new TypeError("no object of texts");
	return headers;
}

function isTexts(value: unknown): value is Headers {
	if (typeof value !== "object" || value === null || Array.isArray(value)) return false;
	// Made by JSON.parse: all that there is is its own.
	for (const name in value) if (typeof (value as Record<string, unknown>)[name] !== "string") return false;
	return true;
}
