/** The pages on testing and formatting policies show what comes of their examples, and the policies to start from are tested, rule by rule. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { testPolicies } from "../../src/app/policy-tests.ts";
import { failedCases, reportLines } from "../../src/cli/output/test-report.ts";
import { formatSources } from "../../src/core/analysis/formatting.ts";
import { filesBelow, textOf } from "../support/repository.ts";

it("the page on testing shows a policy, its tests and what they print", async () => {
	const [policy = "", cases = "", printed] = [
		...textOf("docs/policies/testing.md").matchAll(/^```(?:yaml|text)\n([\s\S]*?)^```$/gm),
	].map(([, block]) => block);
	const folder = mkdtempSync(join(tmpdir(), "assent-test-"));
	onTestFinished(() => rmSync(folder, { recursive: true }));
	writeFileSync(join(folder, "shop.yaml"), policy);
	writeFileSync(join(folder, "shop.test.yaml"), cases);
	const run = await testPolicies([folder]);
	expect(run.files.flatMap(({ problems }) => problems)).toEqual([]);
	const lines = reportLines(run, { isCoverageWanted: true }).map((line) => line.replace(`${folder}/`, ""));
	expect(`${lines.join("\n")}\n`).toBe(printed);
});

it("the policies to start from have tests beside them, which pass and reach every rule", async () => {
	const policies = filesBelow("policies").filter((path) => !path.endsWith(".test.yaml"));
	const run = await testPolicies(["policies"]);
	expect(run.problems).toEqual([]);
	expect(run.files.map(({ file }) => file)).toEqual(policies.map((path) => path.replace(/\.yaml$/, ".test.yaml")));
	expect(run.files.flatMap(({ problems }) => problems)).toEqual([]);
	expect(run.files.flatMap(failedCases)).toEqual([]);
	// It takes a call of 2,000 commands, which test/unit/core/classify/hostile.test.ts makes.
	const isReached = ({ rule, fired }: (typeof run.uses)[number]): boolean => fired > 0 || rule === "not-read-whole";
	expect(run.uses.filter((use) => !isReached(use)).map(({ policy, rule }) => `${policy}/${rule}`)).toEqual([]);
	expect(run.uses.length).toBeGreaterThan(80);
	const tests = filesBelow("policies").filter((path) => path.endsWith(".test.yaml"));
	const files = formatSources(tests.map((name) => ({ name, text: textOf(name) })));
	expect(files.filter(({ source, formatted }) => !formatted.ok || formatted.value !== source.text)).toEqual([]);
});

it("the page on formatting shows a policy before and after", () => {
	const [before = "", after] = [...textOf("docs/policies/formatting.md").matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(
		([, block]) => block,
	);
	const [file] = formatSources([{ name: "mail.yaml", text: before }]);
	expect(file?.formatted).toEqual({ ok: true, value: after });
});
