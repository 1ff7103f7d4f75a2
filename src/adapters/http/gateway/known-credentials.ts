/** All credentials that a gateway knows: bearer keys, tokens of issuers, and children that were issued with either. */
import { decodeJwt } from "jose";
import type { Clock } from "../../../ports/clock.ts";
import { CHILD_ISSUER, type Children } from "./children.ts";
import type { Credential, Credentials } from "./credential.ts";
import { type Issuer, readIssued } from "./issuers.ts";

/** Bearer keys, by their secret, and by their id for what descends from them. */
export interface BearerKeys extends Pick<Credentials, "find"> {
	/** Null for one that is unknown or was revoked. */
	byId(id: string): Promise<Credential | null>;
}

export class KnownCredentials implements Credentials {
	readonly #parts: {
		readonly keys: BearerKeys;
		readonly children: Children;
		readonly issuers: readonly Issuer[];
		readonly clock: Clock;
	};

	constructor(parts: { keys: BearerKeys; children: Children; issuers: readonly Issuer[]; clock: Clock }) {
		this.#parts = parts;
	}

	async find(secret: string): Promise<Credential | null> {
		const { keys, children, issuers, clock } = this.#parts;
		if (!isToken(secret)) return keys.find(secret);
		const issuer = issuerOf(secret);
		if (issuer === CHILD_ISSUER) return this.#alive(await children.read(secret));
		const known = issuers.find((each) => each.issuer === issuer);
		return known === undefined ? null : readIssued(secret, known, clock);
	}

	async isInForce(credential: Credential): Promise<boolean> {
		const now = this.#parts.clock.now();
		if (credential.expiresAt !== null && credential.expiresAt <= now) return false;
		if (credential.rootKey === null) return true;
		const root = await this.#parts.keys.byId(credential.rootKey);
		if (root === null || (root.expiresAt !== null && root.expiresAt <= now)) return false;
		// A key that was changed in its file is another.
		return credential.id !== root.id || JSON.stringify(credential) === JSON.stringify(root);
	}

	/** A child dies with the key that it descends from. */
	async #alive(child: Credential | null): Promise<Credential | null> {
		return child !== null && (await this.isInForce(child)) ? child : null;
	}
}

const isToken = (secret: string): boolean => /^[\w-]+\.[\w-]+\.[\w-]+$/.test(secret);

/** What a token says of its issuer, which nobody has checked yet. */
function issuerOf(token: string): string | null {
	try {
		const { iss } = decodeJwt(token);
		return typeof iss === "string" ? iss : null;
	} catch {
		return null;
	}
}
