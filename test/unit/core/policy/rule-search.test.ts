/** The bound on the work and the memory for one call: what it leaves undecided is denied, wherever it was reached. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { readPattern } from "../../../../src/core/match/pattern.ts";
import type { PatternSet } from "../../../../src/core/match/pattern-set.ts";
import { LookingRules } from "../../../../src/core/policy/looking-rules.ts";
import { RuleIndex } from "../../../../src/core/policy/rule-index.ts";
import { RuleSearch } from "../../../../src/core/policy/rule-search.ts";
import type { CompiledPatternRule } from "../../../../src/core/policy/rules.ts";

const PLACE = { file: "p.yaml" };

function rule(name: string, text: string): CompiledPatternRule {
	const pattern = readPattern({ kind: "regex", text, caseSensitive: false, style: "text" });
	if (!pattern.ok) throw new Error(pattern.error.message);
	return {
		place: PLACE,
		tools: { names: { caseSensitive: false, globs: [] }, except: null },
		inTool: true,
		arguments: [{ text: "args", path: [], place: PLACE }],
		patterns: [{ ...pattern.value, place: PLACE }],
		unless: [],
		fired: {
			reason: {
				rule: {
					code: "pattern.matched",
					policy: "p",
					name,
					effect: "deny",
					mode: "enforce",
					severity: "medium",
					message: "",
					tags: [],
				},
				span: null,
			},
			requirement: null,
		},
		doubts: null,
	};
}

/** A search with some of what its patterns do done in another way. */
function changed(index: RuleIndex, ways: (patterns: PatternSet) => Partial<PatternSet>): RuleSearch {
	const { patterns } = index;
	const set: PatternSet = Object.assign(Object.create(patterns) as PatternSet, {
		candidates: patterns.candidates.bind(patterns),
		focus: patterns.focus.bind(patterns),
		find: patterns.find.bind(patterns),
		costOf: patterns.costOf.bind(patterns),
		...ways(patterns),
	});
	return new RuleSearch(index, set);
}

/** A search whose patterns take as much as two of them may together; tells which were asked for their cost. */
const costly = (index: RuleIndex, asked: number[]): RuleSearch =>
	changed(index, () => ({
		costOf: (_, id) => {
			asked.push(id);
			return 210_000_000;
		},
	}));

describe("a search among many rules", () => {
	it("looks for no pattern that lacks a literal, and for one that lacks none", () => {
		const asked: number[] = [];
		const index = new RuleIndex(
			Array.from({ length: 1_000 }, (_, place) => rule(String(place), `\\bverb${place}\\s+--(force|all)\\b`)),
		);
		const search = costly(index, asked);
		const looking = new LookingRules(index, index.rules);
		search.inArguments(looking, { a: "verb of --force and --all", b: ["verb7", "--quiet"], c: "--force" });
		expect(asked).toEqual([]);
		search.inArguments(looking, { a: "not --force", b: ["verb7", "--all"] });
		expect(asked).toEqual([7]);
	});
});

describe("a search in a tool's name", () => {
	it("looks for no pattern that lacks a literal, and for those of its rules alone", () => {
		const asked: number[] = [];
		const index = new RuleIndex(
			Array.from({ length: 1_000 }, (_, place) => rule(String(place), `drop${place % 500}x+`)),
		);
		const search = costly(index, asked);
		expect(search.inTool("drop.x", index.rules)).toEqual([]);
		expect(asked).toEqual([]);
		const found = search.inTool("db.drop7x", index.rules.slice(0, 500));
		expect(asked).toEqual([7]);
		expect(found.map(({ rule: { index }, fired }) => [index, fired.reason.span])).toEqual([
			[7, { pointer: "#tool", start: 3, end: 9 }],
		]);
	});

	it("looks for a pattern without literals in every name", () => {
		const index = new RuleIndex([rule("any", "[^a-z.]{3}")]);
		expect(new RuleSearch(index).inTool("db.query", index.rules)).toEqual([]);
		expect(new RuleSearch(index).inTool("db.123", index.rules)).toHaveLength(1);
	});
});

describe("a search that has used up what one call may cost", () => {
	it("denies what is undecided in the tool's name", () => {
		const index = new RuleIndex([rule("first", "x.*y"), rule("second", "d+b")]);
		const found = costly(index, []).inTool("yxdb", index.rules);
		expect(found.map(({ rule: of, fired }) => `${of.rule.fired.reason.rule.name} ${fired.reason.rule.code}`)).toEqual([
			"second rule.failed",
		]);
	});

	it("asks for no further pattern's cost, which is work to find out, and denies what may still match", () => {
		const asked: number[] = [];
		const index = new RuleIndex(["x+", "d+b", "y+", "z+", "q+"].map((text, at) => rule(String(at), text)));
		const found = costly(index, asked).inArguments(new LookingRules(index, index.rules), { a: "xddd", b: "dbzy" });
		expect(asked).toEqual([0, 1]);
		expect(found.map(({ rule: of, fired }) => `${of.index} ${fired.reason.rule.code}`)).toEqual([
			"0 pattern.matched",
			"1 rule.failed",
			"2 rule.failed",
			"3 rule.failed",
		]);
	});

	it("reads no further leaves once it would take as much again to find out what else is undecided, and denies all of it", () => {
		const index = new RuleIndex(Array.from({ length: 1_000 }, (_, at) => rule(String(at), `(?:rm|cat${at})[^x]y`)));
		let read = 0;
		const search = changed(index, (patterns) => ({
			candidates: (text) => {
				read += 1;
				return patterns.candidates(text);
			},
		}));
		const args = { a: Array.from({ length: 40_000 }, () => ["rm"]) };
		const found = search.inArguments(new LookingRules(index, index.rules.slice(0, 900)), args);
		expect(found.map(({ fired }) => fired.reason.rule.code)).toEqual(new Array(900).fill("rule.failed"));
		// Each leaf is work for 900 rules.
		expect(read).toBeLessThan(12_000);
	});

	it("has counted the leaves that no rule fires on", () => {
		const index = new RuleIndex([rule("only", "x+")]);
		const args = { many: new Array(2_100_000).fill(1), last: "x" };
		const found = new RuleSearch(index).inArguments(new LookingRules(index, index.rules), args);
		expect(found.map(({ fired }) => fired.reason.rule.code)).toEqual(["rule.failed"]);
	});

	it("knows nothing of it at the next call", () => {
		const index = new RuleIndex([rule("only", "x+")]);
		const search = new RuleSearch(index);
		const looking = new LookingRules(index, index.rules);
		search.inArguments(looking, { many: new Array(2_100_000).fill(1), last: "x" });
		expect(search.inArguments(looking, { last: "y" })).toEqual([]);
		expect(search.inArguments(looking, { last: "x" }).map(({ fired }) => fired.reason.rule.code)).toEqual([
			"pattern.matched",
		]);
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
			console.log(set.evaluate({ tenant: "t", agent: "a", tool: "t", args }).fired.map(({ reason }) => reason.rule.code).join());`;
		const { stdout, stderr } = spawnSync(
			process.execPath,
			["--max-old-space-size=128", "--input-type=module", "--eval", program],
			{ input: `{"p":${text},"z":"needle"}`, encoding: "utf8", timeout: 60_000 },
		);
		expect(stdout, stderr.slice(0, 1_000)).toBe("pattern.matched\n");
	});
});
