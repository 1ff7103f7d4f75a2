import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CompactRange, type CompactRangeImage } from "../../src/core/merkle/compact-range.ts";
import { rootOf } from "../support/tree-root.ts";

const leaves = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 200, size: "max" });

describe("a compact range", () => {
	it("has the root of the definition at every size", () => {
		fc.assert(
			fc.property(leaves, (all) => {
				const range = new CompactRange();
				for (const leaf of all) range.append(leaf);
				expect(range.root()).toBe(rootOf(all));
			}),
		);
	});

	it("goes on after a restore, at whatever leaf, as if nothing had been", () => {
		fc.assert(
			fc.property(leaves, fc.nat(), (all, at) => {
				let range = new CompactRange();
				for (const [index, leaf] of all.entries()) {
					if (index === at % all.length) {
						range = CompactRange.from(JSON.parse(JSON.stringify(range.image())) as CompactRangeImage);
					}
					range.append(leaf);
				}
				expect(range.root()).toBe(rootOf(all));
				expect(range.size).toBe(all.length);
			}),
		);
	});
});
