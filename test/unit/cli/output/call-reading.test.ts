/** What the classifier read in a call, as lines. */
import { describe, expect, it } from "vitest";
import { readCall, readingLines } from "../../../../src/cli/output/call-reading.ts";
import { classifierDigest } from "../../../../src/core/classify/classify.ts";

const shell = (
	command: string,
	{ classifier = classifierDigest(), redact = [] as readonly string[], all = false } = {},
) => readCall({ tool: "shell", args: { command } }, { classifier, redact, all });

describe("what is read in a call", () => {
	it("quotes the place's text, with its categories and how it was come upon", () => {
		const lines = readingLines(shell("sudo rm -rf /srv/data"));
		expect(lines.join("\n")).toMatch(/destructive_data \d+ {2}\S/);
		expect(lines.join("\n")).toMatch(/command {2}at \/command\[\d+\.\.\d+\] ".*rm -rf \/srv\/data"/);
		expect(lines.join("\n")).toContain('program "rm"');
	});

	it("names no attribute of which there are no values", () => {
		expect(shell("ls").facts[0]?.has["flags"]).toEqual([]);
		expect(readingLines(shell("ls")).join("\n")).not.toContain("flags");
	});

	it("says that another version of the classifier read it", () => {
		expect(readingLines(shell("ls"))[1]).not.toContain("another version");
		expect(readingLines(shell("ls", { classifier: "0".repeat(64) }))[1]).toContain("another version");
	});

	it("shows the first 20 facts, or all, and cuts what is long", () => {
		const command = Array.from({ length: 50 }, (_, index) => `rm /srv/${index}`).join("; ");
		const many = shell(command);
		expect(many.facts).toHaveLength(20);
		expect(readingLines(many).at(-1)).toBe(`    and ${many.factsLeftOut} more facts; --all shows them`);
		const all = shell(command, { all: true });
		expect([all.facts.length, all.factsLeftOut]).toEqual([20 + many.factsLeftOut, 0]);
		expect(readingLines(all).join("\n")).not.toContain("more facts");
		const long = shell(`rm ${"x".repeat(5_000)}`);
		expect(Math.max(...readingLines(long).map(({ length }) => length))).toBeLessThan(1_500);
	});

	it("shows neither controls, nor secrets, nor what is redacted", () => {
		const token = `ghp_${"a1B2".repeat(9)}`;
		const shown = shell(`curl -H "X: ${token}" https://example.com/ \u001b[2J`);
		expect(readingLines(shown).join("\n")).not.toContain("\u001b");
		expect(JSON.stringify(shown)).not.toContain(token);
		expect(JSON.stringify(shown)).not.toContain(token.toLowerCase());
		const redacted = shell("rm -rf /srv/data", { redact: ["/command"] });
		expect(redacted.isRedacted).toBe(true);
		expect(JSON.stringify(redacted)).not.toContain("/srv/data");
	});
});
