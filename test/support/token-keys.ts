/** Keys for tests that mint and check tokens. */
import { makeKey, signerOf, verifierOf } from "../../src/adapters/keys/ed25519.ts";
import { kidOf } from "../../src/core/token/compact.ts";
import { type TokenKeys, tokenKeys } from "../../src/core/token/verification.ts";
import type { Signer } from "../../src/ports/signer.ts";

export function newSigner(name = "tokens.example.com"): Signer {
	const signer = signerOf(makeKey(name));
	if (signer === null) throw new Error("a key that was just made is none");
	return signer;
}

/** As if they were published, none of them taken back. */
export const keysOf = (...signers: readonly Signer[]): TokenKeys =>
	tokenKeys(
		signers.map(({ key }) => ({ kid: kidOf(key), status: "active", since: 0, verify: verifierOf(key).verify })),
	);
