/** How many entries somebody else has seen, who has kept a checkpoint, or a witness: those nobody can have written again since. */
import type { VerifiedAnchor } from "./anchor.ts";
import type { FoundNote } from "./signed-on-log.ts";

interface Seen {
	readonly anchor: VerifiedAnchor | null;
	/** Checkpoints that the auditor has kept. */
	readonly kept: readonly FoundNote[];
	/** Sizes of the anchor that witnesses have cosigned. */
	readonly witnessed: readonly number[];
}

/** A checkpoint of a partition stands for its entries, one of the anchor for those of all checkpoints that it holds. */
export function seenElsewhere({ anchor, kept, witnessed }: Seen): number {
	const seen = new Map<number, number>();
	const see = ({ of, size }: Pick<FoundNote, "of" | "size">): void => {
		if (of !== null) seen.set(of, Math.max(seen.get(of) ?? 0, size));
	};
	const anchors = [...witnessed, ...kept.flatMap(({ of, size }) => (of === null ? size : []))];
	const leaves = anchors.reduce((most, size) => Math.max(most, size), 0);
	for (const leaf of anchor?.leaves.slice(0, leaves) ?? []) see(leaf);
	for (const note of kept) see(note);
	return [...seen.values()].reduce((sum, size) => sum + size, 0);
}
