/**
 * What the pages on policies say is what is decided. A table with the columns `tool`, `arguments` and `verdict` lists calls that are
 * made one after the other under the policies that stand before it: all blocks since the table before, or those of that table
 * where none stand between. Other columns are keys of a call's line (`at` in minutes, or a moment), and `obligations`, some of its own.
 */
import { describe, expect, it } from "vitest";
import { readLine } from "../../src/cli/input/call-line.ts";
import { DecideLoop } from "../../src/core/analysis/trial.ts";
import type { Json, JsonObject } from "../../src/core/base/json.ts";
import { parseInstant } from "../../src/core/model/instant.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import { filesBelow, textOf } from "../support/repository.ts";

interface Example {
	readonly policies: readonly string[];
	readonly rows: readonly Readonly<Record<string, string>>[];
}

const pages = filesBelow("docs/policies").filter((path) => path.endsWith(".md"));

/** Sections of policies that have a page, with an example. */
const PAGES_OF_SECTIONS = [
	"tools",
	"lists",
	"patterns",
	"conditions",
	"intents",
	"sequences",
	"limits",
	"approvals",
	"obligations",
	"exceptions",
	"tags",
	"modes",
];

describe("the pages on policies", () => {
	it("are one for each section, and all of them are in the index", () => {
		const index = textOf("docs/policies/README.md");
		const names = pages.map((path) => path.replace("docs/policies/", ""));
		expect(names).toEqual(expect.arrayContaining(PAGES_OF_SECTIONS.map((name) => `${name}.md`)));
		expect(names.filter((name) => name !== "README.md" && !index.includes(`](${name})`))).toEqual([]);
	});

	it.each(PAGES_OF_SECTIONS)("%s.md has calls of several verdicts", (name) => {
		const verdicts = examplesOf(textOf(`docs/policies/${name}.md`)).flatMap(({ rows }) => rows.map(verdictOf));
		expect(verdicts.length).toBeGreaterThan(1);
		expect(new Set(verdicts).size).toBeGreaterThan(name === "obligations" ? 0 : 1);
	});

	describe.each(pages.filter((page) => examplesOf(textOf(page)).length > 0))("%s", (page) => {
		it.each(examplesOf(textOf(page)))("example %#", ({ policies, rows }) => {
			const loop = new DecideLoop(compiled(policies));
			for (const row of rows) {
				const decided = loop.decide(callOf(row));
				expect({ ...row, verdict: decided.verdict }, JSON.stringify(decided.rules)).toEqual(row);
				if (row["obligations"] !== undefined) expect(decided.obligations).toMatchObject(JSON.parse(row["obligations"]));
			}
		});
	});
});

const verdictOf = (row: Example["rows"][number]): string | undefined => row["verdict"];

function examplesOf(page: string): readonly Example[] {
	const examples: Example[] = [];
	let policies: string[] = [];
	let isAfterTable = false;
	for (const [block] of page.matchAll(/^```yaml\n[\s\S]*?^```$|(?:^\|.*\n)+/gm)) {
		if (block.startsWith("```yaml\napiVersion:")) {
			if (isAfterTable) policies = [];
			isAfterTable = false;
			policies.push(block.slice("```yaml\n".length, -"```".length));
		} else if (block.startsWith("|")) {
			const rows = rowsOf(block);
			if (rows[0]?.["verdict"] === undefined) continue;
			isAfterTable = true;
			examples.push({ policies, rows });
		}
	}
	return examples;
}

function rowsOf(table: string): Example["rows"] {
	const [header = [], , ...rows] = table
		.trimEnd()
		.split("\n")
		.map((line) =>
			[...line.matchAll(/(?<=\|) (`[^`]*`|[^`|]*?) (?=\|)/g)].map(([, cell = ""]) => cell.replaceAll("`", "")),
		);
	return rows.map((cells) => Object.fromEntries(header.map((name, at) => [name, cells[at] ?? ""])));
}

function compiled(policies: readonly string[]) {
	const read = compilePolicies(
		policies.map((text, at) => ({ name: `${at}.yaml`, text })),
		{ budgetRoot: "tenant" },
	);
	if (!read.ok) throw new Error(JSON.stringify(read.error));
	return read.value;
}

const timeOf = (text: string): number => parseInstant(text) ?? Number(/^(\d+)m$/.exec(text)?.[1]) * 60_000;

let calls = 0;

function callOf({ arguments: args, verdict: _, obligations: __, at, ...names }: Readonly<Record<string, string>>) {
	const line: JsonObject = {
		id: String(calls++),
		tenant: "acme",
		args: JSON.parse(args ?? "") as Json,
		...(at === undefined ? {} : { at: timeOf(at) }),
		...Object.fromEntries(
			Object.entries(names).map(([name, text]) => [name, /^[{[]/.test(text) ? (JSON.parse(text) as Json) : text]),
		),
	};
	const read = readLine({ number: calls, read: { ok: true, value: line } }, () => "");
	if (!read.ok || read.value.kind !== "call") throw new Error(JSON.stringify(read));
	return read.value.call;
}
