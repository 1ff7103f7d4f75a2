/**
 * Whether a token lets a call run here and now. That it was not used before is the token store's to say (ports/token-store.ts).
 *
 * V1  Nothing that a token says is looked at before its signature is found to be good, but for the name of its key.
 * V2  A token is good for one call, byte by byte as it will run, one executor, one tenant and agent, and a short time.
 */
import { type ErrorCode, type Problem, problem } from "../base/errors.ts";
import { err, ok, type Result } from "../base/result.ts";
import { type DurationMs, type EpochMs, SECOND } from "../model/units.ts";
import { namesOf, readClaims, type TokenClaims } from "./claims.ts";
import { headerPart, kidIn, partsOf } from "./compact.ts";

/** A key that tokens are checked with. */
export interface TokenKey {
	readonly kid: string;
	/** `retired`: what it signed by `since` is still good; `revoked`: nothing is. */
	readonly status: "active" | "retired" | "revoked";
	readonly since: EpochMs;
	verify(message: Uint8Array, signature: Uint8Array): boolean;
}

/** Keys by the header of what they sign: a token whose header is another is signed by none of them. */
export type TokenKeys = ReadonlyMap<string, TokenKey>;

export const tokenKeys = (keys: readonly TokenKey[]): TokenKeys =>
	new Map(keys.map((key) => [headerPart(key.kid), key]));

/** What is about to run, and where. */
export interface ExpectedCall {
	/** The executor that the intent named; null: whoever runs this has other means to know for whom the call is. */
	readonly audience: string | null;
	readonly tenant: string;
	/** Whoever runs calls of any agent of a tenant, or of any call's id, leaves these out. */
	readonly agent?: string | ((agent: string) => boolean) | undefined;
	readonly id?: string | undefined;
	readonly session?: string | undefined;
	/** Of tool and arguments as they are about to run (`callDigest`); null: nothing is about to run. */
	readonly callDigest: string | null;
}

export interface Clocked {
	readonly now: EpochMs;
	/** How far the clock of the log and this one may differ. */
	readonly skewMs: DurationMs;
}

/** How far clocks may differ where nobody says it. */
export const TOKEN_SKEW_MS: DurationMs = 30 * SECOND;
/** At most: what was used is remembered for this much longer than its token is good. */
export const TOKEN_SKEW_MAX_MS: DurationMs = 120 * SECOND;

export function verifyToken(
	token: string,
	keys: TokenKeys,
	expected: ExpectedCall,
	clocked: Clocked,
): Result<TokenClaims, Problem> {
	const signed = signedClaims(token, keys);
	if (!signed.ok) return signed;
	const { key, claims } = signed.value;
	const late = timeFault(claims, key, clocked);
	if (late !== null) return err(late);
	const other = callFault(claims, expected);
	return other === null ? ok(claims) : err(other);
}

/** What one of the keys has signed. */
function signedClaims(
	token: string,
	keys: TokenKeys,
): Result<{ readonly key: TokenKey; readonly claims: TokenClaims }, Problem> {
	if (typeof token !== "string" || token === "") return refused("TOKEN_MISSING", "there is no token");
	const parts = partsOf(token);
	if (!parts.ok) return refused("TOKEN_MALFORMED", `the token ${parts.error}`);
	const { head, message, signature } = parts.value;
	const key = keys.get(head);
	if (key === undefined) {
		const kid = kidIn(head);
		return kid.ok
			? refused("TOKEN_KEY", `the token is signed with the key \`${kid.value}\`, which is not published`)
			: refused("TOKEN_MALFORMED", `the token ${kid.error}`);
	}
	if (key.status === "revoked") return refused("TOKEN_KEY", `the token's key \`${key.kid}\` is revoked`);
	if (!key.verify(message, signature))
		return refused("TOKEN_SIGNATURE", "the token's signature is not that of its key");
	const claims = readClaims(Buffer.from(parts.value.claims).toString("utf8"));
	if (claims === null) return refused("TOKEN_MALFORMED", "the token does not say what a decision's token says");
	return ok({ key, claims });
}

function timeFault({ iat, exp }: TokenClaims, key: TokenKey, { now, skewMs }: Clocked): Problem | null {
	const issuedAt = iat * SECOND;
	if (key.status === "retired" && issuedAt > key.since) {
		return tokenFault("TOKEN_KEY", `the token was signed with \`${key.kid}\` after that key was retired`);
	}
	if (issuedAt > now + skewMs)
		return tokenFault("TOKEN_EARLY", `the token is from ${inSeconds(issuedAt - now)} in the future`);
	if (now >= exp * SECOND + skewMs)
		return tokenFault("TOKEN_EXPIRED", `the token expired ${inSeconds(now - exp * SECOND)} ago`);
	return null;
}

const inSeconds = (ms: DurationMs): string => `${Math.ceil(ms / SECOND)} s`;

function callFault(claims: TokenClaims, expected: ExpectedCall): Problem | null {
	const { audience, tenant, agent, id, session, callDigest } = expected;
	// No token is for nobody: its claims would not have been read.
	if (audience !== null && claims.aud !== audience)
		return tokenFault("TOKEN_AUDIENCE", "the token is for another executor");
	const who = namesOf(claims.sub);
	const isAgent = typeof agent === "function" ? agent : (name: string) => agent === undefined || name === agent;
	if (who?.tenant !== tenant || !isAgent(who.agent)) {
		return tokenFault("TOKEN_SUBJECT", "the token is for another tenant or agent");
	}
	if (session !== undefined && claims.sid !== session)
		return tokenFault("TOKEN_SUBJECT", "the token is for another session");
	if (id !== undefined && claims.int !== id) return tokenFault("TOKEN_CALL", "the token is for a call of another id");
	if (callDigest !== null && claims.ath !== callDigest)
		return tokenFault("TOKEN_CALL", "the token is for another tool, or for other arguments");
	return null;
}

/** What a reader can do about it. */
const HELP: Readonly<Partial<Record<ErrorCode, string>>> = {
	TOKEN_MISSING: "ask for the call again; give every processor the key (`tokenKey`) where executors require tokens",
	TOKEN_MALFORMED: "hand over the token as the decision has it, to the last character",
	TOKEN_KEY: "`assent tokens keys` lists the keys that are published, and those that were taken back",
	TOKEN_EXPIRED: "ask for the call under a new id, and run it as soon as it is allowed",
	TOKEN_EARLY: "set the clocks of this machine and of the log right",
	TOKEN_AUDIENCE: "run the call where it was asked for, under the executor that the intent named",
	TOKEN_SUBJECT: "check whose call this is",
	TOKEN_HALTED: "nothing runs until an operator lifts the halt",
	TOKEN_USED: "find out what became of the call before you ask for it under a new id",
	TOKEN_STORE: "ask for the call under a new id",
	TOKEN_CALL: "run exactly what was decided: the decision's `args`, not the object that you asked with",
};

/** A problem of a token, with what helps. */
export const tokenFault = (code: ErrorCode, message: string): Problem => problem(code, message, HELP[code]);
const refused = (code: ErrorCode, message: string) => err(tokenFault(code, message));
