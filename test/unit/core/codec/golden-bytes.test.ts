/** Stored bytes are never rewritten, so what was written once must be read forever, and written the same. */
import { deepStrictEqual } from "node:assert/strict";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../src/core/base/json.ts";
import { decodeDerived, decodeEntry, decodeInput, identify } from "../../../../src/core/codec/decode.ts";
import { encodeDerived, encodeEntry, encodeInput } from "../../../../src/core/codec/encode.ts";
import { REGISTRY } from "../../../../src/core/codec/registry.ts";
import type { LedgerEntry } from "../../../../src/core/model/entries.ts";
import type { InputRecord } from "../../../../src/core/model/inputs.ts";
import type { DerivedRecord } from "../../../../src/core/model/records.ts";
import { type RecordVector, recordVectors } from "../../../support/vectors.ts";

const VECTORS = recordVectors();

/** An intent's vector holds its arguments as text only. */
function recordOf({ value }: RecordVector): object {
	const { argsText } = value;
	return typeof argsText === "string" ? { ...value, args: JSON.parse(argsText) as JsonObject } : value;
}

function encode(vector: RecordVector): Uint8Array {
	const record = recordOf(vector);
	switch (vector.family) {
		case "input":
			return encodeInput(record as InputRecord);
		case "entry":
			return encodeEntry(record as LedgerEntry);
		case "derived":
			return encodeDerived(record as DerivedRecord);
	}
}

function decode(vector: RecordVector, bytes: Uint8Array): unknown {
	switch (vector.family) {
		case "input":
			return decodeInput(bytes, identify(bytes)?.family === "intents" ? "intents" : "control");
		case "entry":
			return decodeEntry(bytes);
		case "derived":
			return decodeDerived(bytes);
	}
}

describe("golden bytes", () => {
	it.each(VECTORS)("$file: the record is written as it always was", (vector) => {
		expect(Buffer.from(encode(vector)).toString("hex")).toBe(vector.hex);
	});

	it.each(VECTORS)("$file: the bytes mean what they always meant", (vector) => {
		const bytes = new Uint8Array(Buffer.from(vector.hex, "hex"));
		expect(identify(bytes)?.fingerprint).toBe(vector.hex.slice(4, 20));
		deepStrictEqual(decode(vector, bytes), { ok: true, value: recordOf(vector) });
	});

	it("exist for every type of record", () => {
		const all = REGISTRY.schemas.flatMap(({ definition }) =>
			definition.types.map((type) => {
				const { family } = definition;
				return `${family === "intents" || family === "control" ? "input" : family} ${type}`;
			}),
		);
		expect(VECTORS.map((vector) => `${vector.family} ${vector.type}`).sort()).toEqual(all.sort());
	});
});
