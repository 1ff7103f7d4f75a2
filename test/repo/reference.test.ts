/** The pages of docs/reference say what the code says. */
import picomatch from "picomatch";
import { describe, expect, it } from "vitest";
import { SCHEMA } from "../../src/adapters/embedded/schema.ts";
import { publishedSchemas } from "../../src/cli/commands/schemas.ts";
import { referencePages } from "../../tools/reference/pages.ts";
import { filesBelow, textOf } from "../support/repository.ts";

const pages = await referencePages();
/** Written by hand, or from what is no part of the repository (`npm run compat:agent-os`). */
const OWN = ["docs/reference/README.md", "docs/reference/agent-os.md", "docs/reference/python.md"];

describe("the page on the embedded log's file", () => {
	it("names every table of it, with all its columns", () => {
		const page = textOf("src/adapters/embedded/README.md");
		const tables = [...SCHEMA.matchAll(/CREATE TABLE (\w+)\(([\s\S]*?)\n?\) STRICT/g)];
		expect(tables.length).toBe(SCHEMA.split("CREATE TABLE").length - 1);
		for (const [, name, body = ""] of tables) {
			const columns = [...body.matchAll(/(?:^|[,(])\s*(\w+) (?:TEXT|INTEGER|BLOB)/g)].map(
				([, column]) => `\`${column}\``,
			);
			expect(page).toContain(`| \`${name}\` | ${columns.join(", ")} |`);
		}
	});
});

describe("the pages of docs/reference", () => {
	it.each(pages)("$path is what `npm run docs` writes", ({ path, text }) => {
		expect(textOf(path)).toBe(text);
	});

	it("are all generated, or known to be written by hand", () => {
		expect(filesBelow("docs/reference")).toEqual([...pages.map(({ path }) => path), ...OWN].sort());
	});

	it("leave no key, code, metric or field without its meaning", () => {
		for (const { path, text } of pages) {
			const rows = text.split("\n").filter((line) => line.startsWith("| `"));
			expect(
				rows.filter((row) => / \| +\|$/.test(row)),
				path,
			).toEqual([]);
		}
	});

	it("are folded away in diffs, as the schemas are, and pages written by hand are not", () => {
		const rules = textOf(".gitattributes")
			.split("\n")
			.map((line) => /^(\S+) (-?)linguist-generated$/.exec(line))
			.filter((rule) => rule !== null);
		const isGenerated = (path: string): boolean =>
			rules.findLast(([, pattern = ""]) => picomatch.isMatch(path, pattern))?.[2] === "";
		const generated = [...pages, ...publishedSchemas()].map(({ path }) => path);
		expect(generated.filter((path) => !isGenerated(path))).toEqual([]);
		expect([...OWN, "docs/kafka.md"].filter(isGenerated)).toEqual([]);
	});

	it("name every page in their index", () => {
		const index = textOf("docs/reference/README.md");
		expect(pages.filter(({ path }) => !index.includes(`](${path.split("/").at(-1)})`))).toEqual([]);
	});
});
