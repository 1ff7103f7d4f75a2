/** JSON lines from a stream: one I-JSON object each, bad lines as values, never the whole input in memory. */
import { isUtf8 } from "node:buffer";
import { fstatSync } from "node:fs";
import type { Readable } from "node:stream";
import { JSON_CAPS, parseIJson } from "../../core/base/canonical-json.ts";
import { AssentError, problem } from "../../core/base/errors.ts";
import type { JsonObject } from "../../core/base/json.ts";
import { err, ok, type Result } from "../../core/base/result.ts";
import { untilAborted } from "../../ports/log/waiters.ts";

export interface Line {
	/** From 1. */
	readonly number: number;
	readonly read: Result<JsonObject, string>;
}

/** No text of JSON_CAPS.lengthMax characters has more bytes; what is longer is refused unread, and not kept. */
const LINE_BYTES_MAX = 3 * JSON_CAPS.lengthMax;

const NEWLINE = 0x0a;

/**
 * Lines of a chunk at a time, so that the caller can work through them without a promise for each. A byte order mark before
 * the first line, and empty lines, are passed over. Ends early when the signal aborts. Throws ASSENT_INPUT_LINE when the
 * stream cannot be read.
 */
export async function* readLines(from: Readable, signal?: AbortSignal): AsyncGenerator<readonly Line[]> {
	assertReadable(from);
	const splitter = new Splitter();
	for await (const chunk of chunksOf(from, signal)) {
		const lines = splitter.push(chunk);
		if (lines.length > 0) yield lines;
	}
	const last = signal?.aborted === true ? [] : splitter.end();
	if (last.length > 0) yield last;
}

/**
 * All of the stream, without a byte order mark. Throws ASSENT_INPUT_LINE when it cannot be read, is not UTF-8 or has more bytes than
 * a line may have.
 */
export async function readText(from: Readable): Promise<string> {
	assertReadable(from);
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of chunksOf(from)) {
		chunks.push(chunk);
		bytes += chunk.length;
		if (bytes > LINE_BYTES_MAX) throw unreadable(`it has more than ${LINE_BYTES_MAX} bytes`);
	}
	const all = Buffer.concat(chunks);
	if (!isUtf8(all)) throw unreadable("it is not UTF-8");
	return all.toString("utf8").replace(/^\ufeff/, "");
}

/** Node takes a folder on stdin for an empty stream: nothing would be decided, and nobody told. */
function assertReadable(from: Readable): void {
	const { fd } = from as Readable & { readonly fd?: unknown };
	if (fd !== 0 || !fstatSync(fd).isDirectory()) return;
	throw unreadable("it is a folder");
}

const unreadable = (why: string): AssentError =>
	new AssentError(problem("ASSENT_INPUT_LINE", `stdin cannot be read: ${why}`, "give a file, as in `… < calls.jsonl`"));

/** The stream's chunks until it ends, or until the signal aborts, whichever is first: a stream may keep silent forever. */
async function* chunksOf(from: Readable, signal = new AbortController().signal): AsyncGenerator<Buffer> {
	const chunks = (from as AsyncIterable<Buffer | string>)[Symbol.asyncIterator]();
	for (;;) {
		const next = await untilAborted(chunks.next(), signal).catch((thrown: NodeJS.ErrnoException) => {
			throw unreadable(thrown.message);
		});
		if (next === undefined || next.done === true) break;
		yield typeof next.value === "string" ? Buffer.from(next.value) : next.value;
	}
	from.destroy();
}

/** Cuts chunks into lines at newlines. */
class Splitter {
	#rest: Buffer[] = [];
	#restBytes = 0;
	#number = 0;

	push(chunk: Buffer): Line[] {
		const lines: Line[] = [];
		let start = 0;
		for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, start)) {
			this.#keep(chunk.subarray(start, end));
			this.#finish(lines);
			start = end + 1;
		}
		this.#keep(chunk.subarray(start));
		return lines;
	}

	end(): Line[] {
		const lines: Line[] = [];
		if (this.#restBytes > 0) this.#finish(lines);
		return lines;
	}

	#keep(part: Buffer): void {
		this.#restBytes += part.length;
		if (this.#restBytes <= LINE_BYTES_MAX && part.length > 0) this.#rest.push(part);
	}

	#finish(lines: Line[]): void {
		const bytes = this.#rest.length === 1 ? (this.#rest[0] as Buffer) : Buffer.concat(this.#rest);
		const isTooLong = this.#restBytes > LINE_BYTES_MAX;
		this.#rest = [];
		this.#restBytes = 0;
		this.#number += 1;
		const read = isTooLong ? err(`the line has more than ${LINE_BYTES_MAX} bytes`) : readObject(bytes, this.#number);
		if (read !== null) lines.push({ number: this.#number, read });
	}
}

/** Null for an empty line. */
function readObject(bytes: Buffer, number: number): Result<JsonObject, string> | null {
	let text = bytes.toString("utf8");
	if (number === 1 && text.startsWith("\ufeff")) text = text.slice(1);
	if (text.trim() === "") return null;
	if (text.includes("\ufffd") && !isUtf8(bytes)) return err("the line is not UTF-8");
	const parsed = parseIJson(text);
	if (!parsed.ok) return err(parsed.error.message);
	const { value } = parsed;
	if (value === null || typeof value !== "object" || Array.isArray(value)) return err("the line is not a JSON object");
	return ok(value as JsonObject);
}
