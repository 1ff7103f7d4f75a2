/** The bound on the work and the memory for one call: what it leaves undecided is denied, wherever it was reached. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { type Pattern, readPattern } from "../../../../src/core/match/pattern.ts";
import { compilePatternSet, type PatternSet } from "../../../../src/core/match/pattern-set.ts";
import { RuleSearch } from "../../../../src/core/policy/rule-search.ts";
import type { CompiledPatternRule } from "../../../../src/core/policy/rules.ts";

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

	it("has counted the leaves that no rule fires on", () => {
		const search = new RuleSearch(compilePatternSet([regex("x+")]), [rule("only", 0)], {
			tenant: "t",
			agent: "a",
			tool: "db",
			args: { many: new Array(2_100_000).fill(1), last: "x" },
		});
		expect([...search.find([0]).values()].map(({ reason }) => reason.code)).toEqual(["rule.failed"]);
	});
});

describe("arguments as large as a record can hold", () => {
	const nested = (depth: number, text: string): string => "[".repeat(depth) + text + "]".repeat(depth);
	const filled = (text: string): string => `[${new Array(Math.floor(880_000 / (text.length + 1))).fill(text).join()}]`;

	it.each([
		["numbers far down", nested(58, filled("1"))],
		["texts far down", nested(58, filled('"a b"'))],
		["empty lists", nested(58, filled("[]"))],
		["lists of two", nested(58, filled("[1,2]"))],
		["maps", nested(58, filled('{"a":1}'))],
		["commands in parts", nested(58, filled('{"cmd":1,"args":[1,2],"path":3}'))],
		["one command of many parts", nested(58, `{"cmd":"a","args":${filled("1")}}`)],
		["many keys", `{${Array.from({ length: 80_000 }, (_, at) => `"k${at}":1`).join()}}`],
		["many lists below one another", filled(nested(50, "1"))],
	])("are judged in little memory: %s", (_, text) => {
		const policy = `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: p }
tools: { allow: all }
patterns: [{ name: r, substring: needle }, { name: u, regex: "needle.", in: args.q, unless: { regex: "^n" }, missing: ignore }]
`;
		const program = `
			import { readFileSync } from "node:fs";
			import { compilePolicies } from ${JSON.stringify(new URL("../../../../src/core/policy/compile.ts", import.meta.url).href)};
			const set = compilePolicies([{ name: "p.yaml", text: ${JSON.stringify(policy)} }], { budgetRoot: "tenant" }).value;
			const args = JSON.parse(readFileSync(0, "utf8"));
			console.log(set.judge({ tenant: "t", agent: "a", tool: "t", args }).findings.map(({ reason }) => reason.code).join());`;
		const { stdout, stderr } = spawnSync(
			process.execPath,
			["--max-old-space-size=128", "--input-type=module", "--eval", program],
			{ input: `{"p":${text},"z":"needle"}`, encoding: "utf8", timeout: 60_000 },
		);
		expect(stdout, stderr.slice(0, 1_000)).toBe("pattern.matched\n");
	});
});
