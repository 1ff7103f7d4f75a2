/** The definitions of RFC 6962 §2.1, word by word: what the compact range, and the proofs, are held against. */
import { createHash } from "node:crypto";
import type { SubtreeHash } from "../../src/core/merkle/subtree.ts";

type Leaves = readonly Uint8Array[];

const sha256 = (...parts: readonly Uint8Array[]): Buffer => {
	const hash = createHash("sha256");
	for (const part of parts) hash.update(part);
	return hash.digest();
};

function splitOf(size: number): number {
	let split = 1;
	while (split * 2 < size) split *= 2;
	return split;
}

function treeHash(leaves: Leaves): Buffer {
	if (leaves.length === 0) return sha256();
	if (leaves.length === 1) return sha256(Uint8Array.of(0), leaves[0] as Uint8Array);
	const split = splitOf(leaves.length);
	return sha256(Uint8Array.of(1), treeHash(leaves.slice(0, split)), treeHash(leaves.slice(split)));
}

/** 64 hex digits. */
export const rootOf = (leaves: Leaves): string => treeHash(leaves).toString("hex");

/** PROOF(m, D[n]) of section 2.1.2, for 0 < m < n. */
export const proofOf = (from: number, leaves: Leaves): readonly string[] => subproofOf(from, leaves, true);

function subproofOf(from: number, leaves: Leaves, isWhole: boolean): readonly string[] {
	if (from === leaves.length) return isWhole ? [] : [rootOf(leaves)];
	const split = splitOf(leaves.length);
	const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
	return from <= split
		? [...subproofOf(from, left, isWhole), rootOf(right)]
		: [...subproofOf(from - split, right, false), rootOf(left)];
}

/** PATH(m, D[n]) of section 2.1.1. */
export function pathOf(index: number, leaves: Leaves): readonly string[] {
	if (leaves.length <= 1) return [];
	const split = splitOf(leaves.length);
	const [left, right] = [leaves.slice(0, split), leaves.slice(split)];
	return index < split ? [...pathOf(index, left), rootOf(right)] : [...pathOf(index - split, right), rootOf(left)];
}

/** The full subtrees of these leaves. */
export const subtreesOf =
	(leaves: Leaves): SubtreeHash =>
	({ level, index }) =>
		rootOf(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));

/** The reference leaves of Certificate Transparency. */
export const CT_LEAVES: Leaves = [
	"",
	"00",
	"10",
	"2021",
	"3031",
	"40414243",
	"5051525354555657",
	"606162636465666768696a6b6c6d6e6f",
].map((hex) => new Uint8Array(Buffer.from(hex, "hex")));

/** Their roots, of the first 0 to 8 of them. */
export const CT_ROOTS: readonly string[] = [
	"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
	"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
	"fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
	"aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
	"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
	"4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
	"76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
	"ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
	"5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];
