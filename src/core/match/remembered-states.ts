/**
 * What all searches remember together. Each is bounded by itself, but a policy may have thousands, and a text may be made to
 * fill them all: where that becomes too much, all but the one that is at work begin from the start.
 */

export interface Remembering {
	/** Must not remember anything in turn. */
	forget(): void;
}

export class RememberedStates {
	/** Numbers of four bytes, about. */
	used = 0;
	readonly #max: number;
	readonly #usedBy = new Map<Remembering, number>();

	constructor(max: number) {
		this.#max = max;
	}

	add(search: Remembering, numbers: number): void {
		this.#usedBy.set(search, (this.#usedBy.get(search) ?? 0) + numbers);
		this.used += numbers;
		if (this.used <= this.#max) return;
		for (const other of [...this.#usedBy.keys()]) if (other !== search) other.forget();
	}

	/** A search has forgotten all. */
	remove(search: Remembering): void {
		this.used -= this.#usedBy.get(search) ?? 0;
		this.#usedBy.delete(search);
	}
}

/** 256 MB. */
export const REMEMBERED = new RememberedStates(1 << 26);
