/** Which slots a frozen view has yet to show, while the table that it is of goes on changing. */
export class View {
	/** Rows that changed before the view came to them. */
	readonly early: Uint8Array[] = [];
	readonly #slots: number;
	#at = 0;
	/** Bits of slots that are not to be shown: they had no packed row, or it was kept. */
	readonly #passed: Uint8Array;

	/** Of a table with this many slots. */
	constructor(slots: number) {
		this.#slots = slots;
		this.#passed = new Uint8Array((slots >> 3) + 1);
	}

	/** The next slot to be shown if it has a row; -1 at the end. */
	next(): number {
		while (this.#at < this.#slots) {
			const slot = this.#at++;
			if (!this.#hasPassed(slot)) return slot;
		}
		return -1;
	}

	/** Is the slot's row of the view, and not shown yet? */
	wants(slot: number): boolean {
		return slot >= this.#at && slot < this.#slots && !this.#hasPassed(slot);
	}

	/** What is in the slot from now on is not the view's. */
	pass(slot: number): void {
		if (slot < this.#slots) this.#passed[slot >> 3] = (this.#passed[slot >> 3] as number) | (1 << (slot & 7));
	}

	/** Keeps a row that is about to change. */
	keep(slot: number, row: Uint8Array): void {
		this.early.push(row);
		this.pass(slot);
	}

	#hasPassed(slot: number): boolean {
		return ((this.#passed[slot >> 3] as number) & (1 << (slot & 7))) !== 0;
	}
}
