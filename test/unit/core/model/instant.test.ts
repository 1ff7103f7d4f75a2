import { describe, expect, it } from "vitest";
import { instantText, parseInstant } from "../../../../src/core/model/instant.ts";

describe("a moment as a text", () => {
	it.each([
		["1970-01-01T00:00:00Z", 0],
		["1970-01-01T00:01Z", 60_000],
		["1970-01-01T00:00:00.25Z", 250],
		["1970-01-01T02:00:00+02:00", 0],
		["1969-12-31T19:00:00-05:00", 0],
		["2024-02-29T23:59:59Z", 1_709_251_199_000],
	])("%s", (text, at) => {
		expect(parseInstant(text)).toBe(at);
	});

	it.each([
		"2026-12-31",
		"2026-12-31T00:00:00",
		"2026-12-31 00:00:00Z",
		"2026-02-29T00:00:00Z",
		"2026-02-30T00:00:00+02:00",
		"2026-13-01T00:00:00Z",
		"2026-12-31T24:00:00Z",
		"2026-12-31T23:59:60Z",
		"2026-12-31T00:00:00+25:00",
		"tomorrow",
	])("%s is none", (text) => {
		expect(parseInstant(text)).toBeNull();
	});

	it("is written in UTC", () => {
		expect(instantText(1_709_251_199_000)).toBe("2024-02-29T23:59:59Z");
		expect(instantText(250)).toBe("1970-01-01T00:00:00.250Z");
	});
});
