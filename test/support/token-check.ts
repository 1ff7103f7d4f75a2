/** Whether the tokens in replies are those of the ledger's allows (K8 of the checker). */
import { createPublicKey, verify } from "node:crypto";
import { err, ok, type Result } from "../../src/core/base/result.ts";
import type { AllowRef, LedgerEntry } from "../../src/core/model/entries.ts";
import type { DecisionReplied } from "../../src/core/model/records.ts";
import { readPublicKey } from "../../src/core/model/signing-keys.ts";
import { readClaims } from "../../src/core/token/claims.ts";
import { headerPart, kidOf, partsOf } from "../../src/core/token/compact.ts";
import type { Log } from "../../src/ports/log/log.ts";
import { readTokenKeys } from "../../src/reading/token-keys.ts";

/** What a token of an entry's answer has to say. */
interface Expected extends Pick<AllowRef, "seq" | "policyDigest"> {
	readonly executor: string;
}

type Verify = (message: Uint8Array, signature: Uint8Array) => boolean;

export class TokenCheck {
	readonly #keys: ReadonlyMap<string, Verify>;
	readonly #expected = new Map<number, Expected>();
	/** The token of each allow and executor that was seen first, by what names the allow. */
	readonly #tokens = new Map<string, string>();

	private constructor(keys: ReadonlyMap<string, Verify>) {
		this.#keys = keys;
	}

	static async of(log: Log): Promise<TokenCheck> {
		const keys = new Map<string, Verify>();
		for (const { key } of (await readTokenKeys(log)).values()) {
			const read = readPublicKey(key);
			if (!read.ok) continue;
			const jwk = { kty: "OKP", crv: "Ed25519", x: Buffer.from(read.value.bytes).toString("base64url") };
			const checked = createPublicKey({ key: jwk, format: "jwk" });
			keys.set(headerPart(kidOf(read.value)), (message, signature) => verify(null, message, checked, signature));
		}
		return new TokenCheck(keys);
	}

	/** Takes what an entry may hand out a token for. */
	take(entry: LedgerEntry): void {
		if (entry.kind === "decision.repeated" && entry.allow !== null) {
			const { seq, policyDigest } = entry.allow;
			this.#expected.set(entry.seq, { seq, policyDigest, executor: entry.executor });
		} else if (entry.kind === "decision.made" && entry.verdict === "allow") {
			const { policyDigest } = entry.decision;
			this.#expected.set(entry.seq, { seq: entry.seq, policyDigest, executor: entry.executor });
		}
	}

	/** An error ends the sentence "the token of a reply …". */
	check({ token, seq, partition, call }: DecisionReplied): Result<null, string> {
		if (token === "") return ok(null);
		const expected = this.#expected.get(seq);
		if (expected === undefined) return err("is of an entry that allows nothing");
		const parts = partsOf(token);
		if (!parts.ok) return err(parts.error);
		const { head, message, signature } = parts.value;
		if (this.#keys.get(head)?.(message, signature) !== true) return err("is not signed by a published key");
		const claims = readClaims(Buffer.from(parts.value.claims).toString("utf8"));
		if (claims === null) return err("has no claims");
		const { aud, int, jti, pol, sub } = claims;
		if (jti !== `${partition}-${expected.seq}` || pol !== expected.policyDigest) return err("is of another allow");
		if (aud !== expected.executor) return err("is for another executor");
		const who = `${encodeURIComponent(call.tenant)}/${encodeURIComponent(call.agent)}`;
		if (int !== call.id || sub !== who) return err("is for another call");
		const first = this.#tokens.get(jti) ?? token;
		this.#tokens.set(jti, first);
		// Another key may have signed it after a rotation; the claims are the same for all time.
		return first.split(".")[1] === token.split(".")[1] ? ok(null) : err("differs from the one before");
	}
}
