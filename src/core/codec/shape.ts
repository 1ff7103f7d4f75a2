/**
 * The vocabulary in which record schemas are written: Avro types together with the bounds that a decoder holds them to.
 *
 * Open sets (codes, kinds, verdicts, measures) are strings with a list of words, never Avro enums: an old reader of an
 * enum cannot even name a symbol that it does not know.
 */
import {
	EXECUTOR_LENGTH_MAX,
	INTEGER_MAX,
	KEY_LENGTH_MAX,
	LIST_LENGTH_MAX,
	NAME_LENGTH_MAX,
	SALT_BYTES_MAX,
	SALT_BYTES_MIN,
	TEXT_LENGTH_MAX,
} from "../model/bounds.ts";

export interface TextShape {
	readonly shape: "text";
	/** UTF-16 code units. */
	readonly lengthMin: number;
	readonly lengthMax: number;
	/** Whether C0, DEL and C1 control characters may stand in it. */
	readonly controls: boolean;
}

export interface ListShape {
	readonly shape: "list";
	readonly of: Shape;
	readonly lengthMax: number;
}

export interface RecordShape {
	readonly shape: "record";
	/** Without namespace: all records are `dev.assent.v1.<name>`. */
	readonly name: string;
	readonly doc: string;
	readonly fields: readonly FieldShape[];
}

export interface FieldShape {
	readonly name: string;
	readonly of: Shape;
	/** What the field says, for readers of the published schema. */
	readonly doc?: string;
	/** What a field that was added after the first release means where it is missing; Avro's JSON form. */
	readonly absent?: null | boolean | number | string | readonly never[];
}

export type Shape =
	| { readonly shape: "boolean" }
	/** 0 … INTEGER_MAX. No field of the model is negative. */
	| { readonly shape: "count" }
	| TextShape
	/** One of a list of words. */
	| { readonly shape: "word"; readonly words: readonly string[] }
	/** 64 lower-case hex digits; with `optional`, also the empty string. */
	| { readonly shape: "digest"; readonly optional: boolean }
	| { readonly shape: "bytes"; readonly lengthMin: number; readonly lengthMax: number }
	/** Null or a text, a count or a record. */
	| { readonly shape: "nullable"; readonly of: Shape }
	| ListShape
	| RecordShape;

export const NAMESPACE = "dev.assent.v1";

export const yesNo: Shape = { shape: "boolean" };
export const count: Shape = { shape: "count" };
export const digest: Shape = { shape: "digest", optional: false };
export const digestOrNone: Shape = { shape: "digest", optional: true };

/** An id, a tool, a name. */
export const name: Shape = { shape: "text", lengthMin: 1, lengthMax: NAME_LENGTH_MAX, controls: false };
/** A name that may be missing: the empty string. */
export const label: Shape = { shape: "text", lengthMin: 0, lengthMax: NAME_LENGTH_MAX, controls: false };
/** Who runs a call; may be missing: the empty string. */
export const executor: Shape = { shape: "text", lengthMin: 0, lengthMax: EXECUTOR_LENGTH_MAX, controls: false };
/** Words for people. */
export const words: Shape = { shape: "text", lengthMin: 0, lengthMax: TEXT_LENGTH_MAX, controls: true };
/** A scope key or a JSON pointer. */
export const key: Shape = { shape: "text", lengthMin: 0, lengthMax: KEY_LENGTH_MAX, controls: true };
export const salt: Shape = { shape: "bytes", lengthMin: SALT_BYTES_MIN, lengthMax: SALT_BYTES_MAX };

export const longText = (lengthMax: number): Shape => ({ shape: "text", lengthMin: 0, lengthMax, controls: true });

export const bytesUpTo = (lengthMax: number): Shape => ({ shape: "bytes", lengthMin: 0, lengthMax });

export const oneOf = (...among: readonly string[]): Shape => ({ shape: "word", words: among });

export const nullable = (of: Shape): Shape => ({ shape: "nullable", of });

export const list = (of: Shape, lengthMax: number = LIST_LENGTH_MAX): Shape => ({ shape: "list", of, lengthMax });

/** A record whose fields come in the order of the object's keys. */
export const record = (name: string, doc: string, fields: Readonly<Record<string, Shape>>): RecordShape => ({
	shape: "record",
	name,
	doc,
	fields: Object.entries(fields).map(([field, of]) => ({ name: field, of })),
});

/** Bounds of an integer, as they are published. */
export const COUNT_BOUNDS = { minimum: 0, maximum: INTEGER_MAX } as const;
