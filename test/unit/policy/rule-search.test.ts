/** The bound on the work for one call: what it leaves undecided is denied, wherever it was reached. */
import { describe, expect, it } from "vitest";
import { type Pattern, readPattern } from "../../../src/core/match/pattern.ts";
import { compilePatternSet, type PatternSet } from "../../../src/core/match/pattern-set.ts";
import { RuleSearch } from "../../../src/core/policy/rule-search.ts";
import type { CompiledPatternRule } from "../../../src/core/policy/rules.ts";

const regex = (text: string): Pattern => {
	const read = readPattern({ kind: "regex", text, caseSensitive: false, style: "text" });
	if (!read.ok) throw new Error(read.error.message);
	return read.value;
};

const rule = (name: string, pattern: number): CompiledPatternRule => ({
	counts: () => true,
	inTool: true,
	paths: [[]],
	patterns: [pattern],
	unless: [],
	unlessReadsPaths: false,
	finding: {
		reason: {
			code: "pattern.matched",
			policy: "p",
			rule: name,
			effect: "deny",
			mode: "enforce",
			severity: "medium",
			span: null,
			message: "",
		},
		requirement: null,
	},
	doubts: null,
});

/** A set whose patterns take as much as two of them may together; tells which were asked for their cost. */
function costly(asked: number[], ...patterns: Pattern[]): PatternSet {
	const set = compilePatternSet(patterns);
	return Object.assign(Object.create(set) as PatternSet, {
		candidates: set.candidates.bind(set),
		filter: set.filter.bind(set),
		matches: set.matches.bind(set),
		find: set.find.bind(set),
		costOf: (_: string, id: number) => {
			asked.push(id);
			return 210_000_000;
		},
	});
}

describe("a search that has used up what one call may cost", () => {
	it("denies what is undecided, also where only the tool's name had it look", () => {
		const rules = [rule("first", 0), rule("second", 1)];
		const search = new RuleSearch(costly([], regex("x+"), regex("d+b")), rules, {
			tenant: "t",
			agent: "a",
			tool: "db",
			args: {},
		});
		const found = search.find([0, 1]);
		expect([...found].map(([{ finding }, { reason }]) => `${finding.reason.rule} ${reason.code}`)).toContain(
			"second rule.failed",
		);
	});

	it("asks for no further pattern's cost, which is work to find out", () => {
		const asked: number[] = [];
		const rules = [rule("first", 0), rule("second", 1), rule("third", 2), rule("fourth", 3)];
		const set = costly(asked, ...["x+", "d+b", "y+", "z+"].map(regex));
		const found = new RuleSearch(set, rules, { tenant: "t", agent: "a", tool: "db", args: {} }).find([0, 1, 2, 3]);
		expect(asked).toEqual([0, 1]);
		expect([...found.values()].map(({ reason }) => reason.code)).toEqual(new Array(4).fill("rule.failed"));
	});
});
