/** One reading of a text for all literals: where those are at which matches begin or end. */
import { describe, expect, it } from "vitest";
import { GroupSearch } from "../../../../src/core/match/group-search.ts";
import { LiteralScan } from "../../../../src/core/match/literal-scan.ts";
import { readPattern } from "../../../../src/core/match/pattern.ts";
import { compilePatternSet } from "../../../../src/core/match/pattern-set.ts";

const patternOf = (text: string) => {
	const pattern = readPattern({ kind: "regex", text, caseSensitive: false, style: "text" });
	if (!pattern.ok) throw new Error(pattern.error.message);
	return pattern.value;
};

describe("the places of literals", () => {
	const scan = new LiteralScan([
		{ clauses: [["rm"]], entry: ["rm "] },
		{ clauses: [["rm"]], entry: ["m -", "x"] },
		{ clauses: [], entry: null },
	]);

	it("are told in the order of the text, without regard to case", () => {
		scan.read("rm -x RM\t-");
		expect(scan.placesOf(0)).toEqual([3, 9]);
		expect(scan.placesOf(1)).toEqual([4, 5, 10]);
		expect(scan.placesOf(2)).toBeUndefined();
	});

	it("are told once where two literals of an entry end at one place", () => {
		const searches = new LiteralScan([{ clauses: [], entry: ["ab", "b", "c"] }]);
		searches.read("cab b");
		expect(searches.placesOf(0)).toEqual([1, 3, 5]);
	});

	it("are kept once for all patterns that need the same literal beside others", () => {
		const entries = Array.from({ length: 5_000 }, (_, at) => ["rm", `cat${at}`]);
		const searches = new LiteralScan(entries.map((entry) => ({ clauses: [entry, [`${entry[1]}x`]], entry })));
		expect(searches.read("rm ".repeat(40_000)).count).toBe(0);
		expect(searches.placesOf(4_999)).toHaveLength(40_000);
		expect(searches.read("rm cat7x").count).toBe(1);
		expect(searches.placesOf(7)).toEqual([2, 7]);
	});

	it("are those of the text that was read last", () => {
		scan.read("rm -rm -");
		expect(scan.placesOf(0)).toEqual([3, 7]);
		scan.read("nothing");
		expect(scan.placesOf(0)).toEqual([]);
		scan.read("rm ");
		expect(scan.placesOf(0)).toEqual([3]);
	});

	it.each([
		["dashes", "-"],
		["letters of one byte", "é"],
		["letters of two bytes", "\u2028"],
		["halves of pairs", "\ude00"],
	])("are found at every place of a text of any length, between %s", (_, filler) => {
		const literals = ["abcdefghijklmnop", "fgh", "x"];
		const searches = new LiteralScan(literals.map((literal) => ({ clauses: [[literal]], entry: [literal] })));
		for (const length of [127, 128, 129, 143, 144, 300, 301]) {
			for (let from = 0; from + 16 <= length; from++) {
				const text = `${filler.repeat(from)}ABCDEFGHIJKLMNOP${filler.repeat(length - from - 16)}`;
				const { count } = searches.read(text);
				const found = literals.map((_literal, id) => searches.placesOf(id));
				expect([count, ...found], `${length} ${from}`).toEqual([2, [from + 16], [from + 8], []]);
			}
		}
	});

	it("are told once each, in order, where a text has nothing else", () => {
		for (const length of [100, 128, 401, 140_000]) {
			const text = "x".repeat(length);
			scan.read(text);
			expect(scan.placesOf(1)).toEqual(Array.from(text, (_, place) => place + 1));
		}
	});

	it("are not told where there are too many to keep, and nothing is missed for it", () => {
		const text = "x".repeat(600_000);
		scan.read(text);
		expect(scan.placesOf(1)).toBeUndefined();
		scan.read("x");
		expect(scan.placesOf(1)).toEqual([1]);
		const [hit] = compilePatternSet([patternOf("xx.*y"), patternOf("xx")]).match(`${text}y`);
		expect(hit).toMatchObject({ id: 0, start: 0 });
	});
});

describe("patterns that are searched for in a group", () => {
	const sources = ["\\b\\d{3}\\b", "[ab]+c?", "\\B.\\B", "^\\w", "\\d$", "z*"];
	const group = new GroupSearch(sources.map((source) => patternOf(source).tree));

	it("begin where each alone begins first, and nowhere of what an earlier text had", () => {
		for (const text of ["x 123 abc", "", "---", "12 1234 567", "é\u{1f600}1", "b"]) {
			group.read(text);
			const expected = sources.map((source) => new RegExp(source, "si").exec(text)?.index ?? -1);
			expect([...group.begins], text).toEqual(expected);
		}
	});
});
