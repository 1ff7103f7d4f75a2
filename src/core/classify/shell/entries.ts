/** A table by names that takes next to nothing while it is empty: most texts set no variable, define no function and write no file. */
export class Entries<Value> {
	#map: Map<string, Value> | null = null;

	/** A table of its own with the entries of another. */
	static copyOf<Value>(other: Entries<Value>): Entries<Value> {
		const copy = new Entries<Value>();
		if (other.#map !== null) copy.#map = new Map(other.#map);
		return copy;
	}

	get size(): number {
		return this.#map?.size ?? 0;
	}

	get(name: string): Value | undefined {
		return this.#map?.get(name);
	}

	set(name: string, value: Value): void {
		this.#map ??= new Map();
		this.#map.set(name, value);
	}

	delete(name: string): void {
		this.#map?.delete(name);
	}

	*[Symbol.iterator](): IterableIterator<[name: string, value: Value]> {
		if (this.#map !== null) yield* this.#map;
	}
}
