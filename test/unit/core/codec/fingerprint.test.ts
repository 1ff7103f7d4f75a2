import { describe, expect, it } from "vitest";
import { type AvroSchema, canonicalForm } from "../../../../src/core/codec/avro-schema.ts";
import { inputEvent } from "../../../../src/core/codec/event.ts";
import { fingerprintHex, fingerprintOf } from "../../../../src/core/codec/fingerprint.ts";

const hexOf = (schema: AvroSchema): string => fingerprintHex(fingerprintOf(canonicalForm(schema)));

describe("CRC-64-AVRO", () => {
	it.each([
		["null", "63dd24e7cc258f8a"],
		["boolean", "9f42fc78a4d4f764"],
		["int", "7275d51a3f395c8f"],
		["long", "d054e14493f41db7"],
		["string", "8f014872634503c7"],
		["bytes", "4fc016dac3201965"],
	])("of %s is the specification's %s, in the order of a record's bytes", (type, number) => {
		expect(hexOf(type)).toBe(Buffer.from(number, "hex").reverse().toString("hex"));
	});

	it("is what stands behind the marker of a record, as its header says it", () => {
		const tick = { type: "clock.ticked" as const, id: "a", issuedBy: "b", issuedAt: 0 };
		const { value, headers } = inputEvent(tick, { id: "a", source: "test", time: 0 });
		expect(headers["assent-schema"]).toBe(Buffer.from(value.subarray(2, 10)).toString("hex"));
	});
});

describe("Parsing Canonical Form", () => {
	it("writes primitive types in their simple form, without attributes", () => {
		expect(canonicalForm({ type: "string", maxLength: 3 })).toBe('"string"');
	});

	it("spells names out, drops docs, defaults and namespaces, and orders what is left", () => {
		const schema: AvroSchema = {
			doc: "left out",
			type: "record",
			fields: [
				{ type: { items: { type: "long" }, type: "array", maxItems: 2 }, name: "of" },
				{ name: "next", default: null, type: ["null", "Node"] },
				{ name: "other", type: { type: "record", name: "Leaf", fields: [{ name: "up", type: "a.b.Node" }] } },
			],
			namespace: "a.b",
			name: "Node",
		};
		expect(canonicalForm(schema)).toBe(
			'{"name":"a.b.Node","type":"record","fields":[{"name":"of","type":{"type":"array","items":"long"}},' +
				'{"name":"next","type":["null","a.b.Node"]},{"name":"other","type":{"name":"a.b.Leaf","type":"record",' +
				'"fields":[{"name":"up","type":"a.b.Node"}]}}]}',
		);
	});
});
