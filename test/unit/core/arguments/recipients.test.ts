/** Who texts say an e-mail goes to. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readRecipients } from "../../../../src/core/arguments/recipients.ts";

describe("a text with recipients", () => {
	it.each<[string, string[]]>([
		["ann@x.org", ["ann@x.org"]],
		["Ann@X.ORG", ["ann@x.org"]],
		["ann+news@x.org", ["ann+news@x.org"]],
		["a.b-c_d@x-y.org", ["a.b-c_d@x-y.org"]],
		["o'neil@x.org", ["o'neil@x.org"]],
		["ann@x.org.", ["ann@x.org"]],
		["ann@x.org, bo@y.org", ["ann@x.org", "bo@y.org"]],
		["ann@x.org;bo@y.org;", ["ann@x.org", "bo@y.org"]],
		["Ann <ann@x.org>", ["ann@x.org"]],
		["<ann@x.org>", ["ann@x.org"]],
		['"Doe, Ann" <ann@x.org>, Bo <bo@y.org>', ["ann@x.org", "bo@y.org"]],
		["Änne Müller <ann@x.org>", ["ann@x.org"]],
		["ann@x.org (Ann)", ["ann@x.org"]],
		['"a b"@x.org', ['"a b"@x.org']],
		["root@localhost", ["root@localhost"]],
		["ann@bücher.example", ["ann@xn--bcher-kva.example"]],
		["ann@xn--bcher-kva.example", ["ann@xn--bcher-kva.example"]],
		["änne@x.org", ["änne@x.org"]],
	])("%j: %j", (text, found) => {
		expect(readRecipients(text)).toEqual(found);
	});

	it.each([
		"",
		",",
		"ann",
		"all-staff, ann@x.org",
		"@x.org",
		"ann@",
		"a@b@c",
		"ann@x.org bo@y.org",
		"ann@x.org <bo@y.org>",
		'"ann@x.org" <bo@y.org>',
		"ann@x.org,bo",
		"<ann@x.org> <bo@y.org>",
		"<ann@x.org",
		"ann@x.org>",
		"Ann <ann@x.org> bo",
		"Ann <ann@x.org, bo@y.org>",
		"ann(x)@x.org",
		"(x) ann@x.org",
		"ann@x.org(y).evil.org",
		"ann@x.org (bo@y.org)",
		"ann@x.org (a (b))",
		'"ann@x.org,"@y.org',
		'"ann\\"@x.org',
		'"ann@x.org',
		"ann@x.org\nBcc: bo@y.org",
		"ann@x.org\0",
		"ann%y.org@x.org",
		"y.org!ann@x.org",
		"@y.org:ann@x.org",
		"mailto:ann@x.org",
		"Team: ann@x.org, bo@y.org;",
		'["ann@x.org","bo@y.org"]',
		"ann@[127.0.0.1]",
		"ann@127.0.0.1",
		"ann@2130706433",
		"ann@x..org",
		"ann.@x.org",
		".ann@x.org",
		"a..b@x.org",
		"ann@x.org/y",
		"ann@x.org:25",
		"ann@x.org?y",
		"ann＠x.org",
		"ann@x。org",
		"ann\u200b@x.org",
		"=?utf-8?q?=62=6f=40y.org=3e?=@x.org",
		"=?utf-8?q?bo=40y.org?= <ann@x.org>",
		"ann@faß.de",
		"ﬁ@x.org",
	])("%j is in doubt", (text) => {
		expect(readRecipients(text)).toBeNull();
	});

	it("names nobody whose address is not written there", () => {
		const piece = fc.constantFrom(
			"ann",
			"@",
			"x.org",
			"evil.org",
			",",
			";",
			"<",
			">",
			'"',
			"(",
			")",
			" ",
			"\\",
			":",
			"%",
			"!",
			".",
			"=?",
		);
		fc.assert(
			fc.property(
				fc.array(piece, { maxLength: 14 }).map((pieces) => pieces.join("")),
				(text) => {
					for (const address of readRecipients(text) ?? []) {
						expect(address.split("@"), text).toHaveLength(2);
						// A program that takes every word with an `@` for an address finds the same people.
						expect(
							text.match(/[^\s"(),;<>]+@[^\s"(),;<>]+/g)?.map((word) => word.replace(/\.$/, "")) ?? [address],
							text,
						).toContain(address);
					}
				},
			),
			{ numRuns: 20_000 },
		);
	});

	it("has hosts as a URL writes them", () => {
		const label = fc.constantFrom(
			"a",
			"x1",
			"0x7f",
			"127",
			"xn--",
			"xn--bcher-kva",
			"xn--0",
			"A",
			"-",
			"a-",
			"_",
			"bücher",
			"org",
		);
		fc.assert(
			fc.property(fc.array(label, { minLength: 1, maxLength: 4 }), (labels) => {
				const [address] = readRecipients(`ann@${labels.join(".")}`) ?? [];
				if (address !== undefined) expect(address).toBe(`ann@${new URL(`http://${labels.join(".")}/`).hostname}`);
			}),
			{ numRuns: 2_000 },
		);
	});

	it("is read in time that grows with its length", () => {
		for (const text of [" ", "(", '"', "a@x.org,", "<", "a ", ". "]) readRecipients(text.repeat(900_000 / text.length));
		expect(readRecipients(`${"x".repeat(900_000)}@x.org`)).toBeNull();
		expect(readRecipients("a@x.org,".repeat(50_000))).toHaveLength(50_000);
	});
});
