/**
 * Writes a record's body, holding every value to its shape's bounds in the same pass.
 *
 * W1  What is written is accepted by the reader of the same shape, and is the body that avsc would write.
 * W2  A value that no decoder would accept (out of bounds, of another type, a lone surrogate) is refused, never corrected.
 *
 * avsc asks twice for the length of every text and would need a second pass for the bounds. Its bytes are this file's oracle
 * in the tests.
 */

import { hasControls, INTEGER_MAX } from "../model/bounds.ts";
import { type BodyFault, fail, refuse, within } from "./body-fault.ts";
import type { Fragments } from "./fragments.ts";
import type { FieldShape, ListShape, Shape, TextShape } from "./shape.ts";

/** Where the bytes go. One sink serves all records: encoding is synchronous, and what is handed out is a copy. */
export interface Sink extends BodyFault {
	buffer: Buffer;
	at: number;
	/** Bytes that the record may have, header included. */
	limit: number;
}

export const createSink = (): Sink => ({
	buffer: Buffer.alloc(16_384),
	at: 0,
	limit: 0,
	code: "RECORD_FIELD",
	what: "",
	path: "",
});

/** Writes one value at the sink's position, or says why not and returns false. */
export type BodyWriter = (sink: Sink, value: unknown) => boolean;

/** The writer of one shape. Compiled once per schema. */
export function compileBodyWriter(shape: Shape): BodyWriter {
	switch (shape.shape) {
		case "boolean":
			return writeBoolean;
		case "count":
			return writeCount;
		case "text":
			return textWriter(shape);
		case "word":
			return wordWriter(shape.words);
		case "digest":
			return digestWriter(shape.optional);
		case "bytes":
			return bytesWriter(shape);
		case "nullable":
			return nullableWriter(compileBodyWriter(shape.of));
		case "list":
			return listWriter(shape);
		case "record":
			return shape.fragments === undefined ? recordWriter(shape.fields) : sharedWriter(shape.fragments, shape.fields);
	}
}

/** Makes room for this many more bytes. */
function hasRoom(sink: Sink, bytes: number): boolean {
	const needed = sink.at + bytes;
	if (needed <= sink.buffer.length) return true;
	// Texts ask for more than they may take, so that the limit itself is checked on what has been written.
	if (sink.at > sink.limit) return fail(sink, "RECORD_OVERSIZED", `ends beyond the limit of ${sink.limit} bytes`);
	const larger = Buffer.alloc(Math.max(needed, 2 * sink.buffer.length));
	sink.buffer.copy(larger, 0, 0, sink.at);
	sink.buffer = larger;
	return true;
}

function writeBoolean(sink: Sink, value: unknown): boolean {
	if (typeof value !== "boolean") return refuse(sink, "is neither true nor false");
	if (!hasRoom(sink, 1)) return false;
	sink.buffer[sink.at++] = value ? 1 : 0;
	return true;
}

function writeCount(sink: Sink, value: unknown): boolean {
	if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > INTEGER_MAX) {
		return refuse(sink, `is not an integer of 0 to ${INTEGER_MAX}`);
	}
	if (!hasRoom(sink, 8)) return false;
	putCount(sink, value);
	return true;
}

/** A zigzag varint; room for eight bytes has been made. */
function putCount(sink: Sink, value: number): void {
	const { buffer } = sink;
	let at = sink.at;
	let low = value;
	if (value >= TWO_27) {
		// Four bytes of seven bits by integer arithmetic, then the rest: division of doubles is slow.
		const high = Math.floor(value / TWO_27);
		low = (value - high * TWO_27) * 2;
		buffer[at] = low | 0x80;
		buffer[at + 1] = (low >>> 7) | 0x80;
		buffer[at + 2] = (low >>> 14) | 0x80;
		buffer[at + 3] = (low >>> 21) | 0x80;
		at += 4;
		low = high;
	} else {
		low = value * 2;
	}
	while (low >= 0x80) {
		buffer[at++] = low | 0x80;
		low >>>= 7;
	}
	buffer[at++] = low;
	sink.at = at;
}

/** 28 bits of the zigzag form. */
const TWO_27 = 0x800_0000;

function textWriter({ lengthMin, lengthMax, controls }: TextShape): BodyWriter {
	return (sink, value) => {
		if (typeof value !== "string") return refuse(sink, "is not a text");
		const { length } = value;
		if (length < lengthMin) return refuse(sink, "is empty");
		if (length > lengthMax) return refuse(sink, `has ${length} characters, at most ${lengthMax} are accepted`);
		if (!hasRoom(sink, 3 * length + 8)) return false;
		if (length <= SHORT && putPlain(sink, value)) return true;

		if (!value.isWellFormed()) return refuse(sink, "holds a lone surrogate");
		if (!controls && hasControls(value)) return refuse(sink, "holds a control character");
		putCount(sink, Buffer.byteLength(value));
		sink.at += sink.buffer.write(value, sink.at, "utf8");
		return true;
	};
}

/** UTF-16 code units up to which a loop beats the call into native code. */
const SHORT = 128;

/** Writes a short text of printable ASCII; false, with the position as it was, when it is something else. */
function putPlain(sink: Sink, text: string): boolean {
	const start = sink.at;
	const { length } = text;
	putCount(sink, length);
	const { buffer, at } = sink;
	for (let unit = 0; unit < length; unit++) {
		const code = text.charCodeAt(unit);
		if (code < 0x20 || code >= 0x7f) {
			sink.at = start;
			return false;
		}
		buffer[at + unit] = code;
	}
	sink.at = at + length;
	return true;
}

function wordWriter(words: readonly string[]): BodyWriter {
	const accepted = `is none of ${words.map((word) => `\`${word}\``).join(", ")}`;
	return (sink, value) => {
		for (let word = 0; word < words.length; word++) {
			const known = words[word] as string;
			if (known === value) return hasRoom(sink, 3 * known.length + 8) && putPlain(sink, known);
		}
		return refuse(sink, accepted);
	};
}

function digestWriter(optional: boolean): BodyWriter {
	return (sink, value) => {
		if (typeof value !== "string") return refuse(sink, "is not a text");
		if (value.length !== 64 && !(optional && value === "")) return refuse(sink, "is not a digest of 64 hex digits");
		if (!hasRoom(sink, 66)) return false;
		putCount(sink, value.length);
		const { buffer, at } = sink;
		for (let digit = 0; digit < value.length; digit++) {
			const code = value.charCodeAt(digit);
			const isHex = (code >= 0x30 && code <= 0x39) || (code >= 0x61 && code <= 0x66);
			if (!isHex) return refuse(sink, "is not a digest of 64 lower-case hex digits");
			buffer[at + digit] = code;
		}
		sink.at = at + value.length;
		return true;
	};
}

function bytesWriter(of: { readonly lengthMin: number; readonly lengthMax: number }): BodyWriter {
	return (sink, value) => {
		if (!(value instanceof Uint8Array)) return refuse(sink, "is not a byte array");
		const { length } = value;
		if (length < of.lengthMin || length > of.lengthMax) {
			return refuse(sink, `has ${length} bytes, accepted are ${of.lengthMin} to ${of.lengthMax}`);
		}
		if (!hasRoom(sink, length + 8)) return false;
		putCount(sink, length);
		sink.buffer.set(value, sink.at);
		sink.at += length;
		return true;
	};
}

function nullableWriter(write: BodyWriter): BodyWriter {
	return (sink, value) => {
		if (!hasRoom(sink, 1)) return false;
		sink.buffer[sink.at++] = value === null ? 0 : 2;
		return value === null || write(sink, value);
	};
}

function listWriter({ of, lengthMax }: ListShape): BodyWriter {
	const write = compileBodyWriter(of);
	return (sink, value) => {
		if (!Array.isArray(value)) return refuse(sink, "is not a list");
		const { length } = value;
		if (length > lengthMax) return refuse(sink, `has ${length} items, at most ${lengthMax} are accepted`);
		if (!hasRoom(sink, 8)) return false;
		if (length > 0) {
			putCount(sink, length);
			for (let item = 0; item < length; item++) {
				if (!write(sink, value[item])) return within(sink, `[${item}]`);
			}
			if (!hasRoom(sink, 1)) return false;
		}
		sink.buffer[sink.at++] = 0;
		return true;
	};
}

/** Copies what was written of the same object before. */
function sharedWriter(fragments: Fragments, fields: readonly FieldShape[]): BodyWriter {
	const write = recordWriter(fields);
	return (sink, value) => {
		const known = fragments.bytesOf(value as object);
		if (known !== undefined) return put(sink, known);
		const start = sink.at;
		if (!write(sink, value)) return false;
		fragments.keepBytes(value as object, sink.buffer.subarray(start, sink.at));
		return true;
	};
}

function put(sink: Sink, bytes: Uint8Array): boolean {
	if (!hasRoom(sink, bytes.length)) return false;
	sink.buffer.set(bytes, sink.at);
	sink.at += bytes.length;
	return true;
}

function recordWriter(fields: readonly FieldShape[]): BodyWriter {
	const names = fields.map((field) => field.name);
	const writers = fields.map((field) => compileBodyWriter(field.of));
	return (sink, value) => {
		if (typeof value !== "object" || value === null) return refuse(sink, "is not a record");
		for (let field = 0; field < writers.length; field++) {
			const name = names[field] as string;
			if (!(writers[field] as BodyWriter)(sink, (value as Record<string, unknown>)[name])) return within(sink, name);
		}
		return true;
	};
}
