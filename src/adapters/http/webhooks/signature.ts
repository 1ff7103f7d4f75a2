/** Signatures of webhooks, as Standard Webhooks has them: HMAC-SHA256 over id, time and body. */
import { createHmac } from "node:crypto";

/** Of a secret, in bytes. */
const SECRET_BYTES_MIN = 24;
const SECRET_BYTES_MAX = 64;

/** `whsec_` and base64, as receivers write it too. Null for anything else, and for one that is too short to be secret. */
export function parseSecret(text: string): Uint8Array | null {
	const written = /^(?:whsec_)?([A-Za-z0-9+/]+={0,2})$/.exec(text.trim())?.[1];
	if (written === undefined) return null;
	const bytes = Buffer.from(written, "base64");
	const isWhole = bytes.toString("base64").replace(/=+$/, "") === written.replace(/=+$/, "");
	return isWhole && bytes.length >= SECRET_BYTES_MIN && bytes.length <= SECRET_BYTES_MAX ? bytes : null;
}

/** The three headers of a message; the time is in seconds. Without a secret there is no signature. */
export function webhookHeaders(
	secret: Uint8Array | null,
	message: { readonly id: string; readonly atSeconds: number; readonly body: string },
): Readonly<Record<string, string>> {
	const { id, atSeconds, body } = message;
	const headers = { "webhook-id": id, "webhook-timestamp": String(atSeconds) };
	if (secret === null) return headers;
	const signature = createHmac("sha256", secret).update(`${id}.${atSeconds}.${body}`).digest("base64");
	return { ...headers, "webhook-signature": `v1,${signature}` };
}
