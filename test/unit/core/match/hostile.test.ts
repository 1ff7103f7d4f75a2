/** Patterns and texts that bring engines that go back to a standstill: the same answer as a second engine, after few readings. */
import { RE2JS } from "re2js";
import { describe, expect, it } from "vitest";
import { LiteralScan } from "../../../../src/core/match/literal-scan.ts";
import { type Pattern, readPattern } from "../../../../src/core/match/pattern.ts";
import { compilePatternSet } from "../../../../src/core/match/pattern-set.ts";
import { TreeSearch } from "../../../../src/core/match/tree-search.ts";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";
import { toRe2 } from "../../../support/re2-syntax.ts";
import { provocation, REDOS, type Redos } from "../../../support/redos.ts";

const LENGTH = 100_000;

interface Case {
	readonly redos: Redos;
	readonly pattern: Pattern;
	readonly text: string;
	/** Where a second engine finds the first match; -1: nowhere. */
	readonly start: number;
}

const cases = REDOS.flatMap((redos): Case[] => {
	const pattern = readPattern({ kind: "regex", text: redos.pattern, caseSensitive: false, style: "text" });
	if (!pattern.ok) return [];
	const text = provocation(redos, LENGTH);
	const matcher = RE2JS.compile(toRe2(pattern.value.tree), RE2JS.DOTALL).matcher(text);
	return [{ redos, pattern: pattern.value, text, start: matcher.find() ? matcher.start() : -1 }];
});

const named = cases.map((each) => [each.redos.pattern, each] as const);

describe("patterns that are known for what they do to other engines", () => {
	it("are accepted, but for those that no engine without going back can have", () => {
		const refused = REDOS.filter((redos) => !cases.some((each) => each.redos === redos)).map(({ pattern }) => pattern);
		expect(cases.length).toBeGreaterThanOrEqual(50);
		expect(refused).toEqual([
			"(?:a{0,30}){0,30}b",
			"^(?=.*a)(?=.*b).*$",
			"(.)\\1+$",
			"((a{1,100}){1,100}){1,100}b",
			"[^]{0,900}a[^]{0,900}b[^]{0,900}c",
		]);
	});

	it.each(named)("read 100 KB a few times at most: %s", (_, { pattern, text, start }) => {
		const search = new TreeSearch(pattern.tree);
		const { entry } = search;
		const scan = new LiteralScan([{ clauses: [], entry: entry.kind === "literals" ? entry.literals : null }]);
		scan.read(text);
		expect(search.find(text, scan.placesOf(0))?.[0] ?? -1).toBe(start);
		expect(search.find(text, undefined)?.[0] ?? -1).toBe(start);
		expect(search.read).toBeLessThanOrEqual(5 * text.length);
	});

	it("are found in one set as they are found alone", () => {
		const set = compilePatternSet(cases.map(({ pattern }) => pattern));
		for (const { redos, text } of cases.slice(0, 12)) {
			const alone = cases.flatMap(({ pattern }, id) => {
				const [hit] = compilePatternSet([pattern]).match(text.slice(0, 5_000));
				return hit === undefined ? [] : [{ ...hit, id }];
			});
			expect(set.match(text.slice(0, 5_000)), redos.pattern).toEqual(alone);
		}
	});
});

/** Each way to say where a rule looks, and whether it looks at the provocation alone, at more than that, or elsewhere. */
const SELECTORS: readonly (readonly [where: string, at: "alone" | "more" | "elsewhere"])[] = [
	["", "more"],
	["in: args", "more"],
	["in: args.*", "more"],
	["in: args.command", "alone"],
	["in: [args.other, args.command]", "alone"],
	["in: args.other | args.command", "alone"],
	["in: args.list.*.deep", "alone"],
	["in: tool", "elsewhere"],
];

describe("a rule with such a pattern", () => {
	it.each(named)("decides a call whose arguments were made to slow it, wherever it looks: %s", (_, each) => {
		const regex = each.redos.pattern.replaceAll("'", "''");
		const rules = SELECTORS.map(
			([where], at) => `  - { name: r${at}, regex: '${regex}'${where && `, ${where}`} }\n`,
		).join("");
		const set = compilePolicies(
			[
				{
					name: "p.yaml",
					text: `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all }\npatterns:\n${rules}`,
				},
			],
			{ budgetRoot: "tenant/agent" },
		);
		if (!set.ok) throw new Error(set.error.map(({ message }) => message).join("; "));
		const args = { command: each.text, list: [{ deep: each.text }] };
		const { fired } = set.value.evaluate({ tenant: "acme", agent: "a", tool: "shell", args });
		expect(fired.map(({ reason }) => reason.rule.code)).not.toContain("rule.failed");
		const found = new Set(fired.map(({ reason }) => reason.rule.name));
		for (const [at, [where, looks]] of SELECTORS.entries()) {
			if (looks === "alone" || (looks === "more" && each.start >= 0))
				expect(found.has(`r${at}`), where).toBe(each.start >= 0);
		}
	});
});
