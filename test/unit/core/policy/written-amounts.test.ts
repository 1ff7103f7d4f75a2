/** Costs are written in currency units, and nothing that is written is taken for millionths. */
import { describe, expect, it } from "vitest";
import { costText, parseCost } from "../../../../src/core/model/amounts.ts";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";

const policy = (name: string, limit: string): { name: string; text: string } => ({
	name: `${name}.yaml`,
	text: `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: ${name} }\ntools: { allow: all }\nlimits:\n  - { name: l, scope: agent, ${limit} }\n`,
});

function compiled(...sources: { name: string; text: string }[]): { max: number; reserve: number } | string {
	const set = compilePolicies(sources, { budgetRoot: "tenant" });
	if (!set.ok)
		return set.error.map((of) => `${of.place?.line}:${of.place?.column} ${of.message}; ${of.help}`).join("\n");
	const [limit] = set.value.limits;
	return { max: limit?.max ?? -1, reserve: limit?.reserve ?? -1 };
}

const limit = (keys: string) => compiled(policy("p", keys));

describe("a cost", () => {
	it.each([
		["5", 5_000_000],
		["5.00", 5_000_000],
		["'0.25'", 250_000],
		["0.1", 100_000],
		["5 USD", 5_000_000],
		["12.5EUR", 12_500_000],
		["0.000001", 1],
		["0", 0],
		["'9007199254.740991'", 9_007_199_254_740_991],
	])("of %s is %d millionths", (written, micros) => {
		expect(limit(`measure: cost, max: ${written}`)).toEqual({ max: micros, reserve: 0 });
		expect(limit(`measure: cost, max: ${written}, reserve: ${written}`)).toEqual({ max: micros, reserve: micros });
	});

	it.each([
		["0.0000001", "`max` of `cost` has more than six decimals; the smallest amount is 0.000001"],
		["'1.1234567'", "`max` of `cost` has more than six decimals; the smallest amount is 0.000001"],
		["$5", "`max` of `cost` cannot be `$5`; write `max: 5`, or with the currency behind it: `max: 5 USD`"],
		["5 usd", "`max` of `cost` cannot be `5 usd`; write `max: 5`, or with the currency behind it: `max: 5 USD`"],
		[
			"'1,000'",
			"`max` of `cost` cannot be `1,000`; write `max: 1000`, or with the currency behind it: `max: 1000 USD`",
		],
		["'2,50'", "`max` of `cost` cannot be `2,50`; the decimal sign is a point: write `max: 2.50`"],
		["010 USD", "`max` of `cost` cannot be `010 USD`; write `max: 10`, or with the currency behind it: `max: 10 USD`"],
		["unlimited", "`max` of `cost` cannot be `unlimited`; an unlimited amount needs no rule: remove it"],
	])("of %s is refused, and the help says what to write", (written, expected) => {
		expect(limit(`measure: cost, max: ${written}`)).toBe(`6:50 ${expected}`);
	});

	it("is in one currency in all policies: a label converts nothing", () => {
		expect(compiled(policy("a", "measure: cost, max: 5 USD"), policy("b", "measure: cost, max: 5 EUR"))).toBe(
			"6:50 `max` is in EUR, but a.yaml:6 counts in USD; one deployment has one currency, and nothing converts: write all costs in it",
		);
		expect(
			compiled(policy("a", "measure: cost, max: 5 USD, reserve: 1 USD"), policy("b", "measure: cost, max: 5")),
		).toEqual({
			max: 5_000_000,
			reserve: 1_000_000,
		});
	});

	it("is read back as it was written", () => {
		for (const micros of [0, 1, 10, 250_000, 1_000_000, 25_000_000, 1_234_567, 9_007_199_254_740_991]) {
			expect(parseCost(costText(micros))?.micros).toBe(micros);
		}
		expect([costText(25_000_000), costText(1), costText(1_500_000), costText(-2_000_000)]).toEqual([
			"25.00",
			"0.000001",
			"1.50",
			"-2.00",
		]);
	});
});

describe("a count", () => {
	it.each([
		["010", 10],
		["0x10", 16],
		["0o10", 8],
		["-010", -10],
		["00", 0],
	])("of %s is refused: readers of YAML differ in what it is", (written, value) => {
		expect(limit(`measure: tokens, max: ${written}, reserve: 1`)).toContain(
			`\`${written}\` is another number for other readers of YAML; write it in decimal digits, without a zero before them: \`${value}\`,`,
		);
	});

	it.each([
		["1.5", "there are no parts of one: write `max: 1` or `max: 2`"],
		["'100'", "write `max: 100`, without quotes"],
		["1_000", "write `max: 1000`"],
		["'1,000,000'", "write `max: 1000000`"],
		["10k", "write the number out: `max: 10000`"],
		["unlimited", "an unlimited amount needs no rule: remove it"],
		["1h", "durations belong to `execution_time`; the length of a window is `per`"],
		["many", "write a number, such as `max: 100`"],
	])("of %s is refused, and the help says what to write", (written, help) => {
		expect(limit(`measure: tokens, max: ${written}, reserve: 1`)).toContain(
			`\`max\` of \`tokens\` is a whole number; ${help}`,
		);
	});
});

describe("a time", () => {
	it.each([
		["60", "write a unit: `max: 60s`, `60m` or `60h`"],
		["90 seconds", "write `max: 90s`"],
		["1.5h", "write `max: 90m`"],
		["2 hrs", "write `max: 2h`"],
		["1h30m", "write `max: 90m`"],
		["1w", "write `max: 7d`"],
		["daily", "write `max: 1d`"],
		["a while", "write a whole number and a unit, such as `max: 90s`; units are ms, s, m, h and d"],
	])("of %s is refused, and the help says what to write", (written, help) => {
		expect(limit(`measure: execution_time, max: ${written}, reserve: 1s`)).toContain(
			`\`max\` of \`execution_time\` is a duration; ${help}`,
		);
	});
});
