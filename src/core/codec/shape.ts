/**
 * The vocabulary in which record schemas are written: Avro types together with the bounds that a decoder holds them to, the
 * words that explain each field, and the TypeScript type of what they describe. A shape that differs from its type in one
 * field's name, presence or type does not compile.
 *
 * Open sets (codes, kinds, verdicts, measures) are strings with a list of words, never Avro enums: an old reader of an
 * enum cannot even name a symbol that it does not know.
 */
import {
	CAP_NAME_LENGTH_MAX,
	EXECUTOR_LENGTH_MAX,
	FOLDER_LENGTH_MAX,
	INTEGER_MAX,
	KEY_LENGTH_MAX,
	LIST_LENGTH_MAX,
	NAME_LENGTH_MAX,
	SALT_BYTES_MAX,
	SALT_BYTES_MIN,
	SKETCH_LENGTH_MAX,
	TEXT_LENGTH_MAX,
} from "../model/bounds.ts";
import { Fragments } from "./fragments.ts";

export interface TextShape {
	readonly shape: "text";
	/** UTF-16 code units. */
	readonly lengthMin: number;
	readonly lengthMax: number;
	/** Whether it may hold C0, DEL and C1 control characters. */
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
	/** There where the same value comes again and again: what is kept of it (fragments.ts). */
	readonly fragments?: Fragments;
}

export interface FieldShape {
	readonly name: string;
	readonly of: Shape;
	/** What the field says, for readers of the published schema. */
	readonly doc: string;
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

declare const VALUES: unique symbol;

/** Carries the type T and no value. Takes T and gives T, so that neither a wider nor a narrower type passes for it. */
interface Describes<T> {
	readonly [VALUES]?: (value: T) => T;
}

/** A shape whose values have exactly the type T. */
export type ShapeOf<T> = Shape & Describes<T>;

/** The shape of a record whose fields are exactly those of T. */
export type RecordShapeOf<T> = RecordShape & Describes<T>;

/** The same where one frozen object stands for a value in many records. */
export interface SharedShapeOf<T> extends RecordShape, Describes<T> {
	readonly fragments: Fragments;
}

/** A field of type T: its shape and what it says. */
export interface Field<T> {
	readonly of: ShapeOf<T>;
	readonly doc: string;
	readonly absent?: FieldShape["absent"];
}

/** Each field of T, in the order in which it is written. What is spread into a literal of it is not held to be in T. */
export type FieldsOf<T> = { readonly [Name in keyof T]-?: Field<T[Name]> };

export const NAMESPACE = "dev.assent.v1";

const text = <Text extends string = string>(
	lengthMin: number,
	lengthMax: number,
	controls: boolean,
): ShapeOf<Text> => ({
	shape: "text",
	lengthMin,
	lengthMax,
	controls,
});

export const yesNo: ShapeOf<boolean> = { shape: "boolean" };
export const count: ShapeOf<number> = { shape: "count" };
export const digest: ShapeOf<string> = { shape: "digest", optional: false };
export const digestOrNone: ShapeOf<string> = { shape: "digest", optional: true };

/** An id, a tool, a name. */
export const name = text(1, NAME_LENGTH_MAX, false);
/** A name that may be missing: the empty string. */
export const label = text(0, NAME_LENGTH_MAX, false);
/** Who runs a call; may be missing: the empty string. */
export const executor = text(0, EXECUTOR_LENGTH_MAX, false);
/** Names what a credential may spend. */
export const capName = text(1, CAP_NAME_LENGTH_MAX, false);
/** A digest of a tool's output; may be missing: the empty string. */
export const sketch = text(0, SKETCH_LENGTH_MAX, false);
/** A folder that a session declares. */
export const folder = text(1, FOLDER_LENGTH_MAX, false);
/** Words for people. */
export const words = text(0, TEXT_LENGTH_MAX, true);
/** A scope key or a JSON pointer. */
export const key = text(0, KEY_LENGTH_MAX, true);

/** Texts of which more may be known than their length: that they are canonical JSON, for one. */
export const longText = <Text extends string = string>(lengthMax: number): ShapeOf<Text> => text(0, lengthMax, true);

export const salt: ShapeOf<Uint8Array> = { shape: "bytes", lengthMin: SALT_BYTES_MIN, lengthMax: SALT_BYTES_MAX };

export const bytesBetween = (lengthMin: number, lengthMax: number): ShapeOf<Uint8Array> => ({
	shape: "bytes",
	lengthMin,
	lengthMax,
});

export const bytesUpTo = (lengthMax: number): ShapeOf<Uint8Array> => ({ shape: "bytes", lengthMin: 0, lengthMax });

export const oneOf = <const Words extends readonly string[]>(...among: Words): ShapeOf<Words[number]> => ({
	shape: "word",
	words: among,
});

export const nullable = <T>(of: ShapeOf<T>): ShapeOf<T | null> => ({ shape: "nullable", of });

export const list = <T>(of: ShapeOf<T>, lengthMax: number = LIST_LENGTH_MAX): ShapeOf<readonly T[]> => ({
	shape: "list",
	of,
	lengthMax,
});

/** A field and what it says, as a reader of the published schema needs it. `absent`: its value where an older writer has none. */
export const field = <T>(of: ShapeOf<T>, doc: string, absent?: FieldShape["absent"]): Field<T> => ({
	of,
	doc,
	...(absent === undefined ? {} : { absent }),
});

/** A record of type T. Its fields are written in the order of the object's keys. */
export const record = <T extends object>(name: string, doc: string, fields: FieldsOf<T>): RecordShapeOf<T> => ({
	shape: "record",
	name,
	doc,
	fields: Object.entries(fields as Readonly<Record<string, Omit<FieldShape, "name">>>).map(([name, field]) => ({
		name,
		...field,
	})),
});

/** The same record where one value is in many records, and one frozen object stands for it. It is written and read once. */
export const shared = <T extends object>(of: RecordShapeOf<T>): SharedShapeOf<T> => ({
	...of,
	fragments: new Fragments(),
});

/** Bounds of an integer, as they are published. */
export const COUNT_BOUNDS = { minimum: 0, maximum: INTEGER_MAX } as const;
