/**
 * Headers as they are stored: an object of texts, in JSON. Those of most records have the same names in the same order, so that they are
 * read by comparing: what lies between the values is what it was, and a value that came before is the same text.
 */
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

/** Headers of the same names in the same order. */
interface Form {
	readonly names: readonly string[];
	/** What stands in front of each value, and behind the last. */
	readonly between: readonly Uint8Array[];
	/** The value of each name that was read last. */
	readonly values: string[];
	/** All of the names. */
	readonly blank: Headers;
}

/** Forms that are kept: more than a topic has. */
const FORMS_MAX = 8;

export class HeaderReader {
	/** The one that fitted last comes first. */
	readonly #forms: Form[] = [];

	/** Throws as `headersFrom`. */
	read(bytes: Buffer, from: number, end: number): Headers {
		for (let index = 0; index < this.#forms.length; index++) {
			const form = this.#forms[index] as Form;
			if (!readAs(form, bytes, from, end)) continue;
			if (index > 0) {
				this.#forms.splice(index, 1);
				this.#forms.unshift(form);
			}
			const headers: Record<string, string> = { ...form.blank };
			for (let at = 0; at < form.names.length; at++) headers[form.names[at] as string] = form.values[at] as string;
			return headers;
		}
		const json = bytes.toString("utf8", from, end);
		const headers = headersFrom(json);
		const form = formOf(headers);
		// Where it would not be read as what it is, it is no form: escapes, letters of many bytes, spaces.
		if (!readAs(form, bytes, from, end)) return headers;
		this.#forms.unshift(form);
		this.#forms.length = Math.min(this.#forms.length, FORMS_MAX);
		return headers;
	}
}

function formOf(headers: Headers): Form {
	const names = Object.keys(headers);
	const between = names.map((name, index) => `${index === 0 ? "{" : '",'}${JSON.stringify(name)}:"`);
	const end = names.length === 0 ? "{}" : '"}';
	return {
		names,
		between: [...between, end].map((text) => Buffer.from(text)),
		values: names.map(() => ""),
		blank: headers,
	};
}

/** Whether all of the bytes are headers of this form, whose values are then in `values`. */
function readAs({ between, values }: Form, bytes: Buffer, from: number, end: number): boolean {
	let at = from;
	for (let index = 0; index < values.length; index++) {
		at = behind(between[index] as Uint8Array, bytes, at, end);
		if (at === -1) return false;
		const known = values[index] as string;
		if (isWritten(known, bytes, at, end)) {
			at += known.length;
			continue;
		}
		const valueEnd = endOfText(bytes, at, end);
		if (valueEnd === -1) return false;
		values[index] = bytes.toString("latin1", at, valueEnd);
		at = valueEnd;
	}
	return behind(between[values.length] as Uint8Array, bytes, at, end) === end;
}

/** Where the bytes go on behind these; -1 where they are others. */
function behind(expected: Uint8Array, bytes: Buffer, at: number, end: number): number {
	const { length } = expected;
	if (at + length > end) return -1;
	for (let index = 0; index < length; index++) if (bytes[at + index] !== expected[index]) return -1;
	return at + length;
}

/** Where a text of plain letters ends; -1 where it has others. */
function endOfText(bytes: Buffer, from: number, end: number): number {
	for (let at = from; at < end; at++) {
		const byte = bytes[at] as number;
		if (byte === QUOTE) return at;
		if (byte < 0x20 || byte >= 0x7f || byte === BACKSLASH) return -1;
	}
	return -1;
}

/** Whether these plain letters stand there, up to a quotation mark. */
function isWritten(text: string, bytes: Buffer, from: number, end: number): boolean {
	const { length } = text;
	if (from + length >= end || bytes[from + length] !== QUOTE) return false;
	for (let unit = 0; unit < length; unit++) if (text.charCodeAt(unit) !== bytes[from + unit]) return false;
	return true;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
