/** The search: it finds what V8 finds however many states that takes, and no accepted pattern makes it slow. */
import { readFileSync } from "node:fs";
import { RE2JS } from "re2js";
import { describe, expect, it } from "vitest";
import type { SyntaxNode } from "../../../../src/core/language/syntax.ts";
import { LiteralScan } from "../../../../src/core/match/literal-scan.ts";
import { readPattern } from "../../../../src/core/match/pattern.ts";
import { COST_MAX, searchIn, TreeSearch } from "../../../../src/core/match/tree-search.ts";

const treeOf = (text: string): SyntaxNode => {
	const pattern = readPattern({ kind: "regex", text, caseSensitive: true, style: "text" });
	if (!pattern.ok) throw new Error(pattern.error.message);
	return pattern.value.tree;
};

/** Words in an order that no repetition of a pattern can get used to. */
function shuffled(words: readonly string[], length: number): string {
	let seed = 7;
	let text = "";
	while (text.length < length) {
		seed = (Math.imul(seed, 1_664_525) + 1_013_904_223) >>> 0;
		text += words[(seed >>> 8) % words.length] ?? "";
	}
	return text.slice(0, length);
}

describe("a search", () => {
	it.each([
		["a[ab]{14}c", ["a", "b", "ab", "b"], "aabbabababababaac"],
		["x.{0,40}y.{0,40}z", ["y", "z", "..", "....."], "x..y..z"],
		["\\bq(?:ab|cd){2,9}\\b", ["ab", "cd", " ", "q "], "qabcdab"],
		["(?:a|bc){3}$", ["a", "bc", "d"], "abca"],
		["^b.{3,30}x", ["a", "x", "b"], ""],
	])("for %s ends where V8's does, with more states than are remembered", (source, words, end) => {
		const text = shuffled(words, 60_000) + end;
		const search = new TreeSearch(treeOf(source));
		const expected = new RegExp(source, "s").exec(text)?.index ?? -1;
		for (let round = 0; round < 3; round++) expect(search.begin(text, "leftmost", undefined)).toBe(expected);
		expect(search.begin(text, "any", undefined) >= 0).toBe(expected >= 0);
	});

	it("reads pairs of surrogates as one character, and halves as one each", () => {
		const search = new TreeSearch(treeOf("a.b"));
		expect(search.begin("xa😀b", "leftmost", undefined)).toBe(1);
		expect(search.begin("a\ud83db", "leftmost", undefined)).toBe(0);
		expect(search.begin("a\ude00\ud83db", "leftmost", undefined)).toBe(-1);
	});

	it.each([
		["\\bselect\\b.{0,400}\\bfrom\\b.{0,400}\\bunion\\b", [" select ", " from ", "      ", " ", "   "]],
		["(?:secret|token|password).{0,500}(?:http|ftp)", ["secret", "http", "ft", "hhhhhh", "h"]],
		["\\bcurl\\b.{0,200}\\|.{0,200}\\bsh\\b", [" | ", "|", " sh ", "  ", " "]],
		["[ab]{0,999}c", ["a", "b", "d", "bbb"]],
		["(?:.{0,500}a){2}z", ["a", "za", "xxxx", "xxxxxxx"]],
		["(?:a|b)*a(?:a|b){40}c", ["a", "b", "c"]],
	])(
		"for %s reads 100 KB that were made to slow it a few times, at a bounded cost for each character",
		(source, words) => {
			const search = new TreeSearch(treeOf(source));
			const { entry } = search;
			const text = shuffled(words, 100_000);
			const scan = new LiteralScan([{ clauses: [], entry: entry.kind === "literals" ? entry.literals : null }]);
			scan.read(text);
			const expected = RE2JS.compile(source, RE2JS.DOTALL).matcher(text);
			expect(search.find(text, scan.placesOf(0))?.[0] ?? -1).toBe(expected.find() ? expected.start() : -1);
			expect(search.read).toBeLessThanOrEqual(3 * text.length);
			expect(search.cost(text.length)).toBeLessThanOrEqual(COST_MAX * text.length);
		},
	);
});

describe("what a long text costs", () => {
	it("is next to nothing where few states are enough, and told by the pattern alone", () => {
		const plain = searchIn(treeOf("\\b(?:curl|wget)\\s[^\\n]*\\|\\s*sh\\b"), "backward");
		const gap = searchIn(treeOf("rm.{0,60}x.{0,60}y"), "backward");
		const begin = (text: string) => gap.find(text, { from: text.length, to: 0, want: "last", settledFrom: null });
		expect(plain.longCost).toBeLessThan(plain.cost);
		expect(gap.longCost).toBe(gap.cost);
		begin(shuffled(["y", "x", ".."], 50_000));
		expect(gap.longCost).toBe(gap.cost);
		expect(begin(`${shuffled(["y", "x", ".."], 5_000)}rm..x..y`)).toBe(5_000);
	});

	it("is next to nothing where the first match shows soon", () => {
		const search = new TreeSearch(treeOf("\\bcurl\\s.*\\bsecret\\b"));
		const text = `curl x; curl secret ${"curl secret ".repeat(10_000)}`;
		const scan = new LiteralScan([{ clauses: [], entry: ["curl "] }]);
		scan.read(text);
		expect(search.find(text, scan.placesOf(0))?.[0]).toBe(0);
		expect(search.read).toBeLessThan(text.length / 10);
	});

	it("does not grow with the patterns that its words could belong to", () => {
		const verbs = ["rm", "dd", "mkfs", "curl", "wget", "nc", "scp", "chmod", "chown", "kill", "sudo", "ssh", "git"];
		const sources = verbs.flatMap((verb) => [
			`\\b${verb}\\s+-\\w*f\\w*\\s+/`,
			`\\b${verb}\\b[^|;\\n]{0,80}\\b(secret|token|passwd)\\b`,
			`\\b${verb}\\s+--(force|recursive|all)\\b`,
			`(^|[;&|]\\s*)${verb}\\s+[^ ]+\\.example\\.(com|net)/evil`,
			`^${verb} .*x$`,
		]);
		const searches = sources.map((source) => new TreeSearch(treeOf(source)));
		const scan = new LiteralScan(
			searches.map(({ entry }) => ({ clauses: [], entry: entry.kind === "literals" ? entry.literals : null })),
		);
		const unit = `${verbs.join(" ; ")} ; secret; --force; .example.com/evil `;
		const text = unit.repeat(Math.ceil(50_000 / unit.length));
		scan.read(text);
		for (const [id, search] of searches.entries()) {
			expect(search.begin(text, "leftmost", scan.placesOf(id)), sources[id]).toBe(-1);
		}
		// One after the other they would read the text 65 times.
		expect(searches.reduce((sum, { read }) => sum + read, 0)).toBeLessThan(6 * text.length);
	});
});

describe("a pattern that would be slow", () => {
	it.each([
		"(?:a?b?c?d?){0,500}z",
		"q(?:x{0,30}){0,30}z(?:x{0,30}y?){0,30}",
		"[^]{0,900}a[^]{0,900}b[^]{0,900}c[^]{0,900}d",
	])("such as %s is refused, and the message says what to write", (text) => {
		const pattern = readPattern({ kind: "regex", text, caseSensitive: false, style: "text" });
		expect(pattern.ok ? "" : `${pattern.error.message}; ${pattern.error.help}`).toBe(
			"the pattern would take too long on a long text: its repetitions keep too many places open at once; write `*` or `+` for a repetition with a large bound, lower the bounds, or do not put optional parts inside repeated ones",
		);
	});

	it("is none of those that are shipped", () => {
		for (const file of ["baseline", "coding-agent", "customer-support", "data-analyst", "read-only-research"]) {
			for (const [, text = ""] of readFileSync(`policies/${file}.yaml`, "utf8").matchAll(/- '((?:[^'\n]|'')+)'\n/g)) {
				const source = text.replaceAll("''", "'");
				const pattern = readPattern({ kind: "regex", text: source, caseSensitive: false, style: "text" });
				expect(pattern.ok || pattern.error.message, source).not.toContain("too long on a long text");
			}
		}
	});
});
