import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { visible, visibleLines } from "../../../../src/core/base/safe-text.ts";

/** What moves a cursor, hides, turns or cannot be seen; line breaks and tabs only inside one line. */
const STEERING = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/u;

describe("visible", () => {
	it("shows what is not seen: directions, zero widths, line separators, halves of pairs", () => {
		expect(visible("a\u202eb\u200bc\u2028d\ud800")).toBe("a\\u202eb\\u200bc\\u2028d\\ud800");
		expect(visible("tag\u{e0041}")).toBe("tag\\udb40\\udc41");
		expect(visible("naïve 请求 🚀")).toBe("naïve 请求 🚀");
	});

	it("shows selectors, fillers and blanks that a hidden text can be made of", () => {
		for (const unseen of ["\u034f", "\u115f", "\u3164", "\ufe0f", "\u{e0100}", "\u2800", "\u00ad"]) {
			expect(visible(`a${unseen}b`), unseen.codePointAt(0)?.toString(16)).toMatch(/^a(\\u[0-9a-f]{4})+b$/);
		}
	});

	it("leaves nothing that steers a terminal, of any text", () => {
		fc.assert(
			fc.property(fc.string({ unit: "binary" }), (text) => !STEERING.test(visible(text))),
			{ numRuns: 2_000 },
		);
	});
});

describe("visibleLines", () => {
	it("lets line breaks, tabs and a command's own colours through, and no other sequence", () => {
		expect(visibleLines("\u001b[2mhead\u001b[0m\n\ta\u001b[31merror\u001b[0m\n")).toBe(
			"\u001b[2mhead\u001b[0m\n\ta\u001b[31merror\u001b[0m\n",
		);
		// Concealed, cleared, moved, an operating system command, C1's one-byte form of the same, a carriage return.
		for (const steering of ["\u001b[8m", "\u001b[2J", "\u001b[1A", "\u001b]0;x\u0007", "\u009b2J", "\r", "\u202e"]) {
			expect(visibleLines(`a${steering}b`)).not.toContain(steering);
		}
	});

	it("changes no value of JSON", () => {
		fc.assert(
			fc.property(fc.json({ stringUnit: "binary" }), (json) => {
				const text = JSON.stringify(JSON.parse(json));
				const shown = visibleLines(text);
				expect(JSON.parse(shown)).toEqual(JSON.parse(text));
				expect(/[\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2066-\u2069]/.test(shown)).toBe(false);
			}),
			{ numRuns: 2_000 },
		);
	});
});
