/** What a table, its queues and its groups promise, in the plainest way: a `Map`, everything hashed anew each time, queues sorted when asked. */
import { hash } from "node:crypto";
import { ByteWriter } from "../../src/core/base/bytes.ts";
import type { RowCell } from "../../src/core/base/cell.ts";

type Timed = { readonly key: string; readonly time: number };

export class PlainQueue {
	readonly times = new Map<string, number>();

	get size(): number {
		return this.times.size;
	}

	set(key: string, time: number): void {
		this.times.set(key, time);
	}

	remove(key: string): void {
		this.times.delete(key);
	}

	timeOf(key: string): number | undefined {
		return this.times.get(key);
	}

	get firstTime(): number {
		return this.peek()?.time ?? Number.POSITIVE_INFINITY;
	}

	first(rows: number, time: number): readonly string[] {
		const due = [...this.times].filter(([, at]) => at <= time);
		due.sort(([one, at], [other, otherAt]) => at - otherAt || compareUtf8(one, other));
		return due.slice(0, rows).map(([key]) => key);
	}

	*until(time: number): IterableIterator<string> {
		for (const [key, at] of this.times) if (at <= time) yield key;
	}

	peek(): Timed | undefined {
		let first: Timed | undefined;
		for (const [key, time] of this.times) {
			if (first === undefined || time < first.time || (time === first.time && compareUtf8(key, first.key) < 0))
				first = { key, time };
		}
		return first;
	}
}

export class PlainGroups {
	/** By key. */
	readonly #names = new Map<string, string>();

	get size(): number {
		return new Set(this.#names.values()).size;
	}

	sizeOf(name: string): number {
		return this.keysOf(name).length;
	}

	has(name: string, key: string): boolean {
		return this.#names.get(key) === name;
	}

	keysOf(name: string): readonly string[] {
		return [...this.#names].filter(([, its]) => its === name).map(([key]) => key);
	}

	add(name: string, key: string): void {
		this.#names.set(key, name);
	}

	remove(key: string): void {
		this.#names.delete(key);
	}
}

const compareUtf8 = (one: string, other: string): number => Buffer.compare(Buffer.from(one), Buffer.from(other));

export class PlainTable<Value> {
	readonly name: string;
	readonly #cell: RowCell<Value>;
	readonly #values = new Map<string, Value>();
	readonly #queues: PlainQueue[] = [];
	readonly #groups: PlainGroups[] = [];
	#turned = new Map<string, Value>();

	constructor(name: string, cell: RowCell<Value>) {
		this.name = name;
		this.#cell = cell;
	}

	readonly waiting = 0;

	get size(): number {
		return this.#values.size;
	}

	get(key: string): Value | undefined {
		return this.#values.get(key);
	}

	glance(key: string): Value | undefined {
		return this.get(key);
	}

	has(key: string): boolean {
		return this.#values.has(key);
	}

	/** Never the value itself, so that a change in place that is not set again is seen. */
	own(key: string): Value | undefined {
		return structuredClone(this.#values.get(key));
	}

	set(key: string, value: Value): void {
		this.#values.set(key, value);
	}

	delete(key: string): void {
		this.#values.delete(key);
		for (const each of [...this.#queues, ...this.#groups]) each.remove(key);
	}

	entries(): IterableIterator<[string, Value]> {
		return this.#values.entries();
	}

	*keys(end = ""): IterableIterator<string> {
		for (const key of this.#values.keys()) if (key.endsWith(end)) yield key;
	}

	rows(): Uint8Array[] {
		return [...this.#values].map(([key, value]) => this.#row(key, value)).sort(Buffer.compare);
	}

	rowsOf(keys: Iterable<string>): Uint8Array[] {
		return [...keys].flatMap((key) => (this.has(key) ? [this.#row(key, this.get(key) as Value)] : []));
	}

	queue(): PlainQueue {
		const queue = new PlainQueue();
		this.#queues.push(queue);
		return queue;
	}

	groups(): PlainGroups {
		const groups = new PlainGroups();
		this.#groups.push(groups);
		return groups;
	}

	digest(): Uint8Array {
		return this.#digestOf(this.#values);
	}

	settle(): void {}

	settled(): Uint8Array {
		return this.#digestOf(this.#turned);
	}

	turn(): void {
		this.#turned = new Map(this.#values);
	}

	#digestOf(values: ReadonlyMap<string, Value>): Uint8Array {
		let sum = 0n;
		for (const [key, value] of values) {
			const item = hash("sha256", Buffer.concat([Buffer.from(`${this.name}\0`), this.#row(key, value)]), "buffer");
			sum += BigInt(`0x${item.reverse().toString("hex")}`);
		}
		const hex = (sum % 2n ** 256n).toString(16).padStart(64, "0");
		return Uint8Array.from(Buffer.from(hex, "hex").reverse());
	}

	#row(key: string, value: Value): Uint8Array {
		const writer = new ByteWriter();
		writer.text(key);
		this.#cell.write(writer, value, key);
		return Uint8Array.from(writer.written());
	}
}
