import { describe, expect, it } from "vitest";
import { type TileFile, TileTree } from "../../../../src/core/audit/tile-tree.ts";
import { isTileOf, readBundle, tilePath } from "../../../../src/core/audit/tiles.ts";
import { CompactRange } from "../../../../src/core/merkle/compact-range.ts";
import { consistencyFault, consistencyProof } from "../../../../src/core/merkle/proof.ts";
import { CT_LEAVES, CT_ROOTS, rootOf } from "../../../support/tree-root.ts";

const leafOf = (index: number): Uint8Array => new TextEncoder().encode(`leaf ${index}`);

function treeOf(size: number): TileTree {
	const tree = new TileTree();
	for (let index = 0; index < size; index++) tree.append(leafOf(index));
	return tree;
}

describe("a tree of tiles", () => {
	it("has the reference roots", () => {
		const tree = new TileTree();
		for (const [size, leaf] of CT_LEAVES.entries()) {
			expect(tree.root()).toBe(CT_ROOTS[size]);
			tree.append(leaf);
		}
		expect(tree.root()).toBe(CT_ROOTS[8]);
	});

	it("has the root of a compact range at every size across the border of tiles", () => {
		const [tree, range] = [new TileTree(), new CompactRange()];
		for (let index = 0; index < 70_000; index++) {
			tree.append(leafOf(index));
			range.append(leafOf(index));
			const isNear = (index + 2) % 256 < 3 || index > 69_990 || index % 997 === 0;
			if (isNear) expect(tree.root(), `${index + 1}`).toBe(range.root());
			tree.forgetFilled(tree.filled.length);
		}
	});

	it("has at 70,000 leaves the tiles of the specification's example", () => {
		const tree = treeOf(70_000);
		const partial = tree.partial().map(tilePath).sort();
		expect(partial).toEqual(["tile/0/273.p/112", "tile/1/001.p/17", "tile/2/000.p/1", "tile/entries/273.p/112"]);
		const full = tree.filled.map(tilePath);
		expect(full.filter((path) => path.startsWith("tile/0/"))).toHaveLength(273);
		expect(full.filter((path) => path.startsWith("tile/1/"))).toEqual(["tile/1/000"]);
		expect(full.filter((path) => path.startsWith("tile/entries/"))).toHaveLength(273);
		expect(tree.filled.filter(({ level }) => level !== "entries").every(({ bytes }) => bytes.length === 8_192)).toBe(
			true,
		);
	});

	it("knows its own tiles from others, at sizes around each border", () => {
		const sizes = [1, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537];
		for (const size of sizes) {
			const tree = treeOf(size);
			const own = [...tree.filled, ...tree.partial()].map(tilePath);
			for (const path of own) expect(isTileOf(size, path), `${size}: ${path}`).toBe(true);
			const others = sizes.filter((other) => other !== size).flatMap((other) => treeOf(other).partial().map(tilePath));
			for (const path of others) expect(isTileOf(size, path), `${size}: ${path}`).toBe(own.includes(path));
		}
	});

	it.each([
		"tile/0/1",
		"tile/0/x000/001",
		"tile/0/000.p/256",
		"tile/0/000.p/0",
		"tile/7/000",
		"tile/0/001",
		"tile//000",
		"",
	])("has no tile `%s` at 256 leaves", (path) => expect(isTileOf(256, path)).toBe(false));

	it("hands leaves out as they were", () => {
		const tree = treeOf(300);
		const bundles = [...tree.filled, ...tree.partial()].filter(({ level }) => level === "entries");
		expect(bundles.flatMap(({ bytes }) => readBundle(bytes) ?? [])).toEqual(
			Array.from({ length: 300 }, (_, index) => new Uint8Array(leafOf(index))).map((leaf) =>
				expect.objectContaining(leaf),
			),
		);
	});

	it("takes no leaf that a bundle cannot hold", () => {
		expect(() => new TileTree().append(new Uint8Array(65_536))).toThrow(/fits into no bundle/);
	});

	it("proves from what it keeps and from the tiles that it has forgotten", async () => {
		const tree = treeOf(67_000);
		const files = new Map<string, TileFile>(tree.filled.map((tile) => [tilePath(tile), tile]));
		tree.forgetFilled(tree.filled.length - 2);
		expect(tree.filled).toHaveLength(2);
		let read = 0;
		const hashOf = (subtree: { level: number; index: number }) =>
			tree.subtreeHash(subtree, (tile) => {
				read += 1;
				return (files.get(tilePath(tile)) as TileFile).bytes;
			});
		const head = { size: 67_000, root: tree.root() };
		const early = treeOf(700);
		const proof = await consistencyProof(700, 67_000, hashOf);
		expect(consistencyFault({ size: 700, root: early.root() }, head, proof)).toBeNull();
		for (const size of [1, 255, 256, 40_000, 65_536, 66_999])
			expect(
				consistencyFault({ size, root: treeOf(size).root() }, head, await consistencyProof(size, 67_000, hashOf)),
			).toBeNull();
		expect(read).toBeGreaterThan(0);
		expect(rootOf([leafOf(0)])).toBe(treeOf(1).root());
	});
});
