/** What `policy lint` proves of rules: that a rule never changes a verdict is tried by taking it away. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Finding } from "../../src/core/analysis/lint/finding.ts";
import { lintFiles } from "../../src/core/analysis/lint/lint.ts";
import type { JsonObject } from "../../src/core/base/json.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";

/** One rule a line, so that a finding's line tells which it is about. */
interface Written {
	readonly allow: readonly string[] | "all";
	readonly deny: readonly string[];
	readonly hold: readonly string[];
	readonly patterns: readonly string[];
}

const NAMES = ["a", "b", "ab", "A", "a*", "*b", "?", "{a,b}", "*"] as const;
const TOOLS = ["a", "b", "ab", "A", "aab", "ba", "c", "ａ", "a\u200b"] as const;
const TEXTS = ["x", "y", "xy", "X", "yx", "", "xx", "x/y", "z"] as const;
const PATTERNS = [
	"substring: x",
	"substring: X, case: sensitive",
	"regex: 'xy?'",
	"regex: '^x'",
	"regex: '^[xy]+$'",
	"regex: [x, y]",
	"glob: 'x*', style: text",
	"glob: '**', style: path",
	"glob: 'x/**', style: path",
	"regex: '^', unless: { regex: '^x$' }",
	"substring: x, unless: { regex: 'y' }",
	"regex: x, unless: { substring: x, case: insensitive }",
] as const;

const names = fc.uniqueArray(fc.constantFrom(...NAMES), { minLength: 1, maxLength: 3 });
const listOf = (texts: readonly string[]): string => `[${texts.map((text) => `'${text}'`).join(", ")}]`;

const rule = fc
	.record({
		pattern: fc.constantFrom(...PATTERNS),
		within: fc.constantFrom("args", "args.p", "args.q", "args.p | args.q", "tool"),
		tools: fc.oneof({ weight: 3, arbitrary: fc.constant(["*"]) }, names),
		effect: fc.constantFrom("deny", "deny", "deny", "hold"),
		severity: fc.constantFrom("medium", "medium", "medium", "high"),
		mode: fc.constantFrom("enforce", "enforce", "enforce", "audit"),
		missing: fc.constantFrom("", "", ", missing: match"),
	})
	.map(
		({ pattern, within, tools, effect, severity, mode, missing }) =>
			`${pattern}, in: ${within}, tools: ${listOf(tools)}, effect: ${effect}, severity: ${severity}, mode: ${mode}${missing}`,
	);

/** Of tools alone, and of patterns alone, which lists of tools would hide. */
const policy: fc.Arbitrary<Written> = fc.oneof(
	fc.record({
		allow: fc.oneof(fc.constant("all" as const), names),
		deny: fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 3 }),
		hold: fc.uniqueArray(fc.constantFrom(...NAMES), { maxLength: 3 }),
		patterns: fc.array(rule, { maxLength: 2 }),
	}),
	fc.record({
		allow: fc.constant("all" as const),
		deny: fc.constant([]),
		hold: fc.constant([]),
		patterns: fc.array(rule, { minLength: 2, maxLength: 3 }),
	}),
	fc.record({
		allow: fc.constant("all" as const),
		deny: fc.constant([]),
		hold: fc.constant([]),
		// A copy is one in another place.
		patterns: fc
			.array(rule, { minLength: 1, maxLength: 2 })
			.map(([first = "", ...others]) => [first, ...others, first]),
	}),
);

/** Rules keep their names when others are taken away. */
function textOf({ allow, deny, hold, patterns }: Written, without = ""): string {
	const lines = (list: string, entries: readonly string[]): readonly string[] =>
		entries
			.map((entry, at) => [`${list}${at}`, entry] as const)
			.flatMap(([id, entry]) => (id === without ? [] : [`${entry} # ${id}`]));
	const section = (key: string, entries: readonly string[], indent: string): string =>
		entries.length === 0 ? "" : `${indent}${key}:\n${entries.map((entry) => `${indent}  - ${entry}\n`).join("")}`;
	return `apiVersion: assent.dev/v1
kind: Policy
metadata: { name: p }
approvals: { default: { approvers: [ann] } }
tools:
  allow: ${allow === "all" ? "all" : listOf(allow)}
${section(
	"deny",
	lines(
		"deny",
		deny.map((glob) => `'${glob}'`),
	),
	"  ",
)}${section(
	"hold",
	lines(
		"hold",
		hold.map((glob) => `'${glob}'`),
	),
	"  ",
)}${section(
	"patterns",
	lines(
		"patterns",
		patterns.map((keys, at) => `{ name: r${at}, ${keys} }`),
	),
	"",
)}`;
}

type Verdicts = (tool: string, args: JsonObject) => string;

function verdictsOf(text: string): Verdicts | null {
	const set = compilePolicies([{ name: "p.yaml", text }], { budgetRoot: "tenant" });
	if (!set.ok) return null;
	return (tool, args) => {
		const { fired } = set.value.evaluate({ tenant: "t", agent: "a", tool, args });
		const effects = fired
			.filter(({ reason }) => reason.rule.mode === "enforce")
			.map(({ reason }) => reason.rule.effect);
		return effects.includes("deny") ? "deny" : effects.includes("hold") ? "hold" : "allow";
	};
}

const text = fc.constantFrom(...TEXTS);
const args: fc.Arbitrary<JsonObject> = fc.oneof(
	fc.constant({}),
	fc.record({ p: fc.oneof(text, fc.array(text, { maxLength: 3 }), fc.constant(5)) }),
	fc.record({ p: text, q: text }),
	fc.record({ q: fc.record({ r: text }) }),
);

const IDLE = ["dead-rule", "denied-anyway", "shadowed-rule", "duplicate-rule"];

describe("a rule that lint calls dead, shadowed or a duplicate", () => {
	it("changes no verdict when it is taken away", () => {
		const seen = new Map<string, number>();
		fc.assert(
			fc.property(
				policy,
				fc.array(fc.tuple(fc.constantFrom(...TOOLS), args), { minLength: 30, maxLength: 30 }),
				(written, calls) => {
					const whole = textOf(written);
					const before = verdictsOf(whole);
					const [file] = lintFiles([{ name: "p.yaml", text: whole }], { at: 0 });
					if (before === null || !file?.linted.ok) return;
					const lines = whole.split("\n");
					for (const { id, place } of file.linted.value.findings.filter((finding: Finding) =>
						IDLE.includes(finding.id),
					)) {
						const [, idle = ""] = /# (\w+)$/.exec(lines[(place.line ?? 0) - 1] ?? "") ?? [];
						const after = verdictsOf(textOf(written, idle));
						if (idle === "" || after === null) throw new Error(`${id} at ${place.line}:\n${whole}`);
						const kind = idle.startsWith("patterns") ? `${id} of a pattern` : id;
						seen.set(kind, (seen.get(kind) ?? 0) + 1);
						for (const [tool, given] of calls)
							expect(after(tool, given), `${id} ${idle}\n${whole}`).toBe(before(tool, given));
					}
				},
			),
			{ numRuns: 300 },
		);
		const kinds = [
			"denied-anyway",
			"shadowed-rule",
			...IDLE.filter((id) => id !== "denied-anyway").map((id) => `${id} of a pattern`),
		];
		for (const kind of kinds) expect(seen.get(kind) ?? 0, kind).toBeGreaterThan(0);
	});
});
