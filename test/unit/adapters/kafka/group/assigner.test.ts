import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Member, share } from "../../../../../src/adapters/kafka/group/assigner.ts";

const names = (count: number): string[] => Array.from({ length: count }, (_, at) => `m-${at}`);
const none = (id: string): Member => ({ id, owned: [] });

describe("sharing partitions", () => {
	it("gives every partition to exactly one member, as evenly as can be, whatever they say they own", () => {
		const members = fc.uniqueArray(
			fc.record({ id: fc.string({ minLength: 1, maxLength: 4 }), owned: fc.array(fc.integer({ min: -2, max: 60 })) }),
			{ selector: ({ id }) => id, minLength: 1, maxLength: 9 },
		);
		fc.assert(
			fc.property(members, fc.integer({ min: 1, max: 50 }), (all, partitions) => {
				const shares = [...share(all, partitions).values()];
				expect(shares.flat().toSorted((a, b) => a - b)).toEqual(Array.from({ length: partitions }, (_, at) => at));
				const sizes = shares.map((each) => each.length);
				expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
			}),
		);
	});

	it("depends on nothing but who is there: the order in which the group lists them changes nothing", () => {
		const all = names(4).map((id, at) => ({ id, owned: [at, at + 4] }));
		expect([...share(all.toReversed(), 12)]).toEqual([...share(all, 12)]);
	});

	it("leaves where they are those that can stay when a member joins", () => {
		const before = share(names(3).map(none), 12);
		const all = [...names(3).map((id) => ({ id, owned: before.get(id) ?? [] })), none("m-3")];
		const after = share(all, 12);
		for (const id of names(3)) for (const kept of after.get(id) ?? []) expect(before.get(id)).toContain(kept);
		expect(after.get("m-3")).toHaveLength(3);
	});

	it("moves only what a member that left had owned", () => {
		const before = share(names(4).map(none), 12);
		const after = share(
			names(3).map((id) => ({ id, owned: before.get(id) ?? [] })),
			12,
		);
		for (const id of names(3)) expect(after.get(id)).toEqual(expect.arrayContaining([...(before.get(id) ?? [])]));
	});

	it("lets the first of two that claim the same one keep it", () => {
		const shares = share(
			[
				{ id: "b", owned: [0, 1] },
				{ id: "a", owned: [1, 0] },
			],
			2,
		);
		expect(shares.get("a")).toHaveLength(1);
		expect(shares.get("b")).toHaveLength(1);
	});

	it("gives nothing to the last ones when there are more members than partitions", () => {
		const shares = share(names(5).map(none), 2);
		expect([...shares.values()].map((each) => each.length)).toEqual([1, 1, 0, 0, 0]);
	});
});
