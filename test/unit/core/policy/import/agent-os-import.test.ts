/** GovernancePolicy YAML of Agent-OS as policies. */
import { describe, expect, it } from "vitest";
import { formatProblem } from "../../../../../src/core/base/errors.ts";
import { importAgentOs } from "../../../../../src/core/policy/import/agent-os-import.ts";
import type { Translation } from "../../../../../src/core/policy/import/difference.ts";
import { readPolicy } from "../../../../../src/core/policy/parse.ts";
import { Trial } from "../../../../support/trial-loop.ts";

function translated(text: string, approvers: readonly string[] = ["*"]): Translation {
	const read = importAgentOs("a/guard.yaml", text, { approvers });
	if (!read.ok) throw new Error(read.error.map(formatProblem).join("\n"));
	return read.value;
}

const documentOf = (text: string) => {
	const read = readPolicy({ name: "out.yaml", text: translated(text).text });
	if (!read.ok) throw new Error(read.error.map(formatProblem).join("\n"));
	return read.value.data;
};

const trialOf = (text: string): Trial => new Trial(translated(text).text);

const refused = (text: string): string[] => {
	const read = importAgentOs("guard.yaml", text, { approvers: ["*"] });
	return read.ok ? [] : read.error.map((fault) => formatProblem(fault).replace("\nhelp: ", " · "));
};

const differencesOf = (text: string) =>
	translated(text).differences.map(({ field, admits, place }) => `${place.line}:${place.column} ${field} ${admits}`);

describe("the import of a GovernancePolicy", () => {
	it("carries lists, patterns, limits and times", () => {
		expect(
			documentOf(`max_tokens: 2048
max_tool_calls: 5
allowed_tools: [search, calculate]
blocked_patterns:
- secret
- pattern: \\d{3}-\\d{2}-\\d{4}
  type: regex
- pattern: '*.exe'
  type: glob
timeout_seconds: 60
max_concurrent: 3
`),
		).toEqual({
			apiVersion: "assent.dev/v1",
			kind: "Policy",
			metadata: { name: "guard" },
			tools: { allow: ["search", "calculate"] },
			patterns: [
				{ name: "blocked-substrings", in: ["args", "tool"], substring: "secret" },
				{ name: "blocked-regexes", in: ["args", "tool"], regex: "\\d{3}-\\d{2}-\\d{4}" },
				{ name: "blocked-globs", in: ["args", "tool"], glob: "*.exe", style: "text" },
			],
			limits: [
				{ name: "max-tool-calls", measure: "tool_calls", scope: "session", max: 5 },
				{ name: "max-tokens", measure: "tokens", scope: "session", max: 2048 },
				{ name: "max-concurrent", measure: "concurrent_calls", scope: "agent", max: 3 },
			],
			obligations: [{ deadline: "60s" }],
		});
	});

	it("writes out what counts where nothing is written: ten calls, 4,096 tokens, 300 seconds", () => {
		const { limits, obligations } = documentOf("allowed_tools: [a]\n") as {
			limits: { max: number }[];
			obligations: unknown;
		};
		expect([...limits.map(({ max }) => max), obligations]).toEqual([10, 4096, [{ deadline: "300s" }]]);
		const trial = trialOf("allowed_tools: [a]\n");
		expect(Array.from({ length: 11 }, () => trial.verdict("a"))).toEqual([...Array(10).fill("allow"), "deny"]);
	});

	it("lets calls of the agent's host pass besides, and counts and holds none of them", () => {
		const text = "allowed_tools: [search]\nmax_tool_calls: 1\nmax_concurrent: 1\nblocked_patterns: [secret]\n";
		const of = (source: string): string => {
			const read = importAgentOs("guard.yaml", source, { approvers: ["*"], besides: ["model.generate"] });
			return read.ok ? read.value.text : "";
		};
		const trial = new Trial(of(text));
		expect(Array.from({ length: 3 }, () => trial.verdict("model.generate"))).toEqual(["allow", "allow", "allow"]);
		expect([trial.verdict("search"), trial.verdict("search"), trial.verdict("delete")]).toEqual([
			"allow",
			"deny",
			"deny",
		]);
		expect(trial.verdict("model.generate", { text: "a secret" })).toBe("deny");
		const held = new Trial(of("require_human_approval: true\n"));
		expect([held.verdict("model.generate"), held.verdict("search")]).toEqual(["allow", "hold"]);
	});

	it("holds every call where a human has to approve, for those whom the option names", () => {
		const { text } = translated("require_human_approval: true\n", ["ops-*", "ann"]);
		expect(text).toContain("approvers: [ops-*, ann]");
		expect(new Trial(text).verdict("a")).toBe("hold");
	});

	it("takes the name that the file has, as far as a policy may be called so", () => {
		expect(translated("name: Strict (EU)\n")).toMatchObject({
			name: "strict-eu",
			differences: [{ field: "name", admits: "the same" }],
		});
		expect(translated("name: '!!'\n").name).toBe("guard");
	});

	it("names every key that it does not carry, or carries otherwise, with its place, in the comment too", () => {
		const text = `allowed_tools: []
confidence_threshold: 0.5
drift_threshold: 1
log_all_calls: false
checkpoint_frequency: 5
max_tokens: 1
timeout_seconds: 9
max_concurrent: 2
backpressure_threshold: 8
version: 1.0
`;
		expect(differencesOf(text)).toEqual([
			"1:16 allowed_tools the same",
			"2:23 confidence_threshold the same",
			"3:18 drift_threshold the same",
			"4:16 log_all_calls the same",
			"5:23 checkpoint_frequency the same",
			"6:13 max_tokens fewer",
			"7:18 timeout_seconds more",
			"8:17 max_concurrent fewer",
			"9:25 backpressure_threshold the same",
			"10:10 version the same",
		]);
		const comments = translated(text)
			.text.split("\n")
			.filter((line) => line.startsWith("#"));
		expect(comments.slice(0, 3)).toEqual([
			"# From the GovernancePolicy (Agent-OS) in guard.yaml.",
			"# Not said here, or said otherwise (+ admits more calls, - fewer, = the same):",
			expect.stringMatching(/^# = line 1, allowed_tools: an empty list admits every tool there/),
		]);
		expect(comments).toHaveLength(12);
	});

	it("says so where everything is carried", () => {
		expect(translated("max_tool_calls: 3\n").text).toMatch(/^# .*\n# Everything is carried\.\napiVersion/);
	});

	it("cannot be led out of its comment by a name", () => {
		const { text } = translated('name: "a\\nkind: Evil"\n');
		expect(readPolicy({ name: "o", text }).ok).toBe(true);
		expect(text).not.toMatch(/^kind: Evil/m);
	});
});

describe("imported patterns", () => {
	it("look at every value, key and joined list, and at the tool's name", () => {
		const trial = trialOf("blocked_patterns: [rm -rf, exec]\nmax_tool_calls: 100\n");
		expect(trial.verdict("shell", { argv: ["rm", "-rf", "/"] })).toBe("deny");
		expect(trial.verdict("shell", { cmd: "rm", flags: "-rf /" })).toBe("deny");
		expect(trial.verdict("shell", { "RM -RF": 1 })).toBe("deny");
		expect(trial.verdict("exec_shell")).toBe("deny");
		expect(trial.verdict("shell", { cmd: "ls" })).toBe("allow");
	});

	it("find a glob in a whole value, wherever in it a glob begins", () => {
		const trial = trialOf(
			"blocked_patterns:\n- {pattern: '*.exe', type: glob}\n- {pattern: 'etc/*', type: glob}\n- {pattern: 'a{b}[!x]', type: glob}\n",
		);
		expect(trial.verdict("write_file", { path: "malware.exe" })).toBe("deny");
		expect(trial.verdict("write_file", { path: "malware.exe.txt" })).toBe("allow");
		expect(trial.verdict("read_file", { path: "/etc/passwd" })).toBe("deny");
		expect(trial.verdict("t", { x: "a{b}c" })).toBe("deny");
		expect(trial.verdict("t", { x: "abc" })).toBe("allow");
	});

	it("find letters beyond ASCII in both cases", () => {
		const trial = trialOf("blocked_patterns: [contraseña]\n");
		expect(trial.verdict("t", { x: "mi contraseña" })).toBe("deny");
		expect(trial.verdict("t", { x: "MI CONTRASEÑA" })).toBe("deny");
	});

	it("are texts and no lists where they begin with a dollar", () => {
		const trial = trialOf("allowed_tools: [$tool, echo]\nblocked_patterns: [$home, $$pid, '$a b']\n");
		expect(trial.verdict("$tool")).toBe("allow");
		expect(trial.verdict("echo", { x: "ls $home" })).toBe("deny");
		expect(trial.verdict("echo", { x: "kill $$pid" })).toBe("deny");
		expect(trial.verdict("echo", { x: "kill $pid" })).toBe("allow");
		expect(trial.verdict("echo", { x: "$a b" })).toBe("deny");
	});

	it("take a substring that is meant as a regex as one, and say so", () => {
		const text = "blocked_patterns: ['UPDATE.*SET', '192.168.0.1', '.*']\n";
		expect(differencesOf(text)).toEqual(["1:20 blocked_patterns[0] fewer"]);
		const trial = trialOf(text);
		expect(trial.verdict("sql", { q: "UPDATE users SET admin=1" })).toBe("deny");
		expect(trial.verdict("sql", { q: "the text UPDATE.*SET" })).toBe("deny");
		expect(trial.verdict("sql", { q: "192a168b0c1" })).toBe("allow");
	});

	it("are named where the dialect cannot say them, and that more is admitted", () => {
		const text =
			"blocked_patterns:\n- {pattern: 'a(?!b)', type: regex}\n- {pattern: '(a)\\1', type: regex}\n- {pattern: '\\bkey', type: regex}\n- b\n";
		expect(differencesOf(text)).toEqual([
			"2:3 blocked_patterns[0] more",
			"3:3 blocked_patterns[1] more",
			"4:3 blocked_patterns[2] more",
		]);
		expect(documentOf(text)).toMatchObject({
			patterns: [{ substring: "b" }, { regex: "\\bkey" }],
		});
	});
});

describe("a file that is no GovernancePolicy", () => {
	it.each([
		[
			"allowed_tool: [a]\n",
			"guard.yaml:1:1  POLICY_UNKNOWN_KEY  unknown key `allowed_tool` · did you mean `allowed_tools`?",
		],
		["max_tool_calls: true\n", "guard.yaml:1:17  POLICY_SCHEMA  `max_tool_calls` must be a whole number, not `true`"],
		["max_tool_calls: 1.5\n", "guard.yaml:1:17  POLICY_SCHEMA"],
		["max_tokens: -1\n", "guard.yaml:1:13  POLICY_SCHEMA  `max_tokens` must be at least 1"],
		["drift_threshold: 2\n", "guard.yaml:1:18  POLICY_SCHEMA  `drift_threshold` must be at most 1"],
		["allowed_tools: [a, 1]\n", "guard.yaml:1:20  POLICY_SCHEMA  `allowed_tools[1]` must be a text, not `1`"],
		["allowed_tools: a\n", "guard.yaml:1:16  POLICY_SCHEMA  `allowed_tools` must be a list"],
		[
			"blocked_patterns: [{pattern: a, type: REGEX}]\n",
			"guard.yaml:1:39  POLICY_SCHEMA  `blocked_patterns[0].type` cannot be `REGEX` · did you mean `regex`?",
		],
		["blocked_patterns: [{pattern: '[x', type: regex}]\n", "guard.yaml:1:30  POLICY_PATTERN  `[` is never closed"],
		[
			"blocked_patterns: [{pattern: a}]\n",
			"guard.yaml:1:20  POLICY_SCHEMA  `type` is missing in `blocked_patterns[0]`",
		],
		[
			"blocked_patterns: ['']\n",
			"guard.yaml:1:20  POLICY_SCHEMA  `blocked_patterns[0]` must have at least 1 character",
		],
		["require_human_approval: yes\n", "guard.yaml:1:25  POLICY_SCHEMA  `require_human_approval` must be true or false"],
		["max_tokens: 1\nmax_tokens: 2\n", "guard.yaml:2:1  POLICY_DUPLICATE"],
		["allowed_tools: &a [x]\n", "guard.yaml:1:16  POLICY_YAML  anchors are not accepted"],
		["rules: []\n", "guard.yaml:1:1  POLICY_UNKNOWN_KEY  unknown key `rules`"],
		["", "guard.yaml:1:1  POLICY_SCHEMA  the file has no GovernancePolicy: it is empty"],
	])("is refused where it is wrong: %j", (text, problem) => {
		const found = refused(text);
		expect(found).toHaveLength(1);
		expect(found[0]).toContain(problem);
	});
});
