/** The reader of bodies against its oracles, on sound, damaged and arbitrary bytes behind each schema's header. */
import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { encodeDerived, encodeEntry, encodeInput } from "../../src/core/codec/encode.ts";
import { HEADER_BYTES, REGISTRY, type Schema } from "../../src/core/codec/registry.ts";
import { damage } from "../fuzz/mutate.ts";
import { Dice } from "../kill-loop/dice.ts";
import { derivedByType, entriesByKind, storedInputsByType } from "../support/arbitraries.ts";
import { assertReadAsOracle } from "../support/reader-oracle.ts";

const encoded: readonly Arbitrary<Uint8Array>[] = [
	...Object.values(storedInputsByType).map((records) => (records as Arbitrary<never>).map(encodeInput)),
	...Object.values(entriesByKind).map((records) => (records as Arbitrary<never>).map(encodeEntry)),
	...Object.values(derivedByType).map((records) => (records as Arbitrary<never>).map(encodeDerived)),
];

function schemaOf(bytes: Uint8Array): Schema {
	const schema = REGISTRY.schemaOf(bytes);
	if (schema === null) throw new Error("what was written names no schema");
	return schema;
}

describe("a body", () => {
	it("is read as avsc reads it, of every type of record", () => {
		const seen = new Set<string>();
		fc.assert(
			fc.property(fc.oneof(...encoded), (bytes) => {
				seen.add(schemaOf(bytes).shape.name);
				assertReadAsOracle(schemaOf(bytes), Buffer.from(bytes));
			}),
			{ numRuns: 2_000 },
		);
		expect(seen.size).toBe(REGISTRY.schemas.length);
	});

	it("that is damaged is refused with the code and at the field that the walk names, or read as avsc reads it", () => {
		fc.assert(
			fc.property(fc.oneof(...encoded), fc.oneof(...encoded), fc.nat(), (bytes, other, seed) => {
				const body = damage(new Dice(seed), bytes.subarray(HEADER_BYTES), other);
				assertReadAsOracle(schemaOf(bytes), Buffer.concat([bytes.subarray(0, HEADER_BYTES), body]));
			}),
			{ numRuns: 4_000 },
		);
	});

	it("of arbitrary bytes is refused, or read, in the same way", () => {
		fc.assert(
			fc.property(fc.constantFrom(...REGISTRY.schemas), fc.uint8Array({ maxLength: 200 }), (schema, body) => {
				assertReadAsOracle(schema, Buffer.concat([schema.codec().header, body]));
			}),
			{ numRuns: 2_000 },
		);
	});

	it("with texts at the edges of UTF-8 is refused, or read, in the same way", () => {
		const schema = REGISTRY.writerOf("input", "intent.abandoned") as Schema;
		const pieces = [
			"41",
			"7f",
			"80",
			"c2a0",
			"c285",
			"c0af",
			"e0a080",
			"eda080",
			"efbfbd",
			"efbbbf",
			"f09f9982",
			"f4908080",
		];
		const texts = fc
			.array(fc.constantFrom(...pieces), { maxLength: 80 })
			.map((hex) => Buffer.from(hex.join(""), "hex"));
		fc.assert(
			fc.property(texts, texts, (name, reason) => {
				const text = (bytes: Buffer): Buffer => Buffer.concat([varint(bytes.length), bytes]);
				const plain = text(Buffer.from("a"));
				const body = Buffer.concat([plain, plain, plain, text(name), text(reason), text(Buffer.alloc(0))]);
				assertReadAsOracle(schema, Buffer.concat([schema.codec().header, body]));
			}),
			{ numRuns: 3_000 },
		);
	});
});

function varint(value: number): Buffer {
	const bytes: number[] = [];
	let left = 2 * value;
	for (; left >= 0x80; left = Math.floor(left / 128)) bytes.push((left % 128) | 0x80);
	return Buffer.from([...bytes, left]);
}
