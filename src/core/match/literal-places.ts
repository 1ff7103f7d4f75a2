/** The places in one text behind literals, kept while both halves of it are read in turns. */

export type Half = 0 | 1;

/** Places that are kept of one text. */
const PLACES_MAX = 1 << 19;
const PLACES_AT_FIRST = 1 << 8;

const NONE = -1;

export class LiteralPlaces {
	/** Each with the one before it of the same literal in the same half. */
	#places = new Int32Array(PLACES_AT_FIRST);
	#before = new Int32Array(PLACES_AT_FIRST);
	/** Infinite: there were too many. */
	#count = 0;
	/** By literal and half: the last place. */
	readonly #last: Int32Array;

	constructor(literals: number) {
		this.#last = new Int32Array(2 * literals);
	}

	/** Before a text is read. */
	forget(): void {
		this.#count = 0;
	}

	/** Before the first place of a literal in a text. */
	begin(literal: number): void {
		this.#last[2 * literal] = NONE;
		this.#last[2 * literal + 1] = NONE;
	}

	/** In the order of the text within each half. */
	keep(offset: number, literal: number, half: Half): void {
		const place = this.#count;
		if (place >= this.#places.length) {
			if (place >= PLACES_MAX) {
				this.#count = Number.POSITIVE_INFINITY;
				return;
			}
			this.#places = longer(this.#places);
			this.#before = longer(this.#before);
		}
		const chain = 2 * literal + half;
		this.#places[place] = offset;
		this.#before[place] = this.#last[chain] as number;
		this.#last[chain] = place;
		this.#count = place + 1;
	}

	/** Of literals that were begun, in ascending order; undefined: not known. */
	of(literals: readonly number[]): readonly number[] | undefined {
		if (this.#count > PLACES_MAX) return undefined;
		const found: number[] = [];
		for (const literal of literals) this.#collect(literal, found);
		if (literals.length < 2) return found.reverse();
		return found.sort((a, b) => a - b).filter((place, index) => place !== found[index - 1]);
	}

	/** From the last on. */
	#collect(literal: number, found: number[]): void {
		let place = this.#last[2 * literal + 1] as number;
		for (; place !== NONE; place = this.#before[place] as number) found.push(this.#places[place] as number);
		place = this.#last[2 * literal] as number;
		for (; place !== NONE; place = this.#before[place] as number) found.push(this.#places[place] as number);
	}
}

function longer(array: Int32Array): Int32Array<ArrayBuffer> {
	const copy = new Int32Array(2 * array.length);
	copy.set(array);
	return copy;
}
