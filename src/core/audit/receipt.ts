/**
 * Receipts (C2SP tlog-proof, v1): that an entry is in a log, as one text that is checked without the log: the proof, the signed checkpoint
 * that it leads to, and as extra data the entry itself.
 *
 * R1  What is read has one way to be written: `receiptText` of what `readReceipt` gives is the text that was read.
 * R2  The entry is believed only as far as the proof carries it: nothing is read out of extra data that the checkpoint does not cover.
 */
import { err, ok, type Result } from "../base/result.ts";
import { inclusionFault } from "../merkle/inclusion.ts";
import { fromBase64 } from "../model/signing-keys.ts";
import { type Checkpoint, readCheckpoint } from "./checkpoint.ts";
import { readNote } from "./note.ts";
import { LEAF_BYTES_MAX } from "./tiles.ts";

export interface Receipt {
	/** The leaf, as it is stored; null where the receipt does not carry it. */
	readonly leaf: Uint8Array | null;
	/** Of the leaf. */
	readonly index: number;
	/** From the leaf's sibling up, 64 hex digits each. */
	readonly proof: readonly string[];
	/** The signed note, as it is. */
	readonly note: string;
}

/** The first line of every receipt. */
export const RECEIPT_BEGINNING = "c2sp.org/tlog-proof@v1";
const HASH_BYTES = 32;
/** A tree of 2^53 leaves needs no more. */
const PROOF_LENGTH_MAX = 53;
/** A leaf in base64, the proof, and a note of the greatest length. */
const RECEIPT_LENGTH_MAX = 1_100_000;

export function receiptText({ leaf, index, proof, note }: Receipt): string {
	const extra = leaf === null ? "" : `extra ${Buffer.from(leaf).toString("base64")}\n`;
	const hashes = proof.map((hash) => `${Buffer.from(hash, "hex").toString("base64")}\n`);
	return `${RECEIPT_BEGINNING}\n${extra}index ${index}\n${hashes.join("")}\n${note}`;
}

/** An error says why the text is no receipt, as a sentence. */
export function readReceipt(text: string): Result<Receipt, string> {
	if (text.length > RECEIPT_LENGTH_MAX) return err("it is too long for a receipt");
	const end = text.indexOf("\n\n");
	const [first, ...lines] = text.slice(0, end < 0 ? text.length : end).split("\n");
	if (end < 0 && (first === RECEIPT_BEGINNING || RECEIPT_BEGINNING.startsWith(text)))
		return err("it ends before its checkpoint, as if it had been cut short");
	if (first !== RECEIPT_BEGINNING) return err(`its first line is not \`${RECEIPT_BEGINNING}\``);
	const extra = lines[0]?.startsWith("extra ") === true ? (lines.shift() ?? "") : null;
	const leaf = extra === null ? null : fromBase64(extra.slice("extra ".length));
	if (extra !== null && (leaf === null || leaf.length === 0 || leaf.length > LEAF_BYTES_MAX))
		return err("its line `extra` does not hold an entry in base64");
	const index = /^index (0|[1-9][0-9]{0,15})$/.exec(lines.shift() ?? "")?.[1];
	if (index === undefined || !Number.isSafeInteger(Number(index))) return err("it has no line `index` with a number");
	const hashes = lines.map(fromBase64);
	if (hashes.length > PROOF_LENGTH_MAX || hashes.some((hash) => hash?.length !== HASH_BYTES))
		return err("a line of its proof is no hash");
	const note = text.slice(end + 2);
	if (readHead(note) === null) return err("it does not end with a signed checkpoint");
	const proof = hashes.map((hash) => Buffer.from(hash as Uint8Array).toString("hex"));
	return ok({ leaf, index: Number(index), proof, note });
}

/** What a note says of a tree; null where it is no checkpoint. Whether it is signed is asked elsewhere. */
function readHead(note: string): Checkpoint | null {
	const read = readNote(note);
	return read === null ? null : readCheckpoint(read.text);
}

/** Why the receipt does not show that the leaf is in the tree of its checkpoint; null when it does. */
export function receiptFault({ index, proof, note }: Receipt, leaf: Uint8Array): string | null {
	const head = readHead(note);
	return head === null ? "it does not end with a signed checkpoint" : inclusionFault({ leaf, index }, head, proof);
}
