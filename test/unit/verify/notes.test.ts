/** Signed checkpoints as an auditor reads them. */
import { describe, expect, it } from "vitest";
import { keyFrom, signerOf, verifierOf } from "../../../src/adapters/keys/ed25519.ts";
import { checkpointText } from "../../../src/core/audit/checkpoint.ts";
import type { Signer } from "../../../src/ports/signer.ts";
import { cosignatureVerifier, signatureVerifier } from "../../../src/reading/note-verifiers.ts";
import { isFault, type NoteKeys, readSigned } from "../../../src/verify/notes.ts";
import { signedNote } from "../../support/log-editor.ts";
import { cosignatureLine } from "../../support/witness.ts";

const log = signerOf(keyFrom("log.example.com", new Uint8Array(32).fill(7))) as Signer;
const witness = signerOf(keyFrom("witness.example.com/w1", new Uint8Array(32).fill(3))) as Signer;
const head = { origin: "log.example.com/anchor", size: 6, root: "ab".repeat(32) };
const note = signedNote(log, head) + cosignatureLine(witness, checkpointText(head));
const keys: NoteKeys = {
	log: signatureVerifier(verifierOf(log.key)),
	witnesses: [cosignatureVerifier(verifierOf(witness.key))],
};

describe("a signed checkpoint", () => {
	it("is read with who has cosigned it", () => {
		expect(readSigned(note, keys)).toEqual({ ...head, note, of: null, cosigned: ["witness.example.com/w1"] });
	});

	it("is never one that a witness has cosigned once any bit of it was flipped", () => {
		const bytes = Buffer.from(note);
		for (let bit = 0; bit < bytes.length * 8; bit++) {
			const changed = Buffer.from(bytes);
			changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
			const read = readSigned(changed.toString("utf8"), keys);
			if (!isFault(read)) expect(read.cosigned, `bit ${bit}`).toEqual([]);
		}
	});

	it("is a fault once any bit of what the log has signed, or of its signature, was flipped", () => {
		const bytes = Buffer.from(signedNote(log, head));
		for (let bit = 0; bit < bytes.length * 8; bit++) {
			const changed = Buffer.from(bytes);
			changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
			expect(isFault(readSigned(changed.toString("utf8"), keys)), `bit ${bit}`).toBe(true);
		}
	});
});
