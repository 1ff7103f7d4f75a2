/**
 * Languages by how they are spelled, so that questions about them are known again: most lists and patterns are the same in two
 * versions of a policy, and for many groups of principals.
 */
import { type Language, sizeOf } from "../../language/language.ts";

/** Of all languages that are kept from one comparison to the next, in numbers (`sizeOf`): some 100 MB. */
const SIZE_MAX = 1_000_000;
/** What is kept of a language beside its automaton. */
const SIZE_OF_ANY = 100;

const languages = new Map<string, Language>();

export function knownLanguage(spelling: string, make: () => Language): Language {
	const known = languages.get(spelling);
	if (known !== undefined) return known;
	const language = make();
	languages.set(spelling, language);
	return language;
}

/** Before a comparison, and never within one: what it costs must not depend on what was compared before. Tells how many are kept. */
export function makeRoom(sizeMax = SIZE_MAX): number {
	let size = 0;
	for (const [spelling, language] of languages) {
		size += SIZE_OF_ANY + spelling.length + sizeOf(language);
		if (size > sizeMax) {
			languages.clear();
			break;
		}
	}
	return languages.size;
}
