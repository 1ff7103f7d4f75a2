/**
 * Sealed arguments (docs/privacy.md): an intent's arguments and salts under a key that is kept outside the log, so that destroying one
 * secret of 32 bytes destroys all three, wherever the record was copied to.
 *
 * S1  Key and salt of an intent come from its own secret by HKDF-SHA256: nobody who has one can tell the other, or the secret.
 * S2  The seal holds who asks, for which call and for which tool: none of them can be exchanged, nor a byte of what is sealed.
 * S3  The same intent is sealed to the same bytes: a resend is the same call to everybody who compares. The nonce follows from what is sealed,
 *     so that one key never meets one nonce with two texts.
 */
import { parseArguments } from "../arguments/canonical.ts";
import type { CanonicalJson } from "../base/canonical-json.ts";
import { decrypted, derived, encrypted, KEY_BYTES, mac } from "../base/cipher.ts";
import { err, ok, type Result } from "../base/result.ts";
import { NONCE_BYTES } from "../model/bounds.ts";
import type { IntentSealed, IntentSubmitted } from "../model/inputs.ts";
import type { RecordFault } from "./decode.ts";

/** Of an intent, and of a session. */
export const SECRET_BYTES = 32;
const SALT_BYTES = 32;

/** The salt of an intent whose arguments are sealed under the secret. */
export const sealedSalt = (secret: Uint8Array): Uint8Array => keysOf(secret).salt;

/** The salt of a session's intents, from the session's own secret. */
export const sealedSessionSalt = (secret: Uint8Array): Uint8Array =>
	derived(secret, "assent.session-salt.v1", SALT_BYTES);

/** Its salts must be those of the secrets: they have 32 bytes. */
export function sealIntent(intent: IntentSubmitted, secret: Uint8Array): IntentSealed {
	const { args: _, argsText, salt, sessionSalt, ...clear } = intent;
	const { key, nonceKey } = keysOf(secret);
	const bound = boundOf(intent);
	const text = Buffer.concat([salt, sessionSalt, Buffer.from(argsText)]);
	const nonce = mac(nonceKey, bound, text).subarray(0, NONCE_BYTES);
	const sealed = encrypted(text, { key, nonce, bound });
	return { ...clear, type: "intent.sealed", nonce, sealed };
}

/** The intent as it was sealed. RECORD_SEAL: by another secret, or it was changed since. */
export function unsealIntent(record: IntentSealed, secret: Uint8Array): Result<IntentSubmitted, RecordFault> {
	const { nonce, sealed, ...clear } = record;
	const text = decrypted(sealed, { key: keysOf(secret).key, nonce, bound: boundOf(record) });
	if (text === null) return err(sealFault(record, "RECORD_SEAL"));
	const argsText = text.toString("utf8", 2 * SALT_BYTES) as CanonicalJson;
	const args = parseArguments(argsText);
	if (!args.ok) return err({ ...sealFault(record, "RECORD_SEAL"), ...args.error });
	const salt = new Uint8Array(text.subarray(0, SALT_BYTES));
	const sessionSalt = new Uint8Array(text.subarray(SALT_BYTES, 2 * SALT_BYTES));
	return ok({ ...clear, type: "intent.submitted", args: args.value, argsText, salt, sessionSalt });
}

/** Why the arguments of a sealed intent cannot be told; the same words whenever it is asked, for they reach the ledger. */
export const sealFault = (
	{ id, principal: { tenant, agent, session } }: IntentSealed,
	code: "RECORD_SEALED" | "RECORD_ERASED" | "RECORD_SEAL",
): RecordFault => ({
	code,
	message: MESSAGES[code],
	call: { tenant, agent, id },
	session,
	unknownSchema: false,
});

const MESSAGES = {
	RECORD_SEALED: "the arguments are sealed, and their key is not at hand",
	RECORD_ERASED: "the arguments were erased",
	RECORD_SEAL: "the sealed arguments were changed, or sealed under another key",
} as const;

/** What the seal is bound to, each text with its length before it. */
function boundOf({ id, principal, tool }: Pick<IntentSealed, "id" | "principal" | "tool">): Buffer {
	const { tenant, agent, session, actor, onBehalfOf, askedBy } = principal;
	const parts = [id, tenant, agent, session, tool, onBehalfOf ?? "", askedBy ?? "", ...actor];
	return Buffer.from(`assent.sealed.v1\0${parts.map((part) => `${Buffer.byteLength(part)}:${part}`).join("")}`);
}

interface IntentKeys {
	readonly key: Uint8Array;
	readonly nonceKey: Uint8Array;
	readonly salt: Uint8Array;
}

function keysOf(secret: Uint8Array): IntentKeys {
	const bytes = derived(secret, "assent.payload.v1", 2 * KEY_BYTES + SALT_BYTES);
	return {
		key: bytes.subarray(0, KEY_BYTES),
		nonceKey: bytes.subarray(KEY_BYTES, 2 * KEY_BYTES),
		salt: bytes.slice(2 * KEY_BYTES),
	};
}
