/**
 * The matcher against three oracles on generated patterns and texts: V8's RegExp, re2js and picomatch, where the dialects agree.
 * `npm run fuzz:match` tries 1,000,000 pairs of a pattern and a text.
 */
import fc from "fast-check";
import picomatch from "picomatch";
import { RE2JS } from "re2js";
import { describe, expect, it } from "vitest";
import { normalizePath } from "../../src/core/language/path-text.ts";
import type { SyntaxNode } from "../../src/core/language/syntax.ts";
import { LiteralScan } from "../../src/core/match/literal-scan.ts";
import { type Pattern, readPattern } from "../../src/core/match/pattern.ts";
import { compilePatternSet, type PatternSet } from "../../src/core/match/pattern-set.ts";
import { TreeSearch } from "../../src/core/match/tree-search.ts";
import { toRe2 } from "../support/re2-syntax.ts";

/** Pairs of a pattern and a text, in all. */
const CASES = Number(process.env["ASSENT_CASES"] ?? 60_000);
/** Texts that each pattern is tried on. */
const TEXTS = 8;

const runsOf = (share: number): number => Math.ceil((CASES * share) / TEXTS);

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
const quantifier = fc.constantFrom("*", "+", "?", "{2}", "{1,3}", "*?", "+?", "{2,}", "{0,2}?", "??");
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
		fc.tuple(tie("solid"), quantifier).map(([a, q]) => `(?:${a})${q}`),
	),
}));
/** What V8 reads in another way as well: anything is repeated, pairs of surrogates are one character, and two letters fold. */
const { node: strangeRegex } = fc.letrec<{ node: string }>((tie) => ({
	node: fc.oneof(
		{ depthSize: "medium" },
		letters,
		fc.constantFrom("😀", "[😀-😂]", "[^😀]", "\\ud83d", "\u017f", "\u212a", "[j-l]", "[^s]", "\\u2028", "\\W", "\\S"),
		assertion,
		fc.tuple(tie("node"), tie("node")).map(([a, b]) => `${a}${b}`),
		fc.tuple(tie("node"), tie("node")).map(([a, b]) => `(?:${a}|${b})`),
		tie("node").map((a) => `(?:${a}|)`),
		fc.tuple(tie("node"), quantifier).map(([a, q]) => `(?:${a})${q}`),
	),
}));
const UNITS = ["a", "b", "A", "k", "K", "s", "S", " ", "\n", "-", ".", "/", "x", "é", "\u00a0"];
const text = fc.string({ unit: fc.constantFrom(...UNITS), maxLength: 14 });
const strange = ["😀", "😁", "\ud83d", "\ude00", "\u017f", "\u212a", "\u2028", "\r", "\ufeff", "_", "1"];
const strangeText = fc.string({ unit: fc.constantFrom(...UNITS, ...strange), maxLength: 14 });
/** Long enough that places are looked for first, where patterns can begin or end. */
const longText = fc.array(strangeText, { minLength: 2, maxLength: 5 }).map((parts) => {
	const unit = parts.join("");
	return unit + parts[0] + "-x".repeat(600) + unit;
});

const word = fc.constantFrom("", "", "ab", "sk", "\\bab", "(?:ab|ba)", "^", "$", "a?bb", "x{2}");

const texts = <T>(one: fc.Arbitrary<T>) => fc.array(one, { minLength: TEXTS, maxLength: TEXTS });

function patternOf(source: string, caseSensitive: boolean): Pattern {
	const pattern = readPattern({ kind: "regex", text: source, caseSensitive, style: "text" });
	if (!pattern.ok) throw new Error(`${source}: ${pattern.error.message}`);
	return pattern.value;
}

/** Is a part repeated that can match nothing? Where a match of that ends is answered in two ways even by re2js, for short and for long texts. */
function repeatsNothing(node: SyntaxNode): boolean {
	switch (node.kind) {
		case "empty":
		case "set":
		case "assert":
			return false;
		case "sequence":
			return node.items.some(repeatsNothing);
		case "choice":
			return node.options.some(repeatsNothing);
		case "repeat":
			return (node.max !== 1 && canBeEmpty(node.item)) || repeatsNothing(node.item);
	}
}

function canBeEmpty(node: SyntaxNode): boolean {
	switch (node.kind) {
		case "empty":
		case "assert":
			return true;
		case "set":
			return false;
		case "sequence":
			return node.items.every(canBeEmpty);
		case "choice":
			return node.options.some(canBeEmpty);
		case "repeat":
			return node.min === 0 || canBeEmpty(node.item);
	}
}

/** Of the first match. */
type Span = readonly [start: number, end: number] | null;

const spansOf = (set: PatternSet, subject: string): readonly Span[] => {
	const hits = new Map(set.match(subject).map(({ id, start, end }) => [id, [start, end] as const]));
	return Array.from({ length: set.size }, (_, id) => hits.get(id) ?? null);
};

describe("regular expressions", () => {
	it("match where V8 says they match", () => {
		fc.assert(
			fc.property(regex, texts(text), fc.boolean(), (source, subjects, caseSensitive) => {
				const set = compilePatternSet([patternOf(source, caseSensitive)]);
				const oracle = new RegExp(source, caseSensitive ? "s" : "si");
				for (const subject of subjects) {
					const found = oracle.exec(subject);
					const expected = found === null ? null : [found.index, found.index + found[0].length];
					expect(spansOf(set, subject), subject).toEqual([expected]);
				}
			}),
			{ numRuns: runsOf(0.3) },
		);
	});

	it("match where re2js says they match, several in one set, on whatever code units a text has", () => {
		const subjects = texts(fc.oneof({ weight: 9, arbitrary: strangeText }, { weight: 1, arbitrary: longText }));
		const sources = fc.array(strangeRegex, { minLength: 1, maxLength: 4 });
		fc.assert(
			fc.property(sources, subjects, fc.boolean(), (written, read, caseSensitive) => {
				const patterns = written.flatMap((source) => {
					const pattern = readPattern({ kind: "regex", text: source, caseSensitive, style: "text" });
					return pattern.ok ? [pattern.value] : [];
				});
				const set = compilePatternSet(patterns);
				const engines = patterns.map(({ tree }) => RE2JS.compile(toRe2(tree), RE2JS.DOTALL));
				for (const subject of read) {
					const expected = engines.map((engine): Span => {
						const matcher = engine.matcher(subject);
						return matcher.find() ? [matcher.start(), matcher.end()] : null;
					});
					for (const [id, span] of spansOf(set, subject).entries()) {
						const agreed = expected[id] as Span;
						const isEndAgreed = span === null || agreed === null || !repeatsNothing(patterns[id]?.tree as SyntaxNode);
						expect(isEndAgreed ? span : span[0], JSON.stringify(subject)).toEqual(isEndAgreed ? agreed : agreed[0]);
					}
				}
			}),
			// Of one to four patterns each.
			{ numRuns: Math.ceil(runsOf(0.5) / 2.5) },
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
				const scan = new LiteralScan([{ clauses: [], entry: entry.kind === "literals" ? entry.literals : null }]);
				scan.read(subject);
				const places = scan.placesOf(0);
				// Not V8's RegExp: on longer texts some patterns make it go back over them without end.
				const engine = RE2JS.compile(toRe2(pattern.value.tree), RE2JS.DOTALL).matcher(subject);
				const expected = engine.find() ? engine.start() : -1;
				expect(search.begin(subject, "leftmost", places), subject).toBe(expected);
				expect(search.find(subject, places)?.[0] ?? -1, subject).toBe(expected);
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
			fc.property(pathGlob, texts(path), (source, subjects) => {
				const pattern = readPattern({ kind: "glob", text: source, caseSensitive: true, style: "path" });
				fc.pre(pattern.ok && !/\*{3}|(?:^|\/)\.|\*\*(?!\/|$)|(?<!^|\/)\*\*|\*\/\*\*$/.test(source));
				if (!pattern.ok) return;
				const set = compilePatternSet([pattern.value]);
				const isMatch = picomatch(source.replaceAll("[!", "[^"), {
					dot: true,
					keepQuotes: true,
					// Its short cut for `*.*` alone asks for a letter behind the dot, which `*.*` within a longer glob does not.
					fastpaths: false,
				} as object);
				for (const subject of subjects)
					expect(set.match(subject).length > 0, `${source} on ${subject}`).toBe(isMatch(subject));
			}),
			{ numRuns: runsOf(0.2) },
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
