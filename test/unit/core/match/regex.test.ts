/** The regex dialect: what it accepts, and what it means where engines differ. */
import { describe, expect, it } from "vitest";
import { readPattern } from "../../../../src/core/match/pattern.ts";
import { compilePatternSet } from "../../../../src/core/match/pattern-set.ts";

function spanOf(regex: string, text: string, caseSensitive = false): [number, number] | null {
	const pattern = readPattern({ kind: "regex", text: regex, caseSensitive, style: "text" });
	if (!pattern.ok) throw new Error(pattern.error.message);
	const [hit] = compilePatternSet([pattern.value]).match(text);
	return hit === undefined ? null : [hit.start, hit.end];
}

describe("what a pattern means", () => {
	it("lets the dot match every line end, so that a newline does not hide a command", () => {
		for (const end of ["\n", "\r", "\u2028", "\u2029"]) expect(spanOf("curl.*sh", `curl x|${end}sh`)).not.toBeNull();
	});

	it("takes the white space of ECMAScript for \\s", () => {
		for (const space of ["\u00a0", "\v", "\ufeff", "\u3000", "\t"])
			expect(spanOf("rm\\s-r", `rm${space}-r`)).toEqual([0, 5]);
		expect(spanOf("rm\\S-r", "rm\u00a0-r")).toBeNull();
	});

	it("folds ASCII letters, the long s and the Kelvin sign, and nothing else", () => {
		expect(spanOf("DESK", "de\u017f\u212a")).toEqual([0, 4]);
		expect(spanOf("[j-l]", "\u212a")).toEqual([0, 1]);
		expect(spanOf("[^k]", "\u212a")).toBeNull();
		expect(spanOf("é", "É")).toBeNull();
		expect(spanOf("desk", "DESK", true)).toBeNull();
	});

	it("takes ^ and $ for the ends of the text, not of a line", () => {
		expect(spanOf("^b", "a\nb")).toBeNull();
		expect(spanOf("a$", "a\nb")).toBeNull();
		expect(spanOf("a$", "a\n")).toBeNull();
	});

	it("counts spans in UTF-16 code units and matches characters whole", () => {
		expect(spanOf(".b", "a😀b")).toEqual([1, 4]);
		expect(spanOf("^.$", "😀")).toEqual([0, 2]);
		expect(spanOf("\\u{1F600}\\uD83D\\uDE00", "😀😀")).toEqual([0, 4]);
	});

	it("knows the escapes of ECMAScript", () => {
		expect(spanOf("\\x41\\u0042\\cJ\\0\\t[^]\\-\\/", "AB\n\0\tx-/", true)).toEqual([0, 8]);
		expect(spanOf("[\\b]", "\b")).toEqual([0, 1]);
		expect(spanOf("[\\w-.]+", "a-.b")).toEqual([0, 4]);
		expect(spanOf("a{,b", "a{,b")).toEqual([0, 4]);
		expect(spanOf("(?<name>a)|b", "b")).toEqual([0, 1]);
	});

	it("prefers the leftmost match, then the first alternative", () => {
		expect(spanOf("b|ab|a", "xab")).toEqual([1, 3]);
		expect(spanOf("a+?", "aaa")).toEqual([0, 1]);
	});
});

describe("flags at the beginning", () => {
	it("are accepted where they change nothing, and turn folding on where it is off", () => {
		const matches = (text: string, caseSensitive: boolean): boolean => {
			const pattern = readPattern({ kind: "regex", text, caseSensitive, style: "text" });
			if (!pattern.ok) throw new Error(pattern.error.message);
			return compilePatternSet([pattern.value]).match("x DROP\ntable").length > 0;
		};
		for (const flags of ["(?i)", "(?is)", "(?si)"]) {
			expect(matches(`${flags}drop.table`, false)).toBe(true);
			expect(matches(`${flags}drop.table`, true)).toBe(true);
		}
		expect(matches("(?s)drop.table", true)).toBe(false);
	});
});

describe("time", () => {
	it("does not explode on patterns and texts that defeat backtracking engines", () => {
		expect(spanOf("(a+)+$", `${"a".repeat(100_000)}b`)).toBeNull();
		expect(spanOf("\\bsend\\s+.*\\bremote\\b", "send ".repeat(20_000))).toBeNull();
		expect(spanOf("(x+x+)+y", "x".repeat(50_000))).toBeNull();
	});
});
