/** A token's form: a JWS in its compact form (RFC 7515), `{"alg":"EdDSA","kid":…,"typ":"decision+jwt"}`, Ed25519 (RFC 8037). */
import { canonicalize, parseIJson } from "../base/canonical-json.ts";
import { err, ok, type Result } from "../base/result.ts";
import { TOKEN_LENGTH_MAX } from "../model/bounds.ts";
import { keyId, type PublicKey } from "../model/signing-keys.ts";
import { claimsText, type TokenClaims } from "./claims.ts";

/** How tokens name a key: `NAME+ID`, with which its C2SP text begins. */
export const kidOf = (key: PublicKey): string => `${key.name}+${keyId(key)}`;

/** The first part of every token that a key signs. */
export const headerPart = (kid: string): string => base64url(canonicalize({ alg: "EdDSA", kid, typ: "decision+jwt" }));

const base64url = (data: string | Uint8Array): string => Buffer.from(data as string, "utf8").toString("base64url");

/** `head` is that of the key (`headerPart`). The same claims give the same token: Ed25519 draws nothing. */
export function compactToken(head: string, claims: TokenClaims, sign: (message: Uint8Array) => Uint8Array): string {
	const signed = `${head}.${base64url(claimsText(claims))}`;
	return `${signed}.${base64url(sign(Buffer.from(signed, "latin1")))}`;
}

/** A token in its parts, none of them believed yet. */
export interface TokenParts {
	readonly head: string;
	/** UTF-8. */
	readonly claims: Uint8Array;
	/** What is signed. */
	readonly message: Uint8Array;
	/** 64 bytes. */
	readonly signature: Uint8Array;
}

const SIGNATURE_BYTES = 64;

/** An error ends the sentence "the token …". */
export function partsOf(token: string): Result<TokenParts, string> {
	if (token.length > TOKEN_LENGTH_MAX) return err(`is longer than ${TOKEN_LENGTH_MAX} characters`);
	const [head, payload, signed, ...more] = token.split(".");
	if (!head || !payload || !signed || more.length > 0) return err("has not three parts");
	const claims = fromBase64url(payload);
	const signature = fromBase64url(signed);
	if (claims === null || signature === null) return err("has a part that is not base64url");
	if (signature.length !== SIGNATURE_BYTES) return err(`has a signature of ${signature.length} bytes, not of 64`);
	return ok({ head, claims, message: Buffer.from(`${head}.${payload}`, "latin1"), signature });
}

/** The key that a header names, or why it is none of ours, as the end of "the token …". No other header is accepted, whatever signs it. */
export function kidIn(head: string): Result<string, string> {
	const bytes = fromBase64url(head);
	const read =
		bytes === null
			? null
			: parseIJson(Buffer.from(bytes).toString("utf8"), { depthMax: 2, lengthMax: 2_048, membersMax: 64 });
	if (read === null || !read.ok || read.value === null || typeof read.value !== "object" || Array.isArray(read.value)) {
		return err("has a header that cannot be read");
	}
	const { alg, kid, typ, ...more } = read.value as Record<string, unknown>;
	if (alg !== "EdDSA") return err("is not signed with `alg: EdDSA`");
	if (typ !== "decision+jwt") return err("is not of `typ: decision+jwt`");
	const [other] = Object.keys(more);
	if (other !== undefined) return err("has a header with more than `alg`, `kid` and `typ`");
	return typeof kid === "string" && head === headerPart(kid) ? ok(kid) : err("has a header that is not canonical");
}

/** Null where the text is not the one way in which its bytes are written. */
function fromBase64url(text: string): Buffer | null {
	const bytes = Buffer.from(text, "base64url");
	return bytes.toString("base64url") === text ? bytes : null;
}
