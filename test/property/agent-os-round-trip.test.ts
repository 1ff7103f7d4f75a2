/** What is carried comes back: a GovernancePolicy that is imported and exported again says the same. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { exportAgentOs } from "../../src/core/policy/import/agent-os-export.ts";
import { readGovernancePolicy } from "../../src/core/policy/import/agent-os-form.ts";
import { importAgentOs } from "../../src/core/policy/import/agent-os-import.ts";
import { readPolicy } from "../../src/core/policy/parse.ts";

const imported = (text: string) => {
	const read = importAgentOs("p.yaml", text, { approvers: ["*"] });
	if (!read.ok) throw new Error(JSON.stringify(read.error));
	return read.value;
};

function exported(text: string): string {
	const read = readPolicy({ name: "p.yaml", text });
	if (!read.ok) throw new Error(JSON.stringify(read.error));
	return exportAgentOs(read.value, "p.yaml").text;
}

const policyOf = (text: string) => {
	const read = readGovernancePolicy("p.yaml", text);
	if (!read.ok) throw new Error(JSON.stringify(read.error));
	return read.value.policy;
};

/** Signs that mean something to one of the languages on the way. */
const sign = fc.constantFrom(..." abZ09._-/:*?[]{}()|!+@#'\"\\^$&,é%".split(""));
const text = fc.string({ unit: sign, minLength: 1, maxLength: 12 });

const glob = fc
	.array(fc.constantFrom("*", "?", "a", "/", ".", "{", "(", "[ab]", "[!x-z]", "[]]", "]", "\\", "!", "|"), {
		minLength: 1,
		maxLength: 8,
	})
	.map((parts) => `*${parts.join("")}k*`.replaceAll(/\*\*+/g, "*"));
const regex = fc
	.array(fc.constantFrom("a", "\\d", "\\s+", "[a-z]*", "(?P<n>x)?", "(?:b|c)", ".", "\\.", "$", "^", "\\\\", "[]x]"), {
		minLength: 1,
		maxLength: 6,
	})
	// One name is one group, and what matches every text is not exported.
	.map((parts) => `${parts.join("").replaceAll(/(?<=\(\?P<n>x\)\?.*)\(\?P<n>x\)\?/g, "")}q`);

const governancePolicy = fc.record(
	{
		max_tokens: fc.integer({ min: 1, max: 1e9 }),
		max_tool_calls: fc.integer({ min: 0, max: 1e9 }),
		allowed_tools: fc.uniqueArray(text, { maxLength: 4 }),
		blocked_patterns: fc.array(
			fc.oneof(
				text,
				fc.record({ pattern: regex, type: fc.constant("regex") }),
				fc.record({ pattern: glob, type: fc.constant("glob") }),
			),
			{ maxLength: 5 },
		),
		require_human_approval: fc.boolean(),
		timeout_seconds: fc.integer({ min: 1, max: 1e6 }),
		max_concurrent: fc.integer({ min: 1, max: 100 }),
	},
	{ requiredKeys: [] },
);

/** A pattern that was rewritten or left out is on the list of differences. */
const named = (text: string): ReadonlySet<string> => new Set(imported(text).differences.map(({ field }) => field));

describe("a GovernancePolicy that is imported and exported", () => {
	it("is one that loads on both sides, and has every list, limit and time that it had", () => {
		fc.assert(
			fc.property(governancePolicy, (written) => {
				const source = JSON.stringify(written);
				const before = policyOf(source);
				const after = policyOf(exported(imported(source).text));
				expect({ ...after, name: undefined, blocked_patterns: [] }).toEqual({
					...before,
					name: undefined,
					blocked_patterns: [],
				});
			}),
			{ numRuns: 300 },
		);
	});

	it("has every pattern that it had, or names it", () => {
		fc.assert(
			fc.property(governancePolicy, (written) => {
				const source = JSON.stringify(written);
				const lost = named(source);
				const kept = new Set(
					policyOf(exported(imported(source).text)).blocked_patterns.map((each) => JSON.stringify(each)),
				);
				const missing = policyOf(source).blocked_patterns.filter(
					(each, index) =>
						!lost.has(`blocked_patterns[${index}]`) && !kept.has(JSON.stringify(each)) && !isRespelt(each),
				);
				expect(missing).toEqual([]);
			}),
			{ numRuns: 300 },
		);
	});

	it("says the same when it is imported again", () => {
		fc.assert(
			fc.property(governancePolicy, (written) => {
				const once = imported(JSON.stringify(written)).text;
				const twice = imported(exported(once)).text;
				const dataOf = (text: string) => {
					const read = readPolicy({ name: "p.yaml", text });
					return read.ok ? read.value.data : null;
				};
				expect(dataOf(twice)).toEqual(dataOf(once));
			}),
			{ numRuns: 300 },
		);
	});
});

/** Means the same in other words: letters of two cases, an anchor, a bracket in another place. */
const isRespelt = (pattern: string | { readonly pattern: string; readonly type: string }): boolean =>
	typeof pattern === "string" ? /[^ -~]/.test(pattern) : /\$|[\][\\!]/.test(pattern.pattern);
