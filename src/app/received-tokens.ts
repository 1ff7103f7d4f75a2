/** Tokens that an executor receives without a log: checked against keys that it was given, and used up in a store of its own. */
import { verifierOf } from "../adapters/keys/ed25519.ts";
import { misuse } from "../client/misuse.ts";
import { expectedOf, type ReceivedCall } from "../client/received-call.ts";
import { usedUp } from "../client/token-use.ts";
import type { Problem } from "../core/base/errors.ts";
import type { Result } from "../core/base/result.ts";
import { readPublicKey } from "../core/model/signing-keys.ts";
import { type DurationMs, SECOND } from "../core/model/units.ts";
import type { TokenClaims } from "../core/token/claims.ts";
import { kidOf } from "../core/token/compact.ts";
import {
	TOKEN_SKEW_MAX_MS,
	TOKEN_SKEW_MS,
	type TokenKeys,
	tokenKeys,
	verifyToken as verify,
} from "../core/token/verification.ts";
import { type Clock, systemClock } from "../ports/clock.ts";
import type { TokenStore } from "../ports/token-store.ts";

export interface VerifyOptions {
	/** Public keys, as `assent keys create` prints them: tokens of every other are refused. */
	readonly keys: readonly string[];
	/** How far the clocks of the log and of this machine may differ; default 30 s, at most 2 min. */
	readonly skewMs?: DurationMs;
	readonly clock?: Clock;
}

/**
 * Is the token good for this call, here and now? It is not used up: `consumeToken` does that. Of halts nothing is known without a log.
 * Throws ASSENT_USAGE for keys that are none.
 */
export function verifyToken(token: string, call: ReceivedCall, options: VerifyOptions): Result<TokenClaims, Problem> {
	const { keys, skewMs = TOKEN_SKEW_MS, clock = systemClock } = options;
	const expected = expectedOf(call);
	if (!expected.ok) return expected;
	const clocked = { now: clock.now(), skewMs: Math.min(Math.max(0, skewMs), TOKEN_SKEW_MAX_MS) };
	return verify(token, keysOf(keys), expected.value, clocked);
}

/** Verifies the token and uses it up: only what is `ok` may run, and that once. */
export function consumeToken(
	token: string,
	call: ReceivedCall,
	options: VerifyOptions & { readonly store: TokenStore },
): Result<TokenClaims, Problem> {
	const verified = verifyToken(token, call, options);
	if (!verified.ok) return verified;
	const claims = verified.value;
	const { store, clock = systemClock } = options;
	const until = claims.exp * SECOND + TOKEN_SKEW_MAX_MS;
	return usedUp(claims, store, { issuedAt: claims.iat * SECOND, until, now: clock.now() });
}

/** A file for used tokens, shared by all processes of a machine. Throws TOKEN_STORE where it cannot be used. */
export async function openTokenStore(path: string): Promise<TokenStore> {
	const { SqliteTokenStore } = await import("../adapters/embedded/token-store.ts");
	return new SqliteTokenStore(path, systemClock.now());
}

/** Reading keys costs more than using them: those of the last call are kept. */
let last: { readonly texts: readonly string[]; readonly keys: TokenKeys } | null = null;

function keysOf(texts: readonly string[]): TokenKeys {
	if (last !== null && last.texts.length === texts.length && last.texts.every((text, at) => text === texts[at])) {
		return last.keys;
	}
	const keys = tokenKeys(
		texts.map((text) => {
			const read = readPublicKey(text);
			if (!read.ok) throw misuse(`a key cannot be read: ${read.error}`, "give it as `assent keys create` prints it");
			return { kid: kidOf(read.value), status: "active", since: 0, verify: verifierOf(read.value).verify };
		}),
	);
	last = { texts: [...texts], keys };
	return keys;
}
