/** What docs/policies.md says of its conditions is what is decided, line by line. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../../../src/core/base/json.ts";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";

const text = readFileSync(join(import.meta.dirname, "../../../../docs/policies.md"), "utf8");
const section = /\n## Conditions\n([\s\S]*?)\n## /.exec(text)?.[1] ?? "";
const policy = /```yaml\n([\s\S]*?)```/.exec(section)?.[1] ?? "";

const rows = section.split("\n").flatMap((line) => {
	const [tool = "", args = "", verdict = ""] = line.split(" | ").map((cell) => cell.replace(/^\| |`| \|$/g, ""));
	return args.startsWith("{") ? [{ tool, args, verdict }] : [];
});

describe("the documented conditions", () => {
	const compiled = compilePolicies([{ name: "p.yaml", text: policy }], { budgetRoot: "tenant" });
	if (!compiled.ok) throw new Error(JSON.stringify(compiled.error));

	it("have their table", () => {
		expect(rows).toHaveLength(17);
	});

	it.each(rows)("$tool $args: $verdict", ({ tool, args, verdict }) => {
		const call = { tenant: "acme", agent: "a", session: "s", tool, args: JSON.parse(args) as JsonObject };
		const [fired, ...others] = compiled.value.evaluate(call).fired;
		expect(others).toEqual([]);
		expect(fired?.reason.rule.effect ?? "allow").toBe(verdict);
	});
});
