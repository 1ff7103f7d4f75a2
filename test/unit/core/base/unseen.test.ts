import { describe, expect, it } from "vitest";
import { DECEIVING, NO_WIDTH, UNSEEN, withoutWidth } from "../../../../src/core/base/unseen.ts";

/** Every code point that a text can hold, halves of pairs included. */
const everyRune = (): string[] => Array.from({ length: 0x110000 }, (_, rune) => String.fromCodePoint(rune));

const inClass = (ranges: string): RegExp => new RegExp(`^[${ranges}]$`, "u");

describe("the table of what nobody sees", () => {
	it("has whatever Unicode calls a control, a format, a line's end, a half or ignorable", () => {
		const named = /^[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800]$/u;
		const listed = inClass(UNSEEN);
		const missing = everyRune().filter((rune) => named.test(rune) && !listed.test(rune));
		expect(missing.map((rune) => rune.codePointAt(0)?.toString(16))).toEqual([]);
	});

	it("has every blank but the space, and what is a font's own, where a person answers for a text", () => {
		const listed = inClass(DECEIVING);
		const missing = everyRune().filter((rune) => /^[\p{Z}\p{Co}]$/u.test(rune) && rune !== " " && !listed.test(rune));
		expect(missing.map((rune) => rune.codePointAt(0)?.toString(16))).toEqual([]);
	});

	it("has no letter, no digit and no sign that is seen", () => {
		const seen = /^[\p{L}\p{N}\p{P}\p{S}]$/u;
		const fillers = new Set(["\u115f", "\u1160", "\u3164", "\uffa0", "\u2800"]);
		const listed = inClass(DECEIVING);
		expect(everyRune().filter((rune) => seen.test(rune) && listed.test(rune) && !fillers.has(rune))).toEqual([]);
	});

	it("is in order, as sets of runes have to be", () => {
		expect(NO_WIDTH.every((rune, at) => at === 0 || rune >= (NO_WIDTH[at - 1] as number))).toBe(true);
		expect(withoutWidth("b\u2800o\u200bb\u{e0020}")).toBe("bob");
	});
});
