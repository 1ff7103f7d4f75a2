/** What the second step of a receipt shows: the checkpoint of a partition in the anchor, and who has cosigned that. */
import { leafBytes } from "../core/audit/anchor-round.ts";
import type { Checkpoint } from "../core/audit/checkpoint.ts";
import { readNote } from "../core/audit/note.ts";
import { type Receipt, receiptFault } from "../core/audit/receipt.ts";
import { err, ok, type Result } from "../core/base/result.ts";
import { keyId } from "../core/model/signing-keys.ts";
import type { Verifier } from "../ports/signer.ts";
import { cosignatureVerifier, signatureVerifier } from "../reading/note-verifiers.ts";
import type { ReceiptFault } from "./check-receipt.ts";
import { isFault, readSigned } from "./notes.ts";

export interface CheckedAnchor {
	/** Of the anchor. */
	readonly checkpoint: Checkpoint;
	/** Of the leaf, which is the partition's checkpoint. */
	readonly index: number;
	/** Names of the witnesses that were asked for: each has cosigned. */
	readonly cosigned: readonly string[];
	/** Names beside that of the log, whose signatures nobody has checked. */
	readonly unchecked: readonly string[];
}

interface CheckedWith {
	/** The partition's checkpoint, as the first step has it. */
	readonly note: string;
	/** Null: the log's signature is not checked. */
	readonly verifier: Verifier | null;
	readonly witnesses: readonly Verifier[];
}

/** Total. */
export function checkAnchored(
	receipt: Receipt,
	{ note, verifier, witnesses }: CheckedWith,
): Result<CheckedAnchor, ReceiptFault> {
	const leaf = leafBytes({ note });
	if (receipt.leaf !== null && Buffer.compare(receipt.leaf, leaf) !== 0)
		return wrong("it is of another checkpoint than the one that the receipt ends with");
	const signed = readSigned(receipt.note, {
		log: verifier === null ? null : signatureVerifier(verifier),
		witnesses: witnesses.map(cosignatureVerifier),
	});
	if (isFault(signed)) {
		const isUnknown = signed.code === "checkpoint.foreign" && !isNamed(receipt.note, verifier);
		return err({ kind: isUnknown ? "unknown" : "wrong", why: `its checkpoint ${signed.what}` });
	}
	if (signed.of !== null) return wrong(`its checkpoint is of \`${signed.origin}\`, which is no anchor`);
	const fault = receiptFault(receipt, leaf);
	if (fault !== null) return wrong(fault);
	const missing = witnesses.find(({ key }) => !signed.cosigned.includes(key.name));
	if (missing !== undefined)
		return err({ kind: "unknown", why: `its checkpoint is not cosigned by \`${missing.key.name}\`` });
	const known = new Set([verifier?.key.name, ...signed.cosigned]);
	const names = readNote(receipt.note)?.signatures.map(({ name }) => name) ?? [];
	const { origin, size, root, cosigned } = signed;
	return ok({
		checkpoint: { origin, size, root },
		index: receipt.index,
		cosigned,
		unchecked: verifier === null ? [] : names.filter((name) => !known.has(name)),
	});
}

/** Whether the log's key is said to have signed it. */
const isNamed = (note: string, verifier: Verifier | null): boolean =>
	verifier !== null &&
	(readNote(note)?.signatures ?? []).some(({ name, id }) => name === verifier.key.name && id === keyId(verifier.key));

const wrong = (why: string): Result<never, ReceiptFault> => err({ kind: "wrong", why });
