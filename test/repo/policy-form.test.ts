/** Policies that people look at, and those that commands write, are in the form that `policy fmt` gives. */
import { describe, expect, it } from "vitest";
import { formatSources } from "../../src/core/analysis/formatting.ts";
import { filesBelow, textOf } from "../support/repository.ts";

const FILES = [...filesBelow("policies"), ...filesBelow("test/cases/policies"), "test/kill-loop/policy.yaml"];

interface Shown {
	readonly name: string;
	readonly text: string;
}

const files: readonly Shown[] = FILES.filter((path) => path.endsWith(".yaml")).map((name) => ({
	name,
	text: textOf(name),
}));

/** Blocks that are whole documents; the page on formatting begins with one that is not formatted. */
const blocks: readonly Shown[] = ["README.md", ...filesBelow("docs")]
	.filter((path) => path.endsWith(".md"))
	.flatMap((path) =>
		[...textOf(path).matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].flatMap(({ 1: text = "", index }) => ({
			name: `${path}:${textOf(path).slice(0, index).split("\n").length}`,
			text,
		})),
	)
	.filter(({ text }) => /^kind: Policy/m.test(text))
	.filter(
		(block, at, all) =>
			!block.name.startsWith("docs/policies/formatting.md") ||
			all[at - 1]?.name.split(":")[0] === "docs/policies/formatting.md",
	);

const formatted = ({ name, text }: Shown): unknown => formatSources([{ name, text }])[0]?.formatted;

describe("the policies of the repository", () => {
	it("are looked at: those that are shipped, those of tests, those that pages show", () => {
		expect([files.length, blocks.length].map((count) => count > 20)).toEqual([true, true]);
	});

	it.each([...files, ...blocks])("$name is formatted", (shown) => {
		expect(formatted(shown)).toEqual({ ok: true, value: shown.text });
	});
});

describe("what commands write", () => {
	it("is formatted wherever it is a policy, or a test of one", () => {
		const writers = filesBelow("src").flatMap((path) =>
			textOf(path)
				.split("\n")
				.filter((line) => /(?<!function )\byamlText\(/.test(line))
				.map((line) => ({ path, isFormatted: line.includes("formatYaml(yamlText(") })),
		);
		expect(writers).toEqual([
			{ path: "src/app/recorded-cases.ts", isFormatted: true },
			// A file of another tool, whose keys have another order.
			{ path: "src/core/policy/import/agent-os-export.ts", isFormatted: false },
			{ path: "src/core/policy/import/agent-os-import.ts", isFormatted: true },
			{ path: "src/core/policy/import/claude-code-import.ts", isFormatted: true },
		]);
	});
});
