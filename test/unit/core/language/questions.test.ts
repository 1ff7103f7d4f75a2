/** What is asked about languages: cases that a reader can check by hand, and where an answer is refused. */
import { describe, expect, it } from "vitest";
import {
	complement,
	difference,
	intersection,
	type Language,
	languageOf,
	NOTHING,
	ofTrees,
	union,
} from "../../../../src/core/language/language.ts";
import { equivalenceOf, inclusionOf, shortestText, universalityOf } from "../../../../src/core/language/questions.ts";
import { one, sequence } from "../../../../src/core/language/syntax.ts";
import { type PatternSource, readPattern } from "../../../../src/core/match/pattern.ts";

function language(source: Pick<PatternSource, "kind" | "text"> & Partial<PatternSource>): Language {
	const pattern = readPattern({ caseSensitive: false, style: "text", ...source });
	if (!pattern.ok) throw new Error(`${source.text}: ${pattern.error.message}`);
	return languageOf(pattern.value);
}

const regex = (text: string, caseSensitive = false): Language => language({ kind: "regex", text, caseSensitive });
const textGlob = (text: string): Language => language({ kind: "glob", text });
const pathGlob = (text: string): Language => language({ kind: "glob", text, style: "path" });

/** Null: included. */
function witness(narrow: Language, wide: Language): string | null {
	const answer = inclusionOf(narrow, wide);
	if (answer.is === "unknown") throw new Error(answer.why);
	return answer.is === "included" ? null : answer.witness;
}

const EVERYTHING = intersection([]);

describe("a pattern in another", () => {
	it.each([
		["rm\\s+-rf", "rm\\s+-r", null],
		["rm\\s+-r", "rm\\s+-rf", "rm -r"],
		["DROP\\s+(TABLE|DATABASE)", "DROP", null],
		["DROP", "DROP\\s+(TABLE|DATABASE)", "drop"],
		["\\bDROP\\s+(TABLE|DATABASE|INDEX)\\b", "\\bDROP\\s+(TABLE|DATABASE)\\b", "drop index"],
		["rm\\s+-r[fv]", "rm\\s+-rf|rm\\s+-rv", null],
		["(?:a|aa)+$", "a+$", null],
		["curl.*\\|\\s*sh", "curl.*sh", null],
		["\\bview\\b[^|;&\\n]{0,80}\\bsecret\\b", "view[^]*secret", null],
	])("%s in %s: %j", (narrow, wide, expected) => {
		expect(witness(regex(narrow), regex(wide))).toBe(expected);
	});

	it("is told by an end of the text, not of a line", () => {
		expect(witness(regex("rm$"), regex("rm\\s*$"))).toBeNull();
		expect(witness(regex("rm\\s*$"), regex("rm$"))).toBe("rm ");
		expect(witness(regex("^rm"), regex("rm"))).toBeNull();
		expect(witness(regex("rm"), regex("^rm"))).toBe("arm");
		expect(witness(regex("a\\nb"), regex("a$"))).toBe("a\nb");
	});

	it("is told by the boundaries of words on both sides", () => {
		expect(witness(regex("\\brm\\b"), regex("rm"))).toBeNull();
		expect(witness(regex("rm\\s+-rf"), regex("\\brm\\s+-rf"))).toBe("arm -rf");
		expect(witness(regex("\\brm\\s+-rf"), regex("\\brm\\s+-rf\\b"))).toBe("rm -rfa");
		expect(witness(regex("\\bé"), regex("\\wé"))).toBeNull();
		expect(shortestText(regex("a\\bb"))).toEqual({ is: "none" });
	});

	it("is told by case as the matcher folds it", () => {
		expect(witness(regex("k"), regex("[kK\\u212a]", true))).toBeNull();
		expect(witness(regex("s"), regex("[sS]", true))).toBe("\u017f");
		expect(witness(regex("é"), regex("É"))).toBe("é");
		expect(witness(regex("rm", true), regex("RM"))).toBeNull();
		expect(witness(regex("RM"), regex("rm", true))).toBe("Rm");
	});

	it("is told by a line end where only that tells", () => {
		expect(witness(regex("curl.*sh"), regex("curl[^\\n]*sh"))).toBe("curl\nsh");
	});

	it("is found around counted repetitions, however many states they would have as sets", () => {
		expect(witness(regex("a.{0,100}b"), regex("a.{0,101}b"))).toBeNull();
		expect(witness(regex("a.{0,40}b"), regex("a.{0,39}b"))).toHaveLength(42);
		expect(witness(regex("^[ab]*a[ab]{20}$"), regex("^[ab]*a[ab]{10}[ab]{10}$"))).toBeNull();
	});
});

describe("globs and substrings", () => {
	it("are compared as whole texts and as parts of one", () => {
		expect(witness(textGlob("read_*"), language({ kind: "substring", text: "read" }))).toBeNull();
		expect(witness(language({ kind: "substring", text: "read_" }), textGlob("read_*"))).toBe("aread_");
		expect(witness(union([textGlob("read_*"), textGlob("list_*")]), textGlob("read_*"))).toBe("list_");
	});

	it("over paths are compared on normalised paths", () => {
		expect(witness(pathGlob("/etc/*"), pathGlob("/etc/**"))).toBeNull();
		expect(witness(pathGlob("/etc/**"), pathGlob("/etc/*"))).toBe("/etc");
		expect(universalityOf(pathGlob("**"))).toEqual({ is: "everything" });
		// `a//b` and `a/.` are no normalised paths.
		expect(equivalenceOf(pathGlob("a/?"), pathGlob("a/[!.]"))).toEqual({ is: "equivalent" });
	});

	it("over paths are not said to be included in patterns that read the path as it was written", () => {
		expect(witness(regex("/etc"), pathGlob("/etc/**"))).toBe("a/etc");
		expect(inclusionOf(pathGlob("/etc/**"), regex("/etc"))).toMatchObject({ is: "unknown" });
		expect(inclusionOf(pathGlob("/etc/**"), regex("^"))).toEqual({ is: "included" });
		expect(inclusionOf(regex("/etc"), pathGlob("**"))).toEqual({ is: "included" });
	});
});

describe("languages made of others", () => {
	it("have what both have, either, or the one without the other", () => {
		const sure = difference(regex("DELETE FROM"), regex("WHERE"));
		expect(shortestText(sure)).toEqual({ is: "text", text: "delete from" });
		expect(witness(sure, regex("DELETE FROM users|DELETE"))).toBeNull();
		expect(shortestText(intersection([sure, regex("where")]))).toEqual({ is: "none" });
		expect(shortestText(intersection([regex("^a+$"), regex("^(?:aa)*b?$")]))).toEqual({ is: "text", text: "aa" });
		expect(shortestText(intersection([regex("ab"), regex("bc"), regex("ca")]))).toMatchObject({ text: "abca" });
	});

	it("are everything or nothing at the ends", () => {
		expect(shortestText(EVERYTHING)).toEqual({ is: "text", text: "" });
		expect(shortestText(NOTHING)).toEqual({ is: "none" });
		expect(universalityOf(NOTHING)).toEqual({ is: "not-everything", witness: "" });
		expect(witness(EVERYTHING, union([]))).toBe("");
		expect(witness(NOTHING, regex("a"))).toBeNull();
		expect(equivalenceOf(EVERYTHING, regex("^|x"))).toEqual({ is: "equivalent" });
		expect(universalityOf(union([regex("a"), complement(regex("a"))]))).toEqual({ is: "everything" });
		expect(universalityOf(regex("[^]"))).toEqual({ is: "not-everything", witness: "" });
		expect(equivalenceOf(regex("a+"), regex("b"))).toEqual({ is: "different", witness: "a", in: "first" });
	});
});

describe("a witness", () => {
	it("is made of letters that a person reads easily, where the patterns leave a choice", () => {
		expect(witness(regex("^.{3}$"), regex("^aaa$"))).toBe("baa");
		expect(witness(regex("[^a-z]", true), regex("\\d"))).toBe("A");
		expect(witness(regex("[^\\w]"), regex("[!-~]"))).toBe(" ");
		expect(witness(regex("[^\\x00-\\x7f]"), regex("é"))).toBe("¡");
	});

	it("has half a surrogate pair only where nothing else is one", () => {
		expect(witness(regex("[\\ud7ff-\\ue000]"), regex("[\\ud7ff]"))).toBe("\ue000");
		expect(witness(regex("[\\ud7ff-\\ue000]"), regex("[\\ud7ff\\ue000]"))).toBe("\ud800");
		// The longer one is preferred.
		const either = union([regex("^[\\ud7ff-\\ue000]$"), regex("^xyz$")]);
		expect(witness(either, regex("[\\ud7ff\\ue000]"))).toBe("xyz");
	});
});

describe("no answer is given", () => {
	it("beyond the steps that a question may take, with the reason", () => {
		const words = (count: number): Language =>
			regex(`^(?:[ab]*a[ab]{${count}}|[ab]*b[ab]{${count}}|[ab]{0,${count}})$`);
		expect(inclusionOf(regex("^[ab]*$"), words(6))).toEqual({ is: "included" });
		expect(inclusionOf(regex("^[ab]*$"), words(30), { stepsMax: 100_000 })).toEqual({
			is: "unknown",
			why: "it takes more than 100000 steps to find out",
		});
	});

	it("for more combinations than are looked into", () => {
		const pairs = Array.from({ length: 9 }, (_, index) =>
			union([intersection([regex("a"), regex(`b${index}`)]), regex(`c${index}`)]),
		);
		expect(shortestText(intersection(pairs))).toMatchObject({ is: "unknown" });
		expect(shortestText(intersection(pairs.slice(0, 2)))).toEqual({ is: "text", text: "c0c1" });
	});

	it("for patterns whose edges were cut, and for sets that tell halves of pairs apart", () => {
		const node = { kind: "set", set: [0x61, 0x61] } as const;
		const optional = { kind: "repeat", item: node, min: 0, max: 1, greedy: true } as const;
		const cut = ofTrees("text", [
			{ kind: "repeat", item: sequence(Array(500).fill(optional)), min: 0, max: 3, greedy: true },
		]);
		expect(inclusionOf(regex("a"), cut)).toMatchObject({ is: "unknown" });
		const halves = ofTrees("text", [sequence([one([0xd800, 0xdbff]), one([0xdc00, 0xdfff])])]);
		expect(inclusionOf(halves, regex("a"))).toMatchObject({ is: "unknown" });
	});
});
