/** Literals of which one must be in a text, and how far they are worth keeping. Their letters are folded. */
import { foldText } from "../language/folding.ts";
import { contains, type RuneSet, SPACE, sizeOf } from "../language/rune-set.ts";

export type Clause = readonly string[];

/** Literals of one clause. */
export const CLAUSE_MAX = 48;
/** Of a longer literal a piece is looked for: it is as rare, and the automaton smaller. */
export const LITERAL_LENGTH_MAX = 16;

const SLASH = 0x2f;
const EXACT_MAX = 24;
const EXACT_LENGTH_MAX = 64;
const RUNES_MAX = 12;
const TELLING_LENGTH = 2;

/** One letter is in nearly every text: it tells something only where nothing longer is known. */
export const isTelling = (clause: Clause): boolean => clause.every((literal) => literal.length >= TELLING_LENGTH);

/** As literals have their letters: in lower case (folding.ts), and each white space as the plain one, for patterns take all alike. */
export const foldLetters = (text: string): string => foldText(text).replace(/\s/g, " ");

/** All texts of one letter of a set, folded; null if they are many. */
export function fewRunes(set: RuneSet, splitAtSlash: boolean): readonly string[] | null {
	if (sizeOf(set) > RUNES_MAX + sizeOf(SPACE) || (splitAtSlash && contains(set, SLASH))) return null;
	const texts: string[] = [];
	for (let index = 0; index < set.length; index += 2) {
		for (let rune = set[index] as number; rune <= (set[index + 1] as number); rune++) {
			texts.push(foldLetters(String.fromCodePoint(rune)));
		}
	}
	const few = unique(texts);
	return few.length <= RUNES_MAX ? few : null;
}

export const product = (left: Clause, right: Clause): string[] => {
	if (left.length * right.length > EXACT_MAX) return [];
	return unique(left.flatMap((head) => right.map((tail) => head + tail)));
};

/** All texts of alternatives whose texts are these; null where one has too many, or all together have. */
export const eitherOf = (options: readonly (Clause | null)[]): Clause | null =>
	options.every((texts) => texts !== null) ? bounded(unique(options.flat())) : null;

/** Null where the list is too long to be worth its cost; an empty list stands for "too many" as well. */
export const bounded = (texts: Clause): Clause | null =>
	texts.length === 0 || texts.length > EXACT_MAX || texts.some((text) => text.length > EXACT_LENGTH_MAX) ? null : texts;

export const usable = (texts: Clause | null): Clause | null => (texts === null || texts.includes("") ? null : texts);

/** How rare a text is that has one of the literals, in bits, about; beyond `RARE` nothing is gained. */
export const worth = (texts: Clause): number => Math.min(RARE, ...texts.map(bitsOf)) - Math.log2(texts.length);

const RARE = 24;

/** How rare each character of a literal is, in bits. */
function bitsOf(literal: string): number {
	let bits = 0;
	for (let index = 0; index < literal.length && bits < RARE; index++) {
		const letter = literal.charAt(index);
		bits += " etaoinsr".includes(letter) ? 4 : /[a-z]/.test(letter) ? 5 : /[0-9\-./_,:'"()=]/.test(letter) ? 6 : 9;
	}
	return bits;
}

export const unique = (texts: readonly string[]): string[] => [...new Set(texts)];
