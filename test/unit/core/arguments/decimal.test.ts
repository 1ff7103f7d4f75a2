/** Numbers as arguments carry them, compared exactly. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compareDecimals, type Decimal, readDecimal } from "../../../../src/core/arguments/decimal.ts";
import { numberIn, parseNumberRange } from "../../../../src/core/arguments/number-range.ts";
import type { Json } from "../../../../src/core/base/json.ts";

describe("a text that spells a number", () => {
	it.each([
		["0", 0, "", 0],
		["-0.00", 0, "", 0],
		["0e999999999999999999999", 0, "", 0],
		["100", 1, "1", 3],
		["100.50", 1, "1005", 3],
		["+.5", 1, "5", 0],
		["5.", 1, "5", 1],
		["-0.0050", -1, "5", -2],
		["1e5", 1, "1", 6],
		["12.5E-3", 1, "125", -1],
		["1e+21", 1, "1", 22],
		["1e999999999", 1, "1", 1_000_000_000],
		[" 7\n", 1, "7", 1],
	])("reads `%s`", (text, sign, digits, magnitude) => {
		expect(readDecimal(text)).toEqual({ sign, digits, magnitude });
	});

	it.each([
		"",
		" ",
		".",
		"+",
		"1,000",
		"1_000",
		"0x10",
		"010",
		"00",
		"1e",
		"e5",
		"1e5.5",
		"12abc",
		"--1",
		"1 2",
		"Infinity",
		"NaN",
		"١٢",
		"１２",
		"½",
		"1e9999999999999999",
		"true",
	])("does not read `%s`", (text) => {
		expect(readDecimal(text)).toBeNull();
	});
});

/** A number as text, and what it is: `digits` × 10^`power`. */
const spelled = fc
	.record({
		negative: fc.boolean(),
		digits: fc.oneof(fc.bigInt(0n, 30n), fc.bigInt(0n, 10n ** 30n)),
		power: fc.integer({ min: -25, max: 25 }),
		point: fc.integer({ min: 0, max: 12 }),
		zeros: fc.integer({ min: 0, max: 3 }),
	})
	.map(({ negative, digits, power, point, zeros }) => {
		const padded = digits.toString().padStart(point + 1, "0");
		const whole = padded.slice(0, padded.length - point);
		const decimals = `${padded.slice(padded.length - point)}${"0".repeat(zeros)}`;
		const text = `${negative ? "-" : ""}${whole}${decimals === "" ? "" : `.${decimals}`}e${power}`;
		// The text is digits × 10^(power - point); all of them are whole numbers × 10^-40.
		return { text, scaled: (negative ? -digits : digits) * 10n ** BigInt(power - point + 40) };
	})
	.filter(({ text }) => !/^-?0\d/.test(text));

describe("comparing", () => {
	it("agrees with whole numbers of any size", () => {
		fc.assert(
			fc.property(spelled, spelled, (a, b) => {
				const order = compareDecimals(readDecimal(a.text) as Decimal, readDecimal(b.text) as Decimal);
				expect(Math.sign(order), `${a.text} ${b.text}`).toBe(a.scaled < b.scaled ? -1 : a.scaled > b.scaled ? 1 : 0);
			}),
			{ numRuns: 5_000 },
		);
	});

	it("reads a double as the decimal that JSON writes", () => {
		fc.assert(
			fc.property(
				fc.double({ noNaN: true, noDefaultInfinity: true }),
				fc.double({ noNaN: true, noDefaultInfinity: true }),
				(a, b) => {
					const order = compareDecimals(
						readDecimal(JSON.stringify(a)) as Decimal,
						readDecimal(JSON.stringify(b)) as Decimal,
					);
					expect(Math.sign(order)).toBe(a < b ? -1 : a > b ? 1 : 0);
				},
			),
			{ numRuns: 5_000 },
		);
	});
});

function ask(range: string | number, value: Json): string {
	const parsed = parseNumberRange(range);
	if (!parsed.ok) throw new Error(parsed.error.message);
	return numberIn(parsed.value, value);
}

describe("a range", () => {
	it.each<[string | number, Json, string]>([
		["> 10000", 10_000, "no"],
		["> 10000", "10000.01", "yes"],
		["> 10000", "1e5", "yes"],
		["> 10000", 1e21, "yes"],
		["> 10000", "99999999999999999999999999", "yes"],
		["> 10000", "1e999999999999", "yes"],
		["<=0.3", 0.3, "yes"],
		["<= 0.3", "0.30000000000000000001", "no"],
		[">= 1, < 5", 5, "no"],
		[">= 1, < 5", 1, "yes"],
		["1..100", 100, "yes"],
		["1..100", "100.5", "no"],
		["-5..-1", -3, "yes"],
		[7, "7.0", "yes"],
		["= 7", 8, "no"],
		["0", -0, "yes"],
		["> 1", "12abc", "unreadable"],
		["> 1", "1,000", "unreadable"],
		["> 1", true, "unreadable"],
		["> 1", { amount: 2 }, "unreadable"],
		["> 1", [2], "unreadable"],
	])("`%s` says of %j: %s", (range, value, answer) => {
		expect(ask(range, value)).toBe(answer);
	});

	it.each<[string, number, string, RegExp]>([
		["> 10,000", 5, "`000` is not a bound", /write `10000`/],
		["> 1,200", 4, "`200` is not a bound", /write `1200`/],
		["10,100", 0, "`10` is not a bound", /write `10100`/],
		["> 1, ", 5, "a bound is missing", /remove the comma/],
		["", 0, "a bound is missing", /number/],
		["=> 5", 0, "`=> 5` is not a bound for a number", />=/],
		["== 5", 0, "`== 5` is not a bound", /write `=`/],
		["!= 5", 0, "`!= 5` is not a bound", /range/],
		["> 5 and < 9", 0, "is not a bound", /comma/],
		["1 - 9", 0, "is not a bound", /two dots/],
		["1..", 0, "`1..` has no end", />= 1/],
		["..9", 0, "`..9` has no beginning", /<= 9/],
		["> 10k", 0, "is not a bound", /without a unit/],
		["> $10", 0, "is not a bound", /without a unit/],
		["> 1_000", 0, "is not a bound", /without marks/],
		["> 010", 0, "is not a bound", /leading `0`/],
		[">= 1, <= ten", 6, "`<= ten` is not a bound", /write/],
		["9..1", 0, "no number is `9..1`", /correct/],
		["> 5, < 5", 0, "no number is `> 5, < 5`", /correct/],
	])("refuses `%s` at %i", (text, offset, message, help) => {
		const parsed = parseNumberRange(text);
		if (parsed.ok) throw new Error("was read");
		expect(parsed.error.offset).toBe(offset);
		expect(parsed.error.message).toContain(message);
		expect(parsed.error.help).toMatch(help);
	});

	it("keeps a range that one number satisfies", () => {
		expect(parseNumberRange(">= 5, <= 5").ok).toBe(true);
		expect(parseNumberRange("5..5").ok).toBe(true);
	});
});
