/** What a receipt shows to somebody who has the log's public key, and nothing else. */
import { type Checkpoint, partitionOrigin, readCheckpoint } from "../core/audit/checkpoint.ts";
import { knownSignatures, readNote } from "../core/audit/note.ts";
import { type Receipt, receiptFault } from "../core/audit/receipt.ts";
import { err, ok, type Result } from "../core/base/result.ts";
import { decodeEntry } from "../core/codec/decode.ts";
import type { LedgerEntry } from "../core/model/entries.ts";
import { keyId } from "../core/model/signing-keys.ts";
import type { Verifier } from "../ports/signer.ts";
import { signatureVerifier } from "../reading/note-verifiers.ts";

export interface CheckedReceipt {
	readonly checkpoint: Checkpoint;
	/** Of the ledger. */
	readonly partition: number;
	readonly seq: number;
	/** Null where this version cannot read it: that it is in the ledger is shown, what it says is not. */
	readonly entry: LedgerEntry | null;
}

export interface ReceiptFault {
	/** `wrong`: it shows nothing. `unknown`: another key may have signed it. */
	readonly kind: "wrong" | "unknown";
	/** A sentence. */
	readonly why: string;
}

/** `leaf` is the entry as it is stored. Total. */
export function checkReceipt(
	receipt: Receipt,
	{ leaf, verifier }: { readonly leaf: Uint8Array; readonly verifier: Verifier },
): Result<CheckedReceipt, ReceiptFault> {
	const note = readNote(receipt.note);
	const checkpoint = note === null ? null : readCheckpoint(note.text);
	if (note === null || checkpoint === null) return wrong("it does not end with a signed checkpoint");
	const { key } = verifier;
	const isNamed = note.signatures.some(({ name, id }) => name === key.name && id === keyId(key));
	if (!isNamed) {
		const names = note.signatures.map(({ name, id }) => `\`${name}+${id}\``).join(", ");
		return err({
			kind: "unknown",
			why: `its checkpoint is not signed with the key \`${key.name}+${keyId(key)}\`, but with ${names}`,
		});
	}
	const known = knownSignatures(note, [signatureVerifier(verifier)]);
	if (!known.ok) return wrong(known.error);
	const partition = Number(/\/decisions\/(0|[1-9]\d{0,3})$/.exec(checkpoint.origin)?.[1] ?? Number.NaN);
	if (checkpoint.origin !== partitionOrigin(key.name, partition))
		return wrong(`its checkpoint is of \`${checkpoint.origin}\`, which is no ledger of \`${key.name}\``);
	const fault = receiptFault(receipt, leaf);
	if (fault !== null) return wrong(fault);
	const read = decodeEntry(leaf);
	const entry = read.ok ? read.value : null;
	if (entry !== null && (entry.seq !== receipt.index || entry.cause.partition !== partition))
		return wrong(
			`the entry says that it is number ${entry.seq} of partition ${entry.cause.partition}, and is number ${receipt.index} of partition ${partition}`,
		);
	return ok({ checkpoint, partition, seq: receipt.index, entry });
}

const wrong = (why: string): Result<never, ReceiptFault> => err({ kind: "wrong", why });
