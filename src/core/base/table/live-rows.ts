/**
 * Rows that have changed and are not settled, by slot. In arrays and no `Map`: rows come and go at every step, and a `Map`
 * that is emptied as it is filled leaves a chain of old tables behind, which keeps dead rows alive through many collections.
 */
import { grown } from "./key-index.ts";

export interface LiveRow<Value> {
	readonly slot: number;
	readonly key: string;
	/** Undefined once the row is gone. */
	value: Value | undefined;
	/** Of the present value, once it was asked for: 32 characters. */
	hash: string | null;
	/** In which it changed. */
	readonly interval: number;
	isSettled: boolean;
}

export class LiveRows<Value> {
	/** By slot: 1 + the row's place; 0 for none. */
	#places = new Uint32Array(16);
	readonly #rows: (LiveRow<Value> | undefined)[] = [];
	readonly #vacant: number[] = [];

	get(slot: number): LiveRow<Value> | undefined {
		const place = this.#places[slot];
		return place === undefined || place === 0 ? undefined : this.#rows[place - 1];
	}

	add(row: LiveRow<Value>): void {
		const place = this.#vacant.pop() ?? this.#rows.length;
		this.#rows[place] = row;
		this.#places = grown(this.#places, row.slot + 1);
		this.#places[row.slot] = place + 1;
	}

	remove(slot: number): void {
		const place = (this.#places[slot] as number) - 1;
		this.#rows[place] = undefined;
		this.#places[slot] = 0;
		this.#vacant.push(place);
	}

	*values(): IterableIterator<LiveRow<Value>> {
		for (const row of this.#rows) if (row !== undefined) yield row;
	}
}
