/**
 * Inclusion proofs of RFC 6962 (its section 2.1.1): that a leaf is in a tree, at its place. One is made from the leaves as they pass by,
 * in the memory of a few hashes, and checked from nothing but what the parameters say (RFC 9162, section 2.1.3.2).
 *
 * P1  A proof that is made of a tree is good for its leaf, at its place, against its root, and for no others.
 * P2  A check is total: what is no proof is a fault, whatever it holds. Hashes are 64 hex digits; sizes are below 2^53.
 */
import { CompactRange } from "./compact-range.ts";
import { bytesIn, hexOf, leafHash, nodeHash } from "./hashes.ts";
import { half, isHash, isOdd, isSize, splitOf, type TreeHead } from "./proof.ts";

/** Makes the proof of leaf `index` in the tree of the first `size` leaves; takes them from the first on. */
export class InclusionProof {
	/** What is hashed together, in the order of the leaves: `end` is exclusive; the proven leaf itself is in none. */
	readonly #siblings: readonly { readonly begin: number; readonly end: number; readonly range: CompactRange }[];
	/** The same from the leaf up, which is the order of a proof. */
	readonly #path: readonly CompactRange[];
	#next = 0;
	#at = 0;

	/** `index` is below `size`. */
	constructor({ index, size }: { readonly index: number; readonly size: number }) {
		const siblings = siblingsOf(index, size).map((place) => ({ ...place, range: new CompactRange() }));
		this.#path = siblings.map(({ range }) => range).reverse();
		this.#siblings = siblings.sort((one, other) => one.begin - other.begin);
	}

	/** The next leaf. The proven one, and those behind the tree, change nothing. */
	append(leaf: Uint8Array): void {
		const place = this.#next++;
		while (place >= (this.#siblings[this.#at]?.end ?? Number.POSITIVE_INFINITY)) this.#at += 1;
		const sibling = this.#siblings[this.#at];
		if (sibling !== undefined && place >= sibling.begin) sibling.range.append(leaf);
	}

	/** Once all leaves of the tree were taken: from the leaf's sibling up to the root's child. */
	get hashes(): readonly string[] {
		return this.#path.map((range) => range.root());
	}
}

/** What is hashed with the way from the root down to the leaf, the root's child first. */
function siblingsOf(index: number, size: number): readonly { readonly begin: number; readonly end: number }[] {
	const siblings: { begin: number; end: number }[] = [];
	let [begin, end] = [0, size];
	while (end - begin > 1) {
		const middle = begin + splitOf(end - begin);
		const isLeft = index < middle;
		siblings.push(isLeft ? { begin: middle, end } : { begin, end: middle });
		if (isLeft) end = middle;
		else begin = middle;
	}
	return siblings;
}

/** Why the proof does not show that the leaf has this place in the tree; null when it does. */
export function inclusionFault(
	{ leaf, index }: { readonly leaf: Uint8Array; readonly index: number },
	tree: TreeHead,
	proof: readonly string[],
): string | null {
	if (!isSize(index) || !isSize(tree.size)) return "an index or a size is no number of leaves";
	if (index >= tree.size) return `a tree of ${tree.size} leaves has none with index ${index}`;
	if (!isHash(tree.root) || !proof.every(isHash)) return "the proof has something that is no hash";
	let [at, last, root] = [index, tree.size - 1, leafHash(leaf)];
	for (const sibling of proof.map(bytesIn)) {
		if (last === 0) return "the proof has more hashes than it needs";
		if (isOdd(at) || at === last) {
			root = nodeHash(sibling, root);
			while (!isOdd(at) && at !== 0) [at, last] = [half(at), half(last)];
		} else root = nodeHash(root, sibling);
		[at, last] = [half(at), half(last)];
	}
	if (last !== 0) return "the proof has fewer hashes than it needs";
	return hexOf(root) === tree.root ? null : "the proof leads to another root";
}
