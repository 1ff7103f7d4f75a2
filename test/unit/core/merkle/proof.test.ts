/**
 * Proofs, by the reference leaves of Certificate Transparency: proofs whose hashes are published, and what each of them can be made into
 * that proves nothing.
 */
import { describe, expect, it } from "vitest";
import { EMPTY_ROOT } from "../../../../src/core/merkle/hashes.ts";
import { consistencyFault, consistencyProof, type TreeHead } from "../../../../src/core/merkle/proof.ts";
import { CT_LEAVES, CT_ROOTS, subtreesOf } from "../../../support/tree-root.ts";

const headOf = (size: number): TreeHead => ({ size, root: CT_ROOTS[size] as string });
const SOME = "abacaba000000000000000000000000000000000000000000060061e00123456";

const CONSISTENCIES: readonly (readonly [from: number, to: number, proof: readonly string[]])[] = [
	[1, 1, []],
	[
		1,
		8,
		[
			"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
			"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			"6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
		],
	],
	[
		6,
		8,
		[
			"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
			"ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
			"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		],
	],
	[
		2,
		5,
		[
			"5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
			"bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
		],
	],
	[
		6,
		7,
		[
			"0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
			"b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f",
			"d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
		],
	],
];

/** What becomes of a proof, by what was done to it. */
const SPOILED: Readonly<Record<string, (proof: readonly string[], root: string) => readonly string[]>> = {
	"without its last hash": (proof) => proof.slice(0, -1),
	"without its first hash": (proof) => proof.slice(1),
	"with a hash behind it": (proof, root) => [...proof, root],
	"with a hash before it": (proof, root) => [root, ...proof],
	"with its first hash twice": (proof) => [proof[0] ?? SOME, ...proof],
	"with a text that is no hash": (proof) => [...proof, ""],
	"with an upper-case hash": (proof) => [...proof, SOME.toUpperCase()],
	"with a bit flipped in its first hash": (proof) => proof.with(0, flipped(proof[0] ?? SOME)),
	"with a bit flipped in its last hash": (proof) => proof.with(-1, flipped(proof.at(-1) ?? SOME)),
};

const flipped = (hash: string): string => (Number.parseInt(hash[0] as string, 16) ^ 8).toString(16) + hash.slice(1);

describe("a consistency proof", () => {
	it.each(CONSISTENCIES)("from %i to %i of the reference tree is the published one, and good", async (...row) => {
		const [from, to, proof] = row;
		expect(await consistencyProof(from, to, subtreesOf(CT_LEAVES))).toEqual(proof);
		expect(consistencyFault(headOf(from), headOf(to), proof)).toBeNull();
	});

	it.each(CONSISTENCIES.filter(([, , proof]) => proof.length > 0))("from %i to %i proves nothing else", (...row) => {
		const [from, to, proof] = row;
		const [earlier, later] = [headOf(from), headOf(to)];
		for (const size of [from - 1, from + 1, from ^ 2, -1, 0.5, 2 ** 53])
			expect(consistencyFault({ ...earlier, size }, later, proof), `from ${size}`).not.toBeNull();
		for (const size of [to * 2, Math.floor(to / 2), Number.NaN])
			expect(consistencyFault(earlier, { ...later, size }, proof), `to ${size}`).not.toBeNull();
		for (const root of [SOME, EMPTY_ROOT, "WrongRoot", ""]) {
			expect(consistencyFault({ ...earlier, root }, later, proof)).not.toBeNull();
			expect(consistencyFault(earlier, { ...later, root }, proof)).not.toBeNull();
		}
		expect(consistencyFault({ ...earlier, root: later.root }, { ...later, root: earlier.root }, proof)).not.toBeNull();
		expect(consistencyFault(later, earlier, proof), "sizes swapped").toMatch(/does not begin with/);
		expect(consistencyFault(earlier, later, []), "empty").toBe("the proof has fewer hashes than it needs");
		for (const [what, spoil] of Object.entries(SPOILED)) {
			for (const root of [earlier.root, later.root])
				expect(consistencyFault(earlier, later, spoil(proof, root)), what).not.toBeNull();
		}
	});

	it("needs no hash for sizes that are always consistent, and takes none", () => {
		expect(consistencyFault(headOf(0), headOf(0), [])).toBeNull();
		expect(consistencyFault(headOf(0), headOf(5), [])).toBeNull();
		expect(consistencyFault(headOf(5), headOf(5), [])).toBeNull();
		for (const [from, to] of [
			[0, 0],
			[0, 1],
			[1, 1],
		] as const)
			expect(consistencyFault(headOf(from), headOf(to), [EMPTY_ROOT])).toBe("the proof has more hashes than it needs");
		expect(consistencyFault({ size: 0, root: SOME }, headOf(5), [])).toMatch(/without leaves/);
		expect(consistencyFault({ size: 5, root: SOME }, headOf(5), [])).toMatch(/different roots/);
	});
});
