/** Vectors of tokens: what is minted of an allow, and what every reader must say of a token that somebody tampered with. */
import { keyFrom, signerOf, verifierOf } from "../../src/adapters/keys/ed25519.ts";
import { canonicalize } from "../../src/core/base/canonical-json.ts";
import type { Json } from "../../src/core/base/json.ts";
import { privateKeyText, publicKeyText } from "../../src/core/model/signing-keys.ts";
import { callDigest } from "../../src/core/token/call-digest.ts";
import { type Allow, claimsOf } from "../../src/core/token/claims.ts";
import { compactToken, headerPart, kidOf } from "../../src/core/token/compact.ts";
import { type ExpectedCall, type TokenKey, tokenKeys, verifyToken } from "../../src/core/token/verification.ts";
import type { Signer } from "../../src/ports/signer.ts";

/** Keys that everybody knows: for tests alone. */
function testKey(name: string, first: number) {
	const key = keyFrom(
		name,
		Uint8Array.from({ length: 32 }, (_, index) => first + index),
	);
	return { key, signer: signerOf(key) as Signer };
}

const SECOND = 1_000;
const AT = 1_800_000_000_500;

const active = testKey("tokens.example.com", 0);
const retired = testKey("old.example.com", 32);
const revoked = testKey("lost.example.com", 64);
const unknown = testKey("elsewhere.example.com", 96);

const ALLOW: Allow = {
	ledgerId: "0123456789abcdef0123456789abcdef",
	partition: 3,
	seq: 1_027,
	at: AT,
	policyDigest: "ab".repeat(32),
	call: { tenant: "acme", agent: "coder/blue", id: "call-7" },
	session: "run-1",
	executor: "Zm9yIG9uZSBydW4gb25seQ",
	callDeadlineMs: 600_000,
	callDigest: callDigest("shell.run", '{"command":"ls -l /srv"}'),
};

/** Of the verifier, at a moment when the token is good. */
const EXPECTED: ExpectedCall & { readonly nowMs: number; readonly skewMs: number } = {
	audience: ALLOW.executor,
	tenant: "acme",
	agent: "coder/blue",
	id: "call-7",
	session: "run-1",
	callDigest: ALLOW.callDigest,
	nowMs: AT + 5 * SECOND,
	skewMs: 30 * SECOND,
};

const signedBy = ({ signer }: typeof active, allow: Allow = ALLOW): string =>
	compactToken(headerPart(kidOf(signer.key)), claimsOf(allow), (message) => signer.sign(message));

const base64url = (data: string | Uint8Array): string => Buffer.from(data as string).toString("base64url");

/** Any header over any claims, signed by the active key. */
function forged(header: string, claims: string): string {
	const signed = `${base64url(header)}.${base64url(claims)}`;
	return `${signed}.${base64url(active.signer.sign(Buffer.from(signed)))}`;
}

const HEADER = { alg: "EdDSA", kid: kidOf(active.signer.key), typ: "decision+jwt" };
const CLAIMS = claimsOf(ALLOW) as unknown as Record<string, Json>;
const json = (value: unknown): string => canonicalize(value as Json);
const withHeader = (change: Record<string, unknown>): string => forged(json({ ...HEADER, ...change }), json(CLAIMS));
const withClaims = (change: Record<string, unknown>): string => forged(json(HEADER), json({ ...CLAIMS, ...change }));

const GOOD = signedBy(active);
const [HEAD = "", PAYLOAD = "", SIGNATURE = ""] = GOOD.split(".");

interface Case {
	readonly name: string;
	readonly token: string;
	/** What is otherwise expected, or when. */
	readonly expected?: Partial<typeof EXPECTED>;
	/** Null: good. */
	readonly code: string | null;
}

const CASES: readonly Case[] = [
	{ name: "good", token: GOOD, code: null },
	{
		name: "good for any agent, id and session of the tenant",
		token: GOOD,
		expected: { agent: undefined, id: undefined, session: undefined },
		code: null,
	},
	{ name: "good with claims that a reader does not know", token: withClaims({ more: [1, { a: 2 }] }), code: null },
	{ name: "good to its last moment", token: GOOD, expected: { nowMs: 1_800_000_600_000 + 29_999 }, code: null },
	{ name: "expired", token: GOOD, expected: { nowMs: 1_800_000_600_000 + 30_000 }, code: "TOKEN_EXPIRED" },
	{
		name: "expired where no skew is granted",
		token: GOOD,
		expected: { nowMs: 1_800_000_600_000, skewMs: 0 },
		code: "TOKEN_EXPIRED",
	},
	{
		name: "good though its clock is ahead, within the skew",
		token: GOOD,
		expected: { nowMs: 1_800_000_000_000 - 30_000 },
		code: null,
	},
	{ name: "from the future", token: GOOD, expected: { nowMs: 1_800_000_000_000 - 30_001 }, code: "TOKEN_EARLY" },
	{ name: "for another executor", token: GOOD, expected: { audience: "c29tZWJvZHkgZWxzZQ" }, code: "TOKEN_AUDIENCE" },
	{ name: "for an executor without a name", token: GOOD, expected: { audience: "" }, code: "TOKEN_AUDIENCE" },
	{ name: "of another tenant", token: GOOD, expected: { tenant: "globex" }, code: "TOKEN_SUBJECT" },
	{ name: "of another agent", token: GOOD, expected: { agent: "coder" }, code: "TOKEN_SUBJECT" },
	{ name: "of another session", token: GOOD, expected: { session: "run-2" }, code: "TOKEN_SUBJECT" },
	{ name: "of another call", token: GOOD, expected: { id: "call-8" }, code: "TOKEN_CALL" },
	{
		name: "with an edited argument",
		token: GOOD,
		expected: { callDigest: callDigest("shell.run", '{"command":"rm -r /srv"}') },
		code: "TOKEN_CALL",
	},
	{
		name: "with another tool",
		token: GOOD,
		expected: { callDigest: callDigest("shell.sudo", '{"command":"ls -l /srv"}') },
		code: "TOKEN_CALL",
	},
	{
		name: "with an argument that looks the same",
		token: GOOD,
		expected: { callDigest: callDigest("shell.run", '{"command":"ls -l /ѕrv"}') },
		code: "TOKEN_CALL",
	},
	{
		name: "with an argument and something that nobody sees",
		token: GOOD,
		expected: { callDigest: callDigest("shell.run", '{"command":"ls -l /srv\u200b"}') },
		code: "TOKEN_CALL",
	},
	{ name: "signed by a retired key in its time", token: signedBy(retired), code: null },
	{
		name: "signed by a retired key after its time",
		token: signedBy(retired, { ...ALLOW, at: AT + 2 * SECOND }),
		code: "TOKEN_KEY",
	},
	{ name: "signed by a revoked key", token: signedBy(revoked), code: "TOKEN_KEY" },
	{ name: "signed by a key that nobody published", token: signedBy(unknown), code: "TOKEN_KEY" },
	{
		name: "signed by another key under the name of a known one",
		token: `${HEAD}.${PAYLOAD}.${signedBy(unknown).split(".")[2]}`,
		code: "TOKEN_SIGNATURE",
	},
	{
		name: "under the name of another known key",
		token: `${headerPart(kidOf(retired.signer.key))}.${PAYLOAD}.${SIGNATURE}`,
		code: "TOKEN_SIGNATURE",
	},
	{
		name: "with an edited claim",
		token: `${HEAD}.${base64url(json({ ...CLAIMS, aud: "c29tZWJvZHkgZWxzZQ" }))}.${SIGNATURE}`,
		code: "TOKEN_SIGNATURE",
	},
	{
		name: "with claims in another order",
		token: `${HEAD}.${base64url(JSON.stringify(Object.fromEntries(Object.entries(CLAIMS).reverse())))}.${SIGNATURE}`,
		code: "TOKEN_SIGNATURE",
	},
	{
		name: "with `alg: none`",
		token: `${base64url(json({ ...HEADER, alg: "none" }))}.${PAYLOAD}.${SIGNATURE}`,
		code: "TOKEN_MALFORMED",
	},
	{
		name: "with `alg: none` and no signature",
		token: `${base64url(json({ ...HEADER, alg: "none" }))}.${PAYLOAD}.`,
		code: "TOKEN_MALFORMED",
	},
	{ name: "with `alg: HS256`", token: withHeader({ alg: "HS256" }), code: "TOKEN_MALFORMED" },
	{ name: "with `alg: Ed25519`", token: withHeader({ alg: "Ed25519" }), code: "TOKEN_MALFORMED" },
	{ name: "with another type", token: withHeader({ typ: "JWT" }), code: "TOKEN_MALFORMED" },
	{
		name: "with a key in its header",
		token: withHeader({ jwk: { kty: "OKP", crv: "Ed25519", x: "AAAA" } }),
		code: "TOKEN_MALFORMED",
	},
	{
		name: "with the address of a key in its header",
		token: withHeader({ jku: "https://example.com/keys" }),
		code: "TOKEN_MALFORMED",
	},
	{ name: "with something critical in its header", token: withHeader({ crit: ["exp"] }), code: "TOKEN_MALFORMED" },
	{
		name: "with a header in another order",
		token: forged(`{"typ":"decision+jwt","alg":"EdDSA","kid":"${HEADER.kid}"}`, json(CLAIMS)),
		code: "TOKEN_MALFORMED",
	},
	{
		name: "with `alg` twice",
		token: forged(`{"alg":"none","alg":"EdDSA","kid":"${HEADER.kid}","typ":"decision+jwt"}`, json(CLAIMS)),
		code: "TOKEN_MALFORMED",
	},
	{
		name: "without a claim",
		token: forged(json(HEADER), json(Object.fromEntries(Object.entries(CLAIMS).filter(([name]) => name !== "jti")))),
		code: "TOKEN_MALFORMED",
	},
	{
		name: "with a claim twice",
		token: forged(json(HEADER), json(CLAIMS).replace("{", '{"aud":"c29tZWJvZHkgZWxzZQ",')),
		code: "TOKEN_MALFORMED",
	},
	{ name: "with an id that is none", token: withClaims({ jti: "3-01027" }), code: "TOKEN_MALFORMED" },
	{ name: "with times that are texts", token: withClaims({ exp: "1800000600" }), code: "TOKEN_MALFORMED" },
	{ name: "good for years", token: withClaims({ exp: 1_900_000_000 }), code: "TOKEN_MALFORMED" },
	{ name: "that expires before it begins", token: withClaims({ exp: 1_800_000_000 }), code: "TOKEN_MALFORMED" },
	{ name: "with a subject of three parts", token: withClaims({ sub: "acme/coder/blue" }), code: "TOKEN_MALFORMED" },
	{ name: "with claims that are a list", token: forged(json(HEADER), json([CLAIMS])), code: "TOKEN_MALFORMED" },
	{ name: "cut short", token: GOOD.slice(0, -1), code: "TOKEN_MALFORMED" },
	{ name: "with one letter more", token: `${GOOD}A`, code: "TOKEN_MALFORMED" },
	{ name: "with padding", token: `${GOOD}==`, code: "TOKEN_MALFORMED" },
	{ name: "with spare bits in its last letter", token: spareBits(GOOD), code: "TOKEN_MALFORMED" },
	{ name: "with a line end", token: `${GOOD}\n`, code: "TOKEN_MALFORMED" },
	{ name: "with four parts", token: `${GOOD}.${SIGNATURE}`, code: "TOKEN_MALFORMED" },
	{ name: "of two parts", token: `${HEAD}.${PAYLOAD}`, code: "TOKEN_MALFORMED" },
	{ name: "that is none", token: "open sesame", code: "TOKEN_MALFORMED" },
	{ name: "of dots", token: "..", code: "TOKEN_MALFORMED" },
	{ name: "that is very long", token: `${HEAD}.${"A".repeat(10_240)}.${SIGNATURE}`, code: "TOKEN_MALFORMED" },
	{ name: "that is not there", token: "", code: "TOKEN_MISSING" },
];

/** The same bytes, as lenient decoders read them, in another last letter. */
function spareBits(token: string): string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	return `${token.slice(0, -1)}${letters[letters.indexOf(token.at(-1) as string) ^ 1]}`;
}

const keyVector = ({ signer, key }: typeof active, status: TokenKey["status"], since: number) => ({
	kid: kidOf(signer.key),
	public: publicKeyText(signer.key),
	private: privateKeyText(key),
	status,
	since,
});

export function tokenVectors() {
	const keys = [keyVector(active, "active", 0), keyVector(retired, "retired", AT), keyVector(revoked, "revoked", AT)];
	const published = tokenKeys([
		keyOf(active, "active", 0),
		keyOf(retired, "retired", AT),
		keyOf(revoked, "revoked", AT),
	]);
	const cases = CASES.map(({ name, token, expected, code }) => {
		const { nowMs, skewMs, ...call } = { ...EXPECTED, ...expected };
		const verified = verifyToken(token, published, call, { now: nowMs, skewMs });
		const found = verified.ok ? null : verified.error.code;
		if (found !== code) throw new Error(`the token ${name}: ${found ?? "good"}, not ${code ?? "good"}`);
		return { name, token, expected: { ...EXPECTED, ...expected }, code };
	});
	return { keys, minted: { allow: ALLOW, claims: CLAIMS, token: GOOD }, cases };
}

const keyOf = ({ signer }: typeof active, status: TokenKey["status"], since: number): TokenKey => ({
	kid: kidOf(signer.key),
	status,
	since,
	verify: verifierOf(signer.key).verify,
});
