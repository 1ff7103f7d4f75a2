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
}
