/**
 * Consistency proofs of RFC 6962 (its section 2.1.2): that a tree begins with an earlier one. They are made from the roots of full
 * subtrees alone, and checked from nothing but what the parameters say (RFC 9162, section 2.1.4.2).
 *
 * P1  A proof that is made of a tree is good against its root and the earlier one's, and against no others.
 * P2  A check is total: what is no proof is a fault, whatever it holds. Hashes are 64 hex digits; sizes are below 2^53.
 */
import { bytesIn, EMPTY_ROOT, hexOf, nodeHash } from "./hashes.ts";
import { cover, joinedRoot, type SubtreeHash } from "./subtree.ts";

/** That the tree of `to` leaves begins with the one of `from`; `from` is at most `to`. Empty where there is nothing to prove. */
export async function consistencyProof(from: number, to: number, hashOf: SubtreeHash): Promise<readonly string[]> {
	if (from === 0 || from === to) return [];
	const path: string[] = [];
	let [begin, end] = [0, to];
	while (end !== from) {
		const middle = begin + splitOf(end - begin);
		const isLeft = from <= middle;
		path.unshift(await rangeRoot(isLeft ? middle : begin, isLeft ? end : middle, hashOf));
		if (isLeft) end = middle;
		else begin = middle;
	}
	// Whoever checks has the root of the earlier tree, which this is where nothing is left of it.
	return begin === 0 ? path : [await rangeRoot(begin, end, hashOf), ...path];
}

const rangeRoot = async (begin: number, end: number, hashOf: SubtreeHash): Promise<string> =>
	joinedRoot(await Promise.all(cover(begin, end).map(hashOf)));

/** The largest power of two below `size`, which is 2 or more. */
export function splitOf(size: number): number {
	let split = 1;
	while (split * 2 < size) split *= 2;
	return split;
}

/** A tree, as a checkpoint tells of it. */
export interface TreeHead {
	/** Number of leaves. */
	readonly size: number;
	/** 64 hex digits. */
	readonly root: string;
}

/** Why the proof does not show that the tree of `to` begins with that of `from`; null when it does. */
export function consistencyFault(from: TreeHead, to: TreeHead, proof: readonly string[]): string | null {
	if (!isSize(from.size) || !isSize(to.size)) return "a size is no number of leaves";
	if (from.size > to.size) return `a tree of ${to.size} leaves does not begin with one of ${from.size}`;
	if (!proof.every(isHash)) return "the proof has something that is no hash";
	if (!isHash(from.root) || !isHash(to.root)) return "a root is no hash";
	if (from.size === 0 || from.size === to.size) {
		if (proof.length > 0) return "the proof has more hashes than it needs";
		if (from.size === 0 && from.root !== EMPTY_ROOT) return "a tree without leaves has another root";
		return from.size < to.size || from.root === to.root ? null : "two trees of one size have different roots";
	}
	return walkedFault(from, to, proof);
}

function walkedFault(from: TreeHead, to: TreeHead, proof: readonly string[]): string | null {
	let [at, last] = [from.size - 1, to.size - 1];
	while (isOdd(at)) [at, last] = [half(at), half(last)];
	// An earlier tree that is one full subtree needs no hash to be told: its root is known.
	const [first, ...rest] = at === 0 ? [from.root, ...proof] : proof;
	if (first === undefined || proof.length === 0) return "the proof has fewer hashes than it needs";
	let [earlier, later] = [bytesIn(first), bytesIn(first)];
	for (const next of rest.map(bytesIn)) {
		if (last === 0) return "the proof has more hashes than it needs";
		if (isOdd(at) || at === last) {
			[earlier, later] = [nodeHash(next, earlier), nodeHash(next, later)];
			while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)];
		} else later = nodeHash(later, next);
		[at, last] = [half(at), half(last)];
	}
	if (last !== 0) return "the proof has fewer hashes than it needs";
	if (hexOf(earlier) !== from.root) return "the proof leads to another root of the earlier tree";
	return hexOf(later) === to.root ? null : "the proof leads to another root of the later tree";
}

export const half = (place: number): number => Math.floor(place / 2);

export const isOdd = (place: number): boolean => place % 2 === 1;

export const isSize = (size: number): boolean => Number.isSafeInteger(size) && size >= 0;

export const isHash = (text: string): boolean => /^[0-9a-f]{64}$/.test(text);
