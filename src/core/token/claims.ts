/** What a token says: which call may run, by whom, until when, and by which entry of which ledger. */
import { isPlainlyCanonical } from "../base/canonical-check.ts";
import { canonicalize, parseIJson } from "../base/canonical-json.ts";
import type { Json } from "../base/json.ts";
import { TOKEN_LENGTH_MAX } from "../model/bounds.ts";
import { budgetRootKey, type CallId } from "../model/ids.ts";
import { DAY, type DurationMs, type EpochMs, SECOND } from "../model/units.ts";

/** A token is good for as long as its call may take, and for no longer than this. */
const TOKEN_LIFE_MAX_MS: DurationMs = DAY;

/** Under the names that JWTs have for them. Times are whole seconds since 1970. */
export interface TokenClaims {
	/** Audience: the executor that asked. */
	readonly aud: string;
	/** Digest of the call as it will run, base64url (call-digest.ts). */
	readonly ath: string;
	/** Not to be begun any more from then on. */
	readonly exp: number;
	/** When the call was allowed. */
	readonly iat: number;
	/** The intent's id. */
	readonly int: string;
	/** The ledger: the id of its first claim. */
	readonly iss: string;
	/** `<partition>-<seq>` of the entry that allowed the call: with `iss` it names one allow, and is used up once. */
	readonly jti: string;
	/** Digest of the policies that allowed it, 64 hex digits. */
	readonly pol: string;
	/** The session. */
	readonly sid: string;
	/** `tenant/agent`, percent-encoded. */
	readonly sub: string;
}

/** An allow that is open to its executor. */
export interface Allow {
	readonly ledgerId: string;
	readonly partition: number;
	readonly seq: number;
	readonly at: EpochMs;
	readonly policyDigest: string;
	readonly call: CallId;
	readonly session: string;
	readonly executor: string;
	readonly callDeadlineMs: DurationMs;
	/** Of the call as it will run. */
	readonly callDigest: string;
}

export function claimsOf(allow: Allow): TokenClaims {
	const iat = Math.floor(allow.at / SECOND);
	const life = Math.min(allow.callDeadlineMs, TOKEN_LIFE_MAX_MS);
	return {
		aud: allow.executor,
		ath: allow.callDigest,
		// Never later than the deadline, but for one that is shorter than the seconds in which it is written.
		exp: Math.max(iat + 1, Math.floor((allow.at + life) / SECOND)),
		iat,
		int: allow.call.id,
		iss: allow.ledgerId,
		jti: `${allow.partition}-${allow.seq}`,
		pol: allow.policyDigest,
		sid: allow.session,
		sub: subjectOf(allow.call),
	};
}

const subjectOf = (who: { readonly tenant: string; readonly agent: string }): string =>
	budgetRootKey("tenant/agent", { ...who, session: "" });

/** Tenant and agent of a `sub`; null where it is none. */
export function namesOf(sub: string): { readonly tenant: string; readonly agent: string } | null {
	const [tenant, agent, ...more] = sub.split("/");
	if (!tenant || !agent || more.length > 0) return null;
	try {
		const names = { tenant: decodeURIComponent(tenant), agent: decodeURIComponent(agent) };
		return subjectOf(names) === sub ? names : null;
	} catch {
		return null;
	}
}

export const claimsText = (claims: TokenClaims): string => canonicalize(claims as unknown as Json);

const DIGEST = /^[A-Za-z0-9_-]{43}$/;
const JTI = /^(?:0|[1-9][0-9]{0,15})-(?:0|[1-9][0-9]{0,15})$/;

/** Names the allow among those of all ledgers: a token is used up under it. */
export const useId = ({ iss, jti }: TokenClaims): string => `${iss}/${jti}`;

/** Null where the text holds no such claims. What else it says is passed over, as JWTs have it. */
export function readClaims(text: string): TokenClaims | null {
	const said = objectIn(text);
	if (said === null) return null;
	const { aud, ath, exp, iat, int, iss, jti, pol, sid, sub } = said;
	if (!isText(aud) || !isText(ath) || !isText(int) || !isText(iss) || !isText(jti)) return null;
	if (!isText(pol) || !isText(sid) || !isText(sub) || !isTime(exp) || !isTime(iat)) return null;
	if (!DIGEST.test(ath) || !JTI.test(jti) || namesOf(sub) === null) return null;
	// A key that was made to sign for years would make every executor remember for years.
	if (exp <= iat || (exp - iat) * SECOND > TOKEN_LIFE_MAX_MS) return null;
	return { aud, ath, exp, iat, int, iss, jti, pol, sid, sub };
}

const DEPTH_MAX = 8;

/** As it is minted it needs no second look. */
function objectIn(text: string): Readonly<Record<string, Json>> | null {
	if (isPlainlyCanonical(text, DEPTH_MAX)) return JSON.parse(text) as Record<string, Json>;
	const read = parseIJson(text, { depthMax: DEPTH_MAX, lengthMax: TOKEN_LENGTH_MAX, membersMax: TOKEN_LENGTH_MAX });
	if (!read.ok || read.value === null || typeof read.value !== "object" || Array.isArray(read.value)) return null;
	return read.value as Record<string, Json>;
}

const isText = (value: Json | undefined): value is string => typeof value === "string" && value !== "";
const isTime = (value: Json | undefined): value is number =>
	typeof value === "number" && Number.isSafeInteger(value) && value >= 0;
