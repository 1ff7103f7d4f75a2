import { describe, expect, it } from "vitest";
import { personName } from "../../../../src/core/base/person-name.ts";

describe("names of people", () => {
	it.each([
		["bob@example.com", "Bob@Example.COM"],
		["bob", " bob\t"],
		["José", "Jose\u0301"],
		["straße", "STRASSE"],
		["ΣΊΣΥΦΟΣ", "σίσυφος"],
		["bob", "b\u200bob\ufeff"],
		["bob", "bob\u3164"],
		["bob", "b\ufe0fob\u115f"],
		["bob", "bob\u{e0020}"],
		["bob", "bob\u2800"],
		["bob", "\u2800b\u00adob\u00a0"],
		["ann lee", "ann\u00a0\u3000lee"],
		["bob@example.com", "bob@example.com."],
		["coder", "ｃｏｄｅｒ"],
		["coder", "c𝐨der"],
		["groß@example.com", "GROẞ@EXAMPLE.com"],
		["groẞ", "GROSS"],
	])("%j is %j", (a, b) => expect(personName(a)).toBe(personName(b)));

	it.each([
		["bob", "rob"],
		["bob", "bоb"],
		["jose", "josé"],
		["a b", "ab"],
		["bob", "bob."],
		["*@*", "*@*.*"],
	])("%j is not %j", (a, b) => expect(personName(a)).not.toBe(personName(b)));

	it("are the same however often they are made comparable", () => {
		for (const name of ["İstanbul", "ǅ", "ﬃ", "ŉ", "ᾳ", "Å", "ẞ", "ſ", "ﬅ", "ϓ", "℻", "ｶﾞ"])
			expect(personName(personName(name))).toBe(personName(name));
	});
});
