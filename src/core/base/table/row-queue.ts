/** Rows of a table by time, then by key in UTF-8: the same rows and times have one order, whatever came before. */
import { SlotQueue } from "./slot-queue.ts";

export interface Timed {
	readonly key: string;
	readonly time: number;
}

/** The rows' table. */
interface Rows {
	/** -1 where there is no row. */
	slotOf(key: string): number;
	keyOf(slot: number): string;
	isKeyBefore(slot: number, other: number): boolean;
}

export class RowQueue {
	readonly #rows: Rows;
	readonly #slots: SlotQueue;
	/** The first, as it was told last. */
	#told: Timed | null = null;

	constructor(rows: Rows) {
		this.#rows = rows;
		this.#slots = new SlotQueue((slot, other) => rows.isKeyBefore(slot, other));
	}

	get size(): number {
		return this.#slots.size;
	}

	/** Sets the time of a row, whether it had one or not. The table has the row. */
	set(key: string, time: number): void {
		this.#told = null;
		this.#slots.set(this.#rows.slotOf(key), time);
	}

	remove(key: string): void {
		const slot = this.#rows.slotOf(key);
		if (slot !== -1) this.forget(slot);
	}

	/** Undefined where the row has none. */
	timeOf(key: string): number | undefined {
		const slot = this.#rows.slotOf(key);
		return slot === -1 ? undefined : this.#slots.timeOf(slot);
	}

	/** Of the earliest; Infinity when there is none. */
	get firstTime(): number {
		return this.#slots.firstTime;
	}

	/** The earliest; undefined when there is none. */
	peek(): Timed | undefined {
		const slot = this.#slots.first;
		if (slot === -1) return undefined;
		this.#told ??= { key: this.#rows.keyOf(slot), time: this.#slots.timeOf(slot) as number };
		return this.#told;
	}

	/** Keys of the earliest rows whose time is not later, in order: this many, if there are. */
	first(rows: number, time: number): readonly string[] {
		return this.#slots.firstUntil(rows, time).map((slot) => this.#rows.keyOf(slot));
	}

	/** Keys of rows whose time is not later, in no order. */
	*until(time: number): IterableIterator<string> {
		for (const slot of this.#slots.until(time)) yield this.#rows.keyOf(slot);
	}

	/** For the table: the slot has no row any more. */
	forget(slot: number): void {
		this.#told = null;
		this.#slots.remove(slot);
	}
}
