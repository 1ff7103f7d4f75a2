/**
 * The anchor's tree put together again from what is on the log: its leaves are the checkpoints of the partitions. What was signed together
 * is between two of its sizes, at most one of each partition, in their order; which of them it was is found by trying, the likeliest first,
 * for only one way leads to the root that was signed.
 */
import { leafBytes, roundOf } from "../core/audit/anchor-round.ts";
import type { Finding } from "../core/audit/finding.ts";
import { CompactRange } from "../core/merkle/compact-range.ts";
import type { FoundNote } from "./signed-on-log.ts";
import { placeOf, SignedRoots } from "./signed-roots.ts";

export interface AnchorParts {
	/** All checkpoints on the log, by partition, in the order in which they were published. */
	readonly notes: readonly (readonly FoundNote[])[];
	/** Checkpoints of the anchor that are not on the log. */
	readonly others: readonly FoundNote[];
	readonly found: (finding: Finding) => void;
}

export interface VerifiedAnchor {
	readonly size: number;
	readonly root: string;
	/** Its checkpoints that were held against the tree. */
	readonly checkpoints: number;
	/** What its leaves are checkpoints of. */
	readonly leaves: readonly Pick<FoundNote, "of" | "size">[];
}

export interface AnchorOfNotes {
	/** Null where no checkpoint of it is known. */
	readonly anchor: VerifiedAnchor | null;
	/** Checkpoints of partitions behind the last one that it holds, by partition; null where it cannot be followed to its end. */
	readonly rest: readonly (readonly FoundNote[])[] | null;
}

export function verifyAnchor({ notes, others, found }: AnchorParts): AnchorOfNotes {
	const anchors = notes
		.flatMap((each) => each.filter(({ of }) => of === null))
		.sort((one, next) => one.size - next.size);
	const lanes = notes.map((each, partition) => ({
		notes: growing(each.filter(({ of }) => of === partition)),
		next: 0,
	}));
	const roots = new SignedRoots([...others, ...anchors], null, found);
	const leaves: FoundNote[] = [];
	let tree = new CompactRange();
	const result = (): VerifiedAnchor | null =>
		anchors.length + others.length === 0
			? null
			: { size: tree.size, root: tree.root(), checkpoints: roots.checked, leaves };
	roots.take(tree);
	for (const anchor of anchors) {
		if (anchor.size <= tree.size) continue;
		const heads = lanes.flatMap(({ notes: of, next }) => of[next] ?? []);
		const round = roundOf(heads, tree, anchor);
		if (round === null) {
			const message = `${anchor.where} has ${anchor.size} leaves with root ${anchor.root.slice(0, 12)}, and the checkpoints of partitions on the log do not lead from ${tree.size} leaves to that`;
			found({ code: "anchor.root", ...placeOf(anchor), message });
			return { anchor: result(), rest: null };
		}
		tree = tree.copy();
		for (const note of round) {
			tree.append(leafBytes(note));
			roots.take(tree);
			leaves.push(note);
			(lanes[note.of as number] as Lane).next += 1;
		}
	}
	roots.end(tree.size);
	return { anchor: result(), rest: lanes.map(({ notes: of, next }) => of.slice(next)) };
}

/** A checkpoint is published again when a notary begins: what is no larger than one before it is no other leaf. */
function growing(notes: readonly FoundNote[]): FoundNote[] {
	let last = -1;
	return notes.filter(({ size }) => {
		const isLarger = size > last;
		last = Math.max(last, size);
		return isLarger;
	});
}

/** Checkpoints of one partition, and which is the next leaf of the anchor. */
interface Lane {
	readonly notes: readonly FoundNote[];
	next: number;
}
