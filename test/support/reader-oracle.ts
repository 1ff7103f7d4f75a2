/** What a body must be read as, by two readers that share nothing with the codec's own: a walk for the bounds, and avsc. */
import { deepStrictEqual } from "node:assert/strict";
import avro from "avsc";
import type { AvroRecord } from "../../src/core/codec/avro-schema.ts";
import { cursorOver } from "../../src/core/codec/body-reader.ts";
import { HEADER_BYTES, type Schema } from "../../src/core/codec/registry.ts";
import { type BodyCheck, compileBodyCheck } from "./body-check.ts";

interface Oracle {
	readonly check: BodyCheck;
	readonly type: avro.Type;
}

const oracles = new Map<Schema, Oracle>();

function oracleOf(schema: Schema): Oracle {
	const known = oracles.get(schema);
	if (known !== undefined) return known;
	const oracle = { check: compileBodyCheck(schema.shape), type: avroType(schema.avro) };
	oracles.set(schema, oracle);
	return oracle;
}

function avroType(schema: AvroRecord): avro.Type {
	const registry: Record<string, avro.Type> = {};
	const type = avro.Type.forSchema(schema as avro.Schema, { registry, omitRecordMethods: true, wrapUnions: "never" });
	for (const named of Object.values(registry)) {
		// Plain data: avsc's own class for each record would show in a deep comparison.
		if (named instanceof avro.types.RecordType) named.recordConstructor.prototype = Object.prototype;
	}
	return type;
}

/** Throws where the schema's reader accepts another body, another length or another value, or refuses with other words. */
export function assertReadAsOracle(schema: Schema, bytes: Buffer): void {
	const { check, type } = oracleOf(schema);
	const walk = { ...cursorOver(bytes, HEADER_BYTES) };
	const isAccepted = check(walk);
	const cursor = cursorOver(bytes, HEADER_BYTES);
	const read = schema.codec().read(cursor) as Record<string, unknown> | undefined;
	if (!isAccepted || read === undefined) {
		const fault = ({ code, path, what }: typeof cursor) => ({ code, path, what });
		deepStrictEqual({ isAccepted: read !== undefined, ...fault(cursor) }, { isAccepted, ...fault(walk) });
		return;
	}
	deepStrictEqual(cursor.at, walk.at);
	const expected = type.decode(bytes, HEADER_BYTES).value as object;
	const fields = schema.shape.fields.map(({ name }) => name);
	const given = Object.fromEntries(fields.map((name) => [name, read[name]]));
	deepStrictEqual(given, withArrays(expected));
}

/** avsc reads bytes as Buffers, which records never hold. */
const withArrays = (record: object): object =>
	Object.fromEntries(
		Object.entries(record).map(([name, value]) => [name, Buffer.isBuffer(value) ? new Uint8Array(value) : value]),
	);
