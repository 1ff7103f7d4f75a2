import { describe, expect, it } from "vitest";
import { APPEND_BYTES_MAX, APPEND_RECORDS_MAX, cutAppends, isFullFor } from "../../../src/publishing/append-bounds.ts";

const cut = (weights: readonly number[]): number[][] =>
	cutAppends(weights, (weight) => weight).map((part) => [...part]);

describe("an append", () => {
	it("is cut by the number of its records and by their bytes, in order", () => {
		expect(cut([])).toEqual([]);
		expect(cut(Array(2 * APPEND_RECORDS_MAX + 1).fill(1)).map((part) => part.length)).toEqual([
			APPEND_RECORDS_MAX,
			APPEND_RECORDS_MAX,
			1,
		]);
		const half = APPEND_BYTES_MAX / 2;
		expect(cut([half, half, 1, half])).toEqual([
			[half, half],
			[1, half],
		]);
	});

	it("takes one record that weighs more than an append may, alone", () => {
		expect(cut([1, 2 * APPEND_BYTES_MAX, 1])).toEqual([[1], [2 * APPEND_BYTES_MAX], [1]]);
	});

	it("is full for a record where a log takes less", () => {
		expect(isFullFor({ records: 1, bytes: 90 }, 11, 100)).toBe(true);
		expect(isFullFor({ records: 1, bytes: 90 }, 10, 100)).toBe(false);
		expect(isFullFor({ records: 0, bytes: 0 }, 101, 100)).toBe(false);
	});
});
