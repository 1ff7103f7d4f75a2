/** Records survive their bytes, and bytes are the only encoding of their record. */
import { deepStrictEqual } from "node:assert/strict";
import avro from "avsc";
import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeDerived, decodeEntry, decodeInput } from "../../src/core/codec/decode.ts";
import { encodeDerived, encodeEntry, encodeInput } from "../../src/core/codec/encode.ts";
import { HEADER_BYTES, REGISTRY } from "../../src/core/codec/registry.ts";
import type { LedgerEntry } from "../../src/core/model/entries.ts";
import type { InputRecord } from "../../src/core/model/inputs.ts";
import type { DerivedRecord } from "../../src/core/model/records.ts";
import { derivedByType, entriesByKind, storedInputsByType } from "../support/arbitraries.ts";

const topicOf = (type: string): "intents" | "control" =>
	["intent.submitted", "intent.sealed", "outcome.reported", "intent.abandoned"].includes(type) ? "intents" : "control";

interface Case {
	readonly of: string;
	readonly records: Arbitrary<object>;
	readonly encode: (record: object) => Uint8Array;
	readonly decode: (bytes: Uint8Array) => { readonly ok: boolean; readonly value?: unknown };
}

const CASES: readonly Case[] = [
	...Object.entries(storedInputsByType).map(([type, records]) => ({
		of: `input ${type}`,
		records: records as Arbitrary<object>,
		encode: (record: object) => encodeInput(record as InputRecord),
		decode: (bytes: Uint8Array) => decodeInput(bytes, topicOf(type)),
	})),
	...Object.entries(entriesByKind).map(([kind, records]) => ({
		of: `entry ${kind}`,
		records: records as Arbitrary<object>,
		encode: (record: object) => encodeEntry(record as LedgerEntry),
		decode: (bytes: Uint8Array) => decodeEntry(bytes),
	})),
	...Object.entries(derivedByType).map(([type, records]) => ({
		of: `derived ${type}`,
		records: records as Arbitrary<object>,
		encode: (record: object) => encodeDerived(record as DerivedRecord),
		decode: (bytes: Uint8Array) => decodeDerived(bytes),
	})),
];

/** The body that avsc writes, by itself, for the schema that the bytes name: the writer's oracle. */
function avscBody(bytes: Uint8Array, record: object): string {
	const schema = REGISTRY.schemaOf(bytes);
	const type = avro.Type.forSchema(schema?.avro as avro.Schema, { wrapUnions: "never" });
	const withBuffers = Object.fromEntries(
		Object.entries(record).map(([name, value]) => [name, value instanceof Uint8Array ? Buffer.from(value) : value]),
	);
	return type.toBuffer(withBuffers).toString("hex");
}

describe.each(CASES)("$of", ({ records, encode, decode }) => {
	it("comes back from its bytes as it was, as plain data", () => {
		fc.assert(
			fc.property(records, (record) => {
				// Not vitest's own: it takes a key `constructor` in the arguments for the object's class.
				deepStrictEqual(decode(encode(record)), { ok: true, value: record });
			}),
			{ numRuns: 60 },
		);
	});

	it("is written as avsc writes it", () => {
		fc.assert(
			fc.property(records, (record) => {
				const bytes = encode(record);
				expect(Buffer.from(bytes.subarray(HEADER_BYTES)).toString("hex")).toBe(avscBody(bytes, record));
			}),
			{ numRuns: 25 },
		);
	});

	it("is refused when it is cut short anywhere", () => {
		fc.assert(
			fc.property(records, (record) => {
				const bytes = encode(record);
				for (let length = 0; length < bytes.length; length++) {
					if (decode(bytes.subarray(0, length)).ok) throw new Error(`accepted at ${length} of ${bytes.length} bytes`);
				}
			}),
			{ numRuns: 4 },
		);
	});

	it("never throws on altered bytes, and what it accepts has no other bytes", () => {
		const alterations = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
		fc.assert(
			fc.property(records, alterations, (record, changes) => {
				const bytes = encode(record);
				for (const [at, byte] of changes) bytes[HEADER_BYTES + (at % (bytes.length - HEADER_BYTES))] = byte;
				const read = decode(bytes);
				if (read.ok) expect(Buffer.from(encode(read.value as object)).equals(bytes)).toBe(true);
			}),
			{ numRuns: 200 },
		);
	});
});

describe("arbitrary bytes", () => {
	it("are a fault or a record, never a throw, behind every known header", () => {
		fc.assert(
			fc.property(fc.constantFrom(...REGISTRY.schemas), fc.uint8Array({ maxLength: 200 }), (schema, body) => {
				const bytes = new Uint8Array([...schema.codec().header, ...body]);
				for (const read of [
					decodeInput(bytes, "intents"),
					decodeInput(bytes, "control"),
					decodeEntry(bytes),
					decodeDerived(bytes),
				]) {
					if (!read.ok) expect(read.error.code).toMatch(/^RECORD_/);
				}
			}),
			{ numRuns: 2_000 },
		);
	});
});
