/** The versions that a ledger's entries name. */
import { describe, expect, it } from "vitest";
import { SemanticsOrder } from "../../../../src/core/audit/semantics-order.ts";

/** `null` is a claim. */
const judged = (...of: readonly (number | null)[]): readonly (string | null)[] => {
	const order = new SemanticsOrder();
	return of.flatMap((semantics) => {
		if (semantics !== null) return [order.take(semantics)];
		order.claim();
		return [];
	});
};

describe("the versions of a ledger's entries", () => {
	it("may rise with a claim", () => {
		expect(judged(2, 2, null, 2, null, null, 3, 3)).toEqual([null, null, null, null, null]);
	});

	it("are one under one claim", () => {
		expect(judged(null, 2, 3)[1]).toContain("others of its claim 2");
	});

	it("never fall", () => {
		expect(judged(3, 2)[1]).toContain("one before it 3");
		expect(judged(3, null, 2)[1]).toContain("one before it 3");
	});
});
