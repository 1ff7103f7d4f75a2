/** Keys, as those who sign and those who check signatures ask them. */
import type { PublicKey } from "../core/model/signing-keys.ts";

export interface Signer {
	readonly key: PublicKey;
	/** 64 bytes. */
	sign(message: Uint8Array): Uint8Array;
}

export interface Verifier {
	readonly key: PublicKey;
	verify(message: Uint8Array, signature: Uint8Array): boolean;
	/** Beside what the thread does meanwhile. */
	verifyLater(message: Uint8Array, signature: Uint8Array): Promise<boolean>;
}

/** What checks the signatures of a key. */
export type VerifierOf = (key: PublicKey) => Verifier;
