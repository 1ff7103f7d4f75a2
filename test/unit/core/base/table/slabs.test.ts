import { describe, expect, it } from "vitest";
import { Slabs } from "../../../../../src/core/base/table/slabs.ts";

const put = (slabs: Slabs, owner: number, head: string, bytes: Buffer): void =>
	slabs.put(owner, head, bytes, 0, bytes.length);

describe("slabs", () => {
	it("give memory back as records are given back, and lose none of the rest", () => {
		const places = new Map<number, number>();
		const slabs = new Slabs((owner, address) => places.set(owner, address));
		const bytesOf = (owner: number): Buffer => Buffer.from(`${owner} `.repeat(1 + (owner % 40)));
		const read = (owner: number): string => {
			const address = places.get(owner) as number;
			return slabs.bytesOf(address).toString("latin1", slabs.startOf(address), slabs.endOf(address));
		};
		for (let owner = 0; owner < 100_000; owner++) put(slabs, owner, "", bytesOf(owner));
		const most = slabs.size;
		for (let owner = 0; owner < 100_000; owner++) {
			if (owner % 10 === 0) continue;
			slabs.free(places.get(owner) as number);
			places.delete(owner);
		}
		expect(slabs.size).toBeLessThan(most / 4);
		for (const owner of places.keys()) expect(read(owner)).toBe(bytesOf(owner).toString());
	});

	it("hold a record that is larger than a slab", () => {
		let address = 0;
		const slabs = new Slabs((_, placed) => {
			address = placed;
		});
		put(slabs, 0, "head", Buffer.alloc(3_000_000, 7));
		expect(slabs.endOf(address) - slabs.startOf(address)).toBe(3_000_004);
		slabs.free(address);
		put(slabs, 1, "", Buffer.alloc(1));
		expect(slabs.size).toBeLessThan(10_000);
	});
});
