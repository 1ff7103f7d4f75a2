/** The page on `policy lint` says what it finds, and what the project shows of policies has nothing to be found. */
import { describe, expect, it } from "vitest";
import { findingText } from "../../src/cli/output/lint-findings.ts";
import { LINT_RULES } from "../../src/core/analysis/lint/rules/all.ts";
import { lintPolicy } from "../support/lint.ts";
import { filesBelow, textOf } from "../support/repository.ts";

const PAGE = "docs/policies/lint.md";

interface Shown {
	readonly where: string;
	readonly text: string;
	/** What the page shows beside it that only defines. */
	readonly lists: readonly { readonly name: string; readonly text: string }[];
}

/** Policies that are shown whole. */
function shownIn(path: string): readonly Shown[] {
	const blocks = [...textOf(path).matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = ""], at) => ({
		name: `${path} (${at})`,
		text,
	}));
	const lists = blocks.filter(({ text }) => /^kind: Lists$/m.test(text));
	return blocks.flatMap(({ name, text }) => (/^kind: Policy$/m.test(text) ? [{ where: name, text, lists }] : []));
}

const PAGES = filesBelow("").filter((path) => path.endsWith(".md") && !path.startsWith("test/"));
const [example, ...onPage] = shownIn(PAGE);
const SHOWN = [...PAGES.filter((path) => path !== PAGE).flatMap(shownIn), ...onPage];

const SHIPPED = filesBelow("policies").filter((path) => !path.endsWith(".test.yaml"));

describe("policies that the project shows", () => {
	it("are many", () => expect(SHOWN.length).toBeGreaterThan(12));

	it.each([...SHOWN, ...SHIPPED.map((where) => ({ where, text: textOf(where), lists: [] }))])(
		"lint clean: $where",
		({ where, text, lists }) => {
			const linted = lintPolicy({ name: where, text }, ...lists);
			expect(linted.ok ? linted.value.findings.map(findingText) : linted.error).toEqual([]);
		},
	);
});

describe("the page on lint", () => {
	it("has an example, with all that is found in it", () => {
		const linted = lintPolicy({ name: "builders.yaml", text: example?.text ?? "" });
		if (!linted.ok) throw new Error(linted.error[0]?.message);
		const [, told] = /^```text\n([\s\S]*?)^```$/m.exec(textOf(PAGE)) ?? [];
		expect(told).toBe(`${linted.value.findings.map(findingText).join("\n")}\n`);
	});

	it("lists every rule, as it is", () => {
		const rows = textOf(PAGE)
			.split("\n")
			.filter((line) => /^\| `/.test(line));
		expect(rows).toEqual(
			LINT_RULES.map(({ id, certainty, about }) => `| \`${id}\` | ${certainty} | ${about.replaceAll("|", "\\|")} |`),
		);
	});

	it("lists rules by ids that are words, each once", () => {
		const ids = LINT_RULES.map(({ id }) => id);
		expect(ids.filter((id) => !/^[a-z]+(?:-[a-z]+)*$/.test(id))).toEqual([]);
		expect(new Set(ids).size).toBe(ids.length);
	});
});
