import { describe, expect, it } from "vitest";
import { count, text } from "../../../../../src/core/base/cell.ts";
import { Table } from "../../../../../src/core/base/table/table.ts";

describe("a table of many rows", () => {
	it("has every row and its order, through growth, changes and deletions", () => {
		const table = new Table("t", count, { seed: [7, 9] });
		const queue = table.queue();
		const known = new Map<string, number>();
		let random = 7;
		for (let step = 0; step < 60_000; step++) {
			random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
			const key = `k${(random >> 8) % 6_000}`;
			if (random % 5 === 0) {
				table.delete(key);
				known.delete(key);
			} else {
				table.set(key, step);
				queue.set(key, step);
				known.set(key, step);
			}
			if (step % 64 === 0) table.turn();
			else table.settle(3);
		}
		expect(table.size).toBeGreaterThan(4_096);
		expect(new Map(table.entries())).toEqual(known);
		const order = [...known].sort(([, a], [, b]) => a - b).map(([key]) => key);
		for (const key of order) {
			expect(queue.peek()?.key).toBe(key);
			table.delete(key);
		}
		expect(table.size).toBe(0);
		expect(queue.size).toBe(0);
		expect(table.digest()).toEqual(new Uint8Array(32));
	});

	it("settles what an interval has changed before the next, and is asked for no more than there is", () => {
		const table = new Table("t", text);
		for (let at = 0; at < 10; at++) table.set(`k${at}`, "x");
		expect(table.waiting).toBe(0);
		table.turn();
		expect(table.waiting).toBe(10);
		table.settle(4);
		expect(table.waiting).toBe(6);
		table.settle(100);
		expect(table.waiting).toBe(0);
	});

	it("does not take a row for that of a key which had its place before", () => {
		for (const between of [[], ["b"], ["b", "b2"]]) {
			const table = new Table("t", text);
			for (const key of ["a", "b", "b2"]) table.set(key, `old ${key}`);
			table.turn();
			table.delete("a");
			table.turn();
			for (const key of ["a", ...between]) table.get(key);
			table.settle(10);
			expect(table.has("a")).toBe(false);
			table.set("a", "new a");
			table.set("c", "new c");
			expect(["a", "b", "c"].map((key) => table.get(key))).toEqual(["new a", "old b", "new c"]);
		}
	});

	it("reads a row that was loaded where another was forgotten", () => {
		const other = new Table("t", text);
		other.set("b", "new");
		const table = new Table("t", text);
		table.set("a", "old");
		for (const change of [() => {}, () => table.delete("a"), () => {}]) {
			change();
			table.turn();
			table.settle(1);
		}
		for (const row of other.rows()) table.load(row);
		expect(table.get("b")).toBe("new");
		expect(table.get("a")).toBeUndefined();
	});
});
