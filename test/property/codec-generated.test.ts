/** The generated writers and readers against those that are compiled from the same shapes: bytes, values and faults. */
import fc, { type Arbitrary } from "fast-check";
import { describe, expect, it } from "vitest";
import { type BodyReader, cursorOver } from "../../src/core/codec/body-reader.ts";
import { type BodyWriter, compileBodyWriter } from "../../src/core/codec/body-writer.ts";
import { encodeDerived, encodeEntry, encodeInput, writerOf } from "../../src/core/codec/encode.ts";
import { createRegistry, HEADER_BYTES, REGISTRY, type Schema } from "../../src/core/codec/registry.ts";
import { beginRecord, createSink, endRecord } from "../../src/core/codec/sink.ts";
import { damage } from "../fuzz/mutate.ts";
import { Dice } from "../kill-loop/dice.ts";
import { derivedByType, entriesByKind, storedInputsByType } from "../support/arbitraries.ts";

interface Written {
	readonly schema: Schema;
	readonly record: object;
}

const records: readonly Arbitrary<Written>[] = [
	...Object.entries(storedInputsByType).map(([type, all]) => of("input", type, all as Arbitrary<object>)),
	...Object.entries(entriesByKind).map(([kind, all]) => of("entry", kind, all as Arbitrary<object>)),
	...Object.entries(derivedByType).map(([type, all]) => of("derived", type, all as Arbitrary<object>)),
];

function of(family: "input" | "entry" | "derived", type: string, all: Arbitrary<object>): Arbitrary<Written> {
	return all.map((record) => ({ schema: writerOf(family, type), record }));
}

/** The same schemas, compiled. */
const COMPILED = createRegistry(REGISTRY.schemas.map(({ definition }) => definition));
const compiledOf = (schema: Schema): Schema => COMPILED.schemaOf(schema.codec().header) as Schema;

/** What no record has in any of its places. */
const strange = fc.constantFrom<unknown>(
	undefined,
	null,
	-1,
	0.5,
	2 ** 53,
	"\ud800",
	"\u0000",
	"x".repeat(2_000),
	{},
	[1],
);

function written(write: BodyWriter, header: Uint8Array, record: unknown): unknown {
	const sink = createSink();
	beginRecord(sink, header, 1_000_000);
	if (!write(sink, record)) return { code: sink.code, what: sink.what, path: sink.path };
	return Buffer.from(endRecord(sink)).toString("hex");
}

function read(by: BodyReader, bytes: Uint8Array): unknown {
	const cursor = cursorOver(Buffer.from(bytes), HEADER_BYTES);
	const value = by(cursor);
	if (value === undefined) return { code: cursor.code, what: cursor.what, path: cursor.path };
	return { at: cursor.at, text: JSON.stringify(value) };
}

/** The record with one of its places, or of those in it, holding something else. */
function altered(record: object, place: number, value: unknown): object {
	const copy = structuredClone(record) as Record<string, unknown>;
	const names = Object.keys(copy);
	const name = names[place % names.length] as string;
	const inner = copy[name];
	const isDeep = typeof inner === "object" && inner !== null && !(inner instanceof Uint8Array) && place % 3 > 0;
	copy[name] = isDeep && Object.keys(inner).length > 0 ? altered(inner, Math.floor(place / 3), value) : value;
	return Array.isArray(record) ? Object.values(copy) : copy;
}

function assertSame({ schema, record }: Written, bytes: Uint8Array): void {
	const { codec } = compiledOf(schema);
	const { header } = codec();
	expect(written(schema.codec().write, header, record)).toEqual(written(codec().write, header, record));
	expect(read(schema.codec().read, bytes)).toEqual(read(codec().read, bytes));
}

const encode = (record: object): Uint8Array => {
	const kind = (record as { kind?: string; type?: string }).kind;
	if (kind !== undefined && kind in entriesByKind) return encodeEntry(record as never);
	return (record as { type: string }).type in storedInputsByType
		? encodeInput(record as never)
		: encodeDerived(record as never);
};

describe("the generated codec", () => {
	it("is another than the compiled one", () => {
		for (const schema of REGISTRY.schemas) expect(schema.codec().write).not.toBe(compiledOf(schema).codec().write);
		expect(compileBodyWriter({ shape: "count" })).toBeTypeOf("function");
	});

	it("writes and reads what the compiled one does, of every record", () => {
		const seen = new Set<string>();
		fc.assert(
			fc.property(fc.oneof(...records), (each) => {
				seen.add(each.schema.shape.name);
				assertSame(each, encode(each.record));
			}),
			{ numRuns: 1_500 },
		);
		expect(seen.size).toBe(REGISTRY.schemas.length);
	});

	it("refuses what the compiled one does, in the same words", () => {
		fc.assert(
			fc.property(fc.oneof(...records), fc.nat(), strange, fc.nat(), (each, place, value, seed) => {
				const body = damage(new Dice(seed), encode(each.record).subarray(HEADER_BYTES), new Uint8Array(64));
				const bytes = Buffer.concat([each.schema.codec().header, body]);
				assertSame({ ...each, record: altered(each.record, place, value) }, bytes);
			}),
			{ numRuns: 3_000 },
		);
	});
});
