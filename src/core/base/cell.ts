/**
 * How a value is written into a row and read again: cells for the plain kinds, and records of them that are typed by what
 * they describe. A field that is added to a type, renamed or given another type in one place alone does not compile.
 */
import { type ByteReader, ByteWriter, fingerprintOf } from "./bytes.ts";
import { freezeDeep, isFrozenDeep } from "./frozen.ts";

/** The same value has the same bytes, whatever way it was made. */
export interface Cell<Value> {
	readonly write: (to: ByteWriter, value: Value) => void;
	readonly read: (from: ByteReader) => Value;
}

/** An integer from 0 to 2^53 - 1. */
export const count: Cell<number> = { write: (to, value) => to.count(value), read: (from) => from.count() };

export const text: Cell<string> = { write: (to, value) => to.text(value), read: (from) => from.text() };

/** 64 hex digits. */
export const digest: Cell<string> = { write: (to, value) => to.digest(value), read: (from) => from.digest() };

export const flag: Cell<boolean> = { write: (to, value) => to.byte(value ? 1 : 0), read: (from) => from.byte() !== 0 };

/** One of a closed list of words, each by a number that it keeps forever. */
export function word<Word extends string>(numbers: Readonly<Record<Word, number>>): Cell<Word> {
	const words = new Map(Object.entries<number>(numbers).map(([name, number]) => [number, name as Word]));
	return {
		write: (to, value) => to.byte(numbers[value]),
		read: (from) => {
			const value = words.get(from.byte());
			if (value === undefined) throw new RangeError("no word of the list");
			return value;
		},
	};
}

export const nullable = <Value>(cell: Cell<Value>): Cell<Value | null> => ({
	write: (to, value) => {
		to.byte(value === null ? 0 : 1);
		if (value !== null) cell.write(to, value);
	},
	read: (from) => (from.byte() === 0 ? null : cell.read(from)),
});

/** Items for which room is made before they are read. */
const LONG = 1_024;

/** An empty list is read as one and the same: there are many. */
export function list<Item>(cell: Cell<Item>): Cell<readonly Item[]> {
	const none: readonly Item[] = Object.freeze([]);
	return {
		write: (to, items) => {
			to.count(items.length);
			// By index: an iterator over a frozen list is an object for each item.
			for (let index = 0; index < items.length; index++) cell.write(to, items[index] as Item);
		},
		read: (from) => {
			const length = from.count();
			if (length === 0) return none;
			// Exactly as long as it is: an array that grows keeps room for more. What says more than there is ends at the end.
			const items = new Array<Item>(Math.min(length, LONG));
			for (let index = 0; index < length; index++) items[index] = cell.read(from);
			return items;
		},
	};
}

export const pair = <First, Second>(
	first: Cell<First>,
	second: Cell<Second>,
): Cell<readonly [first: First, second: Second]> => ({
	write: (to, [one, other]) => {
		first.write(to, one);
		second.write(to, other);
	},
	read: (from) => [first.read(from), second.read(from)],
});

/** A value under a key: what the key says need not be written again. Each cell is one. */
export interface RowCell<Value> {
	readonly write: (to: ByteWriter, value: Value, key: string) => void;
	readonly read: (from: ByteReader, key: string) => Value;
}

/** A cell for each field, in the order in which they are written. */
export type Fields<Type> = { readonly [Name in keyof Type]-?: Cell<Type[Name]> };

/** All fields of a type. */
export function record<Type extends object>(fields: Fields<Type>): Cell<Type> {
	const { write, fill } = fieldsOf(fields);
	return { write, read: (from) => fill({}, from) as Type };
}

/** All fields of a type, of which one is the row's key. */
export function rowUnder<Type extends object, Key extends keyof Type>(
	key: Key,
	fields: Fields<Omit<Type, Key>>,
): RowCell<Type> {
	const { write, fill } = fieldsOf(fields);
	return { write, read: (from, name) => fill({ [key]: name }, from) as Type };
}

/** Writes all fields, and reads them into an object that may have others already. */
function fieldsOf<Type extends object>(fields: Fields<Type>) {
	const names = Object.keys(fields) as (keyof Type)[];
	const cells = names.map((name) => fields[name] as Cell<unknown>);
	return {
		write: (to: ByteWriter, value: Type): void => {
			for (let index = 0; index < names.length; index++) {
				(cells[index] as Cell<unknown>).write(to, value[names[index] as keyof Type]);
			}
		},
		fill: <Begun extends object>(begun: Begun, from: ByteReader): Begun & Type => {
			const value = begun as Begun & Record<keyof Type, unknown>;
			for (let index = 0; index < names.length; index++) {
				value[names[index] as keyof Type] = (cells[index] as Cell<unknown>).read(from) as never;
			}
			return value as Begun & Type;
		},
	};
}

/** How many values of one kind are known by their bytes, and how many of them are looked through one by one. */
const SHARED_MAX = 512;
const RECENT_MAX = 16;

/**
 * A value that many rows have in common: written as its bytes, their length in front, and read as one frozen object for all
 * that have the same, the one that was written where that was frozen.
 */
export function shared<Value extends object>(cell: Cell<Value>): Cell<Value> {
	const known: (Known<Value> | undefined)[] = [];
	const written = new WeakMap<Value, Known<Value>>();
	// Rows name the same values in the same order again and again: the one behind the last is looked at first.
	const recent: Known<Value>[] = [];
	let next = 0;
	const own = new ByteWriter();

	const remember = (one: Known<Value>): void => {
		recent[next] = one;
		next = (next + 1) % RECENT_MAX;
	};
	const among = (isIt: (one: Known<Value>) => boolean): Known<Value> | undefined => {
		for (let looked = 0; looked < recent.length; looked++) {
			const place = (next + looked) % recent.length;
			const one = recent[place] as Known<Value>;
			if (!isIt(one)) continue;
			next = (place + 1) % RECENT_MAX;
			return one;
		}
		return undefined;
	};
	const know = (one: Known<Value>): Known<Value> => {
		written.set(one.value, one);
		known[fingerprintOf(one.bytes, 0, one.bytes.length) % SHARED_MAX] = one;
		remember(one);
		return one;
	};
	const knownOf = (value: Value): Known<Value> => {
		const before = written.get(value);
		if (before !== undefined) {
			remember(before);
			return before;
		}
		own.clear();
		cell.write(own, value);
		const one = { bytes: Uint8Array.from(own.written()), value };
		// What may still change is written again each time.
		return isFrozenDeep(value) ? know(one) : one;
	};

	return {
		write: (to, value) => {
			const { bytes } = among((one) => one.value === value) ?? knownOf(value);
			to.count(bytes.length);
			to.raw(bytes);
		},
		read: (from) => {
			const length = from.count();
			const first = recent[next];
			if (first !== undefined && from.passOver(first.bytes, length)) {
				next = (next + 1) % RECENT_MAX;
				return first.value;
			}
			const before = known[from.fingerprint(length) % SHARED_MAX];
			if (before !== undefined && from.passOver(before.bytes, length)) {
				among((one) => one === before);
				return before.value;
			}
			const bytes = Uint8Array.from(from.peek(length));
			return know({ bytes, value: freezeDeep(cell.read(from)) }).value;
		},
	};
}

interface Known<Value> {
	readonly bytes: Uint8Array;
	readonly value: Value;
}
