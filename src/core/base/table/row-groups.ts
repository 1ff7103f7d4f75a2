/**
 * Rows of a table that belong together, under a name: by slot, in typed arrays, so that millions of them cost the collector nothing and
 * none of their keys is kept. A group is there as long as it has rows.
 */
import { grown } from "./key-index.ts";

/** The rows' table. */
interface Rows {
	/** -1 where there is no row. */
	slotOf(key: string): number;
	keyOf(slot: number): string;
}

interface Group {
	readonly name: string;
	readonly place: number;
	/** 1 + the slot that came last. */
	first: number;
	size: number;
}

export class RowGroups {
	readonly #rows: Rows;
	readonly #named = new Map<string, Group>();
	/** By place. */
	readonly #groups: (Group | undefined)[] = [];
	readonly #vacant: number[] = [];
	/** By slot: 1 + its group's place, 0 for none; 1 + the slots before and behind it, 0 for none. */
	#places = new Uint32Array(16);
	#before = new Uint32Array(16);
	#behind = new Uint32Array(16);

	constructor(rows: Rows) {
		this.#rows = rows;
	}

	/** How many groups there are. */
	get size(): number {
		return this.#named.size;
	}

	/** How many rows a group has. */
	sizeOf(name: string): number {
		return this.#named.get(name)?.size ?? 0;
	}

	/** Whether the row of this key is in the group. */
	has(name: string, key: string): boolean {
		const slot = this.#rows.slotOf(key);
		return slot !== -1 && this.#groupOf(slot)?.name === name;
	}

	/** The keys of a group's rows, in no order. Nothing may be added or removed meanwhile. */
	*keysOf(name: string): IterableIterator<string> {
		let at = this.#named.get(name)?.first ?? 0;
		for (; at !== 0; at = this.#behind[at - 1] as number) yield this.#rows.keyOf(at - 1);
	}

	/** Puts the row of this key, which is in no group, into one. The table has the row. */
	add(name: string, key: string): void {
		const slot = this.#rows.slotOf(key);
		this.#places = grown(this.#places, slot + 1);
		this.#before = grown(this.#before, slot + 1);
		this.#behind = grown(this.#behind, slot + 1);
		const group = this.#named.get(name) ?? this.#begin(name);
		this.#places[slot] = group.place + 1;
		this.#before[slot] = 0;
		this.#behind[slot] = group.first;
		if (group.first !== 0) this.#before[group.first - 1] = slot + 1;
		group.first = slot + 1;
		group.size += 1;
	}

	/** For the table: the slot has no row any more. */
	forget(slot: number): void {
		const group = this.#groupOf(slot);
		if (group === undefined) return;
		const before = this.#before[slot] as number;
		const behind = this.#behind[slot] as number;
		this.#places[slot] = 0;
		if (before === 0) group.first = behind;
		else this.#behind[before - 1] = behind;
		if (behind !== 0) this.#before[behind - 1] = before;
		group.size -= 1;
		if (group.size === 0) this.#end(group);
	}

	#groupOf(slot: number): Group | undefined {
		const place = this.#places[slot] ?? 0;
		return place === 0 ? undefined : this.#groups[place - 1];
	}

	#begin(name: string): Group {
		const place = this.#vacant.pop() ?? this.#groups.length;
		const group = { name, place, first: 0, size: 0 };
		this.#groups[place] = group;
		this.#named.set(name, group);
		return group;
	}

	#end({ name, place }: Group): void {
		this.#named.delete(name);
		this.#groups[place] = undefined;
		this.#vacant.push(place);
	}
}
