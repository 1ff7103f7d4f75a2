import { describe, expect, it } from "vitest";
import { type RowCodec, Table } from "../../../../src/core/base/table.ts";

const numbers: RowCodec<number> = { encode: (value) => value, decode: (json) => json as number };

const hex = (table: Table<number>): string => Buffer.from(table.digest()).toString("hex");

describe("a table of many rows", () => {
	it("has the digest of its items, through everything that it works off and forgets on the way", () => {
		const table = new Table("t", numbers, 8);
		let random = 7;
		for (let step = 0; step < 40_000; step++) {
			random = (random * 1_103_515_245 + 12_345) % 2_147_483_648;
			const key = `k${(random >> 8) % 6_000}`;
			if (random % 5 === 0) table.delete(key);
			else table.set(key, step);
			if (step % 9_999 === 0) table.digest();
		}
		const fresh = new Table("t", numbers);
		fresh.load(table.rows());
		expect(table.size).toBeGreaterThan(4_096);
		expect(hex(table)).toBe(hex(fresh));
		for (const [key] of table.rows()) table.delete(key);
		expect(hex(table)).toBe("0".repeat(64));
	});
});
