/** Tokens by the vectors that other languages read, by a library that knows nothing of Assent, and letter by letter. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { importJWK, jwtVerify } from "jose";
import { describe, expect, it } from "vitest";
import { signerOf, verifierOf } from "../../../../src/adapters/keys/ed25519.ts";
import { TOKEN_LENGTH_MAX } from "../../../../src/core/model/bounds.ts";
import { readPrivateKey, readPublicKey } from "../../../../src/core/model/signing-keys.ts";
import { type Allow, claimsOf, namesOf, readClaims } from "../../../../src/core/token/claims.ts";
import { compactToken, headerPart } from "../../../../src/core/token/compact.ts";
import { type ExpectedCall, type TokenKey, tokenKeys, verifyToken } from "../../../../src/core/token/verification.ts";

interface Vectors {
	readonly keys: readonly (Pick<TokenKey, "kid" | "status" | "since"> & {
		readonly public: string;
		readonly private: string;
	})[];
	readonly minted: { readonly allow: Allow; readonly claims: object; readonly token: string };
	readonly cases: readonly {
		readonly name: string;
		readonly token: string;
		readonly expected: ExpectedCall & { readonly nowMs: number; readonly skewMs: number };
		readonly code: string | null;
	}[];
}

const vectors = JSON.parse(
	readFileSync(new URL("../../../../vectors/tokens.json", import.meta.url), "utf8"),
) as Vectors;

function unwrapped<Value>(read: { ok: true; value: Value } | { ok: false; error: string }): Value {
	if (!read.ok) throw new Error(read.error);
	return read.value;
}

const publicKeys = vectors.keys.map((key) => unwrapped(readPublicKey(key.public)));
const [key, ...others] = vectors.keys as [Vectors["keys"][number], ...Vectors["keys"][number][]];
const KEYS = tokenKeys(
	vectors.keys.map(({ kid, status, since }, index) => {
		const { verify } = verifierOf(publicKeys[index] as (typeof publicKeys)[number]);
		return { kid, status, since, verify };
	}),
);

function mint(allow: Allow, by = key): string {
	const signer = signerOf(unwrapped(readPrivateKey(by.private)));
	if (signer === null) throw new Error("no key");
	return compactToken(headerPart(by.kid), claimsOf(allow), (message) => signer.sign(message));
}

const { allow, token } = vectors.minted;
const [good] = vectors.cases as [Vectors["cases"][number]];
const codeOf = (text: string, { nowMs, skewMs, ...call } = good.expected): string | null => {
	const verified = verifyToken(text, KEYS, call, { now: nowMs, skewMs });
	return verified.ok ? null : verified.error.code;
};

describe("a token", () => {
	it.each(vectors.cases)("$name: $code", ({ token, expected, code }) => {
		expect(codeOf(token, expected)).toBe(code);
	});

	it("is minted of an allow, the same each time", () => {
		expect(mint(allow)).toBe(token);
		expect(mint(structuredClone(allow))).toBe(token);
		expect(claimsOf(allow)).toEqual(vectors.minted.claims);
	});

	it("is a JWT to whoever knows JWTs", async () => {
		const x = Buffer.from((publicKeys[0] as (typeof publicKeys)[number]).bytes).toString("base64url");
		const jwk = await importJWK({ kty: "OKP", crv: "Ed25519", x }, "EdDSA");
		const { payload, protectedHeader } = await jwtVerify(token, jwk, {
			algorithms: ["EdDSA"],
			typ: "decision+jwt",
			audience: allow.executor,
			issuer: allow.ledgerId,
			currentDate: new Date(allow.at),
		});
		expect(protectedHeader).toEqual({ alg: "EdDSA", kid: key.kid, typ: "decision+jwt" });
		expect(payload).toEqual(vectors.minted.claims);
	});

	it("is refused with any letter changed, and at any length", () => {
		for (let at = 0; at < token.length; at++) {
			const other = token[at] === "A" ? "B" : "A";
			expect(codeOf(token.slice(0, at) + other + token.slice(at + 1)), `letter ${at}`).not.toBeNull();
			expect(codeOf(token.slice(0, at)), `${at} letters`).not.toBeNull();
		}
	});

	it("is refused by keys that are others, or none", () => {
		const { nowMs, skewMs, ...call } = good.expected;
		const clock = { now: nowMs, skewMs };
		expect(verifyToken(token, tokenKeys([]), call, clock)).toMatchObject({ ok: false, error: { code: "TOKEN_KEY" } });
		for (const other of others)
			expect(codeOf(mint(allow, other))).toBe(other.status === "retired" ? null : "TOKEN_KEY");
	});

	it("never throws, whatever it is handed for a token", () => {
		fc.assert(
			fc.property(
				fc.oneof(
					fc.string({ unit: "binary" }),
					fc.array(fc.base64String()).map((all) => all.join(".")),
				),
				(text) => {
					expect(codeOf(text)).toMatch(/^TOKEN_/);
				},
			),
		);
		for (const none of [undefined, null, 7, {}, []]) expect(codeOf(none as unknown as string)).toBe("TOKEN_MISSING");
	});

	it("has room for the longest names, and is good for who has them alone", () => {
		const long = "\uffff".repeat(256);
		const names = { tenant: long, agent: `${long.slice(1)}/`, id: '"'.repeat(256) };
		const longest = { ...allow, call: names, session: long, executor: long.slice(0, 64) };
		const minted = mint(longest);
		expect(minted.length).toBeLessThan(TOKEN_LENGTH_MAX);
		const expected = { ...good.expected, ...names, session: long, audience: longest.executor };
		expect(codeOf(minted, expected)).toBeNull();
		expect(codeOf(minted, { ...expected, agent: long })).toBe("TOKEN_SUBJECT");
	});
});

describe("the claims of an allow", () => {
	it("expire with the time that the call may take, and within a day", () => {
		const lives = (callDeadlineMs: number): number => {
			const { iat, exp } = claimsOf({ ...allow, callDeadlineMs });
			return exp - iat;
		};
		expect([1, 400, 500, 1_499, 1_500, 600_000].map(lives)).toEqual([1, 1, 1, 1, 2, 600]);
		expect(lives(30 * 86_400_000)).toBe(86_400);
	});

	it("name tenant and agent in a way that no other names share", () => {
		fc.assert(
			fc.property(
				fc.string({ unit: "grapheme", minLength: 1 }),
				fc.string({ unit: "grapheme", minLength: 1 }),
				(tenant, agent) => {
					const { sub } = claimsOf({ ...allow, call: { tenant, agent, id: "c" } });
					expect(namesOf(sub)).toEqual({ tenant, agent });
				},
			),
		);
		for (const sub of ["", "acme", "/coder", "acme/", "acme/a/b", "acme/%", "acme/%63oder", "ac me/x"]) {
			expect(namesOf(sub), sub).toBeNull();
		}
	});

	it("are read as they were written", () => {
		const claims = claimsOf(allow);
		expect(readClaims(JSON.stringify(claims))).toEqual(claims);
		expect(readClaims("null")).toBeNull();
	});
});
