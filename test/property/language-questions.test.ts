/**
 * Answers about languages against brute force: every text of a small alphabet is tried on the matcher, and every witness is, on
 * the matcher and on a second engine. `ASSENT_PAIRS` says how many pairs of patterns.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exampleTexts } from "../../src/core/language/examples.ts";
import { complement, difference, intersection, union } from "../../src/core/language/language.ts";
import { equivalenceOf, inclusionOf, shortestText, universalityOf } from "../../src/core/language/questions.ts";
import { holds } from "../../src/core/language/term-search.ts";
import { expectShortest, lengthOf, PAIRS, type Subject, subject, textsOf } from "../support/language-subject.ts";

const letter = fc.constantFrom("a", "b", "A", "-", ".", "[ab]", "[^b]", "[^-a]", "\\w", "\\W", "[^]");
const assertion = fc.constantFrom("^", "$", "\\b", "\\B");
const bounds = fc.constantFrom("*", "+", "?", "{2}", "{1,3}", "{0,2}", "{2,}");
const { node } = fc.letrec<{ node: string }>((tie) => ({
	node: fc.oneof(
		{ depthSize: "small" },
		letter,
		letter,
		assertion,
		fc.tuple(tie("node"), tie("node")).map(([a, b]) => `${a}${b}`),
		fc.tuple(tie("node"), tie("node")).map(([a, b]) => `(?:${a}|${b})`),
		fc.tuple(letter, bounds).map(([a, times]) => `${a}${times}`),
		// An assertion alone cannot be repeated.
		fc.tuple(tie("node"), letter, bounds).map(([a, b, times]) => `(?:${a}|${b})${times}`),
	),
}));
const regex = fc.tuple(node, fc.boolean()).map(([text, caseSensitive]) => subject("regex", text, caseSensitive));
const substring = fc
	.tuple(fc.string({ unit: fc.constantFrom("a", "b", "A", "-"), minLength: 1, maxLength: 3 }), fc.boolean())
	.map(([text, caseSensitive]) => subject("substring", text, caseSensitive));
const textGlob = fc
	.tuple(
		fc.array(fc.constantFrom("a", "b", "A", "*", "?", "[ab]", "[!a]", "{a,bb}"), { minLength: 1, maxLength: 4 }),
		fc.boolean(),
	)
	.map(([parts, caseSensitive]) => subject("glob", parts.join(""), caseSensitive));
const pattern = fc.oneof({ weight: 4, arbitrary: regex }, substring, textGlob);

/** One letter of each class that these patterns tell apart. */
const TEXTS = textsOf(["a", "b", "A", "B", "c", "-", "."], 4);

describe("one pattern in another", () => {
	it("is included where no text says otherwise, or the shortest that does is named", () => {
		const counts = { included: 0, "not-included": 0, unknown: 0 };
		fc.assert(
			fc.property(pattern, pattern, (one, other) => {
				const answer = inclusionOf(one.language, other.language);
				counts[answer.is] += 1;
				if (answer.is === "unknown") expect.fail(answer.why);
				const witness = answer.is === "not-included" ? answer.witness : null;
				expectShortest(witness, (text) => one.matches(text) && !other.matches(text), TEXTS);
			}),
			{ numRuns: PAIRS },
		);
		expect(counts.included).toBeGreaterThan(PAIRS / 20);
		expect(counts["not-included"]).toBeGreaterThan(PAIRS / 4);
	});

	it("is the same, overlaps it or not, as the texts say", () => {
		fc.assert(
			fc.property(pattern, pattern, (one, other) => {
				const equal = equivalenceOf(one.language, other.language);
				if (equal.is === "unknown") expect.fail(equal.why);
				const [first, second] = equal.is === "different" && equal.in === "second" ? [other, one] : [one, other];
				if (equal.is === "different")
					expect([first.matches(equal.witness), second.matches(equal.witness)]).toEqual([true, false]);
				const differs = equal.is === "different" ? equal.witness : null;
				expectShortest(differs, (text) => one.matches(text) !== other.matches(text), TEXTS);
				const common = shortestText(intersection([one.language, other.language]));
				if (common.is === "unknown") expect.fail(common.why);
				expectShortest(
					common.is === "text" ? common.text : null,
					(text) => one.matches(text) && other.matches(text),
					TEXTS,
				);
			}),
			{ numRuns: Math.ceil(PAIRS / 4) },
		);
	});
});

const { composed } = fc.letrec<{ composed: Subject }>((tie) => ({
	composed: fc.oneof(
		{ depthSize: "small" },
		pattern,
		fc.tuple(tie("composed"), tie("composed")).map(([a, b]) => ({
			name: `(${a.name} ∪ ${b.name})`,
			language: union([a.language, b.language]),
			matches: (text: string) => a.matches(text) || b.matches(text),
		})),
		fc.tuple(tie("composed"), tie("composed")).map(([a, b]) => ({
			name: `(${a.name} ∩ ${b.name})`,
			language: intersection([a.language, b.language]),
			matches: (text: string) => a.matches(text) && b.matches(text),
		})),
		fc.tuple(tie("composed"), tie("composed")).map(([a, b]) => ({
			name: `(${a.name} without ${b.name})`,
			language: difference(a.language, b.language),
			matches: (text: string) => a.matches(text) && !b.matches(text),
		})),
		tie("composed").map((a) => ({
			name: `(not ${a.name})`,
			language: complement(a.language),
			matches: (text: string) => !a.matches(text),
		})),
	),
}));

describe("what is made of patterns", () => {
	it("has the shortest text that is named, or none, and is everything or not", () => {
		fc.assert(
			fc.property(composed, ({ language, matches, name }) => {
				const found = shortestText(language);
				if (found.is === "unknown") expect.fail(`${name}: ${found.why}`);
				expectShortest(found.is === "text" ? found.text : null, matches, TEXTS);
				const all = universalityOf(language);
				if (all.is === "unknown") expect.fail(`${name}: ${all.why}`);
				expectShortest(all.is === "not-everything" ? all.witness : null, (text) => !matches(text), TEXTS);
			}),
			{ numRuns: Math.ceil(PAIRS / 4) },
		);
	});

	it("has the examples that are given, the same ones for the same seed", () => {
		let given = 0;
		fc.assert(
			fc.property(composed, fc.integer(), ({ language, matches }, seed) => {
				const texts = exampleTexts(language, { seed, count: 5 });
				given += texts.length;
				expect(texts.filter((text) => !matches(text))).toEqual([]);
				expect(new Set(texts).size).toBe(texts.length);
				expect(exampleTexts(language, { seed, count: 5 })).toEqual(texts);
				if (texts.length === 0) expect(shortestText(language).is).toBe("none");
			}),
			{ numRuns: Math.ceil(PAIRS / 4) },
		);
		expect(given).toBeGreaterThan(PAIRS / 4);
	});

	it("gets the same answer or none from fewer steps, with a witness that may be longer", () => {
		let unknown = 0;
		fc.assert(
			fc.property(composed, pattern, fc.integer({ min: 1, max: 1_000 }), (one, other, stepsMax) => {
				const few = inclusionOf(one.language, other.language, { stepsMax });
				const answer = inclusionOf(one.language, other.language);
				if (few.is === "unknown") unknown += 1;
				else expect(few.is).toBe(answer.is);
				if (few.is !== "not-included" || answer.is !== "not-included") return;
				expect(one.matches(few.witness) && !other.matches(few.witness)).toBe(true);
				expect(lengthOf(few.witness)).toBeGreaterThanOrEqual(lengthOf(answer.witness));
			}),
			{ numRuns: Math.ceil(PAIRS / 4) },
		);
		expect(unknown).toBeGreaterThan(0);
	});

	it("gets an answer that what was asked before has no part in", () => {
		const source = fc.tuple(node, fc.boolean());
		fc.assert(
			fc.property(source, source, fc.integer({ min: 1, max: 300 }), (one, other, stepsMax) => {
				const [narrow, wide] = [subject("regex", ...one).language, subject("regex", ...other).language];
				inclusionOf(narrow, wide);
				inclusionOf(wide, narrow);
				const again = inclusionOf(narrow, wide, { stepsMax });
				const fresh = [subject("regex", ...one).language, subject("regex", ...other).language] as const;
				expect(again).toEqual(inclusionOf(...fresh, { stepsMax }));
			}),
			{ numRuns: Math.ceil(PAIRS / 4) },
		);
	});

	it("holds the texts that the matcher says, whatever letters they have", () => {
		const text = fc.string({
			unit: fc.constantFrom("a", "B", "k", "\u212a", "s", "\u017f", " ", "\n", "-", "é", "É", "\u00a0", "😀", "\ud83d"),
			maxLength: 8,
		});
		const odd = fc.constantFrom(
			"k+",
			"[j-t]",
			"[^s]$",
			"\\s",
			"^.$",
			"😀",
			"[😀-🙏]",
			"é",
			"\\bk\\b",
			"[^k]\\B",
			"\\W{2}",
		);
		fc.assert(
			fc.property(odd, odd, fc.boolean(), text, (head, tail, caseSensitive, subjectText) => {
				const both = subject("regex", `${head}.?${tail}|${tail}`, caseSensitive);
				expect(holds(both.language, subjectText)).toBe(both.matches(subjectText));
			}),
			{ numRuns: PAIRS * 2 },
		);
	});
});
