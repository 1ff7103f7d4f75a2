/** What code and pages cite of other pages is there: each page, and each heading of it. */
import { existsSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { describe, expect, it } from "vitest";
import { filesBelow, ROOT, textOf } from "../support/repository.ts";

interface Citation {
	readonly where: string;
	/** Relative to the repository. */
	readonly page: string;
	/** Empty where the whole page is meant. */
	readonly anchor: string;
}

/** A page by its path from the repository's root, as comments and messages name it. */
const PAGE_NAME = /(?<![\w./-])((?:docs\/[\w/-]+|[A-Z]{4,})\.md)(?:#([\w-]+))?/g;
/** A page that is cited by a number of its sections, or without its folder: nobody can follow that. */
const UNFOLLOWED = /\bDESIGN\b|\bSTYLE\b|(?<!RFC \d+ )§|(?<![\w/])(?:kafka|policies|records|operations|runbook)\.md\b/;
const LINK = /\]\((?!https?:|mailto:)([^)#\s]*)(?:#([\w-]+))?\)/g;

/** A file or folder of the project, named where it is no link: in a command, a comment, a text. */
const PATH_NAME = /(?<![\w./@-])(?:src|test|bench|tools|docs|schemas|policies|examples)\/[\w./-]*[\w/]/g;

const isCode = (path: string): boolean => /^(?:src|test|bench)\/.*\.(?:ts|java)$/.test(path);
/** The one file that holds citations which lead nowhere. */
const CODE = filesBelow("").filter((path) => isCode(path) && path !== "test/repo/citations.test.ts");
const PAGES = filesBelow("").filter((path) => path.endsWith(".md"));

/** The names that headings get where Markdown is shown: lower case, `-` for spaces, no punctuation. */
function anchorsOf(text: string): ReadonlySet<string> {
	const anchors = new Set<string>();
	for (const [, heading = ""] of text.replace(/^```[\s\S]*?^```$/gm, "").matchAll(/^#{1,6} (.+)$/gm)) {
		const plain = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replaceAll("`", "");
		const anchor = plain
			.trim()
			.toLowerCase()
			.replace(/[^\p{L}\p{N}\s_-]/gu, "")
			.replace(/\s/g, "-");
		let free = anchor;
		for (let again = 1; anchors.has(free); again++) free = `${anchor}-${again}`;
		anchors.add(free);
	}
	return anchors;
}

const lineOf = (text: string, index: number): number => text.slice(0, index).split("\n").length;

const namedIn = (path: string, text: string): Citation[] =>
	[...text.matchAll(PAGE_NAME)].map((match) => ({
		where: `${path}:${lineOf(text, match.index)}`,
		page: match[1] ?? "",
		anchor: match[2] ?? "",
	}));

const linkedIn = (path: string, text: string): Citation[] =>
	[...text.matchAll(LINK)].map((match) => ({
		where: `${path}:${lineOf(text, match.index)}`,
		page: match[1] ? posix.join(dirname(path), match[1]) : path,
		anchor: match[2] ?? "",
	}));

/** Links are looked at by themselves, for they are relative to their page; arguments of calls name files of their own. */
const pathsIn = (path: string, text: string): Citation[] =>
	[
		...text
			.replaceAll(LINK, "](")
			.replace(/`\{"[^`]*`/g, "")
			.matchAll(PATH_NAME),
	].map((match) => ({
		where: `${path}:${lineOf(text, match.index)}`,
		page: match[0],
		anchor: "",
	}));

/** What is wrong with a citation, or nothing. */
function faultsOf({ where, page, anchor }: Citation): string[] {
	if (!existsSync(join(ROOT, page))) return [`${where}: there is no ${page}`];
	if (anchor === "" || !page.endsWith(".md") || anchorsOf(textOf(page)).has(anchor)) return [];
	return [`${where}: ${page} has no heading #${anchor}`];
}

describe("citations", () => {
	it("in code lead to a page of this repository, and to a heading of it", () => {
		const citations = CODE.flatMap((path) => namedIn(path, textOf(path)));
		expect(citations.filter(({ page }) => page.startsWith("docs/design/")).length).toBeGreaterThan(20);
		expect(citations.flatMap(faultsOf)).toEqual([]);
	});

	it("in code name a page by its path, never by a section's number", () => {
		const unfollowed = CODE.flatMap((path) =>
			textOf(path)
				.split("\n")
				.flatMap((line, at) => (UNFOLLOWED.test(line) ? [`${path}:${at + 1}: ${line.trim().slice(0, 100)}`] : [])),
		);
		expect(unfollowed).toEqual([]);
	});

	it("in pages lead to a file, and to a heading of it", () => {
		const citations = PAGES.flatMap((path) => linkedIn(path, textOf(path)));
		expect(citations.filter(({ anchor }) => anchor !== "").length).toBeGreaterThan(20);
		expect(citations.flatMap(faultsOf)).toEqual([]);
	});

	it("in pages name files and folders that are there, also inside commands", () => {
		const named = PAGES.flatMap((path) => pathsIn(path, textOf(path)));
		expect(named.length).toBeGreaterThan(30);
		expect(named.flatMap(faultsOf)).toEqual([]);
	});

	it("would be told if they led nowhere", () => {
		expect(namedIn("x", "see docs/design/step.md#no-such-rule").flatMap(faultsOf)).toEqual([
			"x:1: docs/design/step.md has no heading #no-such-rule",
		]);
		expect(namedIn("x", "\n(docs/design/gone.md)").flatMap(faultsOf)).toEqual(["x:2: there is no docs/design/gone.md"]);
		expect(linkedIn("docs/kafka.md", "[a](runbook.md#group-gone) [b](#no-heading)").flatMap(faultsOf)).toEqual([
			"docs/kafka.md:1: docs/runbook.md has no heading #group-gone",
			"docs/kafka.md:1: docs/kafka.md has no heading #no-heading",
		]);
		expect(pathsIn("x", "`npx vitest run test/unit/gone test/repo`").flatMap(faultsOf)).toEqual([
			"x:1: there is no test/unit/gone",
		]);
		expect(["DESIGN §4.5", "kafka.md §1.1", "(kafka.md)"].every((text) => UNFOLLOWED.test(text))).toBe(true);
		expect(["RFC 6962 §2.1", "docs/kafka.md", "npm run kafka"].some((text) => UNFOLLOWED.test(text))).toBe(false);
	});

	it("find headings as they are shown", () => {
		expect([
			...anchorsOf("# A step, and its `order`\n## Void entries\n## Void entries\n```sh\n# no heading\n```\n"),
		]).toEqual(["a-step-and-its-order", "void-entries", "void-entries-1"]);
	});
});
