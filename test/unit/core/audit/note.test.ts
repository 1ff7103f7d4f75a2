/** The form of signed notes and of their keys, by the example of Go's golang.org/x/mod/sumdb/note. */
import { describe, expect, it } from "vitest";
import {
	keyId,
	keyNameFault,
	noteText,
	publicKeyText,
	readNote,
	readPrivateKey,
	readPublicKey,
} from "../../../../src/core/audit/note.ts";

const PUBLIC = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PRIVATE = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const NOTE = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;

describe("a key", () => {
	it("is read and written with its name and its id", () => {
		const key = readPublicKey(PUBLIC);
		if (!key.ok) throw new Error(key.error);
		expect([key.value.name, keyId(key.value)]).toEqual(["PeterNeumann", "c74f20a3"]);
		expect(publicKeyText(key.value)).toBe(PUBLIC);
		expect(readPrivateKey(PRIVATE)).toMatchObject({ ok: true, value: { name: "PeterNeumann", id: "c74f20a3" } });
	});

	it.each([
		["", "form"],
		[PUBLIC.slice(0, -1), "no Ed25519"],
		[PUBLIC.replace("P", "Q"), "do not belong together"],
		[PUBLIC.replace("ARpc", "ARpd"), "do not belong together"],
		[PUBLIC.replace("ARpc", "AhpC"), "no Ed25519"],
		[PRIVATE, "form"],
	])("%s is none", (text, why) => {
		expect(readPublicKey(text)).toEqual({ ok: false, error: expect.stringContaining(why) });
	});

	it.each([PUBLIC, PRIVATE.slice(0, -1), "PRIVATE+KEY+a"])("that is private is not %s, and is not told", (text) => {
		const read = readPrivateKey(text);
		expect(read.ok).toBe(false);
		expect(JSON.stringify(read)).not.toContain("AYEK");
	});

	it("has a name without what separates", () => {
		expect(
			["ops.example.com", "a/b", "", "a b", "a+b", "ä", "x".repeat(201)].map((name) => keyNameFault(name) === null),
		).toEqual([true, true, false, false, false, false, false]);
	});
});

describe("a note", () => {
	it("is read and written as it was", () => {
		const note = readNote(NOTE);
		expect(note?.text).toMatch(/^If you think[\s\S]*problem is\.\n$/);
		expect(note?.signatures).toMatchObject([{ name: "PeterNeumann", id: "c74f20a3" }]);
		expect(note === null ? "" : noteText(note)).toBe(NOTE);
	});

	it("has what is signed before its last empty line, and signatures alone behind it", () => {
		expect(readNote(NOTE.replace("\n\n", "\n\nmore\n\n"))?.text).toMatch(/\n\nmore\n$/);
		const odd = [
			"",
			"text",
			NOTE.trimEnd(),
			NOTE.replace("—", "-"),
			`${NOTE}x\n`,
			NOTE.replace("x08g", "x0"),
			`${NOTE}\n`,
		];
		expect(odd.map(readNote)).toEqual(odd.map(() => null));
	});

	it("may have signatures of kinds that are not known", () => {
		expect(readNote(`${NOTE}— other ${Buffer.alloc(20).toString("base64")}\n`)?.signatures).toHaveLength(1);
	});
});
