import { describe, expect, it } from "vitest";
import { CompactRange } from "../../../../src/core/merkle/compact-range.ts";
import { EMPTY_ROOT } from "../../../../src/core/merkle/hashes.ts";
import { CT_LEAVES as LEAVES, CT_ROOTS as ROOTS, rootOf } from "../../../support/tree-root.ts";

function rangeOf(leaves: readonly Uint8Array[]): CompactRange {
	const range = new CompactRange();
	for (const leaf of leaves) range.append(leaf);
	return range;
}

describe("the Merkle tree", () => {
	it.each(ROOTS.map((root, size) => [size, root] as const))("has the reference root for %i leaves", (size, root) => {
		expect(rangeOf(LEAVES.slice(0, size)).root()).toBe(root);
		expect(rootOf(LEAVES.slice(0, size))).toBe(root);
	});

	it("hashes nothing for the tree without leaves, and tells it from a tree with one empty leaf", () => {
		expect(new CompactRange().root()).toBe(EMPTY_ROOT);
		expect(rangeOf([new Uint8Array(0)]).root()).not.toBe(EMPTY_ROOT);
	});

	it("takes leaves of any length, also beyond those that a tile can hold", () => {
		for (const length of [65_534, 65_535, 65_536, 200_000]) {
			const leaf = new Uint8Array(length).fill(3);
			expect(rangeOf([leaf, leaf]).root()).toBe(rootOf([leaf, leaf]));
		}
		const long = new Uint8Array(65_535).fill(9);
		expect(rangeOf([long, Uint8Array.of(1)]).root()).toBe(rootOf([long, Uint8Array.of(1)]));
	});
});

describe("a compact range", () => {
	it("keeps as many hashes as its size has bits", () => {
		const range = rangeOf(LEAVES.slice(0, 7));
		expect(range.size).toBe(7);
		expect(range.image().hashes).toHaveLength(3);
		expect(rangeOf(LEAVES).image()).toEqual({ size: 8, hashes: [ROOTS[8]] });
	});

	it("leaves its copies alone", () => {
		const range = rangeOf(LEAVES.slice(0, 3));
		const copy = range.copy();
		const saved = range.image();
		range.append(Uint8Array.of(1));
		expect(copy.size).toBe(3);
		expect(copy.root()).toBe(ROOTS[3]);
		expect(saved).toEqual(copy.image());
		copy.append(LEAVES[3] as Uint8Array);
		expect(copy.root()).toBe(ROOTS[4]);
		expect(range.root()).not.toBe(ROOTS[4]);
	});

	it("goes on beyond the sizes that 32 bits hold", () => {
		const size = 2 ** 40 - 1;
		const range = CompactRange.from({ size, hashes: Array(40).fill(EMPTY_ROOT) });
		range.append(Uint8Array.of(1));
		expect(range.image().hashes).toHaveLength(1);
		expect(range.size).toBe(2 ** 40);
	});

	it.each([
		[null],
		["text"],
		[{}],
		[{ size: 1 }],
		[{ hashes: [] }],
		[{ size: -1, hashes: [] }],
		[{ size: 0.5, hashes: [] }],
		[{ size: 2 ** 53, hashes: [EMPTY_ROOT] }],
		[{ size: "1", hashes: [EMPTY_ROOT] }],
		[{ size: 1, hashes: EMPTY_ROOT }],
		[{ size: 1, hashes: [] }],
		[{ size: 3, hashes: [EMPTY_ROOT] }],
		[{ size: 1, hashes: [7] }],
		[{ size: 1, hashes: [EMPTY_ROOT.toUpperCase()] }],
		[{ size: 1, hashes: [`${EMPTY_ROOT}00`] }],
	])("is not restored from %j", (image) => {
		expect(() => CompactRange.from(image as never)).toThrow(/damaged/);
	});
});
