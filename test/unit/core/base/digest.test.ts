import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { canonicalize } from "../../../../src/core/base/canonical-json.ts";
import { commitment, sha256Hex, sha256Latin1, taggedDigest } from "../../../../src/core/base/digest.ts";

/** FIPS 180-4, the sample for "abc". */
const ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

describe("sha256", () => {
	it("is SHA-256 of the bytes, and of a text's UTF-8", () => {
		expect(sha256Hex("abc")).toBe(ABC);
		expect(sha256Hex(Uint8Array.of(0x61, 0x62, 0x63))).toBe(ABC);
		expect(Buffer.from(sha256Latin1("abc"), "latin1").toString("hex")).toBe(ABC);
		expect(sha256Hex("é")).toBe(sha256Hex(Uint8Array.of(0xc3, 0xa9)));
	});
});

describe("taggedDigest", () => {
	it("puts the tag and a zero byte before the joined parts", () => {
		const plain = createHash("sha256").update("tag\0onetwo").digest("hex");
		expect(taggedDigest("tag", "one", Buffer.from("two"))).toBe(plain);
	});

	it("tells tags apart that begin alike", () => {
		expect(taggedDigest("tag", "s")).not.toBe(taggedDigest("tags"));
	});
});

describe("commitment", () => {
	const salt = new Uint8Array(32).fill(7);

	it("is SHA-256(`assent.args.v1` ‖ 0 ‖ salt ‖ JCS({tool, args}))", () => {
		const args = { path: "/tmp/é", count: 2 };
		const tool = 'shell."quoted"';
		const whole = Buffer.concat([Buffer.from("assent.args.v1\0"), salt, Buffer.from(canonicalize({ tool, args }))]);
		expect(commitment(salt, tool, canonicalize(args))).toBe(sha256Hex(whole));
	});

	it("is that for short and long texts, whatever was hashed in between", () => {
		for (const tool of ["shell", "fs.read/~", 'a"b', "a\\b", "über", "tab\t", "\u{1f600}", "t".repeat(3_000)]) {
			for (const length of [0, 1, 960, 20_000]) {
				const args = { text: "é".repeat(length) };
				const jcs = Buffer.from(canonicalize({ tool, args }));
				const whole = Buffer.concat([Buffer.from("assent.args.v1\0"), salt, jcs]);
				expect(commitment(salt, tool, canonicalize(args))).toBe(sha256Hex(whole));
				expect(taggedDigest("tag", tool, salt)).toBe(
					sha256Hex(Buffer.concat([Buffer.from("tag\0"), Buffer.from(tool), salt])),
				);
			}
		}
	});

	it("differs when salt, tool or arguments differ", () => {
		const all = [
			commitment(salt, "a", "{}"),
			commitment(new Uint8Array(32), "a", "{}"),
			commitment(salt, "b", "{}"),
			commitment(salt, "a", "[]"),
		];
		expect(new Set(all).size).toBe(4);
	});
});
