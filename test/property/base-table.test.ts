import { hash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { TimeHeap } from "../../src/core/base/heap.ts";
import { type RowCodec, Table } from "../../src/core/base/table.ts";
import { Timetable } from "../../src/core/base/timetable.ts";

const numbers: RowCodec<number> = { encode: (value) => value, decode: (json) => json as number };

const key = fc.constantFrom("a", "b", "c", "a/b", "\u{1f600}", "");
const change = fc.oneof(
	fc.record({ kind: fc.constant("set" as const), key, value: fc.integer() }),
	fc.record({ kind: fc.constant("delete" as const), key }),
	fc.record({ kind: fc.constant("digest" as const) }),
);

/** 32 bytes, least first. */
const asNumber = (bytes: Uint8Array): bigint => BigInt(`0x${hex(Uint8Array.from(bytes).reverse())}`);

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");

describe("a table", () => {
	it("has the digest of its items, whatever happened before and whenever it was asked", () => {
		fc.assert(
			fc.property(fc.array(change, { maxLength: 60, size: "max" }), (changes) => {
				const table = new Table("t", numbers);
				const items = new Map<string, number>();
				for (const one of changes) {
					if (one.kind === "set") {
						table.set(one.key, one.value);
						items.set(one.key, one.value);
					} else if (one.kind === "delete") {
						table.delete(one.key);
						items.delete(one.key);
					} else table.digest();
				}
				const fresh = new Table("t", numbers);
				for (const [name, value] of [...items].reverse()) fresh.set(name, value);
				expect(hex(table.digest())).toBe(hex(fresh.digest()));
				expect(new Map(table.entries())).toEqual(items);

				const loaded = new Table("t", numbers);
				loaded.load(table.rows());
				expect(hex(loaded.digest())).toBe(hex(table.digest()));
				expect(loaded.rows()).toEqual(table.rows());
			}),
		);
	});

	it("shows a frozen view the items of its moment, whatever changes while it is read", () => {
		const step = fc.oneof(change, fc.constant({ kind: "read" as const }), fc.constant({ kind: "freeze" as const }));
		fc.assert(
			fc.property(fc.array(step, { maxLength: 80, size: "max" }), (steps) => {
				const table = new Table("t", numbers);
				let view = table.freeze();
				let expected = new Map<string, number>();
				let seen: [string, unknown][] = [];
				const finish = (): void => {
					seen.push(...view.rows);
					view.thaw();
					expect(seen).toHaveLength(expected.size);
					expect(new Map(seen)).toEqual(expected);
				};
				for (const one of steps) {
					if (one.kind === "set") table.set(one.key, one.value);
					else if (one.kind === "delete") table.delete(one.key);
					else if (one.kind === "digest") table.digest();
					else if (one.kind === "read") {
						const next = view.rows.next();
						if (next.done !== true) seen.push(next.value);
					} else {
						finish();
						view = table.freeze();
						expected = new Map(table.entries());
						seen = [];
					}
				}
				finish();
			}),
		);
	});

	it("has the sum of SHA-256(name, key, value) over its items modulo 2^256, least byte first", () => {
		const rows = fc.uniqueArray(fc.tuple(fc.string(), fc.integer()), { selector: ([name]) => name, maxLength: 12 });
		fc.assert(
			fc.property(rows, (items) => {
				const table = new Table("t", numbers);
				table.load(items);
				const sum = items.reduce(
					(total, [name, value]) => total + asNumber(hash("sha256", `t\0${name}\0${value}`, "buffer")),
					0n,
				);
				expect(asNumber(table.digest())).toBe(sum % 2n ** 256n);
			}),
		);
	});

	it("has another digest for another key, value or table, and zero when it is empty", () => {
		const digestOf = (name: string, rows: readonly [string, number][]): string => {
			const table = new Table(name, numbers);
			table.load(rows);
			return hex(table.digest());
		};
		const all = [
			digestOf("t", [["a", 1]]),
			digestOf("t", [["a", 2]]),
			digestOf("t", [["b", 1]]),
			digestOf("u", [["a", 1]]),
			digestOf("t", [
				["a", 1],
				["b", 1],
			]),
		];
		expect(new Set(all).size).toBe(all.length);
		expect(digestOf("t", [])).toBe("0".repeat(64));
	});
});

describe("a heap of what falls due", () => {
	it("gives items back by time, then by key in code units, also when more come in between", () => {
		const item = fc.record({ time: fc.nat({ max: 5 }), key: fc.constantFrom("a", "B", "é", "\ufb33", "\u{1f600}") });
		const byOrder = (a: { time: number; key: string }, b: { time: number; key: string }): number =>
			a.time - b.time || (a.key < b.key ? -1 : a.key > b.key ? 1 : 0);
		fc.assert(
			fc.property(fc.array(fc.option(item, { freq: 3 }), { maxLength: 60, size: "max" }), (steps) => {
				const heap = new TimeHeap<{ time: number; key: string }>();
				const held: { time: number; key: string }[] = [];
				for (const step of steps) {
					if (step !== null) {
						heap.push(step);
						held.push(step);
						held.sort(byOrder);
					} else {
						expect(heap.peek()).toEqual(held[0]);
						expect(heap.pop()).toEqual(held.shift());
					}
					expect(heap.size).toBe(held.length);
				}
				while (held.length > 0) expect(heap.pop()).toEqual(held.shift());
				expect(heap.pop()).toBeUndefined();
			}),
		);
	});
});

describe("a timetable", () => {
	it("holds one time for each key, and gives the earliest first, however keys are moved and removed", () => {
		const name = fc.integer({ min: 0, max: 40 }).map((at) => `k${at}`);
		const step = fc.record({ name, time: fc.option(fc.nat({ max: 9 }), { freq: 4 }) });
		fc.assert(
			fc.property(fc.array(step, { maxLength: 200, size: "max" }), (steps) => {
				const table = new Timetable();
				const model = new Map<string, number>();
				const first = () => [...model].sort(([a, at], [b, bt]) => at - bt || (a < b ? -1 : 1))[0];
				for (const { name: key, time } of steps) {
					if (time === null) {
						table.remove(key);
						model.delete(key);
					} else {
						table.set(key, time);
						model.set(key, time);
					}
					expect(table.size).toBe(model.size);
					expect(table.peek()?.key).toBe(first()?.[0]);
				}
				for (let next = first(); next !== undefined; next = first()) {
					expect(table.peek()).toMatchObject({ key: next[0], time: next[1] });
					table.remove(next[0]);
					model.delete(next[0]);
				}
				expect(table.peek()).toBeUndefined();
			}),
		);
	});
});
