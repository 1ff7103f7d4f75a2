/**
 * What can be proven of names and patterns: true is proven, false is the opposite or too large to find out.
 */
import { difference, intersection, type Language, languageOf, union } from "../../language/language.ts";
import { inclusionOf, shortestText, universalityOf } from "../../language/questions.ts";
import type { NameList } from "../../match/name-globs.ts";
import type { Pattern } from "../../match/pattern.ts";
import type { ToolSet } from "../../policy/rules.ts";
import { languageOfList, NAMES } from "../comparison/names.ts";

/** A linter asks many questions of many rules: what is not found out soon is not worth the wait. */
const OPTIONS = { stepsMax: 100_000 };

export const isNothing = (language: Language): boolean => shortestText(language, OPTIONS).is === "none";

export const isEverything = (language: Language): boolean => universalityOf(language, OPTIONS).is === "everything";

export const isIncluded = (language: Language, other: Language): boolean =>
	inclusionOf(language, other, OPTIONS).is === "included";

/** Is every one of these names among the others? */
export const areAmong = (names: Language, others: Language): boolean =>
	isIncluded(intersection([NAMES, names]), others);

/** Is no name in all of these? */
export const haveNoName = (languages: readonly Language[]): boolean => isNothing(intersection([NAMES, ...languages]));

/** What looks like one of the names is among them where the list ignores case. */
export function namesOf(list: NameList): Language {
	const known = languages.get(list);
	if (known !== undefined) return known;
	const language = languageOfList(list);
	languages.set(list, language);
	return language;
}

export function toolsOf({ names, except }: ToolSet): Language {
	return except === null ? namesOf(names) : difference(namesOf(names), namesOf(except));
}

export const anyOf = (sets: readonly ToolSet[]): Language => union(sets.map(toolsOf));

const languages = new WeakMap<object, Language>();

/** The texts in which one of the patterns is found. */
export function textsOf(patterns: readonly Pattern[]): Language {
	const known = languages.get(patterns);
	if (known !== undefined) return known;
	const language = union(patterns.map(textsOfOne));
	languages.set(patterns, language);
	return language;
}

export function textsOfOne(pattern: Pattern): Language {
	const known = languages.get(pattern);
	if (known !== undefined) return known;
	const language = languageOf(pattern);
	languages.set(pattern, language);
	return language;
}
