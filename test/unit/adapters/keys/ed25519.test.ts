import { describe, expect, it } from "vitest";
import { makeKey, signerOf, verifierOf } from "../../../../src/adapters/keys/ed25519.ts";
import { noteText } from "../../../../src/core/audit/note.ts";
import { keyId, readPrivateKey, readPublicKey } from "../../../../src/core/model/signing-keys.ts";

const text = "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";
const bytes = new TextEncoder().encode(text);

describe("an Ed25519 key", () => {
	it("signs as Go's golang.org/x/mod/sumdb/note does", () => {
		const read = readPrivateKey("PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz");
		const signer = read.ok ? signerOf(read.value) : null;
		if (signer === null) throw new Error("is no key");
		const note = noteText({
			text,
			signatures: [{ name: "PeterNeumann", id: keyId(signer.key), bytes: signer.sign(bytes) }],
		});
		expect(note).toContain(
			"\n— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n",
		);
		const known = readPublicKey("PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW");
		if (!known.ok) throw new Error(known.error);
		expect(signer.key).toEqual(known.value);
	});

	it("checks what its other half signed, and nothing else", () => {
		const [signer, other] = [signerOf(makeKey("a")), signerOf(makeKey("a"))];
		if (signer === null || other === null) throw new Error("a key does not fit itself");
		const verifier = verifierOf(signer.key);
		const signature = signer.sign(bytes);
		expect(verifier.verify(bytes, signature)).toBe(true);
		expect(verifier.verify(bytes.subarray(1), signature)).toBe(false);
		expect(verifier.verify(bytes, signature.subarray(1))).toBe(false);
		expect(verifier.verify(bytes, signature.with(5, (signature[5] as number) ^ 1))).toBe(false);
		expect(verifier.verify(bytes, other.sign(bytes))).toBe(false);
	});

	it("with an id that is not its own is none", () => {
		expect(signerOf({ ...makeKey("a"), id: "00000000" })).toBeNull();
	});
});
