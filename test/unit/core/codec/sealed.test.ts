/** Seals: what is put under a secret comes back under the same one, and under no other. */
import { hkdfSync } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalize } from "../../../../src/core/base/canonical-json.ts";
import { decodeInput } from "../../../../src/core/codec/decode.ts";
import { encodeInput } from "../../../../src/core/codec/encode.ts";
import { sealedSalt, sealedSessionSalt, sealIntent, unsealIntent } from "../../../../src/core/codec/sealed.ts";
import type { IntentSealed, IntentSubmitted } from "../../../../src/core/model/inputs.ts";
import { inputsByType } from "../../../support/arbitraries.ts";
import { intentOf } from "../../../support/engine-world.ts";

const SECRET = new Uint8Array(32).fill(7);
const whole = (intent: IntentSubmitted, secret = SECRET): IntentSubmitted => ({
	...intent,
	salt: sealedSalt(secret),
	sessionSalt: sealedSessionSalt(new Uint8Array(32).fill(8)),
});
const anySecret = fc.uint8Array({ minLength: 32, maxLength: 32 });
const args = { command: "curl -d @/etc/shadow", to: "größe \u{1F600}" };
const INTENT = whole({ ...intentOf({ id: "c-1", issuedAt: 1 }), args, argsText: canonicalize(args) });

describe("a sealed intent", () => {
	it("comes back as it was, through its bytes, and is sealed alike whenever it is sealed", () => {
		fc.assert(
			fc.property(inputsByType["intent.submitted"], anySecret, (drawn, secret) => {
				const intent = whole(drawn, secret);
				const sealed = sealIntent(intent, secret);
				expect(sealIntent(intent, secret)).toEqual(sealed);
				const read = decodeInput(encodeInput(sealed), "intents");
				expect(read.ok && read.value.type).toBe("intent.sealed");
				const opened = unsealIntent((read as unknown as { value: IntentSealed }).value, secret);
				expect(opened.ok && canonicalize(opened.value.args)).toBe(intent.argsText);
				const { args: _, ...rest } = intent;
				expect(opened).toMatchObject({ ok: true, value: rest });
			}),
			{ numRuns: 150 },
		);
	});

	it("shows nothing of its arguments or salts", () => {
		const bytes = Buffer.from(encodeInput(sealIntent(INTENT, SECRET)));
		for (const part of ["curl", "shadow", INTENT.argsText, INTENT.salt, INTENT.sessionSalt, SECRET]) {
			expect(bytes.includes(typeof part === "string" ? part : Buffer.from(part))).toBe(false);
		}
	});

	it("is refused under another secret, and where any byte of it was changed", () => {
		const sealed = sealIntent(INTENT, SECRET);
		const refused = { ok: false, error: { code: "RECORD_SEAL", call: { tenant: "acme", agent: "coder", id: "c-1" } } };
		expect(unsealIntent(sealed, SECRET.with(0, 1))).toMatchObject(refused);
		for (const member of ["nonce", "sealed"] as const) {
			for (let at = 0; at < sealed[member].length; at++) {
				const bytes = new Uint8Array(sealed[member]);
				bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
				expect(unsealIntent({ ...sealed, [member]: bytes }, SECRET)).toMatchObject(refused);
			}
		}
		expect(unsealIntent({ ...sealed, sealed: sealed.sealed.slice(0, -1) }, SECRET)).toMatchObject(refused);
	});

	it("is bound to its id, its principal and its tool", () => {
		const sealed = sealIntent(INTENT, SECRET);
		const { principal } = sealed;
		const changed: readonly Partial<IntentSealed>[] = [
			{ id: "c-2" },
			{ tool: "other" },
			{ principal: { ...principal, tenant: "globex" } },
			{ principal: { ...principal, agent: "mailer" } },
			{ principal: { ...principal, session: "run-2" } },
			{ principal: { ...principal, actor: ["planner"] } },
			{ principal: { ...principal, onBehalfOf: "ann" } },
			{ principal: { ...principal, askedBy: "bo" } },
			// What ends one text and begins the next is bound, too.
			{ id: `${sealed.id}4:acme`, principal: { ...principal, tenant: "" } },
		];
		for (const part of changed) {
			expect(unsealIntent({ ...sealed, ...part }, SECRET)).toMatchObject({ ok: false, error: { code: "RECORD_SEAL" } });
		}
		expect(unsealIntent({ ...sealed, deadline: 9, issuedAt: 9 }, SECRET).ok).toBe(true);
	});

	it("takes no nonce for two texts", () => {
		const nonces = [{ a: 1 }, { a: 2 }].map((each) => {
			const { nonce } = sealIntent({ ...INTENT, args: each, argsText: canonicalize(each) }, SECRET);
			return Buffer.from(nonce).toString("hex");
		});
		expect(new Set(nonces).size).toBe(2);
	});

	it("has the salt that HKDF makes of the secret", () => {
		const made = Buffer.from(hkdfSync("sha256", SECRET, "", "assent.payload.v1", 96)).subarray(64);
		expect(Buffer.from(sealedSalt(SECRET))).toEqual(made);
		expect(Buffer.from(sealedSessionSalt(SECRET))).toEqual(
			Buffer.from(hkdfSync("sha256", SECRET, "", "assent.session-salt.v1", 32)),
		);
	});
});
