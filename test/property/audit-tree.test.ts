import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CompactRange, type CompactRangeImage } from "../../src/core/merkle/compact-range.ts";
import { InclusionProof, inclusionFault } from "../../src/core/merkle/inclusion.ts";
import { consistencyFault, consistencyProof } from "../../src/core/merkle/proof.ts";
import { pathOf, proofOf, rootOf, subtreesOf } from "../support/tree-root.ts";

const leaves = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 200, size: "max" });

describe("a compact range", () => {
	it("has the root of the definition at every size", () => {
		fc.assert(
			fc.property(leaves, (all) => {
				const range = new CompactRange();
				for (const leaf of all) range.append(leaf);
				expect(range.root()).toBe(rootOf(all));
			}),
		);
	});

	it("goes on after a restore, at whatever leaf, as if nothing had been", () => {
		fc.assert(
			fc.property(leaves, fc.nat(), (all, at) => {
				let range = new CompactRange();
				for (const [index, leaf] of all.entries()) {
					if (index === at % all.length) {
						range = CompactRange.from(JSON.parse(JSON.stringify(range.image())) as CompactRangeImage);
					}
					range.append(leaf);
				}
				expect(range.root()).toBe(rootOf(all));
				expect(range.size).toBe(all.length);
			}),
		);
	});
});

/** Some leaves, and a place in them. */
const places = fc
	.array(fc.uint8Array({ maxLength: 8 }), { minLength: 1, maxLength: 70, size: "max" })
	.chain((all) => fc.tuple(fc.constant(all), fc.nat(all.length)));

describe("a consistency proof", () => {
	it("has the hashes of the definition, and is good against the roots of the definition", async () => {
		await fc.assert(
			fc.asyncProperty(places, async ([all, from]) => {
				const hashOf = subtreesOf(all);
				const head = { size: all.length, root: rootOf(all) };
				const earlier = { size: from, root: rootOf(all.slice(0, from)) };
				const consistency = await consistencyProof(from, all.length, hashOf);
				if (from > 0) expect(consistency).toEqual(proofOf(from, all));
				expect(consistencyFault(earlier, head, consistency)).toBeNull();
			}),
		);
	});

	it("is good for nothing else: another root or hash is a fault", async () => {
		const change = fc.oneof(
			fc.record({ kind: fc.constant("flip" as const), at: fc.nat(80), bit: fc.nat(255) }),
			fc.record({ kind: fc.constant("drop" as const), at: fc.nat(80) }),
			fc.record({ kind: fc.constant("add" as const), at: fc.nat(80) }),
		);
		await fc.assert(
			fc.asyncProperty(places, change, async ([all, from], changed) => {
				const hashOf = subtreesOf(all);
				const head = { size: all.length, root: rootOf(all) };
				const longer = Uint8Array.of(...(all[0] as Uint8Array), 7);
				const earlier = { size: from, root: rootOf(all.slice(0, from)) };
				const consistency = await consistencyProof(from, all.length, hashOf);
				const bad = changedProof(consistency, changed);
				if (bad !== null) expect(consistencyFault(earlier, head, bad)).not.toBeNull();
				const forked = { size: from, root: rootOf([longer, ...all].slice(0, from)) };
				if (forked.root !== earlier.root) expect(consistencyFault(forked, head, consistency)).not.toBeNull();
			}),
		);
	});
});

describe("an inclusion proof", () => {
	it("has the hashes of the definition, and is good for its leaf at its place, and for no other of them", () => {
		fc.assert(
			fc.property(places, fc.nat(), fc.nat(), ([some, at], later, other) => {
				// No two are the same: of two equal halves of a tree a proof is good for both.
				const all = some.map((leaf, place) => Uint8Array.of(place, ...leaf));
				const index = at % all.length;
				const size = index + 1 + (later % (all.length - index));
				const head = { size, root: rootOf(all.slice(0, size)) };
				const proof = new InclusionProof({ index, size });
				for (const leaf of all) proof.append(leaf);
				expect(proof.hashes).toEqual(pathOf(index, all.slice(0, size)));
				const leaf = all[index] as Uint8Array;
				expect(inclusionFault({ leaf, index }, head, proof.hashes)).toBeNull();
				const elsewhere = other % size;
				const isThere = elsewhere === index;
				expect(inclusionFault({ leaf, index: elsewhere }, head, proof.hashes) === null).toBe(isThere);
				const longer = Uint8Array.of(...leaf, 7);
				expect(inclusionFault({ leaf: longer, index }, head, proof.hashes)).toBe("the proof leads to another root");
			}),
		);
	});

	it("is good for nothing else: another hash is a fault, and so is one more or fewer", () => {
		const change = fc.oneof(
			fc.record({ kind: fc.constant("flip" as const), at: fc.nat(80), bit: fc.nat(255) }),
			fc.record({ kind: fc.constant("drop" as const), at: fc.nat(80) }),
			fc.record({ kind: fc.constant("add" as const), at: fc.nat(80) }),
		);
		fc.assert(
			fc.property(places, change, ([all, at], changed) => {
				const index = at % all.length;
				const bad = changedProof(pathOf(index, all), changed);
				if (bad === null) return;
				const head = { size: all.length, root: rootOf(all) };
				expect(inclusionFault({ leaf: all[index] as Uint8Array, index }, head, bad)).not.toBeNull();
			}),
		);
	});
});

type Change = { kind: "flip"; at: number; bit: number } | { kind: "drop"; at: number } | { kind: "add"; at: number };

/** Null where there is nothing to change. */
function changedProof(proof: readonly string[], change: Change): readonly string[] | null {
	if (change.kind === "add")
		return proof.toSpliced(change.at % (proof.length + 1), 0, rootOf([Uint8Array.of(1, 2, 3)]));
	if (proof.length === 0) return null;
	const at = change.at % proof.length;
	if (change.kind === "drop") return proof.toSpliced(at, 1);
	const bytes = Buffer.from(proof[at] as string, "hex");
	bytes[change.bit >> 3] = (bytes[change.bit >> 3] as number) ^ (1 << (change.bit & 7));
	return proof.with(at, bytes.toString("hex"));
}
