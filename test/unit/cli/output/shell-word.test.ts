import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { shellWord } from "../../../../src/cli/output/shell-word.ts";

const read = (words: readonly string[]): readonly string[] =>
	execFileSync("bash", ["--norc", "-c", `printf '%s\\0' ${words.map(shellWord).join(" ")}`], {
		env: { LC_ALL: "C.UTF-8" },
		encoding: "utf8",
	})
		.split("\0")
		.slice(0, -1);

const text = fc.oneof(
	fc.string({ unit: "binary", minLength: 0, maxLength: 12 }),
	fc.string({ unit: fc.constantFrom(..."'\"\\`|$(){}~#!*?;&<> \t\u202e\u200b\u{e0001}a-"), maxLength: 12 }),
);
/** No word of a command line can hold it. */
const noNull = text.filter((each) => !each.includes("\0"));

describe("a word of a command line", () => {
	it("is that one word to a shell, whatever is in it", () => {
		fc.assert(
			fc.property(fc.array(noNull, { minLength: 1, maxLength: 20 }), (words) => {
				expect(read(words)).toEqual(words);
			}),
			{ numRuns: 50 },
		);
	});

	it("hides nothing, and ends neither code nor a cell in Markdown", () => {
		fc.assert(
			fc.property(noNull, (word) => {
				expect(shellWord(word)).not.toMatch(/[`|\u202e\u200b\u{e0001}]/u);
			}),
		);
	});

	it("is plain where it can be", () => {
		expect(["call-1", "file:/var/log.db", "a b", ""].map(shellWord)).toEqual([
			"call-1",
			"file:/var/log.db",
			"'a b'",
			"''",
		]);
	});
});
