/** Inclusion proofs, by the reference leaves of Certificate Transparency, and what each can be made into that proves nothing. */
import { describe, expect, it } from "vitest";
import { EMPTY_ROOT } from "../../../../src/core/merkle/hashes.ts";
import { InclusionProof, inclusionFault } from "../../../../src/core/merkle/inclusion.ts";
import type { TreeHead } from "../../../../src/core/merkle/proof.ts";
import { CT_LEAVES, CT_ROOTS } from "../../../support/tree-root.ts";

const headOf = (size: number): TreeHead => ({ size, root: CT_ROOTS[size] as string });
const leafAt = (index: number): Uint8Array => CT_LEAVES[index] as Uint8Array;
const SOME = "abacaba000000000000000000000000000000000000000000060061e00123456";

/** Published, in hexadecimal digits. */
const INCLUSIONS: readonly (readonly [index: number, size: number, proof: readonly string[]])[] = [
	[0, 1, []],
	[
		0,
		8,
		[
			"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
			"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			"6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
		],
	],
	[
		5,
		8,
		[
			"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
			"ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
			"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		],
	],
	[2, 3, ["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"]],
	[
		1,
		5,
		[
			"6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
			"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
		],
	],
];

function made(index: number, size: number): readonly string[] {
	const proof = new InclusionProof({ index, size });
	for (const leaf of CT_LEAVES) proof.append(leaf);
	return proof.hashes;
}

const flipped = (hash: string): string => (Number.parseInt(hash[0] as string, 16) ^ 8).toString(16) + hash.slice(1);

/** What becomes of a proof, by what was done to it. */
const SPOILED: Readonly<Record<string, (proof: readonly string[], root: string) => readonly string[]>> = {
	"without its last hash": (proof) => proof.slice(0, -1),
	"without its first hash": (proof) => proof.slice(1),
	"with the root behind it": (proof, root) => [...proof, root],
	"with the root before it": (proof, root) => [root, ...proof],
	"with its first hash twice": (proof) => [proof[0] ?? SOME, ...proof],
	"with a text that is no hash": (proof) => [...proof, ""],
	"with an upper-case hash": (proof) => [...proof, SOME.toUpperCase()],
	"with a bit flipped in its first hash": (proof) => proof.with(0, flipped(proof[0] ?? SOME)),
	"with a bit flipped in its last hash": (proof) => proof.with(-1, flipped(proof.at(-1) ?? SOME)),
	"with its hashes turned round": (proof) => (proof.length < 2 ? [SOME] : proof.toReversed()),
};

describe("an inclusion proof", () => {
	it.each(INCLUSIONS)("of leaf %i of %i of the reference tree is the published one, and good", (index, size, proof) => {
		expect(made(index, size)).toEqual(proof);
		expect(inclusionFault({ leaf: leafAt(index), index }, headOf(size), proof)).toBeNull();
	});

	it("is good for each leaf of each of the nine reference trees, and for no other leaf or place", () => {
		for (let size = 1; size <= 8; size++)
			for (let index = 0; index < size; index++)
				for (let other = 0; other < 8; other++) {
					const [proof, head] = [made(index, size), headOf(size)];
					const asLeaf = inclusionFault({ leaf: leafAt(other), index }, head, proof);
					const asPlace = inclusionFault({ leaf: leafAt(index), index: other }, head, proof);
					expect(asLeaf === null, `leaf ${other} for ${index} of ${size}`).toBe(other === index);
					expect(asPlace === null, `place ${other} for ${index} of ${size}`).toBe(other === index);
				}
	});

	it.each(INCLUSIONS.filter(([, , proof]) => proof.length > 0))("of leaf %i of %i proves nothing else", (...row) => {
		const [index, size, proof] = row;
		const [leaf, head] = [leafAt(index), headOf(size)];
		for (const odd of [index - 1, index + 1, index ^ 2, -1, 0.5, 2 ** 53, Number.NaN])
			expect(inclusionFault({ leaf, index: odd }, head, proof), `index ${odd}`).not.toBeNull();
		for (const odd of [size * 2, Math.floor(size / 2), 0, Number.NaN])
			expect(inclusionFault({ leaf, index }, { ...head, size: odd }, proof), `size ${odd}`).not.toBeNull();
		for (const root of [SOME, EMPTY_ROOT, "WrongRoot", ""])
			expect(inclusionFault({ leaf, index }, { ...head, root }, proof)).not.toBeNull();
		expect(inclusionFault({ leaf: Uint8Array.of(1, 2), index }, head, proof)).toBe("the proof leads to another root");
		for (const [what, spoil] of Object.entries(SPOILED))
			expect(inclusionFault({ leaf, index }, head, spoil(proof, head.root)), what).not.toBeNull();
	});

	it("of the only leaf has no hash, and takes none", () => {
		const only = { leaf: leafAt(0), index: 0 };
		expect(inclusionFault(only, headOf(1), [SOME])).toBe("the proof has more hashes than it needs");
		expect(inclusionFault(only, headOf(0), [])).toMatch(/has none with index 0/);
		expect(inclusionFault(only, headOf(2), [])).toBe("the proof has fewer hashes than it needs");
	});
});
