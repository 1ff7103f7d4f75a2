import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { ByteReader, ByteWriter } from "../../src/core/base/bytes.ts";
import { type Cell, count, digest, flag, list, nullable, pair, record, text, word } from "../../src/core/base/cell.ts";
import { Table } from "../../src/core/base/table/table.ts";
import { PlainTable } from "../support/plain-table.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const hexes = (rows: Iterable<Uint8Array>): string[] => [...rows].map(hex);

/** Few enough to come again, plain and not, and one that is longer than a slab. */
const KEYS = ["", "a", "b", "c", "a/b", "é", "\ufb33", "\u{1f600}", ...Array.from({ length: 40 }, (_, at) => `k${at}`)];
const GROUPS = ["g0", "g1", "g2"] as const;
const groupOf = (time: number): string => GROUPS[time % GROUPS.length] as string;
const key = fc.constantFrom(...KEYS);
const value = fc.oneof(
	fc.string(),
	fc.nat({ max: 3_000 }).map((length) => "x".repeat(length)),
);
const seed = fc.tuple(fc.nat(), fc.nat());
const step = fc.oneof(
	{ weight: 8, arbitrary: fc.record({ kind: fc.constant("set" as const), key, value }) },
	{ weight: 6, arbitrary: fc.record({ kind: fc.constant("own" as const), key, value }) },
	{ weight: 4, arbitrary: fc.record({ kind: fc.constant("delete" as const), key }) },
	{ weight: 4, arbitrary: fc.record({ kind: fc.constant("time" as const), key, time: fc.nat({ max: 4 }) }) },
	{ weight: 2, arbitrary: fc.record({ kind: fc.constant("untime" as const), key }) },
	{ weight: 3, arbitrary: fc.record({ kind: fc.constant("settle" as const), rows: fc.nat({ max: 5 }) }) },
	{ weight: 2, arbitrary: fc.constant({ kind: "turn" as const }) },
	{ weight: 1, arbitrary: fc.constant({ kind: "digest" as const }) },
	{ weight: 4, arbitrary: fc.constant({ kind: "read" as const }) },
	{ weight: 1, arbitrary: fc.constant({ kind: "freeze" as const }) },
);
/** What can be changed in place. */
const box: Cell<{ value: string }> = record<{ value: string }>({ value: text });
const steps = fc.array(step, { maxLength: 250, size: "max" });

describe("a table", () => {
	it("is what a plain one is, through any history: values, rows, digests, queues, groups and frozen views", () => {
		fc.assert(
			fc.property(steps, seed, (all, secret) => {
				const table = new Table("t", box, { seed: secret });
				const plain = new PlainTable("t", box);
				const queue = table.queue();
				const model = plain.queue();
				const groups = table.groups();
				const plainGroups = plain.groups();
				let view = table.freeze();
				let expected: string[] = [];
				let seen: string[] = [];
				const finish = (): void => {
					seen.push(...hexes(view.rows));
					view.thaw();
					expect(seen.sort()).toEqual(expected);
				};
				for (const one of all) {
					switch (one.kind) {
						case "set":
							table.set(one.key, { value: one.value });
							plain.set(one.key, { value: one.value });
							break;
						case "own": {
							const own = table.own(one.key);
							expect(own).toEqual(plain.get(one.key));
							if (own === undefined) break;
							own.value = one.value;
							table.set(one.key, own);
							plain.set(one.key, { value: one.value });
							break;
						}
						case "delete":
							table.delete(one.key);
							plain.delete(one.key);
							break;
						case "time":
							if (!plain.has(one.key)) break;
							queue.set(one.key, one.time);
							model.set(one.key, one.time);
							if (GROUPS.some((name) => plainGroups.has(name, one.key))) break;
							groups.add(groupOf(one.time), one.key);
							plainGroups.add(groupOf(one.time), one.key);
							break;
						case "untime":
							queue.remove(one.key);
							model.remove(one.key);
							break;
						case "settle":
							table.settle(one.rows);
							break;
						case "turn":
							table.turn();
							plain.turn();
							break;
						case "digest":
							expect(hex(table.digest())).toBe(hex(plain.digest()));
							expect(hex(table.settled())).toBe(hex(plain.settled()));
							break;
						case "read": {
							const next = view.rows.next();
							if (next.done !== true) seen.push(hex(next.value));
							break;
						}
						case "freeze":
							finish();
							view = table.freeze();
							expected = hexes(plain.rows()).sort();
							seen = [];
							break;
					}
					expect(table.size).toBe(plain.size);
					expect(queue.size).toBe(model.size);
					expect(queue.peek()).toEqual(model.peek());
					expect(queue.first(3, 2)).toEqual(model.first(3, 2));
					expect(queue.first(10, 9)).toEqual(model.first(10, 9));
					expect(groups.size).toBe(plainGroups.size);
				}
				finish();
				for (const name of KEYS) {
					expect(table.get(name)).toEqual(plain.get(name));
					expect(table.has(name)).toBe(plain.has(name));
					expect(queue.timeOf(name)).toBe(model.timeOf(name));
				}
				for (const group of GROUPS) {
					expect([...groups.keysOf(group)].sort()).toEqual([...plainGroups.keysOf(group)].sort());
					expect(groups.sizeOf(group)).toBe(plainGroups.sizeOf(group));
					const having = (of: { has(name: string, key: string): boolean }) =>
						KEYS.filter((name) => of.has(group, name));
					expect(having(groups)).toEqual(having(plainGroups));
				}
				expect(new Map(table.entries())).toEqual(new Map(plain.entries()));
				expect(hexes(table.rows())).toEqual(hexes(plain.rows()));
				expect(hex(table.digest())).toBe(hex(plain.digest()));
				expect(hex(table.settled())).toBe(hex(plain.settled()));
			}),
			{ numRuns: 400 },
		);
	});

	it("is the same when it is loaded from its rows, in any order", () => {
		fc.assert(
			fc.property(steps, (all) => {
				const table = new Table("t", text);
				for (const one of all) {
					if (one.kind === "set") table.set(one.key, one.value);
					else if (one.kind === "delete") table.delete(one.key);
					else if (one.kind === "turn") table.turn();
				}
				const loaded = new Table("t", text, { seed: [1, 2] });
				for (const row of table.rows().reverse()) loaded.load(row);
				expect(hexes(loaded.rows())).toEqual(hexes(table.rows()));
				expect(hex(loaded.digest())).toBe(hex(table.digest()));
				expect(hex(loaded.settled())).toBe(hex(table.digest()));
				for (const row of table.rows()) expect(() => loaded.load(row)).toThrow(RangeError);
			}),
		);
	});

	it("has another digest for another key, value or table, and zero when it is empty or keeps none", () => {
		const digestOf = (name: string, rows: readonly [string, string][], isDigested = true): string => {
			const table = new Table(name, text, { isDigested });
			for (const [each, one] of rows) table.set(each, one);
			return hex(table.digest());
		};
		const all = [
			digestOf("t", [["a", "1"]]),
			digestOf("t", [["a", "2"]]),
			digestOf("t", [["b", "1"]]),
			digestOf("u", [["a", "1"]]),
			digestOf("t", [
				["a", "1"],
				["b", "1"],
			]),
		];
		expect(new Set(all).size).toBe(all.length);
		expect(digestOf("t", [])).toBe("0".repeat(64));
		expect(digestOf("t", [["a", "1"]], false)).toBe("0".repeat(64));
	});
});

describe("cells", () => {
	interface Everything {
		readonly n: number;
		readonly s: string;
		readonly d: string;
		readonly b: boolean;
		readonly w: "one" | "two";
		readonly many: readonly (readonly [first: number, second: string | null])[];
	}
	const everything: Cell<Everything> = record<Everything>({
		n: count,
		s: text,
		d: digest,
		b: flag,
		w: word<"one" | "two">({ one: 1, two: 2 }),
		many: list(pair(count, nullable(text))),
	});
	const any: fc.Arbitrary<Everything> = fc.record({
		n: fc.maxSafeNat(),
		s: fc.oneof(
			fc.string({ unit: "binary" }),
			fc.nat({ max: 400 }).map((length) => "é".repeat(length)),
		),
		d: fc.uint8Array({ minLength: 32, maxLength: 32 }).map(hex),
		b: fc.boolean(),
		w: fc.constantFrom("one" as const, "two" as const),
		many: fc.array(fc.tuple(fc.nat(), fc.option(fc.string(), { nil: null }))),
	});

	it("read what they wrote, and nothing behind it", () => {
		const writer = new ByteWriter();
		fc.assert(
			fc.property(any, (value) => {
				writer.clear();
				everything.write(writer, value);
				const reader = new ByteReader().open(writer.bytes, 0, writer.length);
				expect(everything.read(reader)).toEqual(value);
				expect(reader.isAtEnd).toBe(true);
				const short = new ByteReader().open(writer.bytes, 0, writer.length - 1);
				expect(() => everything.read(short)).toThrow(RangeError);
			}),
		);
	});

	it("refuse what is no count and no digest", () => {
		for (const value of [-1, Number.NaN, 2 ** 53]) expect(() => new ByteWriter().count(value)).toThrow(RangeError);
		for (const value of ["", "ab", "x".repeat(64)]) expect(() => new ByteWriter().digest(value)).toThrow(RangeError);
	});
});
