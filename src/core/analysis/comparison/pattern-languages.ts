/** The languages of lists of patterns, one for each list, so that questions about them are known again. */
import { type Language, languageOf, union } from "../../language/language.ts";
import type { Pattern } from "../../match/pattern.ts";
import { knownLanguage } from "./known-languages.ts";
import { spelled } from "./spelling.ts";

const languages = new WeakMap<readonly Pattern[], Language>();

/** The texts that one of the patterns matches; the same language for the same patterns. */
export function languageOfAll(patterns: readonly Pattern[]): Language {
	const known =
		languages.get(patterns) ?? knownLanguage(`patterns ${spelled(patterns)}`, () => union(patterns.map(languageOf)));
	languages.set(patterns, known);
	return known;
}

/** It is asked of each path that a text may mean. */
export { isPathGlob as readsPaths } from "../../policy/rule-index.ts";
