/** Digests: SHA-256 with a tag in front, so that no digest of one kind can pass for one of another. */
import { hash } from "node:crypto";
import { Beginnings } from "./beginnings.ts";

/** 64 lower-case hex digits. */
export const sha256Hex = (data: Uint8Array | string): string => hash("sha256", data, "hex");

/** 32 characters, one for each byte: a short string is made and kept at a fraction of what a buffer costs. */
export const sha256Latin1 = (data: Uint8Array | string): string => hash("sha256", data, "binary");

/** SHA-256(`tag` ‖ 0x00 ‖ parts…), 64 hex digits. Texts are UTF-8. */
export function taggedDigest(tag: string, ...parts: readonly (Uint8Array | string)[]): string {
	let bytes = 0;
	for (const part of parts) bytes += typeof part === "string" ? 3 * part.length : part.length;
	let at = begin(tag, bytes);
	for (const part of parts) at = typeof part === "string" ? putText(part, at) : putBytes(part, at);
	return digestUpTo(at);
}

/** docs/design/audit.md#digests: SHA-256(`assent.args.v1\0` ‖ salt ‖ JCS({tool, args})). `argsText` is canonical already. */
export function commitment(salt: Uint8Array, tool: string, argsText: string): string {
	let at = begin("assent.args.v1", salt.length + 3 * argsText.length + ESCAPE_LENGTH * tool.length + BRACKETS_LENGTH);
	at = putBytes(salt, at);
	return digestUpTo(putCall(tool, argsText, at));
}

/** docs/design/audit.md#digests: SHA-256(`assent.call.v1\0` ‖ JCS({tool, args})), 64 hex digits. `argsText` is canonical already. */
export function callDigestHex(tool: string, argsText: string): string {
	let at = begin("assent.call.v1", 3 * argsText.length + ESCAPE_LENGTH * tool.length + BRACKETS_LENGTH);
	at = putCall(tool, argsText, at);
	return digestUpTo(at);
}

function putCall(tool: string, argsText: string, start: number): number {
	let at = putPlain('{"args":', start);
	at = putText(argsText, at);
	at = putPlain(',"tool":"', at);
	at = putEscaped(tool, at);
	return putPlain('"}', at);
}

/** Of a character that JSON cannot hold as it is: `\u0000`. */
const ESCAPE_LENGTH = 6;
/** What there is of JSON around tool and arguments. */
const BRACKETS_LENGTH = '{"args":,"tool":""}'.length;

/** One buffer for all: hashing is synchronous, and one call over joined bytes is twice as fast as several over parts. */
let scratch = Buffer.alloc(16_384);
/** The tag that the buffer begins with. */
let writtenTag = "";
const KEPT_BELOW = 1_024;
let beginnings = new Beginnings(scratch, KEPT_BELOW);

/** Writes the tag, and makes room for this many bytes behind it. Where they begin. */
function begin(tag: string, bytes: number): number {
	const at = tag.length + 1;
	if (at + bytes > scratch.length) {
		scratch = Buffer.alloc(2 * (at + bytes));
		beginnings = new Beginnings(scratch, KEPT_BELOW);
		writtenTag = "";
	}
	if (tag !== writtenTag) {
		putPlain(`${tag}\0`, 0);
		writtenTag = tag;
	}
	return at;
}

const digestUpTo = (end: number): string => sha256Hex(beginnings.upTo(end));

/** Where what follows goes; so do all below. */
function putBytes(bytes: Uint8Array, at: number): number {
	scratch.set(bytes, at);
	return at + bytes.length;
}

const putText = (text: string, at: number): number => at + scratch.write(text, at, "utf8");

/** For a few ASCII letters: a call into native code costs more. */
function putPlain(text: string, at: number): number {
	for (let place = 0; place < text.length; place++) scratch[at + place] = text.charCodeAt(place);
	return at + text.length;
}

/** As JSON has it between quotes. Names are short and hold nothing that is escaped, nearly all of them. */
function putEscaped(text: string, at: number): number {
	for (let place = 0; place < text.length; place++) {
		const unit = text.charCodeAt(place);
		const isPlain = unit >= 0x20 && unit <= 0x7e && unit !== QUOTE && unit !== BACKSLASH;
		if (!isPlain) return putText(JSON.stringify(text).slice(1, -1), at);
		scratch[at + place] = unit;
	}
	return at + text.length;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
