/** Answers about patterns that do not read a text as it is, against brute force over all spellings: paths and names. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { visibleName } from "../../src/core/base/unseen.ts";
import type { Language } from "../../src/core/language/language.ts";
import { normalizePath } from "../../src/core/language/path-text.ts";
import { inclusionOf } from "../../src/core/language/questions.ts";
import { languageOfNames } from "../../src/core/language/readings.ts";
import { holds } from "../../src/core/language/term-search.ts";
import { nameTestOf, readNameGlob } from "../../src/core/match/name-globs.ts";
import { readPattern } from "../../src/core/match/pattern.ts";
import { expectShortest, PAIRS, type Subject, subject, textsOf } from "../support/language-subject.ts";

const segment = fc
	.array(fc.constantFrom("a", "b", "*", "?", "[!a]", "..", "."), { minLength: 1, maxLength: 2 })
	.map((parts) => parts.join(""));
const pathGlob = fc
	.tuple(fc.boolean(), fc.array(fc.oneof(segment, fc.constant("**")), { minLength: 1, maxLength: 3 }))
	.map(([rooted, parts]) => `${rooted ? "/" : ""}${parts.join("/")}`)
	.filter((text) => readPattern({ kind: "glob", text, caseSensitive: false, style: "path" }).ok)
	.map((text) => subject("glob", text, false, "path"));
const PATHS = textsOf(["a", "b", "/", "."], 5);

describe("globs over paths", () => {
	it("are included where no spelling of a path says otherwise", () => {
		fc.assert(
			fc.property(pathGlob, pathGlob, (one, other) => {
				const answer = inclusionOf(one.language, other.language);
				if (answer.is === "unknown") expect.fail(answer.why);
				const witness = answer.is === "not-included" ? answer.witness : null;
				if (witness !== null) expect(normalizePath(witness)).toBe(witness);
				expectShortest(witness, (text) => one.matches(text) && !other.matches(text), PATHS);
			}),
			{ numRuns: Math.ceil(PAIRS / 4) },
		);
	});

	it("are compared with patterns that read the text as it is only as far as both can be", () => {
		const counts = { included: 0, "not-included": 0, unknown: 0 };
		const plain = fc
			.constantFrom("^", "a", "/", "^/", "a$", "^[^/]*$", "\\.", "^$", "b/a")
			.map((text) => subject("regex", text, false));
		fc.assert(
			fc.property(pathGlob, plain, fc.boolean(), (glob, text, isTurned) => {
				const [one, other] = isTurned ? [text, glob] : [glob, text];
				const answer = inclusionOf(one.language, other.language);
				counts[answer.is] += 1;
				const isWitness = (subjectText: string): boolean => one.matches(subjectText) && !other.matches(subjectText);
				if (answer.is === "not-included") expect(isWitness(answer.witness)).toBe(true);
				if (answer.is === "included") expectShortest(null, isWitness, PATHS);
			}),
			{ numRuns: Math.ceil(PAIRS / 4) },
		);
		for (const count of Object.values(counts)) expect(count).toBeGreaterThan(0);
	});
});

const nameGlobs = fc.array(
	fc
		.array(fc.constantFrom("a", "A", "\uff41", "*", "?", "\u200b", ".", "[!a]"), { minLength: 1, maxLength: 3 })
		.map((parts) => parts.join("")),
	{ minLength: 1, maxLength: 2 },
);
const nameList = fc.tuple(nameGlobs, fc.boolean()).map(([texts, caseSensitive]): Subject => {
	const globs = texts.flatMap((text) => readNameGlob(text, caseSensitive) ?? []);
	return {
		name: texts.join(),
		language: languageOfNames({ caseSensitive, globs }),
		matches: nameTestOf({ caseSensitive, globs }),
	};
});
const NAMES = textsOf(["a", "A", "\uff41", "\u200b", " ", ".", "b"], 4);

describe("lists of names", () => {
	it("hold the names that the matcher says, and are included where no name says otherwise", () => {
		const counts = { included: 0, "not-included": 0, unknown: 0 };
		fc.assert(
			fc.property(nameList, nameList, fc.constantFrom(...NAMES), (one, other, name) => {
				expect(holds(one.language, name)).toBe(one.matches(name));
				const answer = inclusionOf(one.language, other.language);
				counts[answer.is] += 1;
				const isWitness = (text: string): boolean => one.matches(text) && !other.matches(text);
				if (answer.is === "not-included") expect(isWitness(answer.witness)).toBe(true);
				if (answer.is === "included") expectShortest(null, isWitness, NAMES);
			}),
			{ numRuns: Math.ceil(PAIRS / 2) },
		);
		expect(counts.included).toBeGreaterThan(0);
		expect(counts["not-included"]).toBeGreaterThan(0);
		expect(counts.unknown).toBeLessThan(PAIRS / 10);
	});

	it("are witnessed by a name that looks as it is, where there is one", () => {
		const list = (texts: readonly string[]): Language =>
			languageOfNames({ caseSensitive: false, globs: texts.flatMap((text) => readNameGlob(text, false) ?? []) });
		const answer = inclusionOf(list(["read_*", "list_*"]), list(["read_*"]));
		expect(answer).toEqual({ is: "not-included", witness: "list_" });
		expect(visibleName("list_")).toBe("list_");
		expect(inclusionOf(list(["\uff42ash"]), list(["bash"]))).toEqual({ is: "included" });
	});
});
