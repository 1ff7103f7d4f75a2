/**
 * What falls due, and when: one time for each key, the earliest first. A binary heap that knows where each key stands, so that
 * a key that is moved or removed leaves nothing behind that a later step would have to clear away.
 */
import { isBefore, type Timed } from "./heap.ts";

interface Place extends Timed {
	at: number;
}

export class Timetable {
	readonly #places: Place[] = [];
	readonly #byKey = new Map<string, Place>();

	get size(): number {
		return this.#places.length;
	}

	peek(): Timed | undefined {
		return this.#places[0];
	}

	/** Sets the time of a key, whether it had one or not. */
	set(key: string, time: number): void {
		const before = this.#byKey.get(key);
		if (before?.time === time) return;
		if (before !== undefined) this.remove(key);
		const place = { time, key, at: this.#places.length };
		this.#byKey.set(key, place);
		this.#places.push(place);
		this.#rise(place);
	}

	remove(key: string): void {
		const place = this.#byKey.get(key);
		if (place === undefined) return;
		this.#byKey.delete(key);
		const last = this.#places.pop() as Place;
		if (last === place) return;
		this.#put(last, place.at);
		this.#rise(last);
		this.#sink(last);
	}

	#rise(place: Place): void {
		while (place.at > 0) {
			const above = this.#places[(place.at - 1) >> 1] as Place;
			if (!isBefore(place, above)) return;
			this.#swap(place, above);
		}
	}

	#sink(place: Place): void {
		for (;;) {
			const left = this.#places[2 * place.at + 1];
			if (left === undefined) return;
			const right = this.#places[left.at + 1];
			const below = right !== undefined && isBefore(right, left) ? right : left;
			if (!isBefore(below, place)) return;
			this.#swap(place, below);
		}
	}

	#swap(one: Place, other: Place): void {
		const { at } = one;
		this.#put(one, other.at);
		this.#put(other, at);
	}

	#put(place: Place, at: number): void {
		place.at = at;
		this.#places[at] = place;
	}
}
