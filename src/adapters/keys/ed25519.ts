/** Ed25519 by `node:crypto`. */
import { createPrivateKey, createPublicKey, type KeyObject, randomBytes, sign, verify } from "node:crypto";
import { keyId, type PrivateKey, type PublicKey } from "../../core/model/signing-keys.ts";
import type { Signer, Verifier } from "../../ports/signer.ts";

/** What stands before the 32 bytes of a key in DER. */
const PRIVATE_HEAD = Buffer.from("302e020100300506032b657004220420", "hex");
const PUBLIC_HEAD = Buffer.from("302a300506032b6570032100", "hex");

export const makeKey = (name: string): PrivateKey => keyFrom(name, new Uint8Array(randomBytes(32)));

/** The key that follows from 32 bytes. */
export const keyFrom = (name: string, seed: Uint8Array): PrivateKey => ({
	name,
	seed,
	id: keyId({ name, bytes: publicBytes(privateKey(seed)) }),
});

/** Null where the id is not that of the key: a character of it is wrong. */
export function signerOf({ name, seed, id }: PrivateKey): Signer | null {
	const own = privateKey(seed);
	const key = { name, bytes: publicBytes(own) };
	return keyId(key) === id ? { key, sign: (message) => new Uint8Array(sign(null, message, own)) } : null;
}

export function verifierOf(key: PublicKey): Verifier {
	const der = Buffer.concat([PUBLIC_HEAD, key.bytes]);
	const own = createPublicKey({ key: der, format: "der", type: "spki" });
	return {
		key,
		verify: (message, signature) => verify(null, message, own, signature),
		verifyLater: (message, signature) =>
			new Promise((resolve, reject) => {
				verify(null, message, own, signature, (failure, isRight) => {
					if (failure === null) resolve(isRight);
					else reject(failure);
				});
			}),
	};
}

const privateKey = (seed: Uint8Array): KeyObject =>
	createPrivateKey({ key: Buffer.concat([PRIVATE_HEAD, seed]), format: "der", type: "pkcs8" });

const publicBytes = (key: KeyObject): Uint8Array =>
	new Uint8Array(createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32));
