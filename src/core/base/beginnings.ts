/** The beginnings of a buffer by their length: to make the view of a short one costs as much as to fill it. */
export class Beginnings {
	readonly #buffer: Buffer;
	/** Shorter ones are made once. */
	readonly #keptBelow: number;
	readonly #kept: (Uint8Array | undefined)[] = [];

	constructor(buffer: Buffer, keptBelow: number) {
		this.#buffer = buffer;
		this.#keptBelow = keptBelow;
	}

	/** The first `length` bytes, no more than the buffer has. */
	upTo(length: number): Uint8Array {
		if (length >= this.#keptBelow) return this.#buffer.subarray(0, length);
		this.#kept[length] ??= this.#buffer.subarray(0, length);
		return this.#kept[length];
	}
}
