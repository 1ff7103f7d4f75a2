/**
 * The Merkle tree of a partition's ledger: RFC 6962 §2.1 over SHA-256, kept as a compact range, which is all that appending
 * needs: the roots of the full subtrees, at most one for each bit of the size.
 *
 * T1  The root is a function of the leaves and their order alone; leaf i is the ledger entry with `seq` i, as stored.
 * T2  What was restored goes on as the original would have.
 */
import { AssentError, problem } from "../base/errors.ts";
import { bytesIn, EMPTY_ROOT, hexOf, leafHash, nodeHash } from "./hashes.ts";

/** A compact range as data, for snapshots. */
export interface CompactRangeImage {
	/** Number of leaves. */
	readonly size: number;
	/** Roots of the full subtrees, the largest (leftmost) first: one for each bit set in `size`; 64 hex digits each. */
	readonly hashes: readonly string[];
}

/** Grows by `append`; `copy` gives an independent one, so that a failed step can be dropped. */
export class CompactRange {
	#size = 0;
	/** A character for each byte: a node is put together from two of them without reading digits. */
	readonly #hashes: string[] = [];

	/** Number of leaves. */
	get size(): number {
		return this.#size;
	}

	/** Adds the leaf with index `size`. */
	append(leaf: Uint8Array): void {
		let root = leafHash(leaf);
		// A subtree that the new leaf completes is joined with its left neighbour, as a binary counter carries.
		for (let rest = this.#size; rest % 2 === 1; rest = (rest - 1) / 2)
			root = nodeHash(this.#hashes.pop() as string, root);
		this.#hashes.push(root);
		this.#size += 1;
	}

	/** Merkle tree hash over all leaves, 64 hex digits. */
	root(): string {
		const last = this.#hashes.length - 1;
		let root = this.#hashes[last];
		if (root === undefined) return EMPTY_ROOT;
		for (let index = last - 1; index >= 0; index--) root = nodeHash(this.#hashes[index] as string, root);
		return hexOf(root);
	}

	copy(): CompactRange {
		return CompactRange.#of(this.#size, this.#hashes);
	}

	image(): CompactRangeImage {
		return { size: this.#size, hashes: this.#hashes.map(hexOf) };
	}

	/** From what `image` gave. Throws ASSENT_LOG_CORRUPT on what can be no range: no leaf must go onto a damaged tree. */
	static from(image: CompactRangeImage): CompactRange {
		if (!isImage(image)) {
			throw new AssentError(
				problem("ASSENT_LOG_CORRUPT", "the compact range is damaged", "restore from the ledger's beginning"),
			);
		}
		return CompactRange.#of(image.size, image.hashes.map(bytesIn));
	}

	static #of(size: number, hashes: readonly string[]): CompactRange {
		const range = new CompactRange();
		range.#size = size;
		range.#hashes.push(...hashes);
		return range;
	}
}

/** Asks as if nothing were known: images come out of bytes. */
function isImage(image: unknown): image is CompactRangeImage {
	if (typeof image !== "object" || image === null || !("size" in image) || !("hashes" in image)) return false;
	const { size, hashes } = image;
	if (!Number.isSafeInteger(size) || (size as number) < 0 || !Array.isArray(hashes)) return false;
	return (
		hashes.length === bitsSet(size as number) && hashes.every((item) => typeof item === "string" && HASH.test(item))
	);
}

const HASH = /^[0-9a-f]{64}$/;

function bitsSet(size: number): number {
	let bits = 0;
	for (let rest = size; rest > 0; rest = Math.floor(rest / 2)) bits += rest % 2;
	return bits;
}
