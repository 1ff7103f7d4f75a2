import { describe, expect, it } from "vitest";
import { compileFiles } from "../../../../src/app/policies.ts";
import { comparisonLines } from "../../../../src/cli/output/comparison.ts";
import { compare } from "../../../../src/core/analysis/comparison/compare.ts";
import { textOf } from "../../../support/repository.ts";

function loaded(name: string, text: string) {
	const files = compileFiles({ sources: [{ name, text }], problems: [] }, "tenant");
	if (!files.ok) throw new Error(JSON.stringify(files.error));
	return files.value;
}

describe("a comparison in words", () => {
	it("is what the page on it shows, line by line", () => {
		const page = textOf("docs/policies/compare.md");
		const [first, second] = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = ""], at) =>
			loaded(["first.yaml", "second.yaml"][at] as string, text),
		);
		const [, shown] = /^```text\n([\s\S]*?)\n```$/m.exec(page) ?? [];
		if (first === undefined || second === undefined) throw new Error("the page has no two policies");
		const lines = comparisonLines(compare(first.compiled, second.compiled), [first, second], false);
		expect(lines.join("\n")).toBe(shown);
	});
});
