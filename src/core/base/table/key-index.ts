/**
 * Slots, one for each row, and which of them may have a key: by the keyed hash of their keys, in typed arrays. One bucket is
 * split for each slot that comes (linear hashing), so that no step pays for all of them.
 *
 * The hash has a secret: whoever chooses many keys cannot choose where they go. What is looked up does not depend on it.
 */
import { ByteWriter } from "../bytes.ts";

/** Two words of chance, the process's own. */
export type HashSeed = readonly [number, number];

export const NO_SEED: HashSeed = [0, 0];

const BUCKETS_MIN = 16;

export class KeyIndex {
	/** By bucket: 1 + the first slot of its chain; 0 for none. */
	#heads = new Uint32Array(BUCKETS_MIN);
	/** By slot: the hash of its key, and 1 + the next slot of its chain; of a free slot, of those that are free. */
	#links = new Uint32Array(2 * BUCKETS_MIN);
	#buckets = BUCKETS_MIN;
	/** The largest power of two that is not more than there are buckets. */
	#base = BUCKETS_MIN;
	#size = 0;
	/** How many slots there have been, and 1 + the first that is free; 0 for none. */
	#slots = 0;
	#free = 0;

	/** Every slot is below. */
	get slots(): number {
		return this.#slots;
	}

	/** Takes a slot for a key of this hash. */
	add(hash: number): number {
		let slot = this.#free - 1;
		if (slot === -1) {
			slot = this.#slots++;
			this.#links = grown(this.#links, 2 * this.#slots);
		} else this.#free = this.#links[2 * slot + 1] as number;
		this.#push(slot, hash);
		this.#size += 1;
		if (this.#size > this.#buckets) this.#split();
		return slot;
	}

	/** Gives a slot back. */
	remove(slot: number): void {
		this.#unlink(slot);
		this.#size -= 1;
		this.#links[2 * slot + 1] = this.#free;
		this.#free = slot + 1;
	}

	#unlink(slot: number): void {
		const bucket = this.#bucketOf(this.#links[2 * slot] as number);
		const next = this.#links[2 * slot + 1] as number;
		let at = this.#heads[bucket] as number;
		if (at === slot + 1) {
			this.#heads[bucket] = next;
			return;
		}
		for (;;) {
			const link = 2 * (at - 1) + 1;
			at = this.#links[link] as number;
			if (at !== slot + 1) continue;
			this.#links[link] = next;
			return;
		}
	}

	/** The first slot whose key has this hash; -1 when there is none. */
	first(hash: number): number {
		return this.#matching(this.#heads[this.#bucketOf(hash)] as number, hash);
	}

	/** The next slot after `slot` whose key has this hash; -1 when there is none. */
	next(slot: number, hash: number): number {
		return this.#matching(this.#links[2 * slot + 1] as number, hash);
	}

	#matching(first: number, hash: number): number {
		let at = first;
		while (at !== 0 && this.#links[2 * (at - 1)] !== hash) at = this.#links[2 * (at - 1) + 1] as number;
		return at - 1;
	}

	#push(slot: number, hash: number): void {
		const bucket = this.#bucketOf(hash);
		this.#links[2 * slot] = hash;
		this.#links[2 * slot + 1] = this.#heads[bucket] as number;
		this.#heads[bucket] = slot + 1;
	}

	#bucketOf(hash: number): number {
		const wide = hash & (2 * this.#base - 1);
		return wide < this.#buckets ? wide : hash & (this.#base - 1);
	}

	/** Adds a bucket, and redistributes the chain that it shares. */
	#split(): void {
		const shared = this.#buckets - this.#base;
		this.#heads = grown(this.#heads, this.#buckets + 1);
		this.#buckets += 1;
		let at = this.#heads[shared] as number;
		this.#heads[shared] = 0;
		while (at !== 0) {
			const slot = at - 1;
			at = this.#links[2 * slot + 1] as number;
			this.#push(slot, this.#links[2 * slot] as number);
		}
		if (this.#buckets === 2 * this.#base) this.#base *= 2;
	}
}

/** The array itself where it is long enough, else a copy of twice its length. */
export function grown<Words extends Uint32Array | Float64Array>(words: Words, length: number): Words {
	if (length <= words.length) return words;
	const Kind = words.constructor as new (length: number) => Words;
	const larger = new Kind(Math.max(length, 2 * words.length));
	larger.set(words);
	return larger;
}

/** A key as bytes, and their hash. */
export class KeyBytes {
	readonly #writer = new ByteWriter();
	readonly #seed: HashSeed;
	/** The key that was hashed last: who looks for a row and does not find it adds it next. */
	#key: string | null = null;
	#hash = 0;

	constructor(seed: HashSeed) {
		this.#seed = seed;
	}

	/** The hash of a key, whose bytes are kept until the next. */
	hash(key: string): number {
		if (key === this.#key) return this.#hash;
		this.#writer.clear();
		this.#writer.text(key);
		this.#key = key;
		this.#hash = keyedHash(this.#writer.bytes, this.#writer.length, this.#seed);
		return this.#hash;
	}

	/** Whether the key that was hashed last is written there. */
	isAt(bytes: Buffer, from: number): boolean {
		const { bytes: key, length } = this.#writer;
		if (from + length > bytes.length) return false;
		for (let at = 0; at < length; at++) if (key[at] !== bytes[from + at]) return false;
		return true;
	}
}

/** In the order of UTF-8, which a text has as bytes and as UTF-16 alike. */
export function isBeforeInUtf8(one: string, other: string): boolean {
	const length = Math.min(one.length, other.length);
	for (let at = 0; at < length; at++) {
		const a = one.charCodeAt(at);
		const b = other.charCodeAt(at);
		if (a === b) continue;
		const isAstral = a >= 0xd800 && a <= 0xdfff;
		const isOtherAstral = b >= 0xd800 && b <= 0xdfff;
		return isAstral === isOtherAstral ? a < b : isOtherAstral;
	}
	return one.length < other.length;
}

/** HalfSipHash-1-3 of the first `length` bytes: 32 bits, not negative. */
function keyedHash(bytes: Uint8Array, length: number, [seed0, seed1]: HashSeed): number {
	let v0 = seed0 | 0;
	let v1 = seed1 | 0;
	let v2 = 0x6c79_6765 ^ seed0;
	let v3 = 0x7465_6462 ^ seed1;
	const whole = length & ~3;
	for (let at = 0; at <= whole + 12; at += 4) {
		let word = 0;
		if (at < whole) {
			word = (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
			word |= ((bytes[at + 2] as number) << 16) | ((bytes[at + 3] as number) << 24);
		} else if (at === whole) {
			word = length << 24;
			for (let rest = length - 1; rest >= whole; rest--) word |= (bytes[rest] as number) << (8 * (rest - whole));
		} else if (at === whole + 4) v2 ^= 0xff;
		v3 ^= word;
		v0 = (v0 + v1) | 0;
		v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
		v0 = (v0 << 16) | (v0 >>> 16);
		v2 = (v2 + v3) | 0;
		v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
		v0 = (v0 + v3) | 0;
		v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
		v2 = (v2 + v1) | 0;
		v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
		v2 = (v2 << 16) | (v2 >>> 16);
		v0 ^= word;
	}
	return (v1 ^ v3) >>> 0;
}
