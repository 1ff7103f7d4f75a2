/** What one question may cost, and how it ends without an answer. */

/** Thrown while a question is looked into; turned into the answer `unknown` at the border. */
export class Undecided extends Error {
	readonly why: string;

	constructor(why: string) {
		super(why);
		this.why = why;
	}
}

/** Counts the edges that are followed: by the question alone, whatever earlier ones have found out. */
export class Work {
	readonly #stepsMax: number;
	#left: number;

	constructor(stepsMax: number) {
		this.#stepsMax = stepsMax;
		this.#left = stepsMax;
	}

	/** Edges that were followed until now. */
	get spent(): number {
		return Math.min(this.#stepsMax, this.#stepsMax - this.#left);
	}

	/** Throws `Undecided`. */
	spend(steps: number): void {
		this.#left -= steps;
		if (this.#left < 0) throw new Undecided(`it takes more than ${this.#stepsMax} steps to find out`);
	}
}
