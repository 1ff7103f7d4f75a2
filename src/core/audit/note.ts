/**
 * Signed notes (C2SP signed-note, v1): a text, and below it who signed it. Here is their form alone; what signs and checks is
 * behind ports/signer.ts.
 */
import { fromBase64 } from "../model/signing-keys.ts";

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

const SIGNATURE_BYTES = 64;
const ID_BYTES = 4;

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
		const bytes = encoded === undefined ? null : fromBase64(encoded);
		if (name === undefined || bytes === null || bytes.length <= ID_BYTES) return null;
		const id = Buffer.from(bytes.subarray(0, ID_BYTES)).toString("hex");
		if (bytes.length === ID_BYTES + SIGNATURE_BYTES) signatures.push({ name, id, bytes: bytes.subarray(ID_BYTES) });
	}
	return { text: note.slice(0, end + 1), signatures };
}
