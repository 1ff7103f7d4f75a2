/** Ed25519 keys as texts (C2SP signed-note, v1). What signs and checks with them is behind ports/signer.ts. */
import { sha256Hex } from "../base/digest.ts";
import { err, ok, type Result } from "../base/result.ts";

/** An Ed25519 key that signatures are checked with, under the name of its owner. */
export interface PublicKey {
	readonly name: string;
	/** 32 bytes. */
	readonly bytes: Uint8Array;
}

/** What signs; whoever reads it can sign. */
export interface PrivateKey {
	readonly name: string;
	/** 32 bytes, from which key and public key follow. */
	readonly seed: Uint8Array;
	/** As the text says it: that of the public key. */
	readonly id: string;
}

/** What a key signs, by the number that C2SP gives it: notes as they are, or, of witnesses, checkpoints with the time. */
export type KeyUse = typeof SIGNATURE | typeof COSIGNATURE;

const SIGNATURE = 0x01;
export const COSIGNATURE = 0x04;

const KEY_BYTES = 32;
const ID_BYTES = 4;

/** Of its name, its use and its bytes, 8 hex digits: it tells keys of one name apart. */
export function keyId({ name, bytes }: PublicKey, use: KeyUse = SIGNATURE): string {
	const head = new TextEncoder().encode(`${name}\n`);
	return sha256Hex(Buffer.concat([head, Uint8Array.of(use), bytes])).slice(0, 2 * ID_BYTES);
}

/** Why it cannot be the name of a key, as the end of a sentence; null when it can. */
export function keyNameFault(name: string): string | null {
	if (name === "") return "is empty";
	if (name.length > 200) return "is longer than 200 characters";
	return /^[\x21-\x2a\x2c-\x7e]+$/.test(name) ? null : "has a space, a `+` or a character beyond ASCII";
}

/** `NAME+ID+KEY`, as it is written into configurations. */
export const publicKeyText = (key: PublicKey, use: KeyUse = SIGNATURE): string =>
	`${key.name}+${keyId(key, use)}+${keyPart(key.bytes, use)}`;

export function readPublicKey(text: string, use: KeyUse = SIGNATURE): Result<PublicKey, string> {
	const parts = /^([^+]*)\+([0-9a-f]{8})\+(.+)$/.exec(text);
	if (parts === null) return err("a public key has the form `NAME+ID+KEY`");
	const [, name = "", id = "", encoded = ""] = parts;
	const bytes = keyBytes(encoded, use);
	if (keyNameFault(name) !== null || bytes === null)
		return err(use === COSIGNATURE ? "it is no Ed25519 key of a witness" : "it is no Ed25519 public key");
	const key = { name, bytes };
	return keyId(key, use) === id ? ok(key) : err("its parts do not belong together: a character is wrong or missing");
}

const PRIVATE = "PRIVATE+KEY+";

/** `PRIVATE+KEY+NAME+ID+KEY`. */
export const privateKeyText = ({ name, id, seed }: PrivateKey): string => `${PRIVATE}${name}+${id}+${keyPart(seed)}`;

/** The text is never part of what is said of it. */
export function readPrivateKey(text: string): Result<PrivateKey, string> {
	const parts = text.startsWith(PRIVATE) ? /^([^+]*)\+([0-9a-f]{8})\+(.+)$/.exec(text.slice(PRIVATE.length)) : null;
	if (parts === null) return err("a private key has the form `PRIVATE+KEY+NAME+ID+KEY`");
	const [, name = "", id = "", encoded = ""] = parts;
	const seed = keyBytes(encoded, SIGNATURE);
	return keyNameFault(name) !== null || seed === null ? err("it is no Ed25519 private key") : ok({ name, id, seed });
}

const keyPart = (bytes: Uint8Array, use: KeyUse = SIGNATURE): string =>
	Buffer.concat([Uint8Array.of(use), bytes]).toString("base64");

function keyBytes(encoded: string, use: KeyUse): Uint8Array | null {
	const bytes = fromBase64(encoded);
	return bytes !== null && bytes.length === 1 + KEY_BYTES && bytes[0] === use ? bytes.subarray(1) : null;
}

/** Null where the text is not the one way in which its bytes are written. */
export function fromBase64(text: string): Uint8Array | null {
	const bytes = Buffer.from(text, "base64");
	return bytes.toString("base64") === text ? new Uint8Array(bytes) : null;
}
