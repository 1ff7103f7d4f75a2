/** The policies in test/cases say what their authors want: every call of theirs, and every rule is reached by one. */
import { expect, it } from "vitest";
import { runCli } from "../support/run-cli.ts";

it("policies as people write them give the verdicts that they want, and every rule of them fires", async () => {
	const tested = await runCli(["policy", "test", "test/cases", "--min-coverage", "100"]);
	expect(tested.stdout).not.toMatch(/^FAIL/m);
	expect([tested.exit, tested.stderr]).toEqual([0, ""]);
	expect(tested.stdout.match(/^ok /gm)?.length).toBeGreaterThan(10);
});

it("policies as people write them load without a problem", async () => {
	const checked = await runCli(["policy", "check", "test/cases", "--budget-root", "tenant", "--json"]);
	expect([checked.exit, checked.json()]).toMatchObject([0, { ok: true }]);
});
