/**
 * Languages by how they are spelled, so that questions about them are known again: most lists and patterns are the same in two
 * versions of a policy, and for many groups of principals.
 */
import type { Language } from "../../language/language.ts";

const LANGUAGES_MAX = 4_096;

const languages = new Map<string, Language>();

export function knownLanguage(spelling: string, make: () => Language): Language {
	const known = languages.get(spelling);
	if (known !== undefined) return known;
	const language = make();
	if (languages.size >= LANGUAGES_MAX) languages.clear();
	languages.set(spelling, language);
	return language;
}
