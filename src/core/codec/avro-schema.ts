/**
 * Avro schemas: how a shape is published, and the Parsing Canonical Form over which its fingerprint is taken.
 *
 * Bounds are published as attributes that Avro ignores (`minLength`, `oneOf`, `maxItems`, …), so that the form and the
 * fingerprint are those of the plain Avro types.
 */
import { COUNT_BOUNDS, NAMESPACE, type RecordShape, type Shape } from "./shape.ts";

type AvroPrimitive = "null" | "boolean" | "long" | "int" | "string" | "bytes";

export interface AvroRecord {
	readonly type: "record";
	readonly name: string;
	readonly namespace?: string;
	readonly doc?: string;
	readonly fields: readonly AvroField[];
}

export interface AvroField {
	readonly name: string;
	readonly doc?: string;
	readonly type: AvroSchema;
	readonly default?: unknown;
}

interface AvroArray {
	readonly type: "array";
	readonly items: AvroSchema;
	readonly maxItems?: number;
}

/** A primitive type or the full name of a record, with or without attributes; an array; a record; a union. */
export type AvroSchema =
	| string
	| { readonly type: AvroPrimitive; readonly [attribute: string]: unknown }
	| AvroArray
	| AvroRecord
	| readonly AvroSchema[];

/** The schema of a record as it is published. A record that occurs several times is spelt out at its first place. */
export function avroSchemaOf(shape: RecordShape): AvroRecord {
	const { type, name, ...rest } = recordOf(shape, new Set());
	return { type, name, namespace: NAMESPACE, ...rest };
}

function schemaOf(shape: Shape, defined: Set<string>): AvroSchema {
	switch (shape.shape) {
		case "boolean":
			return "boolean";
		case "count":
			return { type: "long", ...COUNT_BOUNDS };
		case "text":
			return {
				type: "string",
				...(shape.lengthMin === 0 ? {} : { minLength: shape.lengthMin }),
				maxLength: shape.lengthMax,
				...(shape.controls ? {} : { controlCharacters: false }),
			};
		case "word":
			return { type: "string", oneOf: shape.words };
		case "digest":
			return { type: "string", pattern: shape.optional ? "^([0-9a-f]{64})?$" : "^[0-9a-f]{64}$" };
		case "bytes":
			return { type: "bytes", minLength: shape.lengthMin, maxLength: shape.lengthMax };
		case "nullable":
			return ["null", schemaOf(shape.of, defined)];
		case "list":
			return { type: "array", items: schemaOf(shape.of, defined), maxItems: shape.lengthMax };
		case "record":
			return defined.has(shape.name) ? `${NAMESPACE}.${shape.name}` : recordOf(shape, defined);
	}
}

function recordOf(shape: RecordShape, defined: Set<string>): AvroRecord {
	defined.add(shape.name);
	return {
		type: "record",
		name: shape.name,
		doc: shape.doc,
		fields: shape.fields.map((field) => ({
			name: field.name,
			doc: field.doc,
			type: schemaOf(field.of, defined),
			...(field.absent === undefined ? {} : { default: field.absent }),
		})),
	};
}

const PRIMITIVES: ReadonlySet<string> = new Set(["null", "boolean", "int", "long", "string", "bytes"]);

/**
 * Parsing Canonical Form (Avro specification, "Transforming into Parsing Canonical Form"): simple forms, full names, no
 * attributes that a reader does not need, one order, no white space. Covers the types that `AvroSchema` can express.
 */
export function canonicalForm(schema: AvroSchema, namespace = ""): string {
	if (typeof schema === "string") return JSON.stringify(fullName(schema, namespace));
	if (isUnion(schema)) return `[${schema.map((branch) => canonicalForm(branch, namespace)).join(",")}]`;
	if (isRecord(schema)) {
		const name = fullName(schema.name, schema.namespace ?? namespace);
		const inner = name.slice(0, Math.max(0, name.lastIndexOf(".")));
		const fields = schema.fields.map(
			(field) => `{"name":${JSON.stringify(field.name)},"type":${canonicalForm(field.type, inner)}}`,
		);
		return `{"name":${JSON.stringify(name)},"type":"record","fields":[${fields.join(",")}]}`;
	}
	if (isArray(schema)) return `{"type":"array","items":${canonicalForm(schema.items, namespace)}}`;
	return JSON.stringify(schema.type);
}

export const isUnion = (schema: AvroSchema): schema is readonly AvroSchema[] => Array.isArray(schema);
export const isRecord = (schema: Exclude<AvroSchema, string | readonly AvroSchema[]>): schema is AvroRecord =>
	schema.type === "record";
export const isArray = (schema: Exclude<AvroSchema, string | readonly AvroSchema[]>): schema is AvroArray =>
	schema.type === "array";

const fullName = (name: string, namespace: string): string =>
	PRIMITIVES.has(name) || name.includes(".") || namespace === "" ? name : `${namespace}.${name}`;
