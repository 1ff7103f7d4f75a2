/**
 * A table of the state: values by key, with a digest that is kept up to date per changed item.
 *
 * The digest is the sum modulo 2^256 of SHA-256(name ‖ key ‖ value) over all items: it does not depend on the order in
 * which they came, and a change costs two hashes however large the table is. Changes are collected until somebody asks, or
 * until there are so many that the oldest are worked off one by one: no single step pays for all of them.
 *
 * T1  Values are never changed in place: `set` files a new one.
 * T2  The digest is a function of the items alone.
 * T3  `#hashes` is a memo: what it has of a key is the hash with which the sum holds that key.
 */
import { sha256 } from "./digest.ts";
import { Fifo } from "./fifo.ts";
import type { Json } from "./json.ts";

/** How a table's values are written: the same value has the same JSON, whatever way it was made. */
export interface RowCodec<Value> {
	readonly encode: (value: Value) => Json;
	readonly decode: (json: Json) => Value;
}

/** About half a megabyte for each table. */
const HASHES_MAX = 4_096;

export class Table<Value> {
	readonly name: string;
	readonly #codec: RowCodec<Value>;
	readonly #rows = new Map<string, Value>();
	/** What the items changed since the last digest were then. */
	readonly #stale = new Map<string, Value | undefined>();
	/** The keys of `#stale`, oldest first. */
	readonly #staleOrder = new Fifo<string>();
	readonly #staleMax: number | null;
	readonly #sum = new Uint32Array(8);
	/** Of rows that were accounted for lately: one that changes again costs one hash instead of two. */
	readonly #hashes = new Map<string, Uint8Array>();
	/** Keys of `#hashes`, oldest first, and keys that have left it. */
	readonly #hashOrder = new Fifo<string>();

	/**
	 * `staleMax`: how many changed rows may wait for the digest; more than the rows that change at every step. Null: a
	 * table without a digest, for a state that no ledger stands behind.
	 */
	constructor(name: string, codec: RowCodec<Value>, staleMax: number | null = 64) {
		this.name = name;
		this.#codec = codec;
		this.#staleMax = staleMax;
	}

	get size(): number {
		return this.#rows.size;
	}

	get(key: string): Value | undefined {
		return this.#rows.get(key);
	}

	has(key: string): boolean {
		return this.#rows.has(key);
	}

	set(key: string, value: Value): void {
		this.#remember(key);
		this.#rows.set(key, value);
	}

	delete(key: string): void {
		if (!this.#rows.has(key)) return;
		this.#remember(key);
		this.#rows.delete(key);
	}

	entries(): IterableIterator<[string, Value]> {
		return this.#rows.entries();
	}

	/** 32 bytes: the sum as eight little-endian words. */
	digest(): Uint8Array {
		for (const [key, before] of this.#stale) this.#account(key, before);
		this.#stale.clear();
		this.#staleOrder.clear();
		const bytes = new Uint8Array(32);
		const view = new DataView(bytes.buffer);
		for (let word = 0; word < 8; word++) view.setUint32(word * 4, this.#sum[word] as number, true);
		return bytes;
	}

	/** The rows as JSON, by key in code units: the same items give the same rows. */
	rows(): [string, Json][] {
		return [...this.#rows.entries()]
			.map(([key, value]): [string, Json] => [key, this.#codec.encode(value)])
			.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
	}

	load(rows: readonly (readonly [string, Json])[]): void {
		for (const [key, json] of rows) this.set(key, this.#codec.decode(json));
	}

	/** Keeps what a row was at the last digest, before its first change since. */
	#remember(key: string): void {
		if (this.#staleMax === null) return;
		if (this.#stale.has(key)) return;
		this.#stale.set(key, this.#rows.get(key));
		this.#staleOrder.push(key);
		if (this.#stale.size <= this.#staleMax) return;
		const oldest = this.#staleOrder.shift() as string;
		const before = this.#stale.get(oldest);
		this.#stale.delete(oldest);
		this.#account(oldest, before);
	}

	#account(key: string, before: Value | undefined): void {
		const after = this.#rows.get(key);
		if (before !== undefined) this.#add(this.#hashes.get(key) ?? this.#hash(key, before), -1);
		if (after === undefined) {
			this.#hashes.delete(key);
			return;
		}
		const hash = this.#hash(key, after);
		this.#add(hash, 1);
		if (!this.#hashes.has(key)) this.#hashOrder.push(key);
		this.#hashes.set(key, hash);
		while (this.#hashOrder.size > HASHES_MAX) this.#hashes.delete(this.#hashOrder.shift() as string);
	}

	#hash(key: string, value: Value): Uint8Array {
		return sha256(`${this.name}\0${key}\0${JSON.stringify(this.#codec.encode(value))}`);
	}

	#add(hash: Uint8Array, sign: 1 | -1): void {
		const words = new DataView(hash.buffer, hash.byteOffset, 32);
		let carry = 0;
		for (let word = 0; word < 8; word++) {
			const total = (this.#sum[word] as number) + sign * words.getUint32(word * 4, true) + carry;
			this.#sum[word] = total >>> 0;
			carry = Math.floor(total / 0x1_0000_0000);
		}
	}
}
