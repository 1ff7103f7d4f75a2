/**
 * Records of bytes in large pieces of memory, each by its address: millions of them are a few hundred objects for the
 * collector. What is given back leaves a gap; once gaps are more than a third, each further change moves a few records out
 * of the emptiest slab, until it can go as a whole.
 */

/** Told where a record is, when it is made and each time it is moved. */
export type OnPlaced = (owner: number, address: number) => void;

const SLAB_BYTES_MIN = 4_096;
const SLAB_BYTES = 1_048_576;
/** Addresses count in steps of eight bytes, 2^17 of them in a slab: 32 bits reach 32 GiB. */
const STEP = 8;
const STEPS_BITS = 17;
const STEPS_MASK = 2 ** STEPS_BITS - 1;
/** In front of each record: 1 + its owner, 0 once it is given back; its length in bytes. */
const HEAD_BYTES = 8;

interface Slab {
	readonly bytes: Buffer;
	readonly words: Uint32Array;
	/** Where the next record goes. */
	end: number;
	/** Bytes of records that are there, with their heads. */
	used: number;
}

export class Slabs {
	readonly #slabs: (Slab | undefined)[] = [];
	readonly #vacant: number[] = [];
	readonly #onPlaced: OnPlaced;
	/** The slab that is written to. */
	#open = -1;
	/** Bytes of all slabs that were written, and of those what is used. */
	#written = 0;
	#used = 0;
	/** The slab that is being emptied, and how far. */
	#emptying = -1;
	#emptied = 0;

	constructor(onPlaced: OnPlaced) {
		this.#onPlaced = onPlaced;
	}

	/** Bytes that all slabs take. */
	get size(): number {
		return this.#slabs.reduce((sum, slab) => sum + (slab?.bytes.length ?? 0), 0);
	}

	/** Makes a record of a head (a character for each byte) and of the bytes from `from` to before `end`. Its address is never 0. */
	put(owner: number, head: string, bytes: Buffer, from: number, end: number): void {
		const length = head.length + end - from;
		const address = this.#take(owner, length);
		const to = this.bytesOf(address);
		const start = this.startOf(address);
		to.write(head, start, "latin1");
		bytes.copy(to, start + head.length, from, end);
		this.#onPlaced(owner, address);
		this.#tidy(4 * sizeOf(length));
	}

	/** Gives a record back. */
	free(address: number): void {
		const index = address >>> STEPS_BITS;
		const slab = this.#slabs[index] as Slab;
		const word = 2 * (address & STEPS_MASK) - 2;
		slab.words[word] = 0;
		const size = sizeOf(slab.words[word + 1] as number);
		slab.used -= size;
		this.#used -= size;
		if (slab.used === 0 && index !== this.#open) this.#drop(index);
		this.#tidy(4 * size);
	}

	bytesOf(address: number): Buffer {
		return (this.#slabs[address >>> STEPS_BITS] as Slab).bytes;
	}

	startOf(address: number): number {
		return (address & STEPS_MASK) * STEP;
	}

	endOf(address: number): number {
		const length = (this.#slabs[address >>> STEPS_BITS] as Slab).words[2 * (address & STEPS_MASK) - 1] as number;
		return this.startOf(address) + length;
	}

	#take(owner: number, length: number): number {
		const size = sizeOf(length);
		let slab = this.#slabs[this.#open];
		if (slab === undefined || slab.end + size > slab.bytes.length) slab = this.#openSlab(size);
		const word = slab.end / 4;
		slab.words[word] = owner + 1;
		slab.words[word + 1] = length;
		const address = this.#open * 2 ** STEPS_BITS + (slab.end + HEAD_BYTES) / STEP;
		slab.end += size;
		slab.used += size;
		this.#written += size;
		this.#used += size;
		return address;
	}

	/** Larger ones as there is more to hold, so that a small table is small. */
	#openSlab(sizeMin: number): Slab {
		const before = this.#open;
		let length = SLAB_BYTES_MIN;
		while (length < SLAB_BYTES && length * 4 < this.#used) length *= 2;
		const bytes = Buffer.allocUnsafeSlow(Math.max(length, sizeMin));
		const slab = { bytes, words: new Uint32Array(bytes.buffer, 0, bytes.length / 4), end: 0, used: 0 };
		this.#open = this.#vacant.pop() ?? this.#slabs.length;
		this.#slabs[this.#open] = slab;
		if (before !== -1 && this.#slabs[before]?.used === 0) this.#drop(before);
		return slab;
	}

	#drop(index: number): void {
		this.#written -= (this.#slabs[index] as Slab).end;
		this.#slabs[index] = undefined;
		this.#vacant.push(index);
		if (index === this.#emptying) this.#emptying = -1;
	}

	/** Moves records on, up to this many bytes, as long as gaps are more than a third. */
	#tidy(budget: number): void {
		let left = budget;
		while (left > 0 && this.#written - this.#used > SLAB_BYTES_MIN + this.#used / 2) {
			if (this.#emptying === -1 && !this.#chooseEmptiest()) return;
			const slab = this.#slabs[this.#emptying] as Slab;
			const word = this.#emptied / 4;
			const owner = (slab.words[word] as number) - 1;
			const length = slab.words[word + 1] as number;
			const size = sizeOf(length);
			this.#emptied += size;
			left -= size;
			if (owner >= 0) this.#move(slab, word, owner, length);
		}
	}

	#move(slab: Slab, word: number, owner: number, length: number): void {
		const from = word * 4 + HEAD_BYTES;
		const index = this.#emptying;
		const address = this.#take(owner, length);
		slab.bytes.copy(this.bytesOf(address), this.startOf(address), from, from + length);
		slab.words[word] = 0;
		slab.used -= sizeOf(length);
		this.#used -= sizeOf(length);
		this.#onPlaced(owner, address);
		if (slab.used === 0) this.#drop(index);
	}

	#chooseEmptiest(): boolean {
		let least = 1;
		for (const [index, slab] of this.#slabs.entries()) {
			if (slab === undefined || index === this.#open || slab.used / slab.end >= least) continue;
			least = slab.used / slab.end;
			this.#emptying = index;
		}
		this.#emptied = 0;
		return this.#emptying !== -1;
	}
}

/** Of a record with its head, in whole steps. */
const sizeOf = (length: number): number => Math.ceil((HEAD_BYTES + length) / STEP) * STEP;
