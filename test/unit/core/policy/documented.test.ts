/** What docs/policies.md says of its allow-list is what is decided, line by line. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { DecideLoop } from "../../../../src/core/analysis/trial.ts";
import type { JsonObject } from "../../../../src/core/base/json.ts";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";

const text = readFileSync(join(import.meta.dirname, "../../../../docs/policies.md"), "utf8");
const section = /### A list of commands\n([\s\S]*?)\n## /.exec(text)?.[1] ?? "";
const policy = /```yaml\n([\s\S]*?)```/.exec(section)?.[1] ?? "";
const LISTED = "in: [args.command, args.cmd, args.args, args.argv]";

/** The rows of the tables: the arguments, the form of `in`, the verdict. */
const rows = section.split("\n").flatMap((line) => {
	const [args = "", ...verdicts] = line.split(" | ").map((cell) => cell.replace(/^\| `|`$| \|$/g, ""));
	if (!args.startsWith("{")) return [];
	const forms = verdicts.length === 1 ? ["in: args"] : ["in: args.command", LISTED];
	return forms.map((form, at) => ({ args, form, verdict: verdicts[at] }));
});

describe("the documented list of commands", () => {
	it("has its two tables", () => {
		expect(rows).toHaveLength(8 + 14);
	});

	it.each(rows)("$form: $args is $verdict", ({ args, form, verdict }) => {
		const compiled = compilePolicies([{ name: "p.yaml", text: policy.replace("in: args\n", `${form}\n`) }], {
			budgetRoot: "tenant",
		});
		if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));
		const decided = new DecideLoop(compiled.value).decide({
			id: "c",
			tenant: "t",
			agent: "a",
			session: "s",
			onBehalfOf: null,
			tool: "shell",
			args: JSON.parse(args) as JsonObject,
			estimate: { tokens: 0, costMicros: 0 },
			usage: {},
			at: 0,
		} as Parameters<DecideLoop["decide"]>[0]);
		expect(decided.verdict).toBe(verdict);
	});
});
