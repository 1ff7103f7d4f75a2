/** The page on testing policies shows what comes of its example. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { testPolicies } from "../../src/app/policy-tests.ts";
import { reportLines } from "../../src/cli/output/test-report.ts";
import { textOf } from "../support/repository.ts";

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
