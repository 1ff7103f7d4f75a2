import { expect, it } from "vitest";
import { counted, grouped } from "../../../../src/core/base/count-text.ts";

it("counts are given with their thousands separated, and with the noun in its number", () => {
	expect([0, 999, 1_000, 1_234_567].map(grouped)).toEqual(["0", "999", "1,000", "1,234,567"]);
	expect([counted(1, "input"), counted(1_250, "input")]).toEqual(["1 input", "1,250 inputs"]);
});
