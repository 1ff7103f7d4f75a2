import { describe, expect, it } from "vitest";
import { cutTo, TEXT_LENGTH_MAX } from "../../../../src/core/model/bounds.ts";

describe("cutting a text", () => {
	it("leaves a text that fits as it is", () => {
		expect(cutTo("abc", 3)).toBe("abc");
	});

	it("keeps the beginning, and says that something is missing", () => {
		expect(cutTo("abcdef", 4)).toBe("abc…");
		expect(cutTo("x".repeat(5_000))).toHaveLength(TEXT_LENGTH_MAX);
	});

	it("never splits a surrogate pair", () => {
		for (let lengthMax = 1; lengthMax < 8; lengthMax++) {
			const cut = cutTo("a🙂🙂🙂🙂", lengthMax);
			expect(cut.isWellFormed()).toBe(true);
			expect(cut.length).toBeLessThanOrEqual(lengthMax);
		}
	});
});
