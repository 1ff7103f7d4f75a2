import { describe, expect, it } from "vitest";
import { murmur2, partitionOf } from "../../../../src/core/base/murmur2.ts";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe("murmur2", () => {
	it.each([
		["21", -973_932_308],
		["foobar", -790_332_482],
		["a-little-bit-long-string", -985_981_536],
		["a-little-bit-longer-string", -1_486_304_829],
		["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971],
		["abc", 479_470_107],
		["", 275_646_681],
	])("hashes `%s` as Apache Kafka's own test says", (text, hash) => {
		expect(murmur2(bytes(text))).toBe(hash);
	});

	it("reads a view at its offset, not the buffer below it", () => {
		const padded = bytes("--foobar--");
		expect(murmur2(padded.subarray(2, 8))).toBe(murmur2(bytes("foobar")));
	});
});

describe("partitionOf", () => {
	it("clears the sign bit before the remainder, as Kafka's partitioner does", () => {
		expect(partitionOf("21", 12)).toBe((-973_932_308 & 0x7fffffff) % 12);
		expect(partitionOf("foobar", 50)).toBe(16);
	});

	it("hashes the UTF-8 of a key", () => {
		expect(partitionOf("é", 1_000)).toBe((murmur2(Uint8Array.of(0xc3, 0xa9)) & 0x7fffffff) % 1_000);
	});
});
