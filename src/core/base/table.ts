/**
 * A table of the state: values by key, with a digest that is kept up to date per changed item.
 *
 * The digest is the sum modulo 2^256 of SHA-256(name ‖ key ‖ value) over all items: it does not depend on the order in
 * which they came, and a change costs one hash however large the table is. Changed rows wait until somebody asks, or until
 * there are so many that the oldest are worked off one by one: no single step pays for all of them.
 *
 * T1  Values are never changed in place: `set` files a new one.
 * T2  The digest is a function of the items alone.
 * T3  The sum holds each row's `hash` and nothing else.
 * T4  A frozen view holds the items of the moment at which it was taken, whatever is set and deleted while it is read.
 */
import { byCodeUnits } from "./code-units.ts";
import { sha256Latin1 } from "./digest.ts";
import { Fifo } from "./fifo.ts";
import type { Json } from "./json.ts";

/** How a table's values are written: the same value has the same JSON, whatever way it was made. */
export interface RowCodec<Value> {
	readonly encode: (value: Value) => Json;
	readonly decode: (json: Json) => Value;
}

interface Row<Value> {
	readonly key: string;
	/** Undefined once the row is gone. */
	value: Value | undefined;
	/** What the sum holds of it; empty while that is nothing. */
	hash: string;
	/** Stands among those that wait for the digest. */
	isWaiting: boolean;
	/** The last frozen view that has this row, or was taken before it came. */
	seenBy: number;
}

/** The items that a table had when it was frozen, read little by little. One view at a time. */
export interface FrozenRows {
	readonly rows: IterableIterator<[string, Json]>;
	/** Ends the view: changes are no longer kept for it. */
	thaw(): void;
}

export class Table<Value> {
	readonly name: string;
	readonly #codec: RowCodec<Value>;
	readonly #rows = new Map<string, Row<Value>>();
	/** Rows whose value is not in the sum yet, oldest first. */
	readonly #waiting = new Fifo<Row<Value>>();
	readonly #waitingMax: number | null;
	readonly #sum = new Uint32Array(8);
	/** Number of the last frozen view. */
	#view = 0;
	/** What rows were that changed before the view came to them; null while there is no view. */
	#early: [string, Value][] | null = null;

	/**
	 * `waitingMax`: how many changed rows may wait for the digest; more than the rows that change at every step. Null: a
	 * table without a digest, for a state that no ledger stands behind.
	 */
	constructor(name: string, codec: RowCodec<Value>, waitingMax: number | null = 64) {
		this.name = name;
		this.#codec = codec;
		this.#waitingMax = waitingMax;
	}

	get size(): number {
		return this.#rows.size;
	}

	get(key: string): Value | undefined {
		return this.#rows.get(key)?.value;
	}

	has(key: string): boolean {
		return this.#rows.has(key);
	}

	set(key: string, value: Value): void {
		let row = this.#rows.get(key);
		if (row === undefined) {
			row = { key, value, hash: "", isWaiting: false, seenBy: this.#view };
			this.#rows.set(key, row);
		} else {
			this.#keepEarly(row);
			row.value = value;
		}
		this.#wait(row);
	}

	delete(key: string): void {
		const row = this.#rows.get(key);
		if (row === undefined) return;
		this.#keepEarly(row);
		this.#rows.delete(key);
		row.value = undefined;
		this.#hold(row, "");
	}

	*entries(): IterableIterator<[string, Value]> {
		for (const [key, { value }] of this.#rows) yield [key, value as Value];
	}

	/** 32 bytes: the sum as eight little-endian words. */
	digest(): Uint8Array {
		for (let row = this.#waiting.shift(); row !== undefined; row = this.#waiting.shift()) this.#account(row);
		const bytes = new Uint8Array(32);
		const view = new DataView(bytes.buffer);
		for (let word = 0; word < 8; word++) view.setUint32(word * 4, this.#sum[word] as number, true);
		return bytes;
	}

	/** The rows as JSON, by key in code units: the same items give the same rows. */
	rows(): [string, Json][] {
		return [...this.entries()]
			.map(([key, value]): [string, Json] => [key, this.#codec.encode(value)])
			.sort(([a], [b]) => byCodeUnits(a, b));
	}

	/** Of these keys, those that there are. */
	rowsOf(keys: Iterable<string>): [string, Json][] {
		const found: [string, Json][] = [];
		for (const key of keys) {
			const value = this.get(key);
			if (value !== undefined) found.push([key, this.#codec.encode(value)]);
		}
		return found;
	}

	/** The rows as they are now, for reading while the table goes on changing: nothing is copied, a change keeps what was. */
	freeze(): FrozenRows {
		this.#view += 1;
		this.#early = [];
		return {
			rows: this.#frozen(this.#view, this.#early),
			thaw: () => {
				this.#early = null;
			},
		};
	}

	*#frozen(view: number, early: [string, Value][]): IterableIterator<[string, Json]> {
		for (const row of this.#rows.values()) {
			if (row.seenBy === view) continue;
			row.seenBy = view;
			yield [row.key, this.#codec.encode(row.value as Value)];
		}
		for (const [key, value] of early) yield [key, this.#codec.encode(value)];
	}

	#keepEarly(row: Row<Value>): void {
		if (this.#early === null || row.seenBy === this.#view) return;
		row.seenBy = this.#view;
		this.#early.push([row.key, row.value as Value]);
	}

	load(rows: readonly (readonly [string, Json])[]): void {
		for (const [key, json] of rows) this.set(key, this.#codec.decode(json));
	}

	#wait(row: Row<Value>): void {
		if (this.#waitingMax === null || row.isWaiting) return;
		row.isWaiting = true;
		this.#waiting.push(row);
		if (this.#waiting.size > this.#waitingMax) this.#account(this.#waiting.shift() as Row<Value>);
	}

	/** Brings a row that has waited into the sum, if it is still there. */
	#account(row: Row<Value>): void {
		row.isWaiting = false;
		const { key, value } = row;
		if (value === undefined) return;
		this.#hold(row, sha256Latin1(`${this.name}\0${key}\0${JSON.stringify(this.#codec.encode(value))}`));
	}

	#hold(row: Row<Value>, hash: string): void {
		if (row.hash !== "") this.#add(row.hash, -1);
		row.hash = hash;
		if (hash !== "") this.#add(hash, 1);
	}

	/** `hash`: 32 bytes, a character each. */
	#add(hash: string, sign: 1 | -1): void {
		let carry = 0;
		for (let word = 0; word < 8; word++) {
			const at = 4 * word;
			const high = (hash.charCodeAt(at + 3) << 24) | (hash.charCodeAt(at + 2) << 16);
			const value = (high | (hash.charCodeAt(at + 1) << 8) | hash.charCodeAt(at)) >>> 0;
			const total = (this.#sum[word] as number) + sign * value + carry;
			this.#sum[word] = total >>> 0;
			carry = Math.floor(total / 0x1_0000_0000);
		}
	}
}
