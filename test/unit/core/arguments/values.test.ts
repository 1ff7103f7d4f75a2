/** What selectors name in a call, and whether it is what a rule says. */
import { describe, expect, it } from "vitest";
import { booleanIs, countOf, lengthOf, oneOf, sameValue } from "../../../../src/core/arguments/equality.ts";
import { readSelected } from "../../../../src/core/arguments/reading.ts";
import { parseSelector, type Selector, splitAlternatives } from "../../../../src/core/arguments/selector.ts";
import type { Json, JsonObject } from "../../../../src/core/base/json.ts";

function selector(text: string): Selector {
	const parsed = parseSelector(text);
	if (!parsed.ok) throw new Error(parsed.error.message);
	return parsed.value;
}

function read(text: string, args: JsonObject, ...others: string[]) {
	const named = selector(text);
	return readSelected(
		named,
		args,
		[named, ...others.map(selector)].map(({ path }) => path),
	);
}

describe("a selector", () => {
	it.each<[string, JsonObject, Json[]]>([
		["args.a", { a: 1 }, [1]],
		["args.a", { a: [1, [2, "x"], { b: 3 }] }, [1, 2, "x", { b: 3 }]],
		["args.a", { a: ["", null, [], {}, 0, false] }, [0, false]],
		["args.a.b", { a: { b: "x" } }, ["x"]],
		["args.a.*", { a: { b: "x", c: ["y", "z"] } }, ["x", "y", "z"]],
		["args.a.*.b", { a: [{ b: 1 }, { b: 2 }, { c: 3 }] }, [1, 2]],
		["args.a.0", { a: ["x", "y"] }, ["x"]],
		["args.a.length", { a: ["x"] }, []],
		["args.*", { a: "x", b: [1] }, ["x", 1]],
		["args.a.*#key", { a: { b: "x", c: null } }, ["b", "c"]],
		["args.a.*#key", { a: ["x"] }, [["x"]]],
		["args.a.*#key", { a: "x" }, []],
		["args.*.*#key", { a: { b: 1 }, c: { d: 2 } }, ["b", "d"]],
		["args.a\\.b", { "a.b": 1 }, [1]],
		["args.a|b", { "a|b": 1 }, [1]],
		["args.__proto__", {}, []],
	])("`%s` names in %j: %j", (text, args, values) => {
		expect(read(text, args).values.map(({ value }) => value)).toEqual(values);
	});

	it("says where values are, and what they are before lists are taken apart", () => {
		const { values, wholes } = read("args.a.*", { a: { b: ["x", ["y"]], c: [], d: 1 } });
		expect(values.map(({ steps }) => steps.join("/"))).toEqual(["a/b/0", "a/b/1/0", "a/d"]);
		expect(wholes.map(({ steps, value }) => [steps.join("/"), value])).toEqual([
			["a/b", ["x", ["y"]]],
			["a/d", 1],
		]);
		expect(read("args.h.*#key", { h: { b: 1 } }).values).toEqual([{ value: "b", steps: ["h", "b"] }]);
	});

	it.each<[string, JsonObject, string]>([
		["args.a", {}, "gap"],
		["args.a", { a: null }, "gap"],
		["args.a", { a: [] }, "gap"],
		["args.a", { a: ["x", ""] }, "given gap"],
		["args.a.*.b", { a: [{ b: 1 }, {}] }, "given gap"],
		["args.a.*#key", { a: {} }, "gap"],
		["args.a.*#key", { a: { b: null } }, "given"],
		["args.a", { a: {} }, "gap"],
		["args.a", { a: { b: 1 } }, "given"],
		["args.path", { path: "x", Path: "y" }, "given double"],
		["args.path", { path: "x", paths: "y" }, "given double"],
	])("`%s` in %j is: %s", (text, args, found) => {
		const { isGiven, hasGap, hasDouble } = read(text, args);
		const words = [isGiven && "given", hasGap && "gap", hasDouble && "double"].filter(Boolean).join(" ");
		expect(words).toBe(found);
	});

	it("finds no double at which somebody looks", () => {
		expect(read("args.path", { path: "x", paths: "y" }, "args.paths").hasDouble).toBe(false);
	});

	it("has alternatives", () => {
		expect(splitAlternatives("args.path |args.file_path")).toEqual([
			{ text: "args.path", offset: 0 },
			{ text: "args.file_path", offset: 11 },
		]);
		expect(splitAlternatives("args.a\\|b")).toEqual([{ text: "args.a|b", offset: 0 }]);
		expect(splitAlternatives("a|")).toEqual([
			{ text: "a", offset: 0 },
			{ text: "", offset: 2 },
		]);
		expect(splitAlternatives("a\\")).toEqual([{ text: "a\\", offset: 0 }]);
	});

	it.each<[string, RegExp]>([
		["", /both sides/],
		["args", /args\.\*/],
		["tool", /`tools`/],
		["path", /args\.path/],
		["args.headers#key", /args\.headers\.\*#key/],
		["args.a[0]", /args\.a\.0/],
		["args.a*", /whole step/],
		["#key", /./],
	])("cannot be `%s`", (text, help) => {
		const parsed = parseSelector(text);
		expect(parsed.ok ? "read" : parsed.error.help).toMatch(help);
	});
});

describe("a value", () => {
	it.each<[(string | number | boolean)[], Json, string]>([
		[["EUR", "USD"], "EUR", "yes"],
		[["EUR", "USD"], "eur", "no"],
		[["EUR"], "GBP", "no"],
		[["EUR"], " EUR", "unreadable"],
		[["EUR"], "EU\u200bR", "unreadable"],
		[["EUR"], "ＥＵＲ", "unreadable"],
		[["EUR"], ["EUR"], "unreadable"],
		[["EUR"], { EUR: 1 }, "unreadable"],
		[["EUR"], 7, "no"],
		[["EUR"], true, "no"],
		[[5], 5, "yes"],
		[[5], "5", "yes"],
		[[5], "5.0", "yes"],
		[[0.1], "1e-1", "yes"],
		[["5"], 5, "yes"],
		[["5"], "5.0", "no"],
		[[5], 6, "no"],
		[[5], "05", "unreadable"],
		[[5], "5 apples", "unreadable"],
		[[5], "five", "no"],
		[[true], true, "yes"],
		[[true], false, "no"],
		[[true], "true", "unreadable"],
		[[true], 1, "unreadable"],
		[[true], 7, "no"],
		[["true"], true, "unreadable"],
		[["yes", 7], "7", "yes"],
	])("is one of %j: %j: %s", (wanted, value, answer) => {
		expect(oneOf(wanted, value, true)).toBe(answer);
	});

	it("is compared without regard to case where the rule says so", () => {
		expect(oneOf(["delete"], "DELETE", false)).toBe("yes");
		expect(oneOf(["delete"], "DELETE ", false)).toBe("unreadable");
		expect(sameValue("Straße", "STRASSE", false)).toBe("no");
	});

	it("is a boolean, or in doubt", () => {
		expect([true, false, "true", 1, null].map((value) => booleanIs(true, value))).toEqual([
			"yes",
			"no",
			"unreadable",
			"unreadable",
			"unreadable",
		]);
	});

	it("has a length in code points", () => {
		expect(["", "abc", "a😀", "\ud83d", "ä"].map(lengthOf)).toEqual([0, 3, 2, 1, 1]);
		expect([7, true, null, ["a"], { a: 1 }].map(lengthOf)).toEqual([null, null, null, null, null]);
	});

	it("counts as the items of a list, or as one", () => {
		expect([7, "a", ["a", 1], ["a", { b: 1 }], ["a", ["b"]], { a: 1 }].map(countOf)).toEqual([1, 1, 2, 2, null, null]);
	});
});
