/** The shortest text of a language: of its terms, one by one, with regard to what their patterns read of a text. */
import type { Language, PatternLanguage, Reading } from "./language.ts";
import type { Automata } from "./product.ts";
import { normalTexts, readsOf } from "./readings.ts";
import type { SubsetStates } from "./subset-states.ts";
import { type Term, termsOf } from "./terms.ts";
import { searchText } from "./text-search.ts";
import { Undecided, type Work } from "./work.ts";

/** Null: the language has no text. Throws `Undecided`. */
export function shortestOf(language: Language, work: Work): string | null {
	const terms = termsOf(language);
	if (terms === null) throw new Undecided("its unions and intersections multiply to more terms than are looked into");
	let shortest: string | null = null;
	let undecided: Undecided | null = null;
	for (const term of terms) {
		try {
			const found = shortestOfTerm(term, work, lengthBelow(shortest));
			if (found !== null && isBetter(found, shortest)) shortest = found;
		} catch (thrown) {
			if (!(thrown instanceof Undecided)) throw thrown;
			undecided ??= thrown;
		}
	}
	// A text that was found is in the language, whatever else is.
	if (shortest === null && undecided !== null) throw undecided;
	return shortest;
}

/** Longer texts are of no interest any more; where half a pair was found, others are, of any length. */
const lengthBelow = (text: string | null): number =>
	text?.isWellFormed() ? [...text].length - 1 : Number.POSITIVE_INFINITY;

const isBetter = (text: string, than: string | null): boolean => {
	if (than === null || text.isWellFormed() !== than.isWellFormed()) return than === null || text.isWellFormed();
	return [...text].length < [...than].length;
};

/** Is the text in the language? Throws `Undecided`. */
export function holds(language: Language, text: string): boolean {
	switch (language.kind) {
		case "patterns":
			return readsOf(language.reading, text).some((read) => statesOf(language).reads(runesOf(read)));
		case "union":
			return language.of.some((member) => holds(member, text));
		case "intersection":
			return language.of.every((member) => holds(member, text));
		case "complement":
			return !holds(language.of, text);
	}
}

/** What a search for texts of a term goes through: its patterns, and that a text is read as it is. */
export function automataOf({ all, none }: Term): Automata {
	const normal = readingsOf({ all, none }).flatMap((reading) => normalTexts(reading) ?? []);
	return { all: [...all, ...normal].map(statesOf), none: none.map(statesOf) };
}

function shortestOfTerm(term: Term, work: Work, lengthMax: number): string | null {
	const found = searchText(automataOf(term), work, lengthMax);
	if (found !== null || lengthMax < Number.POSITIVE_INFINITY) return found;
	const readings = readingsOf(term);
	const [only] = readings;
	// A normalised path stands for all its spellings.
	if (readings.length === 0 || (readings.length === 1 && only !== "name")) return null;
	return readings.length === 1 ? unseenName(term, work) : nothingInCommon(term, readings, work);
}

/** No visible name is in the term: is another one? */
function unseenName(term: Term, work: Work): string | null {
	// A name that two patterns match may be read as it is by one and as it is seen by the other.
	if (term.all.length > 1) throw new Undecided("several globs over names that are compared as a person sees them");
	const found = searchText({ all: term.all.map(statesOf), none: term.none.map(statesOf) }, work);
	if (found === null) return null;
	const isRefused = term.none.some((language) => holds(language, found));
	if (isRefused) throw new Undecided("names that hold letters that nobody sees");
	return found;
}

/** No text that all readings see alike is in the term: what one reading alone rules out, is ruled out. */
function nothingInCommon(term: Term, readings: readonly Reading[], work: Work): null {
	const isReadAs =
		(reading: Reading) =>
		(language: PatternLanguage): boolean =>
			language.reading === reading;
	for (const reading of readings) {
		const part = { all: term.all.filter(isReadAs(reading)), none: term.none.filter(isReadAs(reading)) };
		if (shortestOfTerm(part, work, Number.POSITIVE_INFINITY) === null) return null;
	}
	throw new Undecided("one pattern reads the text as it is and another what it stands for, as a path or a name");
}

const readingsOf = ({ all, none }: Term): readonly Reading[] => [
	...new Set([...all, ...none].map(({ reading }) => reading)),
];

function statesOf(language: PatternLanguage): SubsetStates {
	const states = language.states();
	if (states.automaton.isCut) throw new Undecided("a pattern's optional parts multiply to more edges than are kept");
	return states;
}

const runesOf = (text: string): readonly number[] => [...text].map((letter) => letter.codePointAt(0) as number);
