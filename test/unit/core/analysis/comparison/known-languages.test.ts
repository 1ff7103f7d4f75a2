/** Languages that are kept from one comparison to the next: bounded by what they take, and forgotten between comparisons alone. */
import { expect, it } from "vitest";
import { knownLanguage, makeRoom } from "../../../../../src/core/analysis/comparison/known-languages.ts";
import { languageOf } from "../../../../../src/core/language/language.ts";
import { inclusionOf } from "../../../../../src/core/language/questions.ts";
import { readPattern } from "../../../../../src/core/match/pattern.ts";

const ENOUGH = 2_250;

function language(text: string) {
	const pattern = readPattern({ kind: "regex", text, caseSensitive: true, style: "text" });
	if (!pattern.ok) throw new Error(pattern.error.message);
	return languageOf(pattern.value);
}

it("are bounded by what they take in memory and not by how many they are", () => {
	expect(makeRoom(0)).toBe(0);
	const texts = Array.from({ length: 20 }, (_, at) => `^x${at}$`);
	for (const text of texts) knownLanguage(text, () => language(text));
	const large = knownLanguage("large", () => language("a[abc]{12}d"));
	// Nothing was asked of it yet.
	expect(makeRoom(ENOUGH)).toBe(21);
	inclusionOf(large, language("a[abc]{12}[de]"), {});
	expect([makeRoom(1_000_000), knownLanguage("large", () => language("y"))]).toEqual([21, large]);
	expect(makeRoom(ENOUGH)).toBe(0);
});
