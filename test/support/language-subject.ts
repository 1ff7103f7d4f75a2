/** Patterns in two forms, to try on texts what is said of their languages: as languages, and as the matcher has them. */
import { RE2JS } from "re2js";
import { expect } from "vitest";
import { type Language, languageOf } from "../../src/core/language/language.ts";
import { normalizePath } from "../../src/core/language/path-text.ts";
import { type PatternKind, readPattern } from "../../src/core/match/pattern.ts";
import { compilePatternSet } from "../../src/core/match/pattern-set.ts";
import { toRe2 } from "./re2-syntax.ts";

/** Pairs of patterns that are tried. */
export const PAIRS = Number(process.env["ASSENT_PAIRS"] ?? 1_000);

/** A set of texts: as a language to ask about, and as a test that the matcher and a second engine answer. */
export interface Subject {
	readonly name: string;
	readonly language: Language;
	readonly matches: (text: string) => boolean;
}

export function subject(
	kind: PatternKind,
	text: string,
	caseSensitive: boolean,
	style: "path" | "text" = "text",
): Subject {
	const pattern = readPattern({ kind, text, caseSensitive, style });
	if (!pattern.ok) throw new Error(`${text}: ${pattern.error.message}`);
	const set = compilePatternSet([pattern.value]);
	const engine = RE2JS.compile(toRe2(pattern.value.tree), RE2JS.DOTALL);
	return {
		name: `${kind} ${text}${caseSensitive ? " (case)" : ""}`,
		language: languageOf(pattern.value),
		matches: (subjectText) => {
			const found = set.matchesAny(subjectText, { from: 0, to: 1 });
			const read = kind === "glob" && style === "path" ? normalizePath(subjectText) : subjectText;
			if (subjectText.length > 4) expect(engine.test(read), `re2js on ${subjectText}`).toBe(found);
			return found;
		},
	};
}

/** All texts of these letters, the shorter ones first. */
export function textsOf(letters: readonly string[], lengthMax: number): readonly string[] {
	const texts = [""];
	for (let from = 0, length = 1; length <= lengthMax; length++) {
		const until = texts.length;
		for (; from < until; from++) for (const letter of letters) texts.push(`${texts[from]}${letter}`);
	}
	return texts;
}

export const lengthOf = (text: string): number => [...text].length;

/** The answer's witness is one, and no shorter text of `texts` is; without a witness, none of them is. */
export function expectShortest(
	witness: string | null,
	isWitness: (text: string) => boolean,
	texts: readonly string[],
): void {
	if (witness !== null) {
		expect(isWitness(witness), `\`${witness}\` is a witness`).toBe(true);
		expect(witness.isWellFormed()).toBe(true);
	}
	const lengthMax = witness === null ? Number.POSITIVE_INFINITY : lengthOf(witness);
	for (const text of texts) {
		if (lengthOf(text) >= lengthMax) break;
		if (isWitness(text)) expect.fail(`\`${text}\` is a witness, and the answer was \`${witness}\``);
	}
}
