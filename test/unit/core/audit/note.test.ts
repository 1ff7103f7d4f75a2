/** The form of signed notes, by the example of Go's golang.org/x/mod/sumdb/note. */
import { describe, expect, it } from "vitest";
import { knownSignatures, type NoteVerifier, noteText, readNote } from "../../../../src/core/audit/note.ts";

const NOTE = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`;

/** Of signed-note: its text has an empty line, and letters beyond ASCII. */
const WITH_EMPTY_LINE = `Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

— quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
`;

describe("a note", () => {
	it("may have empty lines in its text", () => {
		const note = readNote(WITH_EMPTY_LINE);
		expect(note?.text).toMatch(/sole:\n\ned è subito sera\.\n$/);
		expect(note?.signatures).toMatchObject([{ name: "quasimodo.example/salvatore", id: "367ba04b" }]);
		expect(note === null ? "" : noteText(note)).toBe(WITH_EMPTY_LINE);
	});

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
		const other = Buffer.alloc(2_424, 1).toString("base64");
		expect(readNote(`${NOTE}— other ${other}\n`)?.signatures).toMatchObject([
			{ name: "PeterNeumann" },
			{ name: "other" },
		]);
	});

	it.each([
		["a control character in the text", NOTE.replace("cryptography", "crypto\u0007graphy")],
		["a carriage return", NOTE.replaceAll("\n", "\r\n")],
		["a lone surrogate", NOTE.replace("cryptography", "\ud800")],
		["a plus in a key's name", NOTE.replace("PeterNeumann", "Peter+Neumann")],
		["a no-break space in a key's name", NOTE.replace("PeterNeumann", "Peter\u00a0Neumann")],
		["a key without a name", NOTE.replace("— PeterNeumann ", "—  ")],
		["a signature of no byte", `${NOTE}— other AAAAAA==\n`],
		["base64 that is written otherwise", NOTE.replace("BwJnAM=", "BwJnAM")],
		["an empty line between signatures, of which the text would be part", `${NOTE}\n${NOTE}x`],
		["more than 100 signatures", `${NOTE}${"— other AAAAAAE=\n".repeat(100)}`],
		["more than a million characters", `${"x".repeat(1_000_000)}${NOTE}`],
	])("is none with %s", (_, text) => {
		expect(readNote(text)).toBeNull();
	});

	it("takes 16 signatures, and up to 100", () => {
		for (const others of [15, 99])
			expect(readNote(`${NOTE}${"— other AAAAAAE=\n".repeat(others)}`)?.signatures).toHaveLength(others + 1);
	});
});

describe("the signatures of a note", () => {
	/** Good is what begins with a byte of its own. */
	const verifier = (name: string, id: string, first: number): NoteVerifier => ({
		name,
		id,
		isGood: (text, signature) => text === "text\n" && signature[0] === first,
	});
	const [ann, bob] = [verifier("ann", "00000001", 1), verifier("bob", "00000002", 2)];
	const by = (name: string, id: string, first: number) => ({ name, id, bytes: Uint8Array.of(first, 0) });

	it("are those of known keys, and others are passed over, also where they share a name or an id", () => {
		const strangers = [by("ann", "00000002", 9), by("eve", "00000001", 9)];
		const signatures = [...strangers, by("bob", "00000002", 2), by("ann", "00000001", 1)];
		const known = knownSignatures({ text: "text\n", signatures }, [ann, bob]);
		expect(known).toMatchObject({ ok: true, value: [{ name: "bob" }, { name: "ann" }] });
	});

	it("are worth nothing when one of a known key is wrong", () => {
		const signatures = [by("ann", "00000001", 1), by("bob", "00000002", 9)];
		expect(knownSignatures({ text: "text\n", signatures }, [ann, bob])).toEqual({
			ok: false,
			error: "the signature of `bob` is wrong",
		});
		expect(knownSignatures({ text: "text\n", signatures }, [ann]).ok).toBe(true);
	});

	it("are none where no key is known", () => {
		expect(knownSignatures({ text: "text\n", signatures: [] }, [ann])).toMatchObject({
			error: "no known key has signed it",
		});
		expect(knownSignatures({ text: "text\n", signatures: [by("eve", "00000003", 1)] }, [ann]).ok).toBe(false);
	});

	it("count once for a key", () => {
		const signatures = [by("ann", "00000001", 1), by("ann", "00000001", 9)];
		expect(knownSignatures({ text: "text\n", signatures }, [ann])).toMatchObject({
			ok: true,
			value: [{ name: "ann" }],
		});
	});
});
