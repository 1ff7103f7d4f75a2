/** What a pattern cannot match without: what the filter asks for, and that it lets every match through. */
import { describe, expect, it } from "vitest";
import { readPattern } from "../../../../src/core/match/pattern.ts";
import { compilePatternSet } from "../../../../src/core/match/pattern-set.ts";
import { requiredClauses } from "../../../../src/core/match/required-clauses.ts";

function patternOf(text: string) {
	const pattern = readPattern({ kind: "regex", text, caseSensitive: false, style: "text" });
	if (!pattern.ok) throw new Error(pattern.error.message);
	return pattern.value;
}

const clausesOf = (text: string): readonly (readonly string[])[] => requiredClauses(patternOf(text).tree, "text");

describe("the literals that a pattern needs", () => {
	it("go on into what a repetition begins and ends with", () => {
		expect(clausesOf("\\brm\\s+-\\w*f")).toEqual([["rm "], [" -"]]);
		expect(clausesOf("rm(?:x|yz)+-")).toEqual([
			["rmx", "rmyz"],
			["x-", "yz-"],
		]);
		expect(clausesOf("ab(?:cd+)ef")).toEqual([["abcd"], ["def"]]);
	});

	it("end where nothing need be", () => {
		expect(clausesOf("rm\\s*-r")).toEqual([["-r"], ["rm"]]);
		expect(clausesOf("rm(?:\\s+)?-r")).toEqual([["-r"], ["rm"]]);
		expect(clausesOf("rm(?:x|\\w)+-r")).toEqual([["-r"], ["rm"]]);
	});

	it("are not asked for where another is in every text anyhow", () => {
		expect(clausesOf("(?:abc|bcd).*(?:bc|ef)")).toEqual([["abc", "bcd"]]);
		expect(clausesOf("(?:abc|bcd).*(?:ab|ef)")).toEqual([
			["abc", "bcd"],
			["ab", "ef"],
		]);
	});

	it("do not become many for the sake of one letter more", () => {
		expect(clausesOf("audit-[0-9]{4}")).toEqual([["audit-"]]);
		expect(clausesOf("[0-9]{4}-audit")).toEqual([["-audit"]]);
	});

	it("take each white space for the plain one, and leave the difference to the search", () => {
		const set = compilePatternSet([patternOf("rm\\s-"), patternOf("rm -"), patternOf("rm\\t-")]);
		for (const space of ["\t", "\n", " ", "\u00a0", "\u2028", "\u3000", "\ufeff"]) {
			const text = `x rm${space}-`;
			expect(set.candidates(text).count, JSON.stringify(space)).toBe(3);
			const expected = space === " " ? [0, 1] : space === "\t" ? [0, 2] : [0];
			expect(set.match(text).map(({ id }) => id)).toEqual(expected);
		}
		expect(set.candidates("x rm\u200b-").count).toBe(0);
	});
});
