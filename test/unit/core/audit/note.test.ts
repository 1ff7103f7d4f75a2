/** The form of signed notes, by the example of Go's golang.org/x/mod/sumdb/note. */
import { describe, expect, it } from "vitest";
import { noteText, readNote } from "../../../../src/core/audit/note.ts";

const NOTE = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;

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
