/** Keys as notes are checked with them: those of logs and people, which sign the text, and those of witnesses, which sign it with the time. */
import { cosignedText, readCosignature } from "../core/audit/cosignature.ts";
import type { NoteVerifier } from "../core/audit/note.ts";
import { COSIGNATURE, keyId } from "../core/model/signing-keys.ts";
import type { Verifier } from "../ports/signer.ts";

export const signatureVerifier = ({ key, verify }: Verifier): NoteVerifier => ({
	name: key.name,
	id: keyId(key),
	isGood: (text, signature) => verify(bytesOf(text), signature),
});

export const cosignatureVerifier = ({ key, verify }: Verifier): NoteVerifier => ({
	name: key.name,
	id: keyId(key, COSIGNATURE),
	isGood: (text, bytes) => {
		const read = readCosignature(bytes);
		return read !== null && verify(bytesOf(cosignedText(read.at, text)), read.signature);
	},
});

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);
