/**
 * What the comparison of policies says against brute force: every call of a small universe and many histories are tried on both
 * sets, votes included, and every witness is executed again. `npm run fuzz:compare` does the same with 100,000 pairs.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compare } from "../../src/core/analysis/comparison/compare.ts";
import type { JsonObject } from "../../src/core/base/json.ts";
import { document } from "../fuzz-compare/documents.ts";
import { compiled, type PolicyPair, pair, written } from "../fuzz-compare/pairs.ts";
import { tryPair } from "../fuzz-compare/trial.ts";

const PAIRS = 100;

/** Each pair that can be compared is; the relations that came, of both ways of comparing. */
function tryPairs(pairs: fc.Arbitrary<PolicyPair>): ReadonlySet<string> {
	const relations = new Set<string>();
	fc.assert(
		fc.property(pairs, fc.nat(), (each, seed) => {
			const tried = tryPair(each, { seed, isReversed: true, isByRule: true });
			fc.pre(tried !== null);
			relations.add(tried.comparison.relation);
		}),
		{ numRuns: PAIRS, maxSkipsPerRun: 1_000 },
	);
	return relations;
}

describe("two sets of policies", { timeout: 240_000 }, () => {
	it("are equal where they differ in order alone", () => {
		const reversed = (value: unknown): unknown => {
			if (Array.isArray(value)) return value.map(reversed).reverse();
			if (typeof value !== "object" || value === null) return value;
			return Object.fromEntries(
				Object.entries(value)
					.map(([key, member]) => [key, reversed(member)])
					.reverse(),
			);
		};
		fc.assert(
			fc.property(document, (one) => {
				const [a, b] = [compiled(written([one])), compiled(written([reversed(one) as JsonObject]))];
				fc.pre(a !== null && b !== null);
				const isRead = JSON.stringify(compare(a, b)).includes("not compared yet");
				expect(compare(a, b).relation).toBe(isRead ? "unknown" : "equal");
			}),
			{ numRuns: PAIRS / 2, maxSkipsPerRun: 1_000 },
		);
	});

	it("are stricter than one another only where no call and no history says otherwise, and witnesses show what they show", () => {
		// Of most kinds there were some: nothing is proven about what never came.
		expect(tryPairs(pair).size).toBeGreaterThan(3);
	});

	it("are as strict with a layer more as without it", () => {
		const layered = fc.tuple(document, document).map(([base, layer]): PolicyPair => {
			const sets = [written([base, { ...layer, extends: "p0" }]), written([base])] as const;
			return { label: "a layer more", sources: sets, isLayered: true };
		});
		expect([...tryPairs(layered)]).toContain("stricter");
	});
});
