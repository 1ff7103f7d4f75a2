/**
 * Who has signed a record of an input topic, by the keys that policies believe: found from the record alone, so that whoever decides it
 * again finds the same.
 */
import { HEADER } from "../core/codec/headers.ts";
import { controlMessage, publisherMessage, readSignature } from "../core/codec/signed.ts";
import type { PolicyCatalogue } from "../core/engine/decide/context.ts";
import type { ControlRecord } from "../core/model/inputs.ts";
import type { PublicKey } from "../core/model/signing-keys.ts";
import { type CompiledTrust, hexOf, type TrustedKey } from "../core/policy/trust.ts";
import { type Signer, trustIndexOf } from "../core/policy/trust-index.ts";
import type { LogRecord } from "../ports/log/log.ts";
import type { Verifier, VerifierOf } from "../ports/signer.ts";

/** Whose keys a set believes; null: everybody's, or there is no such set. */
export function trustOf(catalogue: PolicyCatalogue, digest: string): CompiledTrust | null {
	const found = digest === "" ? null : catalogue.get(digest);
	return found === null || typeof found === "string" ? null : found.trust;
}

export class Signers {
	readonly #verifierOf: VerifierOf;
	/** By key. There are few: those of sets that were in force here. */
	readonly #verifiers = new Map<string, Verifier>();

	constructor(verifierOf: VerifierOf) {
		this.#verifierOf = verifierOf;
	}

	/** Of records of `intents`, in their order; null for one that none of the publishers has signed whom it names. */
	publishersOf(records: readonly LogRecord[], trust: CompiledTrust): Promise<readonly (Signer | null)[]> {
		return Promise.all(records.map((record) => this.publisherOf(record, trust)));
	}

	async publisherOf(record: LogRecord, trust: CompiledTrust): Promise<Signer | null> {
		const { headers } = record;
		const name = Object.hasOwn(headers, HEADER.publisher) ? headers[HEADER.publisher] : undefined;
		const signature = readSignature(headers);
		if (name === undefined || signature === null) return null;
		const named = trustIndexOf(trust).publishersNamed(name);
		if (named.length === 0) return null;
		const message = publisherMessage(record);
		for (const { key } of named) {
			if (await this.#verifier(key).verifyLater(message, signature)) return { name, key: hexOf(key) };
		}
		return null;
	}

	/**
	 * Of a record of `control`, by the keys that its issuer has, in whichever role, in the set in force, and for an activation in the set
	 * that it names; null where none of them has signed it.
	 */
	issuerOf(
		from: LogRecord,
		record: ControlRecord,
		{ catalogue, inForce }: { readonly catalogue: PolicyCatalogue; readonly inForce: string },
	): Signer | null {
		const { issuedBy } = record;
		const signature = readSignature(from.headers);
		if (signature === null) return null;
		const message = controlMessage(from);
		const digests = record.type === "policy.activated" ? [inForce, record.digest] : [inForce];
		const found = digests
			.map((digest) => trustOf(catalogue, digest))
			.flatMap((trust) => (trust === null ? [] : keysNamed(trust, issuedBy)))
			.find(({ key }) => this.#verifier(key).verify(message, signature));
		return found === undefined ? null : { name: issuedBy, key: hexOf(found.key) };
	}

	#verifier(key: PublicKey): Verifier {
		const hex = hexOf(key);
		const known = this.#verifiers.get(hex) ?? this.#verifierOf(key);
		this.#verifiers.set(hex, known);
		return known;
	}
}

function keysNamed(trust: CompiledTrust, name: string): readonly TrustedKey[] {
	const index = trustIndexOf(trust);
	return [...index.named("operators", name), ...index.named("approvers", name)];
}
