/** The tests that docs/security.md names for its claims exist, and each row of its tables names one. */
import { existsSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { textOf } from "../support/repository.ts";

const PAGE = textOf("docs/security.md");

interface Named {
	readonly title: string;
	readonly file: string;
}

const testsIn = (text: string): readonly Named[] =>
	[...text.matchAll(/\[([^\]]+)\]\(\.\.\/((?:test|clients\/python\/tests)\/[^)#]+)\)/g)]
		.map(([, title = "", file = ""]) => ({ title, file }))
		.filter(({ file }) => !file.startsWith("test/repo/"));

/** As a title of a test or suite of TypeScript, or as a function of Python. */
function isTest({ title, file }: Named): boolean {
	if (!existsSync(new URL(`../../${file}`, import.meta.url))) return false;
	const text = textOf(file);
	if (file.endsWith(".py")) return text.includes(`def ${title.replaceAll("`", "")}(`);
	return text.includes(`(${JSON.stringify(title)},`) || text.includes(`(\n\t\t${JSON.stringify(title)},`);
}

/** Rows of the table below a heading, without its head. */
function rowsBelow(heading: string): readonly string[] {
	const [, below = ""] = PAGE.split(`\n## ${heading}\n`);
	const [section = ""] = below.split("\n## ");
	return section
		.split("\n")
		.filter((line) => line.startsWith("|"))
		.slice(2);
}

describe("docs/security.md", () => {
	it("names tests that there are", () => {
		const named = testsIn(PAGE);
		expect(named.length).toBeGreaterThan(60);
		expect(named.filter((each) => !isTest(each))).toEqual([]);
	});

	it("knows a test that is not there", () => {
		const file = "test/repo/security-page.test.ts";
		expect(isTest({ title: "names tests that there are", file })).toBe(true);
		expect(isTest({ title: "names tests", file })).toBe(false);
		expect(isTest({ title: "names tests that there are", file: "test/repo/nowhere.test.ts" })).toBe(false);
	});

	it.each([
		["OWASP API Security Top 10 (2023)", 10],
		["OWASP Top 10 for Agentic Applications (2026)", 10],
		["Agents against the gateway", 17],
		["Publishers, operators and the log", 10],
		["Tokens", 10],
		["People", 5],
	])("has a test in each row of %s", (heading, count) => {
		const rows = rowsBelow(heading);
		expect(rows.filter((row) => testsIn(row).length === 0)).toEqual([]);
		expect(rows).toHaveLength(count);
	});
});
