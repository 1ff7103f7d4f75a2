/** Letters of hosts and addresses that mean the same wherever a decision is recomputed. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sameValue } from "../../../../src/core/arguments/equality.ts";
import { readRecipients } from "../../../../src/core/arguments/recipients.ts";
import { decodePunycode, isSettled, isSettledHost } from "../../../../src/core/arguments/settled-letters.ts";
import { readUrl } from "../../../../src/core/arguments/url-reading.ts";

describe("Punycode", () => {
	// RFC 3492, section 7.1, examples A, B, G (in lower case), L, M and S.
	it.each([
		["egbpdaj6bu4bxfgehfvwxn", "ليهمابتكلموشعربي؟"],
		["ihqwcrb4cv8a8dqg056pqjye", "他们为什么不说中文"],
		["b1abfaaepdrnnbgefbadotcwatmq2g4l", "почемужеонинеговорятпорусски"],
		["3B-ww4c5e180e575a65lsy2b", "3年B組金八先生"],
		["-with-SUPER-MONKEYS-pc58ag80a8qai00g7n9n", "安室奈美恵-with-SUPER-MONKEYS"],
		["-> $1.00 <--", "-> $1.00 <-"],
	])("%s is %s", (label, letters) => {
		expect(decodePunycode(label)).toBe(letters);
	});

	it.each(["999999999999999999", "a-", "ab-!", "99999999", "ü"])("of `%s` is refused, or ends", (label) => {
		expect(() => decodePunycode(label)).not.toThrow();
	});

	it("is what a URL writes for settled letters", () => {
		const letter = fc.constantFrom(..."aü0éжя中文さ한β-");
		const label = fc.array(letter, { minLength: 1, maxLength: 12 }).map((letters) => letters.join(""));
		fc.assert(
			fc.property(label, (text) => {
				if (!URL.canParse(`http://${text}.org/`)) return;
				const [first = ""] = new URL(`http://${text}.org/`).hostname.split(".");
				if (first.startsWith("xn--")) expect(decodePunycode(first.slice(4))).toBe(text);
				expect(isSettled(text) && isSettledHost(first)).toBe(true);
			}),
			{ numRuns: 2_000 },
		);
	});
});

describe("a host with a letter that Nodes read differently", () => {
	// U+10D40 is new in Unicode 16, U+1806 and U+0660 were read otherwise before; the last is the first as a URL writes it.
	it.each(["\u{10d40}", "a\u1806b", "a\u0660", "xn--zf0d"])("is not read: %s", (label) => {
		expect(readUrl(`https://${label}.org/`)).toBeNull();
		expect(readRecipients(`ann@${label}.org`)).toBeNull();
	});

	it.each(["bücher", "пример", "例え", "한국", "דוגמה", "xn--bcher-kva", "ＡＢＣ"])(
		"is another thing than %s",
		(label) => {
			expect(readUrl(`https://${label}.org/`)?.host).toMatch(/^[a-z0-9-]+\.org$/);
		},
	);

	it("nor is an address whose name has one", () => {
		expect(readRecipients("a\u{1ccd6}@example.org")).toBeNull();
		expect(readRecipients("änn@example.org")).toEqual(["änn@example.org"]);
	});

	it("nor is a text that may be a number in it", () => {
		expect(sameValue(5, "\u{10d45}", true)).toBe("unreadable");
		expect(sameValue(5, "fünf", true)).toBe("no");
	});
});
