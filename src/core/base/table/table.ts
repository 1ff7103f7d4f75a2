/**
 * A table of the state: values by key, kept as the bytes that are hashed and that snapshots carry. A row is an object from
 * its change until it is settled, which is to say brought into the digest; then it is packed bytes in a slab, so that
 * millions of them cost the collector nothing. One that is asked for again is read from its bytes.
 *
 * The digest is the sum modulo 2^256 of SHA-256(name ‖ 0x00 ‖ row) over all rows; a row is its key and its value.
 *
 * Changes come in intervals. `turn` ends one; its rows are settled before the next `turn`, a few at a time (`settle`), and
 * `settled` is the digest as it was at that turn. A row that changes again before is settled first.
 *
 * T1  Values are never changed in place, but for one that its owner took out for that (`own`) and sets again.
 * T2  Digests, rows and queues are functions of the items alone: not of the seed, nor of what came before.
 * T3  The sum holds the hash in front of each packed row and nothing else.
 * T4  A frozen view holds the items of the moment at which it was taken, whatever is set and deleted while it is read.
 */
import { ByteReader, ByteWriter, DIGEST_BYTES, isTextBefore } from "../bytes.ts";
import type { Cell, RowCell } from "../cell.ts";
import { sha256Latin1 } from "../digest.ts";
import { DigestSum } from "./digest-sum.ts";
import { grown, type HashSeed, isBeforeInUtf8, KeyBytes, KeyIndex, NO_SEED } from "./key-index.ts";
import { type LiveRow, LiveRows } from "./live-rows.ts";
import { RowGroups } from "./row-groups.ts";
import { RowQueue } from "./row-queue.ts";
import { Slabs } from "./slabs.ts";
import { View } from "./view.ts";

/** The rows that a table had when it was frozen, read little by little. One view at a time. */
export interface FrozenRows {
	readonly rows: IterableIterator<Uint8Array>;
	/** Ends the view: changes are no longer kept for it. */
	thaw(): void;
}

export interface TableOptions {
	/** False: for a state without a ledger behind it. Nothing is hashed, and all digests are zero. */
	readonly isDigested?: boolean;
	readonly seed?: HashSeed;
}

/** How many values that were read from their bytes are kept for those who ask again: a power of two. */
const READ_MAX = 16;

export class Table<Value> {
	readonly name: string;
	readonly #cell: RowCell<Value>;
	readonly #isDigested: boolean;
	readonly #keys: KeyBytes;
	readonly #prefix: Uint8Array;
	readonly #index = new KeyIndex();
	/** By slot: the address of its packed row; 0 for none. */
	#addresses = new Uint32Array(16);
	readonly #slabs = new Slabs((slot, address) => {
		this.#addresses = grown(this.#addresses, slot + 1);
		this.#addresses[slot] = address;
	});
	#size = 0;
	readonly #live = new LiveRows<Value>();
	/** Of which slot each is, -1 for none, and what it is: no object for each row that is settled. */
	readonly #readSlots = new Int32Array(READ_MAX).fill(-1);
	readonly #readValues = new Array<Value | undefined>(READ_MAX).fill(undefined);
	#interval = 0;
	#changed: LiveRow<Value>[] = [];
	/** Rows of the interval before, and how many of them are settled. */
	#settling: (LiveRow<Value> | undefined)[] = [];
	#done = 0;
	readonly #sum = new DigestSum();
	readonly #queues: RowQueue[] = [];
	readonly #groups: RowGroups[] = [];
	#view: View | null = null;
	/** The key that was looked up last and its slot, and the one before: a step asks for a session's row and its agent's in turns. */
	#lastKey: string | null = null;
	#lastSlot = -1;
	#otherKey: string | null = null;
	#otherSlot = -1;

	/** Told of each key whose row goes. */
	onDelete: ((key: string) => void) | null = null;

	constructor(name: string, cell: RowCell<Value>, { isDigested = true, seed = NO_SEED }: TableOptions = {}) {
		this.name = name;
		this.#cell = cell;
		this.#isDigested = isDigested;
		this.#keys = new KeyBytes(seed);
		this.#prefix = Buffer.from(`${name}\0`);
	}

	get size(): number {
		return this.#size;
	}

	get(key: string): Value | undefined {
		const slot = this.#slotOf(key);
		return slot === -1 ? undefined : this.#valueOf(slot, key);
	}

	/** How a value begins: of one that is packed no more is read. `beginning` is the cell of what the table's own writes first. */
	glance<Beginning>(
		key: string,
		beginning: Cell<Beginning>,
	): (Value extends Beginning ? Beginning : never) | undefined {
		const slot = this.#slotOf(key);
		if (slot === -1) return undefined;
		const live = this.#live.get(slot);
		const value = live === undefined ? beginning.read(this.#openPacked(slot).skipText()) : live.value;
		return value as Value extends Beginning ? Beginning : never;
	}

	has(key: string): boolean {
		const slot = this.#slotOf(key);
		return slot !== -1 && this.#isThere(slot);
	}

	/** The value of a key, which may be changed in place and is then to be set again, before anything else is done here. */
	own(key: string): Value | undefined {
		const slot = this.#slotToChange(key);
		return slot === -1 ? undefined : this.#valueOf(slot, key);
	}

	set(key: string, value: Value): void {
		const known = this.#slotToChange(key);
		if (known === -1 || !this.#isThere(known)) this.#size += 1;
		this.#change(known === -1 ? this.#takeSlot(key) : known, key, value);
	}

	delete(key: string): void {
		const slot = this.#slotToChange(key);
		if (slot === -1 || !this.#isThere(slot)) return;
		this.#size -= 1;
		for (const queue of this.#queues) queue.forget(slot);
		for (const groups of this.#groups) groups.forget(slot);
		this.#change(slot, key, undefined);
		this.onDelete?.(key);
	}

	*entries(): IterableIterator<[string, Value]> {
		for (const slot of this.#present()) {
			const key = this.#keyOf(slot);
			yield [key, this.#valueOf(slot, key) as Value];
		}
	}

	/** All keys, or those that end so. */
	*keys(end = ""): IterableIterator<string> {
		for (const slot of this.#present()) {
			const key = this.#keyOf(slot);
			if (key.endsWith(end)) yield key;
		}
	}

	/** The rows in the order of their bytes: the same items give the same rows. */
	rows(): Uint8Array[] {
		return [...this.#present()].map((slot) => this.#rowOf(slot)).sort(Buffer.compare);
	}

	/** Of these keys, the rows that there are. */
	rowsOf(keys: Iterable<string>): Uint8Array[] {
		const found: Uint8Array[] = [];
		for (const key of keys) if (this.has(key)) found.push(this.#rowOf(this.#slotOf(key)));
		return found;
	}

	/** Files a row that the table does not have, as it was written, and settles it. Throws RangeError where the bytes are none. */
	load(row: Uint8Array): { readonly key: string; readonly value: Value } {
		writer.clear();
		writer.raw(this.#prefix);
		writer.raw(row);
		const key = reader.open(writer.bytes, this.#prefix.length, writer.length).text();
		const value = this.#cell.read(reader, key);
		if (!reader.isAtEnd || this.#slotOf(key) !== -1) throw new RangeError("no row of this table");
		const slot = this.#takeSlot(key);
		this.#size += 1;
		this.#pack(slot, this.#hashWritten());
		return { key, value };
	}

	/** An order of rows by time, which a row leaves when it is deleted. */
	queue(): RowQueue {
		const queue = new RowQueue({
			slotOf: (key) => this.#slotOf(key),
			keyOf: (slot) => this.#knownKeyOf(slot),
			isKeyBefore: (slot, other) => this.#isKeyBefore(slot, other),
		});
		this.#queues.push(queue);
		return queue;
	}

	/** Groups of rows, each in one at most, which a row leaves when it is deleted. */
	groups(): RowGroups {
		const groups = new RowGroups({
			slotOf: (key) => this.#slotOf(key),
			keyOf: (slot) => this.#knownKeyOf(slot),
		});
		this.#groups.push(groups);
		return groups;
	}

	/** 32 bytes: of the items as they are now. */
	digest(): Uint8Array {
		const sum = this.#sum.copy();
		for (const row of this.#isDigested ? this.#live.values() : []) {
			const address = this.#addressOf(row.slot);
			if (address !== 0) sum.add(this.#slabs.bytesOf(address), this.#slabs.startOf(address), -1);
			if (row.value === undefined) continue;
			row.hash ??= this.#hashOf(row.key, row.value);
			sum.add(Buffer.from(row.hash, "latin1"), 0);
		}
		return sum.bytes();
	}

	/** How many rows of the interval before have yet to be settled. */
	get waiting(): number {
		return this.#settling.length - this.#done;
	}

	/** Settles this many of those that wait. */
	settle(rows: number): void {
		const end = Math.min(this.#settling.length, this.#done + rows);
		while (this.#done < end) {
			const row = this.#settling[this.#done] as LiveRow<Value>;
			this.#settling[this.#done++] = undefined;
			if (!row.isSettled) this.#settleRow(row);
		}
	}

	/** 32 bytes: of the items as they were at the last turn, all of which are settled now. */
	settled(): Uint8Array {
		this.settle(this.waiting);
		return this.#sum.bytes();
	}

	/** Ends an interval. */
	turn(): void {
		this.settle(this.waiting);
		this.#settling = this.#changed;
		this.#changed = [];
		this.#done = 0;
		this.#interval += 1;
	}

	/** The rows as they are now, for reading while the table goes on changing: nothing is copied, a change keeps what was. */
	freeze(): FrozenRows {
		const view = new View(this.#index.slots);
		const live: Uint8Array[] = [];
		for (const { slot, key, value } of this.#live.values()) {
			view.pass(slot);
			if (value !== undefined) live.push(Uint8Array.from(this.#write(key, value)));
		}
		this.#view = view;
		return {
			rows: this.#frozen(view, live),
			thaw: () => {
				if (this.#view === view) this.#view = null;
			},
		};
	}

	*#frozen(view: View, live: readonly Uint8Array[]): IterableIterator<Uint8Array> {
		yield* live;
		for (let slot = view.next(); slot !== -1; slot = view.next()) {
			if (this.#addressOf(slot) !== 0) yield this.#packedRow(slot);
		}
		yield* view.early;
	}

	#slotOf(key: string): number {
		if (key === this.#lastKey) return this.#lastSlot;
		if (key === this.#otherKey) return this.#otherSlot;
		const hash = this.#keys.hash(key);
		let slot = this.#index.first(hash);
		while (slot !== -1 && !this.#isKeyOf(slot, key)) slot = this.#index.next(slot, hash);
		if (slot !== -1) this.#remember(key, slot);
		return slot;
	}

	#remember(key: string, slot: number): void {
		this.#otherKey = this.#lastKey;
		this.#otherSlot = this.#lastSlot;
		this.#lastKey = key;
		this.#lastSlot = slot;
	}

	/** A slot that is given back has no key any more. */
	#forget(): void {
		this.#lastKey = null;
		this.#otherKey = null;
	}

	/** Of the key that was hashed last. */
	#isKeyOf(slot: number, key: string): boolean {
		const live = this.#live.get(slot);
		if (live !== undefined) return live.key === key;
		const address = this.#addressOf(slot);
		return this.#keys.isAt(this.#slabs.bytesOf(address), this.#rowStart(address));
	}

	#takeSlot(key: string): number {
		const slot = this.#index.add(this.#keys.hash(key));
		this.#remember(key, slot);
		return slot;
	}

	/** The slot of a key, whose row is settled as it was at the last turn; -1 when there is none. */
	#slotToChange(key: string): number {
		const slot = this.#slotOf(key);
		const live = slot === -1 ? undefined : this.#live.get(slot);
		if (live === undefined || live.interval === this.#interval) return slot;
		this.#settleRow(live);
		return live.value === undefined ? -1 : slot;
	}

	#change(slot: number, key: string, value: Value | undefined): void {
		const live = this.#live.get(slot);
		if (live === undefined) {
			const row = { slot, key, value, hash: null, interval: this.#interval, isSettled: false };
			this.#live.add(row);
			this.#changed.push(row);
		} else {
			live.value = value;
			live.hash = null;
		}
	}

	#settleRow(row: LiveRow<Value>): void {
		const { slot, key, value } = row;
		row.isSettled = true;
		this.#live.remove(slot);
		this.#unpack(slot);
		if (value === undefined) {
			this.#index.remove(slot);
			this.#forget();
			this.#keep(slot, undefined);
		} else {
			this.#write(key, value);
			this.#pack(slot, row.hash ?? this.#hashWritten());
			this.#keep(slot, value);
		}
	}

	#unpack(slot: number): void {
		const address = this.#addressOf(slot);
		if (address === 0) return;
		if (this.#view?.wants(slot) === true) this.#view.keep(slot, this.#packedRow(slot));
		if (this.#isDigested) this.#sum.add(this.#slabs.bytesOf(address), this.#slabs.startOf(address), -1);
		this.#addresses[slot] = 0;
		this.#slabs.free(address);
	}

	/** Packs the row that was written. */
	#pack(slot: number, hash: string): void {
		this.#view?.pass(slot);
		this.#slabs.put(slot, hash, writer.bytes, this.#prefix.length, writer.length);
		const address = this.#addressOf(slot);
		if (this.#isDigested) this.#sum.add(this.#slabs.bytesOf(address), this.#slabs.startOf(address));
	}

	*#present(): IterableIterator<number> {
		for (let slot = 0; slot < this.#index.slots; slot++) if (this.#isThere(slot)) yield slot;
	}

	#isThere(slot: number): boolean {
		const live = this.#live.get(slot);
		return live === undefined ? this.#addressOf(slot) !== 0 : live.value !== undefined;
	}

	#valueOf(slot: number, key: string): Value | undefined {
		const live = this.#live.get(slot);
		if (live !== undefined) return live.value;
		if (this.#readSlots[slot % READ_MAX] === slot) return this.#readValues[slot % READ_MAX];
		const value = this.#cell.read(this.#openPacked(slot).skipText(), key);
		this.#keep(slot, value);
		return value;
	}

	/** Undefined where the slot has no row any more. */
	#keep(slot: number, value: Value | undefined): void {
		this.#readSlots[slot % READ_MAX] = value === undefined ? -1 : slot;
		this.#readValues[slot % READ_MAX] = value;
	}

	#keyOf(slot: number): string {
		return this.#live.get(slot)?.key ?? this.#openPacked(slot).text();
	}

	/** Of a row that will be asked for next. */
	#knownKeyOf(slot: number): string {
		const key = this.#keyOf(slot);
		this.#remember(key, slot);
		return key;
	}

	#isKeyBefore(slot: number, other: number): boolean {
		const isPacked = this.#live.get(slot) === undefined && this.#live.get(other) === undefined;
		if (!isPacked) return isBeforeInUtf8(this.#keyOf(slot), this.#keyOf(other));
		// As bytes where they lie: rows of one time are compared again and again.
		const [one, two] = [this.#addressOf(slot), this.#addressOf(other)];
		const [bytes, others] = [this.#slabs.bytesOf(one), this.#slabs.bytesOf(two)];
		return isTextBefore(bytes, this.#rowStart(one), others, this.#rowStart(two));
	}

	#rowOf(slot: number): Uint8Array {
		const live = this.#live.get(slot);
		return live === undefined ? this.#packedRow(slot) : Uint8Array.from(this.#write(live.key, live.value as Value));
	}

	/** Its bytes are never written over, so that who has them may keep them. */
	#packedRow(slot: number): Uint8Array {
		const address = this.#addressOf(slot);
		const start = this.#rowStart(address);
		return new Uint8Array(this.#slabs.bytesOf(address).buffer, start, this.#slabs.endOf(address) - start);
	}

	#openPacked(slot: number): ByteReader {
		const address = this.#addressOf(slot);
		return reader.open(this.#slabs.bytesOf(address), this.#rowStart(address), this.#slabs.endOf(address));
	}

	#rowStart(address: number): number {
		return this.#slabs.startOf(address) + (this.#isDigested ? DIGEST_BYTES : 0);
	}

	#addressOf(slot: number): number {
		return this.#addresses[slot] ?? 0;
	}

	/** A row's bytes, until something else is written. */
	#write(key: string, value: Value): Uint8Array {
		writer.clear();
		writer.raw(this.#prefix);
		writer.text(key);
		this.#cell.write(writer, value, key);
		return writer.written(this.#prefix.length);
	}

	#hashOf(key: string, value: Value): string {
		this.#write(key, value);
		return this.#hashWritten();
	}

	#hashWritten(): string {
		return this.#isDigested ? sha256Latin1(writer.written()) : "";
	}
}

/** One of each for all tables: nothing is read or written in between. */
const writer = new ByteWriter();
const reader = new ByteReader();
