/** What is said to a witness, and what it answers (C2SP tlog-witness, v1: `add-checkpoint`). */
import { type NoteSignature, readSignatureLines } from "./note.ts";

/** The body of the request: that the tree of the checkpoint begins with the one that the witness has seen last, of `oldSize` leaves. */
export function addCheckpointBody(parts: {
	readonly oldSize: number;
	/** 64 hex digits each. */
	readonly proof: readonly string[];
	/** Signed by the log. */
	readonly checkpoint: string;
}): string {
	const hashes = parts.proof.map((hash) => `${Buffer.from(hash, "hex").toString("base64")}\n`);
	return `old ${parts.oldSize}\n${hashes.join("")}\n${parts.checkpoint}`;
}

export type WitnessAnswer =
	| { readonly kind: "cosigned"; readonly signatures: readonly NoteSignature[] }
	/** It has seen another size last than was said. */
	| { readonly kind: "conflict"; readonly size: number }
	/** `why`: the end of a sentence that begins with its name. */
	| { readonly kind: "refused"; readonly why: string };

export function readWitnessAnswer(status: number, body: string): WitnessAnswer {
	if (status === 200) {
		const signatures = readSignatureLines(body);
		return signatures === null
			? { kind: "refused", why: "answered 200 with something that is no signature" }
			: { kind: "cosigned", signatures };
	}
	const size = /^(0|[1-9][0-9]{0,15})\n?$/.exec(body)?.[1];
	if (status === 409 && size !== undefined) return { kind: "conflict", size: Number(size) };
	const why = REASONS[status];
	return { kind: "refused", why: why === undefined ? `answered ${status}` : `answered ${status}: ${why}` };
}

const REASONS: Readonly<Record<number, string>> = {
	400: "it does not take the request for one",
	403: "it does not know the notary's key",
	404: "it does not know this log",
	409: "it has seen another tree of this size",
	422: "it has seen a tree with which this one does not begin",
};
