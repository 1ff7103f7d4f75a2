/**
 * Signed notes (C2SP signed-note, v1): a text, and below it who signed it.
 *
 * N1  A signature of a key that is not known is passed over; one of a known key that is wrong makes the whole note worthless.
 * N2  What is read is bounded: in bytes, and in signatures.
 */
import { err, ok, type Result } from "../base/result.ts";
import { fromBase64 } from "../model/signing-keys.ts";

export interface NoteSignature {
	readonly name: string;
	/** Of the key, 8 hex digits. */
	readonly id: string;
	/** As many as keys of its kind give: 64 of Ed25519, 72 of a cosignature. */
	readonly bytes: Uint8Array;
}

export interface Note {
	/** Ends with a newline; what is signed are its bytes in UTF-8. */
	readonly text: string;
	readonly signatures: readonly NoteSignature[];
}

/** A key that is known, and how its signatures are checked. */
export interface NoteVerifier {
	readonly name: string;
	/** 8 hex digits. */
	readonly id: string;
	/** Of the note's text as it is. Never throws. */
	isGood(text: string, signature: Uint8Array): boolean;
}

/** Of a note, in characters. */
const NOTE_LENGTH_MAX = 1_000_000;
const SIGNATURES_MAX = 100;
const ID_BYTES = 4;

const LINE = /^\u2014 ([^\s+]+) (\S+)$/u;

export const noteText = ({ text, signatures }: Note): string => `${text}\n${signatures.map(signatureLine).join("")}`;

function signatureLine({ name, id, bytes }: NoteSignature): string {
	const encoded = Buffer.concat([Buffer.from(id, "hex"), bytes]).toString("base64");
	return `\u2014 ${name} ${encoded}\n`;
}

/** Null where it is no note. */
export function readNote(note: string): Note | null {
	if (note.length > NOTE_LENGTH_MAX || hasControl(note) || !note.isWellFormed()) return null;
	const end = note.lastIndexOf("\n\n");
	if (end < 0 || !note.endsWith("\n")) return null;
	const signatures = readSignatureLines(note.slice(end + 2));
	return signatures === null ? null : { text: note.slice(0, end + 1), signatures };
}

/** ASCII's control characters, but for the newline. */
function hasControl(text: string): boolean {
	for (let at = 0; at < text.length; at++) {
		const unit = text.charCodeAt(at);
		if (unit < 0x20 && unit !== NEWLINE) return true;
	}
	return false;
}

const NEWLINE = 0x0a;

/** Lines that all end with a newline, one or more; null where one of them is no signature. */
export function readSignatureLines(lines: string): readonly NoteSignature[] | null {
	if (!lines.endsWith("\n")) return null;
	const signatures: NoteSignature[] = [];
	for (const line of lines.slice(0, -1).split("\n", SIGNATURES_MAX + 1)) {
		const [, name, encoded] = LINE.exec(line) ?? [];
		const bytes = encoded === undefined ? null : fromBase64(encoded);
		if (name === undefined || bytes === null || bytes.length <= ID_BYTES || signatures.length === SIGNATURES_MAX)
			return null;
		const id = Buffer.from(bytes.subarray(0, ID_BYTES)).toString("hex");
		signatures.push({ name, id, bytes: bytes.subarray(ID_BYTES) });
	}
	return signatures;
}

/** The signatures of known keys, each key's first. An error says why the note is not to be believed: none is known, or one is wrong. */
export function knownSignatures(
	{ text, signatures }: Note,
	verifiers: readonly NoteVerifier[],
): Result<readonly NoteSignature[], string> {
	const known = new Map<NoteVerifier, NoteSignature>();
	for (const signature of signatures) {
		const verifier = verifiers.find(({ name, id }) => name === signature.name && id === signature.id);
		if (verifier === undefined || known.has(verifier)) continue;
		if (!verifier.isGood(text, signature.bytes)) return err(`the signature of \`${signature.name}\` is wrong`);
		known.set(verifier, signature);
	}
	return known.size === 0 ? err("no known key has signed it") : ok([...known.values()]);
}
