/**
 * Reads a record's body, holding every value to its shape's bounds in the same pass.
 *
 * B1  Accepted bytes fit the schema to the last byte, and every value lies within the shape's bounds.
 * B2  Accepted bytes are the only encoding of their value: shortest varints, one block per list, booleans 0 or 1.
 * B3  Time and memory stay proportional to the bytes, whatever the bytes claim: each item of a list takes at least one byte,
 *     so that a count larger than what is left is refused at once.
 *
 * A library would keep none of them: avsc, this file's oracle in the tests, reads past the end, loops as often as a block
 * count says, and replaces bad UTF-8.
 */
import { isUtf8 } from "node:buffer";
import { hasControls, INTEGER_MAX } from "../model/bounds.ts";
import { type BodyFault, fail, refuse, within } from "./body-fault.ts";
import type { Fragments } from "./fragments.ts";
import { NO_HEX } from "./hex-digits.ts";
import { recentName } from "./recent-names.ts";
import type { FieldShape, ListShape, RecordShape, Shape, TextShape } from "./shape.ts";

/** Where the reading is and, once it has failed, what was wrong. */
export interface Cursor extends BodyFault {
	bytes: Buffer;
	at: number;
	end: number;
}

/** Reads one value and moves the cursor behind it; undefined, which is no value of a record, when it is refused. */
export type BodyReader = (cursor: Cursor) => unknown;

export const cursorOver = (bytes: Buffer, at: number): Cursor => ({
	bytes,
	at,
	end: bytes.length,
	code: "RECORD_MALFORMED",
	what: "",
	path: "",
});

/** The reader of one shape; what was written under an earlier one is read into the form of `present`. */
export function compileBodyReader(shape: Shape, present: Shape = shape): BodyReader {
	switch (shape.shape) {
		case "boolean":
			return readBoolean;
		case "count":
			return readCount;
		case "text":
			return textReader(shape);
		case "word":
			return wordReader(shape.words);
		case "digest":
			return digestReader(shape.optional);
		case "bytes":
			return bytesReader(shape);
		case "nullable":
			return nullableReader(compileBodyReader(shape.of, present.shape === "nullable" ? present.of : shape.of));
		case "list":
			return listReader(shape, compileBodyReader(shape.of, present.shape === "list" ? present.of : shape.of));
		case "record":
			return partReader(shape, present.shape === "record" ? present : shape);
	}
}

/** Reads a record within a record: where it is shared, the object that was made of the same bytes before. */
function partReader(shape: RecordShape, present: RecordShape): BodyReader {
	const read = recordReader(shape, present);
	const { fragments } = shape;
	return fragments === undefined || shape !== present ? read : sharedReader(fragments, read);
}

/** Hands out the object that was made of the same bytes before. */
export function sharedReader(fragments: Fragments, read: BodyReader): BodyReader {
	return (cursor) => {
		const { bytes, at } = cursor;
		const known = fragments.find(bytes, at, cursor.end);
		if (known !== null) {
			cursor.at = at + known.bytes.length;
			return known.value;
		}
		const value = read(cursor);
		if (value !== undefined) fragments.keep(value as object, bytes.subarray(at, cursor.at));
		return value;
	};
}

/** Reads a record; `stamp` is what its schema says of it, not its bytes. */
export function recordReader(shape: RecordShape, present: RecordShape = shape, stamp: object = {}): BodyReader {
	const names = shape.fields.map(({ name }) => name);
	const readers = shape.fields.map(({ name, of }) => compileBodyReader(of, fieldOf(present, name)?.of ?? of));
	const absent = present.fields.map(({ name, absent }) => [name, Object.freeze(absent ?? null)]);
	// Copied whole, so that all records of one schema have their fields in one order from the start.
	const blank = { ...stamp, ...Object.fromEntries(absent) };
	return (cursor) => {
		const record: Record<string, unknown> = Object.assign({}, blank);
		for (let field = 0; field < readers.length; field++) {
			const name = names[field] as string;
			const value = (readers[field] as BodyReader)(cursor);
			if (value === undefined) return nothing(within(cursor, name));
			record[name] = value;
		}
		return record;
	};
}

const fieldOf = ({ fields }: RecordShape, name: string): FieldShape | undefined =>
	fields.find((field) => field.name === name);

export const nothing = (_: false): undefined => undefined;
const truncated = (cursor: Cursor): undefined => nothing(fail(cursor, "RECORD_TRUNCATED", "ends too early"));
const malformed = (cursor: Cursor, what: string): undefined => nothing(fail(cursor, "RECORD_MALFORMED", what));
const outOfBounds = (cursor: Cursor, what: string): undefined => nothing(refuse(cursor, what));

/** A zigzag varint of 0 … INTEGER_MAX. */
export function readCount(cursor: Cursor): number | undefined {
	const { bytes, end } = cursor;
	let at = cursor.at;
	if (at >= end) return truncated(cursor);
	const first = bytes[at] as number;
	if ((first & 1) === 1) return outOfBounds(cursor, "is negative");
	if (first < 0x80) {
		cursor.at = at + 1;
		return first >> 1;
	}
	let value = first & 0x7f;
	let scale = 128;
	// 54 bits hold INTEGER_MAX in zigzag form: eight bytes of seven bits.
	for (let read = 1; read < 8; read++) {
		at += 1;
		if (at >= end) return truncated(cursor);
		const byte = bytes[at] as number;
		value += (byte & 0x7f) * scale;
		scale *= 128;
		if (byte < 0x80) {
			if (byte === 0) return malformed(cursor, "is a number in more bytes than it needs");
			if (value > 2 * INTEGER_MAX) break;
			cursor.at = at + 1;
			return value / 2;
		}
	}
	return outOfBounds(cursor, `is larger than ${INTEGER_MAX}`);
}

/** A count of bytes that are there. */
function readLength(cursor: Cursor): number | undefined {
	const length = readCount(cursor);
	return length !== undefined && length > cursor.end - cursor.at ? truncated(cursor) : length;
}

export function readBoolean(cursor: Cursor): boolean | undefined {
	if (cursor.at >= cursor.end) return truncated(cursor);
	const byte = cursor.bytes[cursor.at] as number;
	if (byte > 1) return malformed(cursor, "is neither true nor false");
	cursor.at += 1;
	return byte === 1;
}

export function textReader({ lengthMin, lengthMax, controls }: Omit<TextShape, "shape">): BodyReader {
	return (cursor) => {
		const length = readLength(cursor);
		if (length === undefined) return undefined;
		// One UTF-16 code unit takes at most three bytes of UTF-8.
		if (length > lengthMax * 3) return outOfBounds(cursor, `has more than ${lengthMax} characters`);
		if (length < lengthMin) return outOfBounds(cursor, "is empty");
		const { bytes, at: start } = cursor;
		const end = start + length;
		cursor.at = end;
		// Names alone: what people or arguments say seldom comes again, and is not for keeping.
		const known = controls || length > lengthMax ? null : recentName(bytes, start, end);
		if (known !== null) return known;

		const text = bytes.toString("utf8", start, end);
		// Bad UTF-8 is read as U+FFFD, which may also be there in its own right.
		if (text.includes("\ufffd") && !isUtf8(bytes.subarray(start, end))) return malformed(cursor, "is not UTF-8");
		if (text.length > lengthMax) {
			return outOfBounds(cursor, `has ${text.length} characters, at most ${lengthMax} are accepted`);
		}
		if (!controls && hasControls(text)) return outOfBounds(cursor, "holds a control character");
		return text;
	};
}

export function wordReader(words: readonly string[]): BodyReader {
	const known = words.map((word) => Buffer.from(word, "latin1"));
	const accepted = `is none of ${words.map((word) => `\`${word}\``).join(", ")}`;
	return (cursor) => {
		const length = readLength(cursor);
		if (length === undefined) return undefined;
		const { bytes, at } = cursor;
		for (let word = 0; word < known.length; word++) {
			const letters = known[word] as Buffer;
			if (letters.length !== length) continue;
			let same = 0;
			while (same < length && letters[same] === bytes[at + same]) same += 1;
			if (same < length) continue;
			cursor.at = at + length;
			return words[word];
		}
		return outOfBounds(cursor, accepted);
	};
}

export function digestReader(optional: boolean): BodyReader {
	return (cursor) => {
		const length = readLength(cursor);
		if (length === undefined) return undefined;
		if (length === 0 && optional) return "";
		if (length !== 64) return outOfBounds(cursor, "is not a digest of 64 hex digits");
		const { bytes, at } = cursor;
		let wrong = 0;
		for (let digit = at; digit < at + 64; digit++) wrong |= NO_HEX[bytes[digit] as number] as number;
		if (wrong !== 0) return outOfBounds(cursor, "is not a digest of 64 lower-case hex digits");
		cursor.at = at + 64;
		return bytes.toString("latin1", at, at + 64);
	};
}

export function bytesReader(of: { readonly lengthMin: number; readonly lengthMax: number }): BodyReader {
	return (cursor) => {
		const length = readLength(cursor);
		if (length === undefined) return undefined;
		if (length < of.lengthMin || length > of.lengthMax) {
			return outOfBounds(cursor, `has ${length} bytes, accepted are ${of.lengthMin} to ${of.lengthMax}`);
		}
		const { bytes, at } = cursor;
		cursor.at += length;
		const copy = new Uint8Array(length);
		if (length > SHORT) copy.set(bytes.subarray(at, at + length));
		else for (let index = 0; index < length; index++) copy[index] = bytes[at + index] as number;
		return copy;
	};
}

/** Bytes up to which a loop is faster than a copy by a view. */
const SHORT = 64;

function nullableReader(read: BodyReader): BodyReader {
	return (cursor) => {
		const isThere = beginNullable(cursor);
		return isThere === true ? read(cursor) : isThere === false ? null : undefined;
	};
}

/** Whether a value follows, or null. */
export function beginNullable(cursor: Cursor): boolean | undefined {
	if (cursor.at >= cursor.end) return truncated(cursor);
	const branch = cursor.bytes[cursor.at];
	cursor.at += 1;
	if (branch === 0) return false;
	return branch === 2 ? true : malformed(cursor, "has a union branch that is not there");
}

function listReader({ lengthMax }: ListShape, read: BodyReader): BodyReader {
	return (cursor) => {
		const length = beginList(cursor, lengthMax);
		if (length === undefined) return undefined;
		const items: unknown[] = [];
		for (let item = 0; item < length; item++) {
			const value = read(cursor);
			if (value === undefined) return nothing(within(cursor, `[${item}]`));
			items.push(value);
		}
		return length === 0 || endList(cursor) ? items : undefined;
	};
}

/** The number of items; nothing follows where it is 0. */
export function beginList(cursor: Cursor, lengthMax: number): number | undefined {
	const length = readCount(cursor);
	if (length === undefined) return undefined;
	if (length > lengthMax) return outOfBounds(cursor, `has ${length} items, at most ${lengthMax} are accepted`);
	return length > cursor.end - cursor.at ? truncated(cursor) : length;
}

export function endList(cursor: Cursor): boolean {
	if (cursor.at >= cursor.end) return fail(cursor, "RECORD_TRUNCATED", "ends too early");
	if (cursor.bytes[cursor.at] !== 0) return fail(cursor, "RECORD_MALFORMED", "is a list in more than one block");
	cursor.at += 1;
	return true;
}
