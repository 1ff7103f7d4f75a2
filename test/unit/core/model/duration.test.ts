import { describe, expect, it } from "vitest";
import { durationText, inWholeUnits, parseDuration } from "../../../../src/core/model/duration.ts";

describe("a duration", () => {
	it("is given in the longest unit that divides it", () => {
		expect([250, 90_000, 3_600_000, 172_800_000, 0].map(durationText)).toEqual(["250ms", "90s", "1h", "2d", "0ms"]);
		expect(inWholeUnits(5_400_000)).toEqual({ value: 90, unit: "m" });
	});

	it("is read back as it was given", () => {
		for (const ms of [0, 1, 999, 1_000, 60_000, 61_000, 86_400_000]) expect(parseDuration(durationText(ms))).toBe(ms);
	});

	it("is none without a unit, with a sign, or beyond a safe integer", () => {
		for (const text of ["5", "-5s", "5 s", "05s", "1.5h", "999999999999d"]) expect(parseDuration(text)).toBeNull();
	});
});
