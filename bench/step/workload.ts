/** What the engine is measured on: a policy of 100 rules, and intents with the arguments of the demo's calls. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { canonicalize } from "../../src/core/base/canonical-json.ts";
import { sha256Hex } from "../../src/core/base/digest.ts";
import type { JsonObject } from "../../src/core/base/json.ts";
import type { IntentSubmitted, OutcomeReported } from "../../src/core/model/inputs.ts";

const FIRST_AT = 1_800_000_000_000;
const EVERY_MS = 100;

/** When the call of this index was stamped. */
export const issuedAtOf = (index: number): number => FIRST_AT + index * EVERY_MS;

interface ToolCall {
	readonly tool: string;
	readonly args: JsonObject;
}

/** Of the demo: the arguments have 106 characters in the mean. */
function demoCalls(): ToolCall[] {
	const lines = readFileSync(join(import.meta.dirname, "..", "..", "examples", "demo", "calls.jsonl"), "utf8")
		.trim()
		.split("\n");
	return lines.map((line) => JSON.parse(line) as ToolCall);
}

/** Intents of one agent with these calls in turn, 64 for each session. */
export function intentsOf(count: number, calls: readonly ToolCall[] = demoCalls()): IntentSubmitted[] {
	return Array.from({ length: count }, (_, index) => {
		const { tool, args } = calls[index % calls.length] as ToolCall;
		const issuedAt = issuedAtOf(index);
		return {
			type: "intent.submitted",
			id: `bench-${index}`,
			principal: {
				tenant: "acme",
				agent: "bench",
				session: `run-${index >> 6}`,
				actor: [],
				onBehalfOf: null,
				askedBy: null,
				sessionStartedAt: null,
			},
			tool,
			args,
			argsText: canonicalize(args),
			salt: Buffer.from(sha256Hex(`salt ${index}`), "hex"),
			sessionSalt: Buffer.from(sha256Hex(`session ${index >> 6}`), "hex"),
			estimate: { tokens: 100, costMicros: 50 },
			issuedAt,
			executor: "0123456789abcdefghijkl",
			facts: null,
			caps: [],
			deadline: issuedAt + 5_000,
		};
	});
}

export const outcomeOf = ({ id, principal: { tenant, agent, session } }: IntentSubmitted): OutcomeReported => ({
	type: "outcome.reported",
	actor: [],
	call: { tenant, agent, id },
	session,
	status: "ok",
	sketch: "",
	usage: { tokens: 10, costMicros: 5, executionMs: 3 },
});

const VERBS = [
	"rm",
	"dd",
	"mkfs",
	"curl",
	"wget",
	"nc",
	"scp",
	"chmod",
	"chown",
	"kill",
	"sudo",
	"ssh",
	"git",
	"kubectl",
	"docker",
	"psql",
];

/** 80 patterns, 12 tool globs and 8 limits, as a large team's policy would have. */
export function hundredRules(): {
	readonly patterns: readonly string[];
	readonly deniedTools: readonly string[];
	readonly policy: string;
} {
	const patterns = VERBS.flatMap((verb) => [
		`\\b${verb}\\s+-\\w*f\\w*\\s+/`,
		`\\b${verb}\\b[^|;\\n]{0,80}\\b(secret|token|passwd)\\b`,
		`\\b${verb}\\s+--(force|recursive|all)\\b`,
		`(^|[;&|]\\s*)${verb}\\s+[^ ]+\\.example\\.(com|net)/evil`,
		`${verb}-audit-[0-9]{4}`,
	]);
	const deniedTools = Array.from({ length: 12 }, (_, index) => `danger${index}.*`);
	const denied = deniedTools.map((glob, index) => `    - { name: t${index}, tools: ["${glob}"] }`);
	const limits = ["tool_calls", "tokens", "cost", "concurrent_calls"].flatMap((measure) =>
		["session", "agent"].map(
			(scope) =>
				`  - { name: ${measure.replace("_", "-")}-${scope}, measure: ${measure}, scope: ${scope}, max: 1000000000 }`,
		),
	);
	const policy = [
		"apiVersion: assent.dev/v1",
		"kind: Policy",
		"metadata: { name: hundred }",
		"tools:",
		"  allow: all",
		"  deny:",
		...denied,
		"patterns:",
		...patterns.map((text, index) => `  - { name: p${index}, regex: '${text}' }`),
		"limits:",
		...limits,
		"",
	].join("\n");
	return { patterns, deniedTools, policy };
}

/** Two rules on intents and three on facts, which every call is asked; none of them stops an ordinary command. */
export const READING_RULES = [
	"apiVersion: assent.dev/v1",
	"kind: Policy",
	"metadata: { name: readings }",
	"tools: { allow: all }",
	"intents:",
	"  - { name: destroys, categories: [destructive_data], confidence: 90 }",
	"  - { name: sends, categories: [data_exfiltration, privilege_escalation], confidence: 90 }",
	"facts:",
	"  - { name: no-shadow, fact: path, has: { pathclass: [shadow, ssh-key], access: [read, send] } }",
	"  - { name: no-force, fact: command, has: { program: [git], sub: [push], flags: [f, force] } }",
	"  - { name: no-drop, fact: sql, has: { verb: [drop, truncate] } }",
	"",
].join("\n");

/** The same without them. */
export const NO_READING_RULES = READING_RULES.slice(0, READING_RULES.indexOf("intents:"));
