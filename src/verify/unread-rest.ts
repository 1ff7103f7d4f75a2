/**
 * A ledger that cannot be followed to its end: why, and leaf by leaf what was signed of it and whether the rest is what a newer version writes.
 *
 * R1  Of one claim all entries are one processor's: none of a version that this one knows has written what it cannot read.
 */
import { SemanticsOrder } from "../core/audit/semantics-order.ts";
import { AssentError } from "../core/base/errors.ts";
import { decodeDerived, decodeEntry } from "../core/codec/decode.ts";
import { emptyHead, judgeRecord } from "../core/ledger/validity.ts";
import { CompactRange } from "../core/merkle/compact-range.ts";
import { SEMANTICS } from "../core/model/entries.ts";
import type { Offset } from "../core/model/units.ts";
import { type Log, readToEnd, TOPICS } from "../ports/log/log.ts";

export interface Leaves {
	readonly tree: CompactRange;
	/** The first record that no newer version can have written, and why: the end of a sentence that begins with it. */
	readonly notNewer: { readonly offset: Offset; readonly seq: number | null; readonly what: string } | null;
}

/** `onLeaf` is told of the tree at each size, 0 first. Throws what reading throws. */
export async function followLeaves(log: Log, partition: number, onLeaf: (tree: CompactRange) => void): Promise<Leaves> {
	const tree = new CompactRange();
	const order = new SemanticsOrder();
	const found: NonNullable<Leaves["notNewer"]>[] = [];
	/** Of the claim in force: the first record that cannot be read, and whether a version that this one knows has written under it. */
	let unread: { readonly offset: Offset; readonly seq: number | null } | null = null;
	let isKnown = false;
	let head = emptyHead;
	const endClaim = (): void => {
		if (unread !== null && isKnown)
			found.push({ ...unread, what: "cannot be read, and this version knows what others of its claim say" });
		unread = null;
		isKnown = false;
	};
	onLeaf(tree);
	for await (const records of readToEnd(log, { topic: TOPICS.decisions, partition }, 0)) {
		for (const { headers, offset, value } of records) {
			const judged = judgeRecord(head, headers);
			head = judged.head;
			if (judged.kind === "claim") {
				endClaim();
				order.claim();
				if (!decodeDerived(value).ok) unread = { offset, seq: null };
			}
			if (judged.kind !== "valid") continue;
			const { seq } = head;
			tree.append(value);
			onLeaf(tree);
			const entry = decodeEntry(value);
			if (!entry.ok) {
				unread ??= { offset, seq };
				continue;
			}
			isKnown ||= entry.value.semantics <= SEMANTICS;
			const what = order.take(entry.value.semantics);
			if (what !== null) found.push({ offset, seq, what });
		}
	}
	endClaim();
	const [first] = found.sort((one, next) => one.offset - next.offset);
	return { tree, notNewer: first ?? null };
}

/** Why a ledger cannot be followed to its end. */
export interface Broken {
	/** `fold`: an entry cannot be folded into the state that the ones before it have made. */
	readonly kind: "newer" | "invalid" | "fold";
	readonly message: string;
	readonly thrown: unknown;
}

/** Throws what says nothing of the ledger. */
export function whyBroken(thrown: unknown): Broken {
	if (!(thrown instanceof Error)) throw thrown;
	if (!(thrown instanceof AssentError)) return { kind: "fold", message: thrown.message, thrown };
	const kind = ({ ASSENT_LEDGER_VERSION: "newer", ASSENT_LEDGER_INVALID: "invalid" } as const)[thrown.code as string];
	if (kind === undefined) throw thrown;
	return { kind, message: thrown.problem.message.replace(/^partition \d+: /, ""), thrown };
}
