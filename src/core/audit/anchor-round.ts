/**
 * Which checkpoints of partitions were signed together. They are the leaves between two sizes of the anchor's tree, at most one of each
 * partition, in their order; a log does not say which, but only one choice leads to the root that was signed.
 */
import type { CompactRange } from "../merkle/compact-range.ts";
import type { TreeHead } from "../merkle/proof.ts";
import type { EpochMs } from "../model/units.ts";

/** Ways that are tried for one checkpoint of the anchor. */
const TRIED_MAX = 20_000;

/** A checkpoint of a partition. */
export interface AnchorLeaf {
	/** The partition; null is none. */
	readonly of: number | null;
	/** The signed note: these bytes are the leaf. */
	readonly note: string;
	/** When it was published. */
	readonly at: EpochMs;
}

/**
 * The leaves behind those of `tree` that lead to `signed`, in their order. `heads`: of each partition the first checkpoint that is no leaf
 * yet. Null where no choice of them leads there, or none of the likeliest.
 */
export function roundOf<Leaf extends AnchorLeaf>(
	heads: readonly Leaf[],
	tree: CompactRange,
	{ size, root }: TreeHead,
): readonly Leaf[] | null {
	const likeliest = [...heads].sort((one, next) => one.at - next.at);
	let tried = 0;
	for (const chosen of choices(likeliest, size - tree.size)) {
		const round = [...chosen].sort((one, next) => (one.of as number) - (next.of as number));
		const grown = tree.copy();
		for (const leaf of round) grown.append(leafBytes(leaf));
		if (grown.root() === root) return round;
		tried += 1;
		if (tried === TRIED_MAX) return null;
	}
	return null;
}

/** Every choice of `count`, those of the first ones first. */
function* choices<Leaf>(of: readonly Leaf[], count: number): Generator<readonly Leaf[]> {
	if (count > of.length) return;
	if (count === 0) {
		yield [];
		return;
	}
	const [first, ...rest] = of as [Leaf, ...Leaf[]];
	for (const others of choices(rest, count - 1)) yield [first, ...others];
	yield* choices(rest, count);
}

export const leafBytes = ({ note }: Pick<AnchorLeaf, "note">): Uint8Array => new TextEncoder().encode(note);
