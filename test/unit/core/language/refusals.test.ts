/** What the readers of patterns refuse: each construct with its place, what is wrong, and what to write instead. */
import fc from "fast-check";
import picomatch from "picomatch";
import { describe, expect, it } from "vitest";
import type { PatternFault } from "../../../../src/core/language/pattern-fault.ts";
import { type PatternSource, readPattern } from "../../../../src/core/match/pattern.ts";

const REGEX = { kind: "regex", caseSensitive: false, style: "text" } as const;
const TEXT_GLOB = { kind: "glob", caseSensitive: false, style: "text" } as const;
const PATH_GLOB = { kind: "glob", caseSensitive: false, style: "path" } as const;

function refusal(source: PatternSource): PatternFault {
	const pattern = readPattern(source);
	if (pattern.ok) throw new Error(`accepted: ${source.text}`);
	return pattern.error;
}

/** The pattern, the place, a part of what is wrong, a part of what to write. */
type Row = readonly [text: string, offset: number, wrong: string, help: string];

function holds(form: Omit<PatternSource, "text">, rows: readonly Row[]): void {
	it.each(rows)("%j", (text, offset, wrong, help) => {
		const fault = refusal({ ...form, text });
		expect(fault.message).toContain(wrong);
		expect(fault.help).toContain(help);
		expect(fault.offset).toBe(offset);
	});
}

describe("a regular expression", () => {
	describe("that looks around or back", () => {
		holds(REGEX, [
			["a(?=b)", 1, "lookaround", "`unless:`"],
			["a(?!b)", 1, "lookaround", "`unless:`"],
			["x(?<=a)", 1, "lookaround", "`unless:`"],
			["x(?<!b)", 1, "lookaround", "`unless:`"],
			["(a)\\1", 3, "backreferences", "write the alternatives out"],
			["\\k<a>", 0, "backreferences", "write the alternatives out"],
			["(a)\\g1", 3, "backreferences", "write the alternatives out"],
			["(?P=a)", 0, "backreferences", "write the alternatives out"],
		]);
	});

	describe("with groups of other engines", () => {
		holds(REGEX, [
			["(?P<n>a)", 0, "without the `P`", "`(?<name>…)`"],
			["(?'n'a)", 0, "angle brackets", "`(?<name>…)`"],
			["(?<n", 0, "name is not finished", "`(?<name>…)`"],
			["(?<1>a)", 0, "name is not finished", "`(?:…)`"],
			["b(?>a)", 1, "atomic groups", "`(?:…)`"],
			["(?|a|b)", 0, "share a number", "`(?:…)`"],
			["(?#c)a", 0, "comments", "YAML comment"],
			["(?(1)a|b)", 0, "depend on what a group matched", "`(?:…|…)`"],
			["a(?R)?", 1, "call itself", "as many levels"],
			["(a)(?1)", 3, "call one of its groups", "write the group out"],
			["(?&n)", 0, "call one of its groups", "write the group out"],
			["(?P>n)", 0, "call one of its groups", "write the group out"],
			["(?", 0, "begins no group", "`(?:…)`"],
		]);
	});

	describe("with flags elsewhere than at the beginning, or others than `i` and `s`", () => {
		holds(REGEX, [
			["a(?i)b", 1, "only at the beginning", "remove the flags"],
			["(?i:a)", 0, "only at the beginning", "`(?:…)` groups"],
			["(?-i)a", 0, "are `i` and `s`", "`case: sensitive`"],
			["(?m)^a", 0, "are `i` and `s`", "`(?:^|\\n)`"],
			["(?x) a", 0, "are `i` and `s`", "remove the flags"],
			["(?i)", 0, "nothing else", "what to look for"],
		]);
	});

	describe("with repetitions that cannot be", () => {
		holds(REGEX, [
			["*a", 0, "nothing before `*`", "write a backslash"],
			["a|+", 2, "nothing before `+`", "write a backslash"],
			["(?:?)", 3, "nothing before `?`", "write a backslash"],
			["{2}", 0, "nothing before the repetition", "write a backslash"],
			["a**", 0, "two quantifiers", "`(?:…)`"],
			["a{2}{3}", 0, "two quantifiers", "`(?:…)`"],
			["a*+", 2, "possessive", "leave out the second sign"],
			["a{2}+", 4, "possessive", "leave out the second sign"],
			["^*", 0, "an assertion cannot be repeated", "remove the quantifier"],
			["\\b+", 0, "an assertion cannot be repeated", "remove the quantifier"],
			["a{,5}", 1, "no lower bound", "`{0,5}`"],
			["a{2,1}", 1, "below its start", "swap"],
			["a{1001}", 1, "more than 1000 times", "`*` or `+`"],
			["(?:a{40}){40}", 0, "nested repetitions", "smaller bounds"],
			["(?:abcdefgh){1000}", 0, "8001 steps", "`*` or `+`"],
		]);
	});

	describe("with brackets that do not close, or hold what they cannot", () => {
		holds(REGEX, [
			["(a", 0, "never closed", "backslash"],
			["a)", 1, "closes no group", "backslash"],
			[`${"(".repeat(101)}a${")".repeat(101)}`, 100, "deeper than 100", "split"],
			["a[b", 1, "never closed", "`\\[`"],
			["[]", 0, "never match", "`[^]`"],
			["[^\\s\\S]", 0, "never match", "`[^]`"],
			["[z-a]", 1, "`z-a` ends below", "swap"],
			["[[:alpha:]]", 1, "`[:alpha:]` has no meaning", "`[a-z]`"],
			["[a-z&&[^b]]", 4, "cannot be intersected", "in both"],
		]);
	});

	describe("with escapes of other engines", () => {
		holds(REGEX, [
			["\\Aa", 0, "`\\A` has no meaning", "`^`"],
			["ab\\Z", 2, "`\\Z` has no meaning", "`$`"],
			["ab\\z", 2, "`\\z` has no meaning", "`$`"],
			["\\Ga", 0, "`\\G` has no meaning", "leave it out"],
			["a\\Kb", 1, "`\\K` has no meaning", "leave it out"],
			["\\Qa.b\\E", 0, "`\\Q` has no meaning", "`substring:`"],
			["a\\E", 1, "`\\E` has no meaning", "`substring:`"],
			["\\R", 0, "`\\R` has no meaning", "`\\r?\\n`"],
			["\\N", 0, "`\\N` has no meaning", "`[^\\n]`"],
			["\\X", 0, "`\\X` has no meaning", "`.`"],
			["a\\h", 1, "`\\h` has no meaning", "`[ \\t]`"],
			["a\\H", 1, "`\\H` has no meaning", "`[^ \\t]`"],
			["\\e[0m", 0, "`\\e` has no meaning", "`\\x1b`"],
			["\\a", 0, "`\\a` has no meaning", "`\\x07`"],
			["\\o{7}", 0, "`\\o` has no meaning", "`\\xHH`"],
			["\\07", 0, "`\\0` has no meaning", "`\\xHH`"],
			["\\p{L}", 0, "`\\p` has no meaning", "list the characters"],
			["[\\P{L}]", 1, "`\\P` has no meaning", "list the characters"],
			["[\\B]", 1, "`\\B` has no meaning", "`B`"],
			["\\q", 0, "`\\q` has no meaning", "`q`"],
			["\\c1", 0, "`\\c` has no meaning", "`\\cJ`"],
			["\\x4", 0, "`\\x` has no meaning", "2 hexadecimal digits"],
			["\\u12", 0, "`\\u` has no meaning", "4 hexadecimal digits"],
			["\\u{110000}", 0, "`\\u{110000}` has no meaning", "`\\u{10FFFF}`"],
			["\\ud800", 0, "`\\ud800` has no meaning", "`\\u{…}`"],
			["a\\", 1, "lone backslash", "`\\\\`"],
		]);
	});
});

const SHARED: readonly Row[] = [
	["+(a|b)", 0, "extended globs", "`regex:`"],
	["*(a)", 0, "extended globs", "`regex:`"],
	["@(a|b)", 0, "extended globs", "`{a,b}`"],
	["?(a)", 0, "extended globs", "`{,a}`"],
	["x/!(a)", 2, "extended globs", "`unless:`"],
	["!secret", 0, "leading `!`", "`unless:`"],
	["{1..9}", 0, "ranges", "`[1-9]`"],
	["x{a..c}", 1, "ranges", "list them"],
	["[[:alpha:]]", 0, "POSIX", "`[a-z]`"],
	["{a,{b,{c,d}}}", 6, "deeper than 2", "write the alternatives out"],
	[`{${Array.from({ length: 65 }, (_, at) => `a${at}`).join(",")}}`, 0, "64 alternatives", "split"],
	["{a}", 0, "two alternatives", "`\\{`"],
	["x{a,b", 1, "`{` is never closed", "`\\{`"],
	["a}", 1, "closes no brace", "`\\}`"],
	["x[ab", 1, "`[` is never closed", "`\\[`"],
	["x[!]", 1, "`[` is never closed", "`\\[`"],
	["[!]a]", 2, "empty class", "`\\]`"],
	["[b-a]", 0, "below its start", "swap"],
	["ab]", 2, "no meaning", "`\\]`"],
	["a(b)", 1, "no meaning", "`regex:`"],
	["a|b", 1, "no meaning", "`\\|`"],
	["C:\\Windows", 2, "`\\W` has no meaning", "write `\\\\`"],
	["a\\", 1, "lone backslash", "`\\\\`"],
];

describe("a glob over texts", () => {
	holds(TEXT_GLOB, SHARED);

	it("is refused where picomatch cannot read it", () => {
		const part = fc.constantFrom(..."\\(!*+{},[]^-|ab/.'@?");
		let unread = 0;
		fc.assert(
			fc.property(fc.string({ unit: part, minLength: 1, maxLength: 8 }), (text) => {
				try {
					picomatch.parse(text, { dot: true, strictBrackets: true } as object);
				} catch {
					unread += 1;
					expect(readPattern({ ...TEXT_GLOB, text }).ok).toBe(false);
				}
			}),
			{ numRuns: 5_000 },
		);
		expect(unread).toBeGreaterThan(1_000);
	});
});

describe("a glob over paths", () => {
	holds(PATH_GLOB, [
		...SHARED,
		["a//b", 1, "can never match", "leave out `//`"],
		["./a", 0, "can never match", "`./`"],
		["dir/", 3, "can never match", "`dir/**`"],
		["a/../b", 1, "can never match", "`../`"],
		["[a/b]", 2, "cannot hold `/`", "`{a/b,c}`"],
	]);
});

describe("any pattern", () => {
	const anyKind = (["substring", "regex", "glob"] as const).map((kind) => ({ ...TEXT_GLOB, kind }));

	it.each<Row>([
		["", 0, "empty", "what to look for"],
		["a".repeat(1_001), 1_000, "1000 characters", "split"],
		["a\ud800", 0, "half a surrogate pair", "retype"],
		// Double quotes make one out of `\b`.
		["\brm", 0, "U+0008", "single quotes"],
	])("%j", (text, offset, wrong, help) => {
		for (const form of anyKind) {
			const fault = refusal({ ...form, text });
			expect(fault.message).toContain(wrong);
			expect(fault.help).toContain(help);
			expect(fault.offset).toBe(offset);
		}
	});

	it("that is refused has a place in its text, and a help", () => {
		const part = fc.constantFrom(..."\\(?<=!:>P*+{},12[]^-&|$.abdwkupx#'R/~@");
		const form = fc.constantFrom(REGEX, TEXT_GLOB, PATH_GLOB);
		let refused = 0;
		fc.assert(
			fc.property(form, fc.string({ unit: part, minLength: 1, maxLength: 12 }), (how, text) => {
				const pattern = readPattern({ ...how, text });
				if (pattern.ok) return;
				refused += 1;
				const { offset, message, help } = pattern.error;
				expect(offset).toBeGreaterThanOrEqual(0);
				expect(offset).toBeLessThan(text.length);
				expect(message).toMatch(/^(?:[^A-Z]|POSIX)/);
				expect(help).toMatch(/write|use|say|list|leave|remove|swap|split|lower|rules|close/);
			}),
			{ numRuns: 5_000 },
		);
		expect(refused).toBeGreaterThan(2_500);
	});
});
