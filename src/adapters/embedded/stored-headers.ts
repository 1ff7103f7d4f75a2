/** Headers as they are stored: an object of texts, in JSON. */
import type { Headers } from "../../ports/log/log.ts";

/** Throws for anything else: whoever can write the file, or to a socket, can write anything. */
export function headersFrom(json: string): Headers {
	const headers: unknown = JSON.parse(json);
	if (!isTexts(headers)) throw new TypeError("no object of texts");
	return headers;
}

const isTexts = (value: unknown): value is Headers =>
	typeof value === "object" &&
	value !== null &&
	!Array.isArray(value) &&
	Object.values(value).every((each) => typeof each === "string");
