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
import { refuse, within } from "./body-fault.ts";
import type { Fragments } from "./fragments.ts";
import { NO_HEX } from "./hex-digits.ts";
import type { FieldShape, ListShape, Shape, TextShape } from "./shape.ts";
import { hasRoom, type Sink } from "./sink.ts";

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
		case "record": {
			const write = recordWriter(shape.fields);
			return shape.fragments === undefined ? write : sharedWriter(shape.fragments, write);
		}
	}
}

export function writeBoolean(sink: Sink, value: unknown): boolean {
	if (typeof value !== "boolean") return refuse(sink, "is neither true nor false");
	if (!hasRoom(sink, 1)) return false;
	sink.buffer[sink.at++] = value ? 1 : 0;
	return true;
}

export function writeCount(sink: Sink, value: unknown): boolean {
	if (!hasRoom(sink, 8)) return false;
	// Most are small: one byte, and no doubles.
	if (typeof value === "number" && value >>> 0 === value && value < 64) {
		sink.buffer[sink.at++] = value << 1;
		return true;
	}
	if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > INTEGER_MAX) {
		return refuse(sink, `is not an integer of 0 to ${INTEGER_MAX}`);
	}
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

export function textWriter({ lengthMin, lengthMax, controls }: Omit<TextShape, "shape">): BodyWriter {
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

/** Bytes or UTF-16 code units up to which a loop beats the call into native code. */
const SHORT = 128;

/** Writes a short text of printable ASCII; false, with the position as it was, when it is something else. */
function putPlain(sink: Sink, text: string): boolean {
	const start = sink.at;
	const { length } = text;
	putCount(sink, length);
	const { buffer, at } = sink;
	// Negative once a unit is below the first or above the last of them: a branch for each costs more.
	let outside = 0;
	for (let unit = 0; unit < length; unit++) {
		const code = text.charCodeAt(unit);
		outside |= (code - 0x20) | (0x7e - code);
		buffer[at + unit] = code;
	}
	sink.at = outside < 0 ? start : at + length;
	return outside >= 0;
}

export function wordWriter(words: readonly string[]): BodyWriter {
	const accepted = `is none of ${words.map((word) => `\`${word}\``).join(", ")}`;
	return (sink, value) => {
		for (let word = 0; word < words.length; word++) {
			const known = words[word] as string;
			if (known === value) return hasRoom(sink, 3 * known.length + 8) && putPlain(sink, known);
		}
		return refuse(sink, accepted);
	};
}

export function digestWriter(optional: boolean): BodyWriter {
	return (sink, value) => {
		if (typeof value !== "string") return refuse(sink, "is not a text");
		if (value.length !== 64 && !(optional && value === "")) return refuse(sink, "is not a digest of 64 hex digits");
		if (!hasRoom(sink, 66)) return false;
		putCount(sink, value.length);
		const { buffer, at } = sink;
		let wrong = 0;
		for (let digit = 0; digit < value.length; digit++) {
			const code = value.charCodeAt(digit);
			wrong |= (code & 0xff00) | (NO_HEX[code & 0xff] as number);
			buffer[at + digit] = code;
		}
		if (wrong !== 0) return refuse(sink, "is not a digest of 64 lower-case hex digits");
		sink.at = at + value.length;
		return true;
	};
}

export function bytesWriter(of: { readonly lengthMin: number; readonly lengthMax: number }): BodyWriter {
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
	return (sink, value) => beginNullable(sink, value !== null) && (value === null || write(sink, value));
}

/** Says whether a value follows, or null. */
export function beginNullable(sink: Sink, isThere: boolean): boolean {
	if (!hasRoom(sink, 1)) return false;
	sink.buffer[sink.at++] = isThere ? 2 : 0;
	return true;
}

function listWriter({ of, lengthMax }: ListShape): BodyWriter {
	const write = compileBodyWriter(of);
	return (sink, value) => {
		if (!beginList(sink, value, lengthMax)) return false;
		for (let item = 0; item < value.length; item++) {
			if (!write(sink, value[item])) return within(sink, `[${item}]`);
		}
		return endList(sink);
	};
}

/** The number of items, where it is not zero. They follow in one block. */
export function beginList(sink: Sink, value: unknown, lengthMax: number): value is readonly unknown[] {
	if (!Array.isArray(value)) return refuse(sink, "is not a list");
	const { length } = value;
	if (length > lengthMax) return refuse(sink, `has ${length} items, at most ${lengthMax} are accepted`);
	if (!hasRoom(sink, 8)) return false;
	if (length > 0) putCount(sink, length);
	return true;
}

export function endList(sink: Sink): boolean {
	if (!hasRoom(sink, 1)) return false;
	sink.buffer[sink.at++] = 0;
	return true;
}

/** Copies what was written of the same object before. */
export function sharedWriter(fragments: Fragments, write: BodyWriter): BodyWriter {
	return (sink, value) => {
		const known = fragments.bytesOf(value as object);
		if (known !== undefined) return put(sink, known);
		// From the record's beginning: while it is written the record may move to another slab.
		const from = sink.at - sink.start;
		if (!write(sink, value)) return false;
		fragments.keepBytes(value as object, sink.buffer.subarray(sink.start + from, sink.at));
		return true;
	};
}

function put(sink: Sink, bytes: Uint8Array): boolean {
	const { length } = bytes;
	if (!hasRoom(sink, length)) return false;
	const { buffer, at } = sink;
	if (length > SHORT) buffer.set(bytes, at);
	else for (let index = 0; index < length; index++) buffer[at + index] = bytes[index] as number;
	sink.at = at + length;
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
