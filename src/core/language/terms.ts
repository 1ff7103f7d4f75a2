/** A language as a list of terms, which are searched for texts one by one: texts that all of some patterns match and none of others. */
import type { Language, PatternLanguage } from "./language.ts";

export interface Term {
	readonly all: readonly PatternLanguage[];
	readonly none: readonly PatternLanguage[];
}

/** Unions of intersections multiply; beyond this many terms a question is not answered. */
const TERMS_MAX = 256;

/** A text is in the language if it is in one of the terms; null: they are too many. */
export function termsOf(language: Language): readonly Term[] | null {
	const terms = expand(language, false);
	return terms === null ? null : terms.filter((term) => !isEmpty(term));
}

function expand(language: Language, negated: boolean): readonly Term[] | null {
	switch (language.kind) {
		case "patterns":
			return [negated ? { all: [], none: [language] } : { all: [language], none: [] }];
		case "complement":
			return expand(language.of, !negated);
		case "union":
			return negated ? product(language.of, negated) : sum(language.of, negated);
		case "intersection":
			return negated ? sum(language.of, negated) : product(language.of, negated);
	}
}

function sum(languages: readonly Language[], negated: boolean): readonly Term[] | null {
	let terms: readonly Term[] = [];
	for (const language of languages) {
		const more = expand(language, negated);
		if (more === null || terms.length + more.length > TERMS_MAX) return null;
		terms = [...terms, ...more];
	}
	return terms;
}

function product(languages: readonly Language[], negated: boolean): readonly Term[] | null {
	let terms: readonly Term[] = [{ all: [], none: [] }];
	for (const language of languages) {
		const more = expand(language, negated);
		if (more === null || terms.length * more.length > TERMS_MAX) return null;
		terms = terms.flatMap((term) => more.map((other) => both(term, other)));
	}
	return terms;
}

const both = (a: Term, b: Term): Term => ({
	all: [...new Set([...a.all, ...b.all])],
	none: [...new Set([...a.none, ...b.none])],
});

/** Are all patterns that could match also among those that must not? What is spelled alike needs no search. */
const isEmpty = ({ all, none }: Term): boolean =>
	all.some((wanted) =>
		none.some((refused) => {
			if (refused === wanted) return true;
			if (refused.reading !== wanted.reading) return false;
			const spellings = new Set(refused.spellings());
			return wanted.spellings().every((spelling) => spellings.has(spelling));
		}),
	);
