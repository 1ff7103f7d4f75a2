/**
 * Which schemas there are, by fingerprint and by the name of what they describe, each with its compiled codec.
 *
 * Every known fingerprint, also that of an earlier v1 schema, leads to a reader that yields the record's present form:
 * upcasting happens while reading, and stored bytes are never rewritten. Codecs are compiled at their first use.
 */
import { AssentError, problem } from "../base/errors.ts";
import { type AvroRecord, avroSchemaOf, canonicalForm } from "./avro-schema.ts";
import { type BodyReader, recordReader } from "./body-reader.ts";
import { type BodyWriter, compileBodyWriter } from "./body-writer.ts";
import { type Fingerprint, fingerprintHex, fingerprintOf } from "./fingerprint.ts";
import { READERS } from "./generated/readers.ts";
import { WRITERS } from "./generated/writers.ts";
import { DEFINITIONS } from "./schemas/all.ts";
import { type Definition, stampOf } from "./schemas/definition.ts";
import type { RecordShape } from "./shape.ts";

/** Bytes in front of the body: the marker `C3 01` and the fingerprint, least significant byte first. */
export const HEADER_BYTES = 10;

/** One version of a record's schema. */
export interface Schema {
	readonly definition: Definition;
	readonly shape: RecordShape;
	readonly avro: AvroRecord;
	readonly fingerprint: Fingerprint;
	readonly fingerprintHex: string;
	readonly isCurrent: boolean;
	codec(): Codec;
}

interface Codec {
	readonly header: Uint8Array;
	/** Reads a body of this schema into the record's present form. */
	readonly read: BodyReader;
	readonly write: BodyWriter;
}

/** What `npm run schemas` makes of present shapes, by the record's name: faster than what is compiled here, and the same. */
interface MadeCodecs {
	readonly readers: Readonly<Record<string, BodyReader>>;
	readonly writers: Readonly<Record<string, BodyWriter>>;
}

const NOTHING_MADE: MadeCodecs = { readers: {}, writers: {} };

export interface Registry {
	/** Every schema that can be read. */
	readonly schemas: readonly Schema[];
	/** The schema that a record's header names, or null. The bytes must have a whole header. */
	schemaOf(bytes: Uint8Array): Schema | null;
	/** The schema under which inputs (`type`), entries (`kind`) or derived records (`type`) are written, or null. */
	writerOf(family: "input" | "entry" | "derived", type: string): Schema | null;
}

/** Throws ASSENT_INTERNAL when two schemas cannot be told apart. */
export function createRegistry(definitions: readonly Definition[], made: MadeCodecs = NOTHING_MADE): Registry {
	const schemas = definitions.flatMap((definition) => schemasOf(definition, made));
	const byLow = new Map<number, Schema>();
	const writers = {
		input: new Map<string, Schema>(),
		entry: new Map<string, Schema>(),
		derived: new Map<string, Schema>(),
	};
	for (const schema of schemas) {
		const low = schema.fingerprint.low | 0;
		if (byLow.has(low)) {
			throw new AssentError(
				problem("ASSENT_INTERNAL", `two schemas share the fingerprint of \`${schema.shape.name}\``),
			);
		}
		byLow.set(low, schema);
		if (!schema.isCurrent) continue;
		const { family, types } = schema.definition;
		const written = writers[family === "intents" || family === "control" ? "input" : family];
		for (const type of types) written.set(type, schema);
	}
	return {
		schemas,
		schemaOf(bytes) {
			const schema = byLow.get(int32(bytes, 2));
			return schema === undefined || (schema.fingerprint.high | 0) !== int32(bytes, 6) ? null : schema;
		},
		writerOf: (family, type) => writers[family].get(type) ?? null,
	};
}

/** A whole number that V8 keeps in place. */
const int32 = (bytes: Uint8Array, at: number): number =>
	(bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24);

function schemasOf(definition: Definition, made: MadeCodecs): readonly Schema[] {
	return [definition.shape, ...definition.older].map((shape, age) => {
		const avro = avroSchemaOf(shape);
		const fingerprint = fingerprintOf(canonicalForm(avro));
		const { readers, writers } = age === 0 ? made : NOTHING_MADE;
		let codec: Codec | null = null;
		return {
			definition,
			shape,
			avro,
			fingerprint,
			fingerprintHex: fingerprintHex(fingerprint),
			isCurrent: age === 0,
			codec() {
				codec ??= {
					header: headerOf(fingerprint),
					read: readers[shape.name] ?? recordReader(shape, definition.shape, stampOf(definition)),
					write: writers[shape.name] ?? compileBodyWriter(shape),
				};
				return codec;
			},
		};
	});
}

function headerOf({ high, low }: Fingerprint): Uint8Array {
	const header = new Uint8Array(HEADER_BYTES);
	const view = new DataView(header.buffer);
	view.setUint16(0, 0xc301);
	view.setUint32(2, low, true);
	view.setUint32(6, high, true);
	return header;
}

/** Every record of docs/design/topics.md#topics. */
export const REGISTRY: Registry = createRegistry(DEFINITIONS, { readers: READERS, writers: WRITERS });
