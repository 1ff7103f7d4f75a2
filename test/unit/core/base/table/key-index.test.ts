import { describe, expect, it } from "vitest";
import { isBeforeInUtf8, KeyBytes } from "../../../../../src/core/base/table/key-index.ts";

describe("the hash of a key", () => {
	it("deals keys out evenly, under each seed in another way", () => {
		const buckets = 64;
		const dealt = [[0, 0] as const, [1, 2] as const, [2, 1] as const].map((seed) => {
			const keys = new KeyBytes(seed);
			return Array.from({ length: 6_400 }, (_, at) => keys.hash(`acme/coder/call-${at}`) % buckets);
		});
		for (const one of dealt) {
			const counts = Array.from({ length: buckets }, (_, bucket) => one.filter((each) => each === bucket).length);
			expect(Math.max(...counts)).toBeLessThan(160);
			expect(Math.min(...counts)).toBeGreaterThan(50);
		}
		expect(new Set(dealt.map((one) => one.join())).size).toBe(3);
	});

	it("knows the key's bytes where they are, and no others", () => {
		const keys = new KeyBytes([1, 2]);
		keys.hash("é");
		const bytes = Buffer.from("\x02é\x01e");
		expect(keys.isAt(bytes, 0)).toBe(true);
		expect(keys.isAt(bytes, 3)).toBe(false);
		expect(keys.isAt(bytes, 4)).toBe(false);
	});
});

describe("the order of keys", () => {
	it("is that of their UTF-8", () => {
		const keys = ["", "a", "ab", "b", "é", "\ud7ff", "\ue000", "\ufb33", "\u{1f600}", "\u{1f600}a", "\u{1f601}"];
		for (const one of keys) {
			for (const other of keys) {
				expect(isBeforeInUtf8(one, other)).toBe(Buffer.compare(Buffer.from(one), Buffer.from(other)) < 0);
			}
		}
	});
});
