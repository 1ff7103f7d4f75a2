/** Classes of code points: a pattern cannot tell two of one class apart, so that a search needs one step for each class. */
import { once } from "../base/once.ts";
import { boundsOf, contains, type RuneSet, WORD } from "../language/rune-set.ts";

/** Code units up to here have their class in an array. */
export const UNIT_MAX = 0xff;
const TABLE = UNIT_MAX + 1;

const RECENT = 1_024;

export class RuneClasses {
	/** By class: a code point of it. */
	readonly likes: readonly number[];
	/** Class of the code units below 256. */
	readonly ofUnit = new Uint16Array(TABLE);
	readonly #bounds: readonly number[];
	/** By bound: the class from there on. */
	readonly #classes: readonly number[];

	/** Of other code points: those that were asked for last. */
	readonly #recent = once(() => ({ runes: new Int32Array(RECENT), classes: new Uint16Array(RECENT) }));

	/** `signatureOf` tells what of a code point matters; word characters are told apart for the sake of `\b`. */
	constructor(sets: readonly RuneSet[], signatureOf: (rune: number) => string) {
		this.#bounds = boundsOf([WORD, ...sets]);
		const known = new Map<string, number>();
		const likes: number[] = [];
		this.#classes = this.#bounds.map((rune) => {
			const signature = `${isWord(rune)}${signatureOf(rune)}`;
			const found = known.get(signature) ?? likes.length;
			if (found === likes.length) {
				known.set(signature, found);
				likes.push(rune);
			}
			return found;
		});
		this.likes = likes;
		for (let unit = 0; unit < TABLE; unit++) this.ofUnit[unit] = this.#classes[this.#place(unit)] as number;
	}

	of(rune: number): number {
		if (rune < TABLE) return this.ofUnit[rune] as number;
		const { runes, classes } = this.#recent();
		const slot = rune % RECENT;
		if (runes[slot] !== rune) {
			runes[slot] = rune;
			classes[slot] = this.#classes[this.#place(rune)] as number;
		}
		return classes[slot] as number;
	}

	/** The place of the last bound that is not above the code point. */
	#place(rune: number): number {
		let low = 0;
		let high = this.#bounds.length;
		while (high - low > 1) {
			const middle = (low + high) >> 1;
			if ((this.#bounds[middle] as number) <= rune) low = middle;
			else high = middle;
		}
		return low;
	}
}

const WORDS = Uint8Array.from({ length: 128 }, (_, rune) => (contains(WORD, rune) ? 1 : 0));

/** Is it a word character? -1, an end of the text, is none. */
export const isWord = (rune: number): boolean => rune >= 0 && rune < 128 && WORDS[rune] === 1;
