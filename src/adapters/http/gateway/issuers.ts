/**
 * Tokens of issuers that the configuration names: signature, issuer, audience and expiry are checked, and claims are mapped to a
 * credential. A claim that is mapped and missing, or of another form, makes the token none.
 */
import {
	createLocalJWKSet,
	createRemoteJWKSet,
	errors,
	type JSONWebKeySet,
	type JWTPayload,
	type JWTVerifyGetKey,
	jwtVerify,
} from "jose";
import { AssentError, problem } from "../../../core/base/errors.ts";
import { readNameGlob } from "../../../core/match/name-globs.ts";
import { ACTOR_PARTS_MAX, nameFault } from "../../../core/model/bounds.ts";
import { SECOND } from "../../../core/model/units.ts";
import type { Clock } from "../../../ports/clock.ts";
import { type Credential, ROLES, type Role } from "./credential.ts";

/** Signed with a private key alone: whoever checks a token can make none. */
export const ISSUER_ALGORITHMS = ["EdDSA", "ES256", "ES384", "PS256", "RS256"] as const;

/** What of a credential is the same for all tokens of an issuer, or which claim says it. */
export interface Mapped<Value> {
	readonly fixed?: Value;
	readonly claim?: string;
}

export interface Issuer {
	readonly issuer: string;
	readonly audience: string;
	readonly algorithms: readonly (typeof ISSUER_ALGORITHMS)[number][];
	readonly keys: JWTVerifyGetKey;
	readonly roles: Mapped<readonly Role[]>;
	readonly tenant: Mapped<string>;
	readonly agents: Mapped<string>;
	readonly tools: Mapped<readonly string[]>;
}

/** A set of keys that was read from a file. Throws what is no set. */
export const keysOfSet = (set: unknown): JWTVerifyGetKey => createLocalJWKSet(set as JSONWebKeySet);

/** Fetched as they are needed, and again where a token names a key that is not among them. */
export const keysAtUrl = (url: URL): JWTVerifyGetKey => createRemoteJWKSet(url, { timeoutDuration: 5_000 });

/** Null where the token is none of this issuer's, or not in force. Throws ASSENT_TIMEOUT where its keys cannot be had. */
export async function readIssued(token: string, issuer: Issuer, clock: Clock): Promise<Credential | null> {
	const { keys, audience, algorithms } = issuer;
	try {
		const { payload } = await jwtVerify(token, keys, {
			...{ issuer: issuer.issuer, audience, algorithms: [...algorithms] },
			requiredClaims: ["exp", "sub"],
			currentDate: new Date(clock.now()),
		});
		return credentialOf(payload, issuer);
	} catch (thrown) {
		const isOut = thrown instanceof errors.JWKSTimeout || !(thrown instanceof errors.JOSEError);
		if (!isOut) return null;
		const why = thrown instanceof Error ? thrown.message : String(thrown);
		throw new AssentError(
			problem(
				"ASSENT_TIMEOUT",
				`the keys of an issuer cannot be had: ${why}`,
				"ask again; look at the issuer's `jwks`",
			),
		);
	}
}

function credentialOf(payload: JWTPayload, { issuer, ...mapped }: Issuer): Credential | null {
	const { sub = "", exp = 0 } = payload;
	const roles = mappedValue(payload, mapped.roles, rolesOf);
	const tenant = mappedValue(payload, mapped.tenant, textOf);
	const agents = mappedValue(payload, mapped.agents, globOf);
	const tools = mappedValue(payload, mapped.tools, globsOf);
	const actors = actorsOf(payload["act"]);
	if (
		nameFault(sub) !== null ||
		roles === null ||
		tenant === null ||
		agents === null ||
		tools === null ||
		actors === null
	) {
		return null;
	}
	const jti = typeof payload.jti === "string" ? `/${payload.jti}` : "";
	const name = actors.at(-1) ?? sub;
	return {
		id: `${issuer}#${sub}${jti}`,
		countedAs: `${issuer}#${sub}`,
		...{ name, askedBy: name },
		...{ roles, tenant, agents, tools, caps: [], rootKey: null },
		// Without `act` the subject acts itself.
		actor: actors.length === 0 ? [sub] : actors,
		onBehalfOf: actors.length === 0 ? null : sub,
		expiresAt: exp * SECOND,
	};
}

function mappedValue<Value>(
	payload: JWTPayload,
	{ fixed, claim }: Mapped<Value>,
	read: (given: unknown) => Value | null,
): Value | null {
	if (claim === undefined) return fixed ?? null;
	return Object.hasOwn(payload, claim) ? read(payload[claim]) : null;
}

const textOf = (given: unknown): string | null => (nameFault(given) === null ? (given as string) : null);

const globOf = (given: unknown): string | null => {
	const text = textOf(given);
	return text !== null && readNameGlob(text, true) !== null ? text : null;
};

function globsOf(given: unknown): readonly string[] | null {
	const list = Array.isArray(given) ? given : typeof given === "string" ? given.split(" ") : [];
	return list.length > 0 && list.every((each) => globOf(each) !== null) ? (list as string[]) : null;
}

/** A list, or words with spaces between them as in `scope`: those that are roles. None: no credential. */
function rolesOf(given: unknown): readonly Role[] | null {
	const words: readonly unknown[] = Array.isArray(given) ? given : typeof given === "string" ? given.split(" ") : [];
	const roles = ROLES.filter((role) => words.includes(role));
	return roles.length === 0 ? null : roles;
}

/** RFC 8693: `act` is who acts now, with the actors before it inside. From the first to the last; null where it is none. */
function actorsOf(act: unknown): readonly string[] | null {
	const actors: string[] = [];
	for (let at = act; at !== undefined; at = (at as { readonly act?: unknown }).act) {
		if (typeof at !== "object" || at === null || actors.length >= ACTOR_PARTS_MAX) return null;
		const sub = textOf((at as { readonly sub?: unknown }).sub);
		if (sub === null) return null;
		actors.unshift(sub);
	}
	return actors;
}
