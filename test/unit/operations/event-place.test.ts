import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type EventPlace, parsePlace, placeText } from "../../../src/operations/event-place.ts";

describe("a place in the events", () => {
	it("is short, and reads back", () => {
		const place: EventPlace = new Map([
			["decisions", [0, 35, 1_000_000]],
			["intents", [1, 2, 3]],
		]);
		expect(placeText(place)).toBe("d0.z.lfls_i1.2.3");
		const offset = fc.nat({ max: Number.MAX_SAFE_INTEGER });
		const offsets = fc.array(offset, { minLength: 3, maxLength: 3 });
		fc.assert(
			fc.property(fc.record({ decisions: offsets, checkpoints: offsets, intents: offsets }), (given) => {
				const placed = new Map(Object.entries(given)) as EventPlace;
				const read = parsePlace(placeText(placed), 3);
				expect(new Map([...(read ?? [])].sort())).toEqual(new Map([...placed].sort()));
			}),
		);
	});

	it.each([
		"",
		"d",
		"d0",
		"d0.0.0.0",
		"x0.0.0",
		"d0.0.0_d0.0.0",
		"d00.0.0",
		"d-1.0.0",
		"D0.0.0",
		"d0.0.0_",
		"d0.0.zzzzzzzzzzzz",
	])("%j is none of three partitions", (text) => expect(parsePlace(text, 3)).toBeNull());
});
