/** The matcher against three oracles on generated patterns and texts: V8's RegExp, re2js and picomatch, where the dialects agree. */
import fc from "fast-check";
import picomatch from "picomatch";
import { RE2JS } from "re2js";
import { describe, expect, it } from "vitest";
import { normalizePath } from "../../src/core/language/path-text.ts";
import { EntryScan } from "../../src/core/match/entry-scan.ts";
import { readPattern } from "../../src/core/match/pattern.ts";
import { compilePatternSet } from "../../src/core/match/pattern-set.ts";
import { toRe2 } from "../../src/core/match/re2-syntax.ts";
import { TreeSearch } from "../../src/core/match/tree-search.ts";

const letters = fc.constantFrom(
	"a",
	"b",
	"k",
	"S",
	"-",
	"\\.",
	"\\s",
	"\\w",
	"\\D",
	".",
	"[ab]",
	"[^b]",
	"[a-kS]",
	"\\n",
	"é",
	"[^]",
	"\\/",
);
const assertion = fc.constantFrom("^", "$", "\\b", "\\B");
/** Repeated parts never match the empty text: there ECMAScript and RE2 agree on where a match ends. */
const { node: regex } = fc.letrec<{ node: string; solid: string }>((tie) => ({
	solid: fc.oneof(
		{ depthSize: "small" },
		letters,
		fc.tuple(letters, tie("solid")).map(([a, b]) => `${a}${b}`),
		fc.tuple(letters, letters).map(([a, b]) => `(?:${a}|${b})`),
	),
	node: fc.oneof(
		{ depthSize: "small" },
		letters,
		assertion,
		fc.tuple(tie("node"), tie("node")).map(([a, b]) => `${a}${b}`),
		fc.tuple(tie("node"), tie("node")).map(([a, b]) => `(${a}|${b})`),
		fc
			.tuple(tie("solid"), fc.constantFrom("*", "+", "?", "{2}", "{1,3}", "*?", "+?", "{2,}"))
			.map(([a, q]) => `(?:${a})${q}`),
	),
}));
const text = fc.string({
	unit: fc.constantFrom("a", "b", "A", "k", "K", "s", "S", " ", "\n", "-", ".", "/", "x", "é", "\u00a0"),
	maxLength: 14,
});

const word = fc.constantFrom("", "", "ab", "sk", "\\bab", "(?:ab|ba)", "^", "$", "a?bb", "x{2}");

describe("regular expressions", () => {
	it("match where V8 says they match", () => {
		fc.assert(
			fc.property(regex, text, fc.boolean(), (source, subject, caseSensitive) => {
				const pattern = readPattern({ kind: "regex", text: source, caseSensitive, style: "text" });
				if (!pattern.ok) throw new Error(`${source}: ${pattern.error.message}`);
				const [hit] = compilePatternSet([pattern.value]).match(subject);
				const oracle = new RegExp(source, caseSensitive ? "s" : "si").exec(subject);
				expect(hit && [hit.start, hit.end]).toEqual(
					oracle ? [oracle.index, oracle.index + oracle[0].length] : undefined,
				);
			}),
			{ numRuns: 12_000 },
		);
	});

	it("are found around their outer literals, and at the ends of a text, where the whole text shows them", () => {
		let around = 0;
		fc.assert(
			fc.property(word, regex, word, fc.array(text, { minLength: 1, maxLength: 4 }), (head, source, tail, texts) => {
				const pattern = readPattern({
					kind: "regex",
					text: `${head}${source}${tail}`,
					caseSensitive: false,
					style: "text",
				});
				if (!pattern.ok) throw new Error(`${source}: ${pattern.error.message}`);
				const subject = texts.join(`${head}a${tail}`.replaceAll(/[\\^$?]|\\b/g, ""));
				const search = new TreeSearch(pattern.value.tree);
				const { entry } = search;
				const places = new EntryScan([entry.kind === "literals" ? entry.literals : null]).read(subject, [0])?.of(0);
				// Not V8's RegExp: on longer texts some patterns make it go back over them without end.
				const engine = RE2JS.compile(toRe2(pattern.value.tree), RE2JS.DOTALL).matcher(subject);
				const expected = engine.find() ? engine.start() : -1;
				expect(search.begin(subject, "leftmost", places), subject).toBe(expected);
				expect(search.begin(subject, "any", places) >= 0, subject).toBe(expected >= 0);
				if (places !== undefined && expected >= 0) around += 1;
			}),
			{ numRuns: 2_000 },
		);
		expect(around).toBeGreaterThan(50);
	});

	it("leave no match out of the candidates of a longer text", () => {
		fc.assert(
			fc.property(
				fc.array(regex, { minLength: 1, maxLength: 5 }),
				fc.array(text, { minLength: 1, maxLength: 4 }),
				(sources, subjects) => {
					const patterns = sources.flatMap((source) => {
						const pattern = readPattern({ kind: "regex", text: source, caseSensitive: false, style: "text" });
						return pattern.ok ? [pattern.value] : [];
					});
					const set = compilePatternSet(patterns);
					const { ids, count } = set.candidates(subjects.join("\n"));
					const candidates = [...set.always, ...ids.slice(0, count)];
					for (const subject of subjects) {
						for (const hit of set.match(subject)) expect(candidates).toContain(hit.id);
					}
				},
			),
			{ numRuns: 2_000 },
		);
	});
});

const segment = fc
	.array(fc.constantFrom("a", "b", ".", "*", "?", "[ab]", "[!a]", "{a,b}", "{ab,b.a}", "\\*"), {
		minLength: 1,
		maxLength: 4,
	})
	.map((parts) => parts.join(""));
/**
 * Left out: what a normalised path cannot have, and where picomatch has ways of its own (segments that begin with a dot,
 * stars that are neither one nor two, and a `*` before a final `**`, which for picomatch asks for a slash).
 */
const pathGlob = fc
	.array(fc.oneof({ weight: 4, arbitrary: segment }, { weight: 1, arbitrary: fc.constant("**") }), {
		minLength: 1,
		maxLength: 3,
	})
	.map((parts) => parts.join("/"));
const name = fc
	.string({ unit: fc.constantFrom("a", "b", ".", "*", "c"), minLength: 1, maxLength: 4 })
	.filter((part) => !/^\.+$/.test(part));
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));

describe("globs", () => {
	it("match paths as picomatch says, on the subset that both read alike", () => {
		fc.assert(
			fc.property(pathGlob, path, (source, subject) => {
				const pattern = readPattern({ kind: "glob", text: source, caseSensitive: true, style: "path" });
				fc.pre(pattern.ok && !/\*{3}|(?:^|\/)\.|\*\*(?!\/|$)|(?<!^|\/)\*\*|\*\/\*\*$/.test(source));
				if (!pattern.ok) return;
				const ours = compilePatternSet([pattern.value]).match(subject).length > 0;
				const theirs = picomatch.isMatch(subject, source.replaceAll("[!", "[^"), {
					dot: true,
					keepQuotes: true,
					// Its short cut for `*.*` alone asks for a letter behind the dot, which `*.*` within a longer glob does not.
					fastpaths: false,
				} as object);
				expect(ours, `${source} on ${subject}`).toBe(theirs);
			}),
			{ numRuns: 3_000 },
		);
	});

	it("of style text match as fnmatch does", () => {
		fc.assert(
			fc.property(pathGlob, path, (source, subject) => {
				const pattern = readPattern({ kind: "glob", text: source, caseSensitive: true, style: "text" });
				fc.pre(pattern.ok);
				if (!pattern.ok) return;
				const oracle = source
					.replace(/\\\*|\*+|\?|\[!|[.{},]/g, (token) => TEXT_TOKENS[token] ?? "[^]*")
					.replace(/^/, "^(?:");
				expect(compilePatternSet([pattern.value]).match(subject).length > 0).toBe(
					new RegExp(`${oracle})$`, "s").test(subject),
				);
			}),
			{ numRuns: 2_000 },
		);
	});
});

const TEXT_TOKENS: Readonly<Record<string, string>> = {
	"\\*": "\\*",
	"?": "[^]",
	"[!": "[^",
	".": "\\.",
	"{": "(?:",
	"}": ")",
	",": "|",
};

describe("normalised paths", () => {
	it("stay as they are when normalised again", () => {
		fc.assert(
			fc.property(fc.string({ unit: fc.constantFrom("a", ".", "/"), maxLength: 12 }), (raw) => {
				const once = normalizePath(raw);
				expect(normalizePath(once)).toBe(once);
				expect(once).not.toMatch(/\/\/|.\/$|(?:^|\/)\.(?:\/|$)|[^./][^/]*\/\.\.(?:\/|$)/);
			}),
		);
	});
});
