/**
 * A binary min-heap of (time, key), for what is forgotten in time. Entries are never removed from the middle: who pops one asks the
 * table whether it is still true ("lazy deletion"), so the order of true entries depends on the table alone.
 */
export interface Timed {
	readonly time: number;
	readonly key: string;
}

export class TimeHeap<Item extends Timed> {
	readonly #items: Item[] = [];

	get size(): number {
		return this.#items.length;
	}

	peek(): Item | undefined {
		return this.#items[0];
	}

	push(item: Item): void {
		const items = this.#items;
		let at = items.length;
		items.push(item);
		while (at > 0) {
			const parent = (at - 1) >> 1;
			const above = items[parent] as Item;
			if (!isBefore(item, above)) break;
			items[at] = above;
			at = parent;
		}
		items[at] = item;
	}

	pop(): Item | undefined {
		const items = this.#items;
		const first = items[0];
		const last = items.pop();
		if (first === undefined || last === undefined || items.length === 0) return first;
		let at = 0;
		for (;;) {
			let child = 2 * at + 1;
			if (child >= items.length) break;
			if (child + 1 < items.length && isBefore(items[child + 1] as Item, items[child] as Item)) child += 1;
			if (!isBefore(items[child] as Item, last)) break;
			items[at] = items[child] as Item;
			at = child;
		}
		items[at] = last;
		return first;
	}
}

/** By time, then by key in code units: a total order that no locale can change. */
export const isBefore = (a: Timed, b: Timed): boolean => a.time < b.time || (a.time === b.time && a.key < b.key);
