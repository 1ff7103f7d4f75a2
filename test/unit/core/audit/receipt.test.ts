/** Receipts, in the form of C2SP's tlog-proof. */
import { describe, expect, it } from "vitest";
import { checkpointText } from "../../../../src/core/audit/checkpoint.ts";
import { noteText } from "../../../../src/core/audit/note.ts";
import { type Receipt, readReceipt, receiptFault, receiptText } from "../../../../src/core/audit/receipt.ts";
import { CT_LEAVES, CT_ROOTS, pathOf } from "../../../support/tree-root.ts";

const note = noteText({
	text: checkpointText({ origin: "log.example.com/decisions/0", size: 8, root: CT_ROOTS[8] as string }),
	signatures: [{ name: "log.example.com", id: "00000001", bytes: new Uint8Array(64).fill(7) }],
});
const leaf = CT_LEAVES[5] as Uint8Array;
const receipt: Receipt = { leaf, index: 5, proof: pathOf(5, CT_LEAVES), note };
const text = receiptText(receipt);
const SIGNED = "it does not end with a signed checkpoint";

describe("a receipt", () => {
	it("is the entry, its index, the proof, and below an empty line the checkpoint as it is", () => {
		expect(text).toBe(`c2sp.org/tlog-proof@v1
extra QEFCQw==
index 5
vBoGQ7EuTS18d5GPROD095qDi2z57FtcKD4fTYhZnms=
yoVOoSjtBQtBs1/8G4e46yveRh6eO1WW7Oa51ZdaCuA=
037kGJdt2VdTwcc4Yrk5j6Kiz5tP8P3+izDNlSCWFLc=

${note}`);
		expect(readReceipt(text)).toEqual({ ok: true, value: receipt });
		expect(receiptFault(receipt, leaf)).toBeNull();
	});

	it("may come without the entry, which somebody else then has", () => {
		const bare = text.replace(/extra .*\n/, "");
		expect(readReceipt(bare)).toEqual({ ok: true, value: { ...receipt, leaf: null } });
		expect(receiptText({ ...receipt, leaf: null })).toBe(bare);
	});

	it("may be of the only leaf, with no hash", () => {
		const only = receiptText({ ...receipt, index: 0, proof: [] });
		expect(readReceipt(only)).toMatchObject({ ok: true, value: { proof: [] } });
	});

	it("proves nothing for another leaf, and nothing with another checkpoint", () => {
		expect(receiptFault(receipt, CT_LEAVES[4] as Uint8Array)).toBe("the proof leads to another root");
		expect(receiptFault({ ...receipt, note: "nothing" }, leaf)).toMatch(/signed checkpoint/);
	});

	it.each([
		["no text", ""],
		["another version", text.replace("@v1", "@v2")],
		["a first line that goes on", text.replace("@v1", "@v1 ")],
		["a carriage return", text.replace("\n", "\r\n")],
		["no index", text.replace("index 5\n", "")],
		["an index before the entry", text.replace(/(extra .*\n)(index 5\n)/, "$2$1")],
		["a leading zero", text.replace("index 5", "index 05")],
		["a sign", text.replace("index 5", "index -5")],
		["an index beyond 2^53 - 1", text.replace("index 5", "index 9007199254740992")],
		["an entry that is empty", text.replace("QEFCQw==", "")],
		["an entry that is no base64", text.replace("QEFCQw==", "QEFCQw=")],
		["base64 that is written otherwise", text.replace("QEFCQw==", "QEFCQx==")],
		["two entries", text.replace("extra QEFCQw==\n", "extra QEFCQw==\nextra QEFCQw==\n")],
		["a hash that is too short", text.replace("vBoGQ7EuTS18", "vBoGQ7Eu")],
		["a hash of 33 bytes", text.replace(/index 5\n.*\n/, `index 5\n${Buffer.alloc(33).toString("base64")}\n`)],
		["54 hashes", text.replace("index 5\n", `index 5\n${`${Buffer.alloc(32).toString("base64")}\n`.repeat(54)}`)],
		["no empty line", text.replace("\n\n", "\n")],
		["an empty line too many", text.replace("\n\n", "\n\n\n")],
		["a checkpoint without a signature", text.slice(0, text.lastIndexOf("\u2014"))],
		["a checkpoint without a root", text.replace(/\nXcna.*\n/, "\n")],
		["something behind it", `${text}more\n`],
		["more characters than a receipt can have", text.replace("QEFCQw==", "QEFC".repeat(300_000))],
	])("is none with %s", (_, odd) => {
		expect(odd).not.toBe(text);
		expect(readReceipt(odd).ok).toBe(false);
	});

	it("is said to end early wherever it was cut short", () => {
		const checkpoint = text.indexOf("\n\n") + 2;
		for (let length = 0; length < text.length; length++) {
			const why = length < checkpoint ? "it ends before its checkpoint, as if it had been cut short" : SIGNED;
			expect(readReceipt(text.slice(0, length)), `${length} characters`).toEqual({ ok: false, error: why });
		}
		for (const other of ["nothing", "nothing\n\n", text.replace("@v1", "@v2")])
			expect(readReceipt(other)).toEqual({ ok: false, error: "its first line is not `c2sp.org/tlog-proof@v1`" });
	});

	it("has one way to be written: what is read is written as it was", () => {
		for (let at = 0; at < text.length; at++) {
			const odd = text.slice(0, at) + (text[at] === "A" ? "B" : "A") + text.slice(at + 1);
			const read = readReceipt(odd);
			if (read.ok) expect(receiptText(read.value)).toBe(odd);
		}
	});
});
