/**
 * First in, first out, in constant time. Taking the first key off a `Map` or the first item off an array is neither: the one
 * walks over what was deleted before, the other moves everything.
 */
export class Fifo<Item> {
	#items: Item[] = [];
	#first = 0;

	get size(): number {
		return this.#items.length - this.#first;
	}

	push(item: Item): void {
		this.#items.push(item);
	}

	/** The oldest item, removed; undefined when there is none. */
	shift(): Item | undefined {
		if (this.#first === this.#items.length) return undefined;
		const item = this.#items[this.#first];
		this.#first += 1;
		if (this.#first >= 1_024 && 2 * this.#first >= this.#items.length) {
			this.#items = this.#items.slice(this.#first);
			this.#first = 0;
		}
		return item;
	}

	clear(): void {
		this.#items = [];
		this.#first = 0;
	}
}
