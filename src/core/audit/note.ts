/**
 * Signed notes (C2SP signed-note, v1): a text, and below it who signed it. Here is their form alone, and that of the keys; what
 * signs and checks is behind ports/signer.ts.
 */
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

export interface NoteSignature {
	readonly name: string;
	/** Of the key, 8 hex digits. */
	readonly id: string;
	/** 64 bytes. */
	readonly bytes: Uint8Array;
}

export interface Note {
	/** Ends with a newline; what is signed are its bytes in UTF-8. */
	readonly text: string;
	readonly signatures: readonly NoteSignature[];
}

/** The one kind of key that is used. */
const ED25519 = 0x01;
const KEY_BYTES = 32;
const SIGNATURE_BYTES = 64;
const ID_BYTES = 4;

/** Of its name and its bytes, 8 hex digits: it tells keys of one name apart. */
export function keyId({ name, bytes }: PublicKey): string {
	const head = new TextEncoder().encode(`${name}\n`);
	return sha256Hex(Buffer.concat([head, Uint8Array.of(ED25519), bytes])).slice(0, 2 * ID_BYTES);
}

/** Why it cannot be the name of a key, as the end of a sentence; null when it can. */
export function keyNameFault(name: string): string | null {
	if (name === "") return "is empty";
	if (name.length > 200) return "is longer than 200 characters";
	return /^[\x21-\x2a\x2c-\x7e]+$/.test(name) ? null : "has a space, a `+` or a character beyond ASCII";
}

/** `NAME+ID+KEY`, as it is written into configurations. */
export const publicKeyText = (key: PublicKey): string => `${key.name}+${keyId(key)}+${keyPart(key.bytes)}`;

export function readPublicKey(text: string): Result<PublicKey, string> {
	const parts = /^([^+]*)\+([0-9a-f]{8})\+(.+)$/.exec(text);
	if (parts === null) return err("a public key has the form `NAME+ID+KEY`");
	const [, name = "", id = "", encoded = ""] = parts;
	const bytes = keyBytes(encoded);
	if (keyNameFault(name) !== null || bytes === null) return err("it is no Ed25519 public key");
	const key = { name, bytes };
	return keyId(key) === id ? ok(key) : err("its parts do not belong together: a character is wrong or missing");
}

const PRIVATE = "PRIVATE+KEY+";

/** `PRIVATE+KEY+NAME+ID+KEY`. */
export const privateKeyText = ({ name, id, seed }: PrivateKey): string => `${PRIVATE}${name}+${id}+${keyPart(seed)}`;

/** The text is never part of what is said of it. */
export function readPrivateKey(text: string): Result<PrivateKey, string> {
	const parts = text.startsWith(PRIVATE) ? /^([^+]*)\+([0-9a-f]{8})\+(.+)$/.exec(text.slice(PRIVATE.length)) : null;
	if (parts === null) return err("a private key has the form `PRIVATE+KEY+NAME+ID+KEY`");
	const [, name = "", id = "", encoded = ""] = parts;
	const seed = keyBytes(encoded);
	return keyNameFault(name) !== null || seed === null ? err("it is no Ed25519 private key") : ok({ name, id, seed });
}

const keyPart = (bytes: Uint8Array): string => Buffer.concat([Uint8Array.of(ED25519), bytes]).toString("base64");

function keyBytes(encoded: string): Uint8Array | null {
	const bytes = decoded(encoded);
	return bytes !== null && bytes.length === 1 + KEY_BYTES && bytes[0] === ED25519 ? bytes.subarray(1) : null;
}

/** Null where the text is not the one way in which its bytes are written. */
function decoded(text: string): Uint8Array | null {
	const bytes = Buffer.from(text, "base64");
	return bytes.toString("base64") === text ? new Uint8Array(bytes) : null;
}

const LINE = /^\u2014 (\S+) (\S+)$/;

export function noteText({ text, signatures }: Note): string {
	const lines = signatures.map(({ name, id, bytes }) => {
		const encoded = Buffer.concat([Buffer.from(id, "hex"), bytes]).toString("base64");
		return `\u2014 ${name} ${encoded}\n`;
	});
	return `${text}\n${lines.join("")}`;
}

/** Null where it is no note. Signatures of other kinds of keys are left out. */
export function readNote(note: string): Note | null {
	const end = note.lastIndexOf("\n\n");
	if (end < 0 || !note.endsWith("\n")) return null;
	const signatures: NoteSignature[] = [];
	for (const line of note.slice(end + 2, -1).split("\n")) {
		const [, name, encoded] = LINE.exec(line) ?? [];
		const bytes = encoded === undefined ? null : decoded(encoded);
		if (name === undefined || bytes === null || bytes.length <= ID_BYTES) return null;
		const id = Buffer.from(bytes.subarray(0, ID_BYTES)).toString("hex");
		if (bytes.length === ID_BYTES + SIGNATURE_BYTES) signatures.push({ name, id, bytes: bytes.subarray(ID_BYTES) });
	}
	return { text: note.slice(0, end + 1), signatures };
}
