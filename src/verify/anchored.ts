/**
 * The second step of a receipt: that the checkpoint of a partition to which the first one leads is a leaf of the anchor, which witnesses
 * cosign.
 *
 * A1  No receipt leaves here that does not check.
 */
import { leafBytes } from "../core/audit/anchor-round.ts";
import { anchorOrigin } from "../core/audit/checkpoint.ts";
import { knownSignatures, readNote } from "../core/audit/note.ts";
import { type Receipt, receiptFault } from "../core/audit/receipt.ts";
import { InclusionProof } from "../core/merkle/inclusion.ts";
import { type AnchorSource, anchorRounds } from "../notary/anchor-rounds.ts";
import { largestNote } from "../notary/largest-note.ts";
import { isSignedBy, type NoteOnLog, notesOn } from "../notary/signed-records.ts";
import type { Verifier } from "../ports/signer.ts";
import { cosignatureVerifier } from "../reading/note-verifiers.ts";

export interface AnchoredCheckpoint {
	/** The first of the partition that covers the entry and is in the anchor. */
	readonly checkpoint: NoteOnLog;
	/** Of the anchor. */
	readonly anchor: NoteOnLog;
	/** That the one is a leaf of the other. */
	readonly receipt: Receipt;
}

interface Wanted {
	readonly partition: number;
	readonly seq: number;
	/** All of them must have cosigned; without any, a checkpoint that somebody has cosigned is the better one. */
	readonly witnesses: readonly Verifier[];
}

/** Null where no checkpoint of the anchor holds one of the partition that covers the entry, or the log no longer says how. */
export async function anchoredCheckpoint(
	source: AnchorSource,
	{ partition, seq, witnesses }: Wanted,
): Promise<AnchoredCheckpoint | null> {
	const heads = await anchorHeads(source, witnesses);
	// The root that is signed covers its leaves: whether they are signed is asked only where others have written among them.
	const unchecked = await anchoredIn({ ...source, verifier: null }, heads, { partition, seq });
	return unchecked ?? (source.verifier === null ? null : anchoredIn(source, heads, { partition, seq }));
}

async function anchoredIn(
	source: AnchorSource,
	heads: readonly NoteOnLog[],
	{ partition, seq }: Omit<Wanted, "witnesses">,
): Promise<AnchoredCheckpoint | null> {
	const sizeMax = Math.max(0, ...heads.map(({ size }) => size));
	const reached = new Set<NoteOnLog>();
	let found: { readonly checkpoint: NoteOnLog; readonly index: number } | null = null;
	let size = 0;
	if (sizeMax > 0)
		for await (const { anchor, leaves } of anchorRounds(source)) {
			for (const checkpoint of leaves) {
				if (checkpoint.partition === partition && checkpoint.size > seq) found ??= { checkpoint, index: size };
				size += 1;
			}
			for (const head of heads) if (head.size === size && head.root === anchor.root) reached.add(head);
			if (size >= sizeMax) break;
		}
	const anchor = heads.find((head) => found !== null && reached.has(head) && head.size > found.index);
	if (found === null || anchor === undefined) return null;
	const { checkpoint, index } = found;
	const receipt = {
		...{ leaf: leafBytes(checkpoint), index, note: anchor.note },
		proof: await proofOf(source, { index, size: anchor.size }),
	};
	return receiptFault(receipt, receipt.leaf) === null ? { checkpoint, anchor, receipt } : null;
}

/** Of the anchor's checkpoints those that come into question, the best one first. */
async function anchorHeads(source: AnchorSource, witnesses: readonly Verifier[]): Promise<readonly NoteOnLog[]> {
	const { verifier } = source;
	const isSigned = (note: NoteOnLog): boolean => verifier === null || isSignedBy(note, verifier);
	const cosigned = await largestNote(
		() => anchorNotes(source, ({ note }) => signersIn(note) > Math.max(1, witnesses.length)),
		(note) => isSigned(note) && isCosigned(note, witnesses),
	);
	const latest = witnesses.length > 0 ? null : await largestNote(() => anchorNotes(source), isSigned);
	return [cosigned, latest].flatMap((head) => head ?? []);
}

async function* anchorNotes(
	{ log, partitions, name }: AnchorSource,
	isMeant: (note: NoteOnLog) => boolean = () => true,
): AsyncGenerator<NoteOnLog> {
	for (let partition = 0; partition < partitions; partition++)
		for await (const note of notesOn(log, partition, null))
			if (note.origin === anchorOrigin(name) && isMeant(note)) yield note;
}

const signersIn = (note: string): number => readNote(note)?.signatures.length ?? 0;

function isCosigned({ note }: NoteOnLog, witnesses: readonly Verifier[]): boolean {
	const read = readNote(note);
	return read !== null && witnesses.every((witness) => knownSignatures(read, [cosignatureVerifier(witness)]).ok);
}

async function proofOf(
	source: AnchorSource,
	{ index, size }: { readonly index: number; readonly size: number },
): Promise<readonly string[]> {
	const proof = new InclusionProof({ index, size });
	let taken = 0;
	for await (const { leaves } of anchorRounds(source)) {
		for (const leaf of leaves) proof.append(leafBytes(leaf));
		taken += leaves.length;
		if (taken >= size) break;
	}
	return proof.hashes;
}
