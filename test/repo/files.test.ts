import { accessSync, constants, existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { filesBelow, jsonOf, ROOT, textOf } from "../support/repository.ts";

/** Written in pieces, so that this file does not contain what it looks for. */
const SLASH = "/";
const CHECKOUTS = new RegExp(`(?<![\\w.~*-])${SLASH}(?:work|workspace|workspaces|Users)${SLASH}`);
const HOMES = new RegExp(`(?<![\\w.~*-])${SLASH}(?:root|home${SLASH}\\w+)${SLASH}`);
const REGISTRIES = new RegExp(
	[
		"registry\\.npm",
		"registry\\.yarn",
		"npm\\.pkg\\.git",
		"pypi\\.o",
		"pythonhosted\\.o",
		"proxy\\.golang\\.o",
		"repo1?\\.maven",
		"arti\\wactory",
		"verdacc\\wo",
	]
		.map((host) => `${host}\\w*`)
		.join("|"),
);

/** Files about tool calls, in which agents work in homes: the paths there are data. */
const isAboutCalls = (path: string): boolean => /^(?:examples|policies|test)\//.test(path) || path.endsWith(".jsonl");

const BINARY = /\.(?:png|ico|db|gz|woff2)$/;

/** `path:line: text` of every line that matches. */
function linesWith(expression: RegExp, paths: readonly string[]): readonly string[] {
	return paths.flatMap((path) =>
		textOf(path)
			.split("\n")
			.flatMap((line, index) => (expression.test(line) ? [`${path}:${index + 1}: ${line.trim().slice(0, 120)}`] : [])),
	);
}

describe("the files of the repository", () => {
	const texts = filesBelow("").filter((path) => !BINARY.test(path));

	it("name no folder of the machine they were made on", () => {
		expect(texts.length).toBeGreaterThan(30);
		expect(linesWith(CHECKOUTS, texts)).toEqual([]);
		expect(
			linesWith(
				HOMES,
				texts.filter((path) => !isAboutCalls(path)),
			),
		).toEqual([]);
	});

	it("name no package registry", () => {
		expect(linesWith(REGISTRIES, texts)).toEqual([]);
	});

	it("read what people name in one place, which waits for no pipe and opens no device", () => {
		const readers = linesWith(
			/import .*\b(?:readFile|readFileSync|createReadStream)\b.* from "node:fs/,
			filesBelow("src").filter((path) => /^src\/(?:app|cli)\//.test(path)),
		).map((line) => line.split(":")[0]);
		// The others read what the package holds, and what an export or a notary has written.
		expect(readers).toEqual([
			"src/app/export-folder.ts",
			"src/app/named-file.ts",
			"src/app/open-export.ts",
			"src/app/static-folder.ts",
			"src/cli/commands/demo.ts",
			"src/cli/commands/schemas.ts",
		]);
	});

	it("would be found if they did", () => {
		expect(CHECKOUTS.test(`see ${SLASH}work${SLASH}main`)).toBe(true);
		expect(CHECKOUTS.test("frame/work/x, ./work/, net.work/")).toBe(false);
		expect(HOMES.test(`"${SLASH}home${SLASH}ann${SLASH}x"`)).toBe(true);
		expect(HOMES.test(`${SLASH}root${SLASH}.npmrc`)).toBe(true);
		expect(REGISTRIES.test(["https://registry", "npmjs", "org/x"].join("."))).toBe(true);
	});

	it("begin, in src/, with a sentence that says what they are for", () => {
		const silent = filesBelow("src").filter(
			(path) => path.endsWith(".ts") && !/^(?:#![^\n]*\n)?\/\*\*[\s*]+[A-Z`].{10,}/.test(textOf(path)),
		);
		expect(silent).toEqual([]);
	});
});

describe("the pages of the repository", () => {
	const { scripts } = jsonOf("package.json") as { scripts: Record<string, string> };
	const pages = ["README.md", "CONTRIBUTING.md", "CHANGELOG.md"];

	it.each(pages)("%s exists", (page) => {
		expect(existsSync(join(ROOT, page))).toBe(true);
	});

	it("give only commands that npm knows", () => {
		for (const page of pages) {
			const unknown = [...textOf(page).matchAll(/\bnpm run ([\w:-]+)/g)]
				.map(([, name = ""]) => name)
				.filter((name) => !(name in scripts));
			expect(unknown, page).toEqual([]);
		}
	});

	it("show, on the README's first screen, how to run it and how to test it", () => {
		const first = textOf("README.md").split("\n").slice(0, 50).join("\n");
		expect(first).toContain("npm ci && npm run demo");
		expect(first).toContain("npm ci && npm test");
	});

	it("link only to files that exist", () => {
		const all = [...pages, ...filesBelow("docs").filter((path) => path.endsWith(".md"))];
		const broken = all.flatMap((page) =>
			[...textOf(page).matchAll(/\]\((?!https?:|mailto:|#)([^)#\s]+)/g)]
				.map(([, target = ""]) => target)
				.filter((target) => !existsSync(join(ROOT, dirname(page), target)))
				.map((target) => `${page}: ${target}`),
		);
		expect(broken).toEqual([]);
	});
});

describe("the gate", () => {
	it("can be executed and calls the test command of the README", () => {
		accessSync(join(ROOT, ".ci/run"), constants.X_OK);
		expect(textOf(".ci/run")).toMatch(/\bnpm test\b/);
	});
});
