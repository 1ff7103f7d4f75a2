/** Whatever a foreign file holds: it is refused with places, or the written policy loads, and is in the form that `policy fmt` gives. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { formatSources } from "../../src/core/analysis/formatting.ts";
import type { Problem } from "../../src/core/base/errors.ts";
import type { Result } from "../../src/core/base/result.ts";
import { importAgentOs } from "../../src/core/policy/import/agent-os-import.ts";
import { importClaudeCode } from "../../src/core/policy/import/claude-code-import.ts";
import type { Translation } from "../../src/core/policy/import/difference.ts";
import { readPolicy } from "../../src/core/policy/parse.ts";

const OPTIONS = { approvers: ["ops-*"] };

function check(translated: Result<Translation, Problem[]>): void {
	if (!translated.ok) {
		expect(translated.error.length).toBeGreaterThan(0);
		expect(translated.error.filter(({ place }) => place?.line === undefined)).toEqual([]);
		return;
	}
	const read = readPolicy({ name: "written.yaml", text: translated.value.text });
	expect(read.ok ? [] : read.error, translated.value.text).toEqual([]);
	const [file] = formatSources([{ name: "written.yaml", text: translated.value.text }]);
	expect(file?.formatted).toEqual({ ok: true, value: translated.value.text });
	expect(translated.value.differences.filter(({ place }) => place.line === undefined)).toEqual([]);
}

/** Signs that mean something to a shell, a glob, a regex, YAML or JSON. */
const sign = fc.constantFrom(..." abzAZ09._-/~:*?[]{}()|&;<>$`'\"\\^!#%@+=,\n\t\u0000\u2028é\ud83d\ude00".split(""));
const text = fc.oneof(fc.string({ unit: sign, maxLength: 14 }), fc.constantFrom("$name", "$$name", "$$$name"));

const tool = fc.constantFrom(
	...["Bash", "PowerShell", "Read", "Edit", "Write", "NotebookEdit", "Grep", "WebFetch", "Agent", "Skill"],
	...["mcp__a", "mcp__a__b", "mcp__a__*", "Other", "x[y", "a{b}", "!", "*"],
);
const specifier = fc.oneof(
	text,
	fc.constantFrom("npm run *", "ls:*", "~/.ssh/**", "//etc", "./a/", "../a", "domain:a.example", "domain:*.b.example"),
);
const rule = fc.oneof(
	tool,
	text,
	fc.tuple(tool, specifier).map(([name, inner]) => `${name}(${inner})`),
);
const rules = fc.array(rule, { maxLength: 6 });

const settings = fc.record(
	{
		permissions: fc.record(
			{
				allow: rules,
				ask: rules,
				deny: rules,
				additionalDirectories: fc.array(fc.oneof(text, fc.constantFrom("/data", "~/x", "../y", "z/")), {
					maxLength: 3,
				}),
				defaultMode: fc.constantFrom("default", "acceptEdits", "dontAsk", "bypassPermissions", "plan"),
			},
			{ requiredKeys: [] },
		),
		env: fc.dictionary(text, text, { maxKeys: 2 }),
	},
	{ requiredKeys: ["permissions"] },
);

const governancePolicy = fc.record(
	{
		name: text,
		max_tool_calls: fc.oneof(fc.nat(), fc.double(), fc.boolean(), text),
		allowed_tools: fc.array(text, { maxLength: 4 }),
		blocked_patterns: fc.array(
			fc.oneof(text, fc.record({ pattern: text, type: fc.constantFrom("substring", "regex", "glob") })),
			{ maxLength: 5 },
		),
		require_human_approval: fc.boolean(),
	},
	{ requiredKeys: [] },
);

describe("a foreign file", () => {
	it("of permissions is refused, or gives a policy that loads", () => {
		fc.assert(
			fc.property(settings, (data) => check(importClaudeCode("settings.json", JSON.stringify(data), OPTIONS))),
			{ numRuns: 500 },
		);
	});

	it("of a GovernancePolicy is refused, or gives a policy that loads", () => {
		fc.assert(
			fc.property(governancePolicy, (data) => check(importAgentOs("guard.yaml", JSON.stringify(data), OPTIONS))),
			{ numRuns: 500 },
		);
	});

	it("with a damaged text is refused, or gives a policy that loads", () => {
		const whole = JSON.stringify({
			permissions: { allow: ["Bash(ls *)"], deny: ["Read(./.env)"], defaultMode: "plan" },
		});
		const yaml = "allowed_tools: [a]\nblocked_patterns:\n- b\n- {pattern: 'c*', type: glob}\nmax_tokens: 5\n";
		fc.assert(
			fc.property(fc.nat(200), fc.nat(6), text, (at, length, put) => {
				const damaged = (source: string): string => source.slice(0, at) + put + source.slice(at + length);
				check(importClaudeCode("settings.json", damaged(whole), OPTIONS));
				check(importAgentOs("guard.yaml", damaged(yaml), OPTIONS));
			}),
			{ numRuns: 500 },
		);
	});
});
