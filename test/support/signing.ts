/** Keys of publishers, operators and approvers, and documents that name them. */
import { makeKey, signerOf } from "../../src/adapters/keys/ed25519.ts";
import { privateKeyText, publicKeyText } from "../../src/core/model/signing-keys.ts";
import type { Signer } from "../../src/ports/signer.ts";

export interface KeyPair {
	readonly signer: Signer;
	/** As `assent keys create` prints it, and as its file has it. */
	readonly publicText: string;
	readonly privateText: string;
}

export function keyPair(name: string): KeyPair {
	const key = makeKey(name);
	const signer = signerOf(key) as Signer;
	return { signer, publicText: publicKeyText(signer.key), privateText: privateKeyText(key) };
}

interface Entry {
	readonly name: string;
	readonly key: KeyPair;
	readonly tenants?: readonly string[];
	readonly agents?: readonly string[];
}

/** A document of kind `Trust`. */
export function trustText(sections: {
	readonly publishers?: readonly Entry[];
	readonly operators?: readonly Entry[];
	readonly approvers?: readonly Entry[];
}): string {
	const written = Object.entries(sections).map(([section, entries]) => {
		const lines = entries.map(({ key, ...entry }) => `  - ${JSON.stringify({ ...entry, key: key.publicText })}\n`);
		return `${section}:\n${lines.join("")}`;
	});
	return `apiVersion: assent.dev/v1\nkind: Trust\nmetadata: { name: acme }\n${written.join("")}`;
}
