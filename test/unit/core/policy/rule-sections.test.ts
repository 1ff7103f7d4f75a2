/** Sections of rules: what is said of one is said of each. */
import { expect, it } from "vitest";
import { compilePolicies } from "../../../../src/core/policy/compile.ts";
import { RULE_SECTIONS } from "../../../../src/core/policy/rule-sections.ts";

it.each([...RULE_SECTIONS, "exceptions", "obligations"])("`%s` is a list of entries", (section) => {
	const text = `apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\ntools: { allow: all }\n${section}: { a: b }\n`;
	const set = compilePolicies([{ name: "p.yaml", text }], { budgetRoot: "tenant" });
	expect(set.ok ? [] : set.error.map(({ help }) => help)).toEqual(["write a list of entries, each after `- `"]);
});
