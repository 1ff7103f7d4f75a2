/**
 * What the signature of a record is over (docs/policies/trust.md#what-is-signed): its bytes, and what beside them says where it belongs
 * and who is answered. A text is preceded by its length in bytes and a colon, so that no two records are signed alike.
 */
import { taggedDigest } from "../base/digest.ts";
import { fromBase64 } from "../model/signing-keys.ts";
import { HEADER, type RecordHeaders } from "./headers.ts";

/** A record on its way to an input topic, or read from it. */
export interface SignedParts {
	readonly partition: number;
	readonly key: string | null;
	readonly value: Uint8Array;
	readonly headers: RecordHeaders;
}

/** Of a record of `intents`: 32 bytes. Its partition follows from its key. */
export const publisherMessage = ({ key, value, headers }: SignedParts): Uint8Array =>
	bytesOf(
		taggedDigest(
			"assent.publisher.v1",
			counted("intents"),
			counted(key ?? ""),
			counted(headers[HEADER.replyTo] ?? ""),
			counted(headers[HEADER.replyId] ?? ""),
			value,
		),
	);

/** Of a record of `control`: 32 bytes. What was said to one partition is not said to another. */
export const controlMessage = ({ partition, key, value }: Omit<SignedParts, "headers">): Uint8Array =>
	bytesOf(taggedDigest("assent.control.v1", counted("control"), counted(String(partition)), counted(key ?? ""), value));

/** Of a record of `policies` that publishes a key of tokens: 32 bytes. */
export const tokenKeyMessage = ({ key, value }: Pick<SignedParts, "key" | "value">): Uint8Array =>
	bytesOf(taggedDigest("assent.token-key.v1", counted("policies"), counted(key ?? ""), value));

const counted = (text: string): string => `${Buffer.byteLength(text)}:${text}`;

const bytesOf = (hex: string): Uint8Array => new Uint8Array(Buffer.from(hex, "hex"));

/** What a publisher adds to a record. */
export const publisherHeaders = (name: string, signature: Uint8Array): Record<string, string> => ({
	[HEADER.publisher]: name,
	...signatureHeader(signature),
});

export const signatureHeader = (signature: Uint8Array): Record<string, string> => ({
	[HEADER.signature]: Buffer.from(signature).toString("base64"),
});

const SIGNATURE_BYTES = 64;

/** Null where there is none, or one that no key can have made. */
export function readSignature(headers: RecordHeaders): Uint8Array | null {
	const text = Object.hasOwn(headers, HEADER.signature) ? headers[HEADER.signature] : undefined;
	const bytes = text === undefined ? null : fromBase64(text);
	return bytes?.length === SIGNATURE_BYTES ? bytes : null;
}
