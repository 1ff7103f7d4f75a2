/**
 * The anchor's tree from what is on the log: its leaves are the notes of the partitions in the order in which they were signed. What was
 * signed together is between two sizes of the anchor, of each partition one at most and in their order; nothing is signed before what was
 * signed before it is published.
 */
import { anchorOrigin, partitionOrigin } from "../core/audit/checkpoint.ts";
import { TileTree } from "../core/audit/tile-tree.ts";
import type { TreeHead } from "../core/merkle/proof.ts";
import { ANCHOR_PREFIX } from "../notary/anchor.ts";
import { writeFilled, writeTiles } from "../notary/published-tree.ts";
import { type NoteOnLog, notesOn } from "../notary/signed-records.ts";
import type { Log } from "../ports/log/log.ts";
import type { PublicFolder } from "../ports/public-folder.ts";
import type { Verifier } from "../ports/signer.ts";

export interface AnchorParts {
	readonly log: Log;
	readonly partitions: number;
	readonly verifier: Verifier | null;
	/** Of the notary. */
	readonly name: string;
	readonly folder: PublicFolder;
	/** The checkpoint that the tree is for. */
	readonly until: TreeHead;
}

/** Writes its tiles. Null where the notes do not make up the tree that was signed. */
export async function rebuildAnchor({ folder, until, ...from }: AnchorParts): Promise<TileTree | null> {
	const tree = new TileTree();
	const waiting = Array.from({ length: from.partitions }, (): NoteOnLog[] => []);
	const sizes: number[] = [];
	/** Appends what was signed together, once it is there: of each partition one at most, those that were published first. */
	const settle = async (): Promise<void> => {
		for (let size = sizes[0]; size !== undefined; size = sizes[0]) {
			const due = size - tree.size;
			const firsts = waiting.flatMap(([first]) => first ?? []);
			if (firsts.length < due) return;
			sizes.shift();
			const together = firsts.sort((one, next) => one.at - next.at || one.partition - next.partition).slice(0, due);
			for (const { note, partition } of together.sort((one, next) => one.partition - next.partition)) {
				tree.append(new TextEncoder().encode(note));
				waiting[partition]?.shift();
			}
			await writeFilled(folder, ANCHOR_PREFIX, tree);
		}
	};
	for await (const note of inOrder(from)) {
		if (note.origin !== anchorOrigin(from.name)) waiting[note.partition]?.push(note);
		else if (note.size > (sizes.at(-1) ?? tree.size)) sizes.push(note.size);
		await settle();
		if (tree.size >= until.size) break;
	}
	if (tree.size !== until.size || tree.root() !== until.root) return null;
	await writeTiles(folder, ANCHOR_PREFIX, tree);
	return tree;
}

/** The notes of one notary, by time; each once, however often it was published. */
async function* inOrder({
	log,
	partitions,
	verifier,
	name,
}: Omit<AnchorParts, "folder" | "until">): AsyncGenerator<NoteOnLog> {
	const lanes = Array.from({ length: partitions }, (_, partition) => ownNotes(log, partition, verifier, name));
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
	log: Log,
	partition: number,
	verifier: Verifier | null,
	name: string,
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
