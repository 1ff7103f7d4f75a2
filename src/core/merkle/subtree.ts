/** The full subtrees of a Merkle tree: what proofs and roots are put together from. */
import { bytesIn, EMPTY_ROOT, hexOf, nodeHash } from "./hashes.ts";

/** The leaves `index · 2^level` to `(index + 1) · 2^level - 1`, all of them there. */
export interface Subtree {
	readonly level: number;
	readonly index: number;
}

/** The root of a full subtree, 64 hex digits; from a file, it may be. */
export type SubtreeHash = (subtree: Subtree) => string | Promise<string>;

/**
 * The full subtrees that hold the leaves from `begin` to `end` - 1 together, from left to right, as RFC 6962 splits them. `begin` is a
 * place at which the tree is split: 0, or a multiple of a power of two that is at least the length.
 */
export function cover(begin: number, end: number): readonly Subtree[] {
	const subtrees: Subtree[] = [];
	for (let at = begin; at < end; ) {
		let level = 0;
		for (let width = 2; at % width === 0 && at + width <= end; width *= 2) level += 1;
		const width = 2 ** level;
		subtrees.push({ level, index: at / width });
		at += width;
	}
	return subtrees;
}

/** The root over the subtrees of `cover`, of their roots; 64 hex digits. */
export function joinedRoot(roots: readonly string[]): string {
	const last = roots.at(-1);
	if (last === undefined) return EMPTY_ROOT;
	return hexOf(roots.slice(0, -1).reduceRight((right, left) => nodeHash(bytesIn(left), right), bytesIn(last)));
}
