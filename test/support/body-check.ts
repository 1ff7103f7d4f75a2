/**
 * Walks the bytes of a record's body and builds nothing: how the bounds were checked before they were read in one pass, and
 * now the reader's oracle for what it must refuse, with which code and at which field.
 */
import { isUtf8 } from "node:buffer";
import { fail, refuse, within } from "../../src/core/codec/body-fault.ts";
import type { Cursor } from "../../src/core/codec/body-reader.ts";
import type { ListShape, RecordShape, Shape, TextShape } from "../../src/core/codec/shape.ts";
import { hasControls, INTEGER_MAX } from "../../src/core/model/bounds.ts";

/** Moves the cursor past one value, or says why not and returns false. */
export type BodyCheck = (cursor: Cursor) => boolean;

/** The check of one shape. Compiled once per schema. */
export function compileBodyCheck(shape: Shape): BodyCheck {
	switch (shape.shape) {
		case "boolean":
			return checkBoolean;
		case "count":
			return (cursor) => readCount(cursor) >= 0;
		case "text":
			return checkText(shape);
		case "word":
			return checkWord(shape.words);
		case "digest":
			return checkDigest(shape.optional);
		case "bytes":
			return (cursor) => {
				const length = readLength(cursor);
				if (length < 0) return false;
				if (length < shape.lengthMin || length > shape.lengthMax) {
					return refuse(cursor, `has ${length} bytes, accepted are ${shape.lengthMin} to ${shape.lengthMax}`);
				}
				cursor.at += length;
				return true;
			};
		case "nullable":
			return checkNullable(compileBodyCheck(shape.of));
		case "list":
			return checkList(shape);
		case "record":
			return checkRecord(shape);
	}
}

const truncated = (cursor: Cursor): false => fail(cursor, "RECORD_TRUNCATED", "ends too early");
const malformed = (cursor: Cursor, what: string): false => fail(cursor, "RECORD_MALFORMED", what);

/** A zigzag varint of 0 … INTEGER_MAX; -1 when it is anything else. */
function readCount(cursor: Cursor): number {
	const { bytes, end } = cursor;
	let at = cursor.at;
	if (at >= end) return refuseCount(truncated(cursor));
	const first = bytes[at] as number;
	if ((first & 1) === 1) return refuseCount(refuse(cursor, "is negative"));
	if (first < 0x80) {
		cursor.at = at + 1;
		return first >> 1;
	}
	let value = first & 0x7f;
	let scale = 128;
	// 54 bits hold INTEGER_MAX in zigzag form: eight bytes of seven bits.
	for (let read = 1; read < 8; read++) {
		at += 1;
		if (at >= end) return refuseCount(truncated(cursor));
		const byte = bytes[at] as number;
		value += (byte & 0x7f) * scale;
		scale *= 128;
		if (byte < 0x80) {
			if (byte === 0) return refuseCount(malformed(cursor, "is a number in more bytes than it needs"));
			if (value > 2 * INTEGER_MAX) break;
			cursor.at = at + 1;
			return value / 2;
		}
	}
	return refuseCount(refuse(cursor, `is larger than ${INTEGER_MAX}`));
}

const refuseCount = (_: false): number => -1;

/** A count of bytes that are there; -1 otherwise. */
function readLength(cursor: Cursor): number {
	const length = readCount(cursor);
	if (length > cursor.end - cursor.at) {
		truncated(cursor);
		return -1;
	}
	return length;
}

function checkBoolean(cursor: Cursor): boolean {
	if (cursor.at >= cursor.end) return truncated(cursor);
	if ((cursor.bytes[cursor.at] as number) > 1) return malformed(cursor, "is neither true nor false");
	cursor.at += 1;
	return true;
}

function checkText({ lengthMin, lengthMax, controls }: TextShape): BodyCheck {
	return (cursor) => {
		const length = readLength(cursor);
		if (length < 0) return false;
		// One UTF-16 code unit takes at most three bytes of UTF-8.
		if (length > lengthMax * 3) return refuse(cursor, `has more than ${lengthMax} characters`);
		if (length < lengthMin) return refuse(cursor, "is empty");
		const { bytes, at: start } = cursor;
		const end = start + length;
		cursor.at = end;
		if (length <= 128) {
			let at = start;
			while (at < end) {
				const byte = bytes[at] as number;
				if (byte >= 0x7f || byte < 0x20) break;
				at += 1;
			}
			if (at === end) return true;
		}
		const slice = bytes.subarray(start, end);
		if (!isUtf8(slice)) return malformed(cursor, "is not UTF-8");
		if (length <= lengthMax && controls) return true;
		const text = slice.toString("utf8");
		if (text.length > lengthMax)
			return refuse(cursor, `has ${text.length} characters, at most ${lengthMax} are accepted`);
		if (!controls && hasControls(text)) return refuse(cursor, "holds a control character");
		return true;
	};
}

function checkWord(words: readonly string[]): BodyCheck {
	const known = words.map((word) => Buffer.from(word, "latin1"));
	return (cursor) => {
		const length = readLength(cursor);
		if (length < 0) return false;
		const { bytes, at } = cursor;
		for (const word of known) {
			if (word.length !== length) continue;
			let same = 0;
			while (same < length && word[same] === bytes[at + same]) same += 1;
			if (same === length) {
				cursor.at = at + length;
				return true;
			}
		}
		return refuse(cursor, `is none of ${words.map((word) => `\`${word}\``).join(", ")}`);
	};
}

function checkDigest(optional: boolean): BodyCheck {
	return (cursor) => {
		const length = readLength(cursor);
		if (length < 0) return false;
		if (length === 0 && optional) return true;
		if (length !== 64) return refuse(cursor, "is not a digest of 64 hex digits");
		const { bytes, at } = cursor;
		for (let digit = at; digit < at + 64; digit++) {
			const byte = bytes[digit] as number;
			const isHex = (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x66);
			if (!isHex) return refuse(cursor, "is not a digest of 64 lower-case hex digits");
		}
		cursor.at = at + 64;
		return true;
	};
}

function checkNullable(check: BodyCheck): BodyCheck {
	return (cursor) => {
		if (cursor.at >= cursor.end) return truncated(cursor);
		const branch = cursor.bytes[cursor.at];
		cursor.at += 1;
		if (branch === 0) return true;
		return branch === 2 ? check(cursor) : malformed(cursor, "has a union branch that is not there");
	};
}

function checkList({ of, lengthMax }: ListShape): BodyCheck {
	const check = compileBodyCheck(of);
	return (cursor) => {
		const length = readCount(cursor);
		if (length < 0) return false;
		if (length === 0) return true;
		if (length > lengthMax) return refuse(cursor, `has ${length} items, at most ${lengthMax} are accepted`);
		if (length > cursor.end - cursor.at) return truncated(cursor);
		for (let item = 0; item < length; item++) {
			if (!check(cursor)) return within(cursor, `[${item}]`);
		}
		if (cursor.at >= cursor.end) return truncated(cursor);
		if (cursor.bytes[cursor.at] !== 0) return malformed(cursor, "is a list in more than one block");
		cursor.at += 1;
		return true;
	};
}

function checkRecord(shape: RecordShape): BodyCheck {
	const checks = shape.fields.map((field) => compileBodyCheck(field.of));
	const names = shape.fields.map((field) => field.name);
	return (cursor) => {
		for (let field = 0; field < checks.length; field++) {
			if (!(checks[field] as BodyCheck)(cursor)) return within(cursor, names[field] as string);
		}
		return true;
	};
}
