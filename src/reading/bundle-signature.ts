/** Who signed a bundle of policies. What is signed is its digest: that of the policies as they are read, whatever files they are in. */
import { type Note, noteText, readNote } from "../core/audit/note.ts";
import type { PolicyBundle } from "../core/model/records.ts";
import { keyId } from "../core/model/signing-keys.ts";
import type { Signer, Verifier } from "../ports/signer.ts";

const signedText = (digest: string): string => `assent.dev/policies/v1\n${digest}\n`;

const bytesOf = (text: string): Uint8Array => new TextEncoder().encode(text);

/** As it stands in the bundle, and in the file that `policy sign` writes. */
export function signBundle(digest: string, signer: Signer): string {
	const text = signedText(digest);
	const { name } = signer.key;
	return noteText({ text, signatures: [{ name, id: keyId(signer.key), bytes: signer.sign(bytesOf(text)) }] });
}

/** Keys of those whose signature is believed. */
export type PolicyKeys = readonly Verifier[];

/** The names of those that signed it; none: it is not to be believed. */
function signersOf(
	{ digest, signature }: Pick<PolicyBundle, "digest" | "signature">,
	policyKeys: PolicyKeys,
): string[] {
	const note: Note | null = readNote(signature);
	if (note === null || note.text !== signedText(digest)) return [];
	const message = bytesOf(note.text);
	return policyKeys
		.filter(({ key, verify }) =>
			note.signatures.some(({ name, id, bytes }) => name === key.name && id === keyId(key) && verify(message, bytes)),
		)
		.map(({ key }) => key.name);
}

/** Why the bundle is refused; null where it is not. Without keys everything is believed. */
export function signatureFault(
	bundle: Pick<PolicyBundle, "digest" | "signature">,
	policyKeys: PolicyKeys,
): string | null {
	if (policyKeys.length === 0 || signersOf(bundle, policyKeys).length > 0) return null;
	return bundle.signature === ""
		? "it is not signed, and `policyKeys` are configured"
		: "no key of `policyKeys` has signed it";
}
