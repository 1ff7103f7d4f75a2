/** Authenticated encryption (AES-256-GCM), and the keys for it (HKDF and HMAC of SHA-256). */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync } from "node:crypto";

export const KEY_BYTES = 32;
const CIPHER = "aes-256-gcm";
const TAG_BYTES = 16;

/** What a secret says under a name: nobody who has it can tell the secret, or what it says under another. */
export const derived = (secret: Uint8Array, name: string, length: number): Uint8Array =>
	new Uint8Array(hkdfSync("sha256", secret, new Uint8Array(), name, length));

export function mac(key: Uint8Array, ...parts: readonly Uint8Array[]): Uint8Array {
	const sum = createHmac("sha256", key);
	for (const part of parts) sum.update(part);
	return sum.digest();
}

interface CipherTerms {
	readonly key: Uint8Array;
	/** 12 bytes, never used with the key for another text. */
	readonly nonce: Uint8Array;
	/** Not in what is sealed, and needed to open it. */
	readonly bound: Uint8Array;
}

/** The tag comes behind the text. */
export function encrypted(text: Uint8Array, { key, nonce, bound }: CipherTerms): Uint8Array {
	const cipher = createCipheriv(CIPHER, key, nonce).setAAD(bound);
	return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
}

/** Null where a byte of it, or of the terms, is another. */
export function decrypted(sealed: Uint8Array, { key, nonce, bound }: CipherTerms): Buffer | null {
	const end = sealed.length - TAG_BYTES;
	if (end < 0) return null;
	try {
		const cipher = createDecipheriv(CIPHER, key, nonce, { authTagLength: TAG_BYTES })
			.setAAD(bound)
			.setAuthTag(sealed.subarray(end));
		return Buffer.concat([cipher.update(sealed.subarray(0, end)), cipher.final()]);
	} catch {
		return null;
	}
}
