/** The places in one text behind the literals of clauses, kept while both halves of it are read in turns. */

export type Half = 0 | 1;

/** Places that are kept of one text. */
const PLACES_MAX = 1 << 19;
const PLACES_AT_FIRST = 1 << 8;

const NONE = -1;

export class LiteralPlaces {
	/** Each with the one before it of the same clause in the same half. */
	#places = new Int32Array(PLACES_AT_FIRST);
	#before = new Int32Array(PLACES_AT_FIRST);
	/** Infinite: there were too many. */
	#count = 0;
	/** By clause and half: the last place. */
	readonly #last: Int32Array;

	constructor(clauses: number) {
		this.#last = new Int32Array(2 * clauses);
	}

	/** Before a text is read. */
	forget(): void {
		this.#count = 0;
	}

	/** Before the first place of a clause in a text. */
	begin(clause: number): void {
		this.#last[2 * clause] = NONE;
		this.#last[2 * clause + 1] = NONE;
	}

	/** In the order of the text within each half. */
	keep(offset: number, clause: number, half: Half): void {
		const place = this.#count;
		if (place >= this.#places.length) {
			if (place >= PLACES_MAX) {
				this.#count = Number.POSITIVE_INFINITY;
				return;
			}
			this.#places = longer(this.#places);
			this.#before = longer(this.#before);
		}
		const chain = 2 * clause + half;
		this.#places[place] = offset;
		this.#before[place] = this.#last[chain] as number;
		this.#last[chain] = place;
		this.#count = place + 1;
	}

	/** Of a clause that was begun, in ascending order; undefined: not known. */
	of(clause: number): readonly number[] | undefined {
		if (this.#count > PLACES_MAX) return undefined;
		const found: number[] = [];
		for (const half of [1, 0]) {
			let place = this.#last[2 * clause + half] as number;
			for (; place !== NONE; place = this.#before[place] as number) found.push(this.#places[place] as number);
		}
		return found.reverse();
	}
}

function longer(array: Int32Array): Int32Array<ArrayBuffer> {
	const copy = new Int32Array(2 * array.length);
	copy.set(array);
	return copy;
}
