/**
 * Rows by time, the earliest first: one time for each slot, in a heap of four children that knows where each slot is. A row
 * that is moved or removed leaves nothing behind that a later step would have to clear away.
 */
import { grown } from "./key-index.ts";

export class SlotQueue {
	#times = new Float64Array(16);
	#slots = new Uint32Array(16);
	/** By slot: 1 + its place; 0 for none. */
	#places = new Uint32Array(16);
	#size = 0;
	readonly #isKeyBefore: (slot: number, other: number) => boolean;

	/** `isKeyBefore` orders rows of the same time. */
	constructor(isKeyBefore: (slot: number, other: number) => boolean) {
		this.#isKeyBefore = isKeyBefore;
	}

	get size(): number {
		return this.#size;
	}

	/** The slot whose time is first; -1 when there is none. */
	get first(): number {
		return this.#size === 0 ? -1 : (this.#slots[0] as number);
	}

	/** Of the first; Infinity when there is none. */
	get firstTime(): number {
		return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] as number);
	}

	/** The first slots whose time is not later, in order: this many, if there are. Nothing is taken out. */
	firstUntil(slots: number, time: number): number[] {
		const found: number[] = [];
		// Places of the heap of which the next is one: the top, then the children of those that were found.
		const places = [0];
		while (found.length < slots) {
			let least = -1;
			for (let index = 0; index < places.length; index++) {
				const place = places[index] as number;
				if (place >= this.#size || (this.#times[place] as number) > time) continue;
				if (least === -1 || this.#isPlaceBefore(place, places[least] as number)) least = index;
			}
			if (least === -1) break;
			const place = places[least] as number;
			found.push(this.#slots[place] as number);
			places[least] = 4 * place + 1;
			places.push(4 * place + 2, 4 * place + 3, 4 * place + 4);
		}
		return found;
	}

	/** Slots whose time is not later, in no order. */
	*until(time: number): IterableIterator<number> {
		const places = [0];
		for (let place = places.pop(); place !== undefined; place = places.pop()) {
			if (place >= this.#size || (this.#times[place] as number) > time) continue;
			yield this.#slots[place] as number;
			places.push(4 * place + 1, 4 * place + 2, 4 * place + 3, 4 * place + 4);
		}
	}

	/** Undefined where the slot has none. */
	timeOf(slot: number): number | undefined {
		const place = this.#places[slot] ?? 0;
		return place === 0 ? undefined : this.#times[place - 1];
	}

	/** Sets the time of a slot, whether it had one or not. */
	set(slot: number, time: number): void {
		this.#places = grown(this.#places, slot + 1);
		const known = this.#places[slot] as number;
		if (known > 0) {
			if (this.#times[known - 1] === time) return;
			this.#settle(known - 1, slot, time);
			return;
		}
		this.#times = grown(this.#times, this.#size + 1);
		this.#slots = grown(this.#slots, this.#size + 1);
		this.#rise(this.#size++, slot, time);
	}

	remove(slot: number): void {
		const place = (this.#places[slot] ?? 0) - 1;
		if (place < 0) return;
		this.#places[slot] = 0;
		this.#size -= 1;
		if (place === this.#size) return;
		// The last is a late one nearly always: to the bottom first, and from there to its place.
		this.#rise(this.#sinkHole(place), this.#slots[this.#size] as number, this.#times[this.#size] as number);
	}

	/** Moves a hole to the bottom of the heap, and returns where it is then. */
	#sinkHole(hole: number): number {
		let at = hole;
		for (;;) {
			const least = this.#leastChild(at);
			if (least === -1) return at;
			this.#put(at, this.#slots[least] as number, this.#times[least] as number);
			at = least;
		}
	}

	/** -1 where there is none. */
	#leastChild(place: number): number {
		let least = 4 * place + 1;
		if (least >= this.#size) return -1;
		const end = Math.min(least + 4, this.#size);
		for (let child = least + 1; child < end; child++) if (this.#isPlaceBefore(child, least)) least = child;
		return least;
	}

	/** Puts a slot into a hole in the heap, wherever from there it belongs. */
	#settle(hole: number, slot: number, time: number): void {
		const parent = (hole - 1) >> 2;
		if (hole > 0 && this.#isBefore(slot, time, parent)) this.#rise(hole, slot, time);
		else this.#sink(hole, slot, time);
	}

	#rise(hole: number, slot: number, time: number): void {
		let at = hole;
		while (at > 0) {
			const parent = (at - 1) >> 2;
			if (!this.#isBefore(slot, time, parent)) break;
			this.#put(at, this.#slots[parent] as number, this.#times[parent] as number);
			at = parent;
		}
		this.#put(at, slot, time);
	}

	#sink(hole: number, slot: number, time: number): void {
		let at = hole;
		for (;;) {
			const least = this.#leastChild(at);
			if (least === -1 || this.#isBefore(slot, time, least)) break;
			this.#put(at, this.#slots[least] as number, this.#times[least] as number);
			at = least;
		}
		this.#put(at, slot, time);
	}

	#isPlaceBefore(place: number, other: number): boolean {
		return this.#isBefore(this.#slots[place] as number, this.#times[place] as number, other);
	}

	#isBefore(slot: number, time: number, place: number): boolean {
		const other = this.#times[place] as number;
		return time < other || (time === other && this.#isKeyBefore(slot, this.#slots[place] as number));
	}

	#put(place: number, slot: number, time: number): void {
		this.#times[place] = time;
		this.#slots[place] = slot;
		this.#places[slot] = place + 1;
	}
}
