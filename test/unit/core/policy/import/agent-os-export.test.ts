/** Policies as GovernancePolicy YAML of Agent-OS. */
import { describe, expect, it } from "vitest";
import { formatProblem } from "../../../../../src/core/base/errors.ts";
import { exportAgentOs } from "../../../../../src/core/policy/import/agent-os-export.ts";
import { readGovernancePolicy } from "../../../../../src/core/policy/import/agent-os-form.ts";
import { readPolicy } from "../../../../../src/core/policy/parse.ts";

const HEAD = "apiVersion: assent.dev/v1\nkind: Policy\nmetadata: { name: p }\n";

function exported(body: string) {
	const read = readPolicy({ name: "p.yaml", text: HEAD + body });
	if (!read.ok) throw new Error(read.error.map(formatProblem).join("\n"));
	const { text, differences } = exportAgentOs(read.value, "p.yaml");
	const again = readGovernancePolicy("out.yaml", text);
	if (!again.ok) throw new Error(again.error.map(formatProblem).join("\n"));
	return {
		policy: again.value.policy,
		differences: differences.map(({ field, admits, place }) => `${place.line} ${field} ${admits}`),
	};
}

describe("the export of a policy for Agent-OS", () => {
	it("carries lists of names, plain patterns, limits for life and times", () => {
		const { policy, differences } = exported(`tools: { allow: [search, 'a\\*b'] }
patterns:
  - { name: a, substring: secret }
  - { name: b, regex: ['\\d{3}-\\d{4}', '(?<year>\\d{4})\\u{1F600}'] }
  - { name: c, glob: '*.exe', style: text }
limits:
  - { name: d, measure: tool_calls, scope: session, max: 5 }
  - { name: e, measure: tokens, scope: session, max: 2048, reserve: 1 }
  - { name: f, measure: concurrent_calls, scope: agent, max: 3 }
  - { name: g, measure: tool_calls, scope: session, max: 4 }
`);
		expect(policy).toEqual({
			name: "p",
			max_tokens: 2048,
			max_tool_calls: 4,
			allowed_tools: ["search", "a*b"],
			blocked_patterns: [
				"secret",
				{ pattern: "\\d{3}-\\d{4}", type: "regex" },
				{ pattern: "(?P<year>\\d{4})\\U0001F600", type: "regex" },
				// A glob has to reach the end of the whole text there, which is a brace.
				{ pattern: "*.exe*", type: "glob" },
			],
			require_human_approval: false,
			timeout_seconds: 1_000_000_000,
			max_concurrent: 3,
		});
		expect(differences).toEqual(["11 limits[1].reserve more"]);
	});

	it("never says `every tool` where none is left", () => {
		for (const allow of ["none", "[]", "['get_*']"]) {
			const { policy } = exported(`tools: { allow: ${allow} }\n`);
			expect([policy.allowed_tools, policy.max_tool_calls]).toEqual([[], 0]);
		}
		expect(exported("tools: { allow: [a], deny: [A] }\n").policy.max_tool_calls).toBe(0);
	});

	it("takes what is denied or held from the list, and says where there is none to take it from", () => {
		const listed = exported(
			"tools: { allow: [a, b, c], deny: [b], hold: [{ name: h, tools: [c] }] }\napprovals: { default: { approvers: [x] } }\n",
		);
		expect(listed.policy.allowed_tools).toEqual(["a"]);
		expect(listed.differences).toEqual(["4 tools.hold[0] fewer", "5 approvals.default fewer"]);
		expect(exported("tools: { allow: all, deny: ['b*'] }\n").differences).toEqual(["4 tools.deny[0] more"]);
	});

	it("leaves out what a list excepts, and what would be held there", () => {
		const approvals = "approvals: { default: { approvers: [x] } }\n";
		const excepting = exported(
			"tools: { allow: [{ tools: [a, b, c], except: [B] }], deny: [{ name: d, tools: ['*'], except: [a] }] }\n",
		);
		expect(excepting.policy.allowed_tools).toEqual(["a"]);
		expect(exported("tools: { default: allow }\n").policy.allowed_tools).toEqual([]);
		const holding = exported(`tools: { default: hold, allow: [a], hold: [b] }\n${approvals}`);
		expect(holding.policy.allowed_tools).toEqual(["a"]);
		expect(holding.policy.require_human_approval).toBe(false);
		expect(holding.differences).toEqual([
			"4 tools.default fewer",
			"4 tools.hold[0] fewer",
			"5 approvals.default fewer",
		]);
		expect(exported(`tools: { default: deny, deny: [b] }\n`).policy.max_tool_calls).toBe(0);
		const some = exported(`tools: { allow: all, hold: [{ name: h, tools: ['*'], except: [a] }] }\n${approvals}`);
		expect([some.policy.require_human_approval, some.differences[0]]).toEqual([false, "4 tools.hold[0] more"]);
	});

	it("asks for approval of everything where everything is held", () => {
		const { policy, differences } = exported(
			"tools: { allow: all, hold: ['*'] }\napprovals: { default: { approvers: [x] } }\n",
		);
		expect([policy.require_human_approval, differences]).toEqual([true, ["5 approvals.default fewer"]]);
	});

	it.each([
		["unless", "{ name: a, regex: x, unless: { regex: y } }", [], "patterns[0] more"],
		["a tool's name", "{ name: a, regex: x, in: tool }", [], "patterns[0] more"],
		["everything", "{ name: a, regex: '.' }", [], "patterns[0] more"],
		["paths", "{ name: a, glob: '**/.env', style: path }", [], "patterns[0].glob more"],
		["braces", "{ name: a, glob: '*.{exe,com}' }", [], "patterns[0].glob more"],
		["no force", "{ name: a, substring: x, mode: audit }", [], "patterns[0].mode the same"],
		["some tools", "{ name: a, substring: x, tools: [t] }", ["x"], "patterns[0].tools fewer"],
		["one argument", "{ name: a, substring: x, in: args.q }", ["x"], "patterns[0].in fewer"],
		["case", "{ name: a, substring: x, case: sensitive }", ["x"], "patterns[0].case fewer"],
		["a backslash", "{ name: a, substring: 'C:\\Windows' }", ["C:\\Windows"], "patterns[0].substring more"],
		["a message", "{ name: a, substring: x, message: no }", ["x"], "patterns[0].message the same"],
	])("names what it cannot say of a pattern: %s", (_, rule, patterns, difference) => {
		const { policy, differences } = exported(`tools: { allow: all }\npatterns:\n  - ${rule}\n`);
		expect(policy.blocked_patterns).toEqual(patterns);
		expect(differences).toEqual([`6 ${difference}`]);
	});

	it("names all that a rule says of itself", () => {
		const { policy, differences } = exported(
			"tools: { allow: [t], deny: [u] }\npatterns:\n  - { name: a, substring: x, message: no, severity: high, tags: [ASI02] }\n",
		);
		expect(policy.blocked_patterns).toEqual(["x"]);
		expect(differences).toEqual(["message", "severity", "tags"].map((key) => `6 patterns[0].${key} the same`));
	});

	it("names whole sections, windows, obligations and whom it governs", () => {
		const { differences } = exported(`appliesTo: { agents: [a] }
mode: audit
tools: { allow: all }
conditions:
  - { name: c, when: { in: args.x, number: 1 } }
limits:
  - { name: l, measure: tool_calls, scope: session, max: 5, per: 1m }
  - { name: m, measure: cost, scope: agent, max: 5, reserve: 1 }
obligations:
  - { redact: [args.card], deadline: 1500ms }
  - { deadline: 1s, tools: [t] }
`);
		expect(differences).toEqual([
			"4 appliesTo fewer",
			"5 mode fewer",
			"8 conditions more",
			"10 limits[0] more",
			"11 limits[1] more",
			"13 obligations[0].redact the same",
			"13 obligations[0].deadline fewer",
			"14 obligations[1].deadline more",
		]);
	});
});
