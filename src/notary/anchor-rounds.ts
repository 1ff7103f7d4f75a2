/**
 * The anchor's tree as what is on the log makes it up: its leaves are the notes of the partitions in the order in which they were signed, and
 * nothing is signed before what was signed before it is published.
 */
import { type AnchorLeaf, leafBytes, roundOf } from "../core/audit/anchor-round.ts";
import { anchorOrigin, partitionOrigin } from "../core/audit/checkpoint.ts";
import { CompactRange } from "../core/merkle/compact-range.ts";
import type { EpochMs } from "../core/model/units.ts";
import type { Log } from "../ports/log/log.ts";
import type { Verifier } from "../ports/signer.ts";
import { type NoteOnLog, notesOn } from "./signed-records.ts";

export interface AnchorSource {
	readonly log: Log;
	readonly partitions: number;
	readonly verifier: Verifier | null;
	/** Of the notary. */
	readonly name: string;
}

/** What was signed together: the anchor's checkpoint, and the leaves that it has beyond the one before. */
export interface AnchorRound {
	readonly anchor: NoteOnLog;
	readonly leaves: readonly NoteOnLog[];
}

/** As far as the notes lead: it ends before the first checkpoint of the anchor that they do not make up. */
export async function* anchorRounds(from: AnchorSource): AsyncGenerator<AnchorRound, undefined> {
	const rounds = new Rounds(from);
	let at: EpochMs = 0;
	for await (const note of inOrder(from)) {
		// Of one millisecond nobody knows what was first: all of it is there before it is put together.
		if (note.at !== at) yield* rounds.settle();
		at = note.at;
		rounds.take(note);
	}
	yield* rounds.settle();
	return undefined;
}

type Leaf = NoteOnLog & AnchorLeaf;

class Rounds {
	readonly #anchor: string;
	/** By partition: what is no leaf yet. */
	readonly #waiting: Leaf[][];
	/** By size. */
	#anchors: NoteOnLog[] = [];
	readonly #tree = new CompactRange();
	/** With so many heads the first of the anchors could not be put together. */
	#triedWith = 0;

	constructor({ name, partitions }: AnchorSource) {
		this.#anchor = anchorOrigin(name);
		this.#waiting = Array.from({ length: partitions }, () => []);
	}

	take(note: NoteOnLog): void {
		if (note.origin !== this.#anchor) {
			this.#waiting[note.partition]?.push({ ...note, of: note.partition });
			return;
		}
		if (note.size <= this.#tree.size || this.#anchors.some(({ size }) => size === note.size)) return;
		this.#anchors = [...this.#anchors, note].sort((one, next) => one.size - next.size);
		this.#triedWith = 0;
	}

	/** What is there now is put together. */
	*settle(): Generator<AnchorRound> {
		for (let [anchor] = this.#anchors; anchor !== undefined; [anchor] = this.#anchors) {
			const heads = this.#waiting.flatMap(([first]) => first ?? []);
			const round = heads.length === this.#triedWith ? null : roundOf(heads, this.#tree, anchor);
			this.#triedWith = round === null ? heads.length : 0;
			if (round === null) return;
			for (const leaf of round) {
				this.#tree.append(leafBytes(leaf));
				this.#waiting[leaf.partition]?.shift();
			}
			this.#anchors.shift();
			yield { anchor, leaves: round };
		}
	}
}

/** The notes of one notary, by time; those of each partition once, however often they were published. */
async function* inOrder(from: AnchorSource): AsyncGenerator<NoteOnLog> {
	const lanes = Array.from({ length: from.partitions }, (_, partition) => ownNotes(from, partition));
	const heads = await Promise.all(lanes.map(async (lane) => (await lane.next()).value ?? null));
	for (;;) {
		let first = -1;
		for (const [index, head] of heads.entries())
			if (head !== null && (first === -1 || head.at < (heads[first] as NoteOnLog).at)) first = index;
		const note = heads[first] ?? null;
		if (note === null) return;
		yield note;
		heads[first] = (await lanes[first]?.next())?.value ?? null;
	}
}

async function* ownNotes(
	{ log, verifier, name }: AnchorSource,
	partition: number,
): AsyncGenerator<NoteOnLog, undefined> {
	let last = 0;
	for await (const note of notesOn(log, partition, verifier)) {
		if (note.origin === anchorOrigin(name)) yield note;
		if (note.origin !== partitionOrigin(name, partition) || note.size <= last) continue;
		last = note.size;
		yield note;
	}
	return undefined;
}
