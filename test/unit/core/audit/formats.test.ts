/** The texts of transparency logs, by the examples of C2SP: checkpoints, cosignatures, requests to witnesses, tiles. */
import { describe, expect, it } from "vitest";
import { checkpointText, readCheckpoint } from "../../../../src/core/audit/checkpoint.ts";
import { cosignedText, readCosignature } from "../../../../src/core/audit/cosignature.ts";
import { noteText, readNote } from "../../../../src/core/audit/note.ts";
import { bundleOf, readBundle, tilePath } from "../../../../src/core/audit/tiles.ts";
import { addCheckpointBody, readWitnessAnswer } from "../../../../src/core/audit/witness.ts";

/** Of tlog-cosignature: a log's signature, and a witness's. */
const COSIGNED = `example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
— witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
`;
const ROOT = "0ac5186a91863e8e1d90c808014aa89bf5da8e3ee1d9f07630f0378f68f1ab62";

/** Of tlog-witness, its proof and its checkpoint with one signature. */
const REQUEST = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

— example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
`;

describe("a checkpoint", () => {
	const text = readNote(COSIGNED)?.text ?? "";

	it("is read and written as it was", () => {
		const checkpoint = readCheckpoint(text);
		expect(checkpoint).toEqual({ origin: "example.com/behind-the-sofa", size: 20_852_163, root: ROOT });
		expect(checkpoint === null ? "" : checkpointText(checkpoint)).toBe(text);
	});

	it("may have further lines, and an empty tree", () => {
		expect(readCheckpoint(`${text}extension\n`)).toMatchObject({ root: ROOT });
		expect(readCheckpoint(text.replace("20852163", "0"))).toMatchObject({ size: 0 });
	});

	it.each([
		["", "nothing"],
		[text.slice(0, -1), "no last newline"],
		[text.replace("example.com/behind-the-sofa", ""), "no origin"],
		[text.replace("20852163", "020852163"), "a leading zero"],
		[text.replace("20852163", "-1"), "a sign"],
		[text.replace("20852163", "2e7"), "an exponent"],
		[text.replace("20852163", "9007199254740992"), "a size beyond 2^53 - 1"],
		[text.replace("CsUY", "CsU"), "a root that is no base64"],
		[text.replace("CsUYapGG", "CsUY"), "a root that is too short"],
		[`${text}\n`, "an empty line"],
		["example.com\n1\n", "no root"],
	])("is none: %j has %s", (odd) => {
		expect(readCheckpoint(odd)).toBeNull();
	});
});

describe("a cosignature", () => {
	it("is a time and a signature, over the checkpoint with the time", () => {
		const bytes = readNote(COSIGNED)?.signatures[1]?.bytes ?? new Uint8Array();
		const cosignature = readCosignature(bytes);
		expect(cosignature?.at).toBe(1_679_315_147);
		expect(cosignature?.signature).toHaveLength(64);
		expect(cosignedText(1_679_315_147, readNote(COSIGNED)?.text ?? "")).toBe(
			"cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n",
		);
	});

	it("is none with other bytes, nor of a time that is no number", () => {
		expect(readCosignature(new Uint8Array(64))).toBeNull();
		expect(readCosignature(new Uint8Array(73))).toBeNull();
		expect(readCosignature(new Uint8Array(72).fill(255))).toBeNull();
	});
});

describe("what is said to a witness", () => {
	const [, ...proof] = REQUEST.slice(0, REQUEST.indexOf("\n\n")).split("\n");
	const checkpoint = REQUEST.slice(REQUEST.indexOf("\n\n") + 2);

	it("is the old size, the proof and the checkpoint", () => {
		const hashes = proof.map((line) => Buffer.from(line, "base64").toString("hex"));
		expect(addCheckpointBody({ oldSize: 20_852_014, proof: hashes, checkpoint })).toBe(REQUEST);
		expect(addCheckpointBody({ oldSize: 0, proof: [], checkpoint })).toBe(`old 0\n\n${checkpoint}`);
	});

	it("is answered with signatures, with the size that it has seen, or with why not", () => {
		const lines = COSIGNED.slice(COSIGNED.indexOf("— witness"));
		expect(readWitnessAnswer(200, lines)).toMatchObject({
			kind: "cosigned",
			signatures: [{ name: "witness.example.com/w1" }],
		});
		expect(readWitnessAnswer(200, "")).toMatchObject({ kind: "refused" });
		expect(readWitnessAnswer(200, "thanks\n")).toMatchObject({ kind: "refused" });
		expect(readWitnessAnswer(409, "20852014\n")).toEqual({ kind: "conflict", size: 20_852_014 });
		expect(readWitnessAnswer(409, "no size\n")).toMatchObject({ kind: "refused", why: /another tree of this size/ });
		expect(readWitnessAnswer(500, "7\n")).toEqual({ kind: "refused", why: "answered 500" });
		expect(readWitnessAnswer(422, "")).toMatchObject({ why: /with which this one does not begin/ });
	});

	it("makes a note of what a log and a witness have signed", () => {
		const answer = readWitnessAnswer(200, COSIGNED.slice(COSIGNED.indexOf("— witness")));
		const note = readNote(checkpoint);
		if (note === null || answer.kind !== "cosigned") throw new Error("unread");
		expect(noteText({ ...note, signatures: [...note.signatures, ...answer.signatures] })).toBe(COSIGNED);
	});
});

describe("a tile", () => {
	it.each([
		[0, 0, 256, "tile/0/000"],
		[0, 273, 112, "tile/0/273.p/112"],
		[1, 1, 17, "tile/1/001.p/17"],
		[2, 0, 1, "tile/2/000.p/1"],
		[0, 999, 256, "tile/0/999"],
		[0, 1_000, 256, "tile/0/x001/000"],
		[3, 1_234_067, 8, "tile/3/x001/x234/067.p/8"],
		["entries", 1_234_067, 256, "tile/entries/x001/x234/067"],
		["entries", 5, 255, "tile/entries/005.p/255"],
	] as const)("of level %s, index %i and width %i is at %4$s", (level, index, width, path) => {
		expect(tilePath({ level, index, width })).toBe(path);
	});

	it("of leaves has each behind its length", () => {
		const leaves = [new Uint8Array(), Uint8Array.of(7), new Uint8Array(65_535).fill(3)];
		const bundle = bundleOf(leaves);
		expect(Buffer.from(bundle.subarray(0, 6)).toString("hex")).toBe("0000000107ff");
		expect(readBundle(new Uint8Array(bundle))).toEqual(leaves);
		expect(readBundle(new Uint8Array())).toEqual([]);
		for (const end of [1, 4, 100, bundle.length - 1]) expect(readBundle(bundle.subarray(0, end)), `${end}`).toBeNull();
	});
});
