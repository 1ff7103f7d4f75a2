import { describe, expect, it } from "vitest";
import { relationOf, relationText, type Strictness } from "../../../../../src/core/analysis/comparison/relation.ts";

const relation = (isAtLeastAsStrict: Strictness, isAtMostAsStrict: Strictness) =>
	relationOf({ isAtLeastAsStrict, isAtMostAsStrict });

describe("the relation of two sets of policies", () => {
	it("follows from what is known of each direction", () => {
		expect(
			(["yes", "no", "unknown"] as const).map((there) =>
				(["yes", "no", "unknown"] as const).map((back) => relation(there, back)),
			),
		).toEqual([
			["equal", "stricter", "stricter"],
			["looser", "incomparable", "not-as-strict"],
			["unknown", "unknown", "unknown"],
		]);
	});

	it("says what is known the other way round where it is not known whether the first is as strict", () => {
		const text = (isAtMostAsStrict: Strictness) => relationText({ isAtLeastAsStrict: "unknown", isAtMostAsStrict });
		const open = "whether the first is as strict as the second is not known";
		expect(text("no")).toBe(`the second is not as strict as the first; ${open}`);
		expect(text("yes")).toBe(`the second is as strict as the first; ${open}`);
		expect(text("unknown")).toBe(`${open}, nor the other way round`);
	});
});
