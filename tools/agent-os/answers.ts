/** What Assent answers to a recorded call, in one word, and what Agent-OS answered. */
import { DecideLoop } from "../../src/core/analysis/trial.ts";
import type { JsonObject } from "../../src/core/base/json.ts";
import { UNKNOWN_USAGE } from "../../src/core/codec/reported-usage.ts";
import { compilePolicies } from "../../src/core/policy/compile.ts";
import { readGovernancePolicy } from "../../src/core/policy/import/agent-os-form.ts";
import { importAgentOs } from "../../src/core/policy/import/agent-os-import.ts";
import { changed, composed, extended, stricter } from "./algebra.ts";
import { type Answers, type RecordedPolicy, type Vector, yamlOf } from "./vectors.ts";

export function answersTo(vector: Vector): Answers {
	switch (vector.api) {
		case "policy.validate":
			return { theirs: vector.output === null ? "accepted" : "refused", ours: acceptance(yamlOf(vector.input)) };
		case "policy.from_yaml":
			return {
				theirs: "raises" in vector.output ? "refused" : fields(yamlOf(vector.output)),
				ours: fields(vector.input.yaml),
			};
		case "policy.matches_pattern": {
			const { patterns, text } = vector.input;
			const found = patterns.filter((pattern) => stops(pattern, text));
			const texts = found.map((pattern) => (typeof pattern === "string" ? pattern : pattern[0]));
			return { theirs: JSON.stringify(vector.output), ours: JSON.stringify(texts) };
		}
		case "base.pre_execute": {
			const { policy, call_count, input } = vector.input;
			// No tool is named: one that the policy lists.
			const tool = policy.allowed_tools[0] ?? "tool";
			return {
				theirs: vector.output[0] ? "allow" : "deny",
				ours: verdict(yamlOf(policy), { tool, args: { input }, before: call_count }),
			};
		}
		case "policy.compose":
			return composed(vector.input.policies, vector.output);
		case "policy.chain":
			return composed([vector.input.base, ...vector.input.policies], vector.output);
		case "policy.extend":
			return extended(vector.input.base, vector.output);
		case "policy.is_stricter_than":
			return stricter(vector.input.a, vector.input.b, vector.output);
		case "policy.diff":
			return changed(vector.input.a, vector.input.b, Object.keys(vector.output));
		case "interceptor.intercept": {
			const { policy, call_count, request } = vector.input;
			const { tool_name: tool, arguments: args } = request;
			return {
				theirs: vector.output.allowed ? "allow" : "deny",
				ours: verdict(yamlOf(policy), { tool, args, before: call_count ?? 0 }),
			};
		}
	}
}

const acceptance = (yaml: string): string =>
	importAgentOs("recorded.yaml", yaml, OPTIONS).ok ? "accepted" : "refused";

const OPTIONS = { approvers: ["*"] };

/** What a policy says, with defaults, without its name, which the YAML does not carry there. */
function fields(yaml: string): string {
	const read = readGovernancePolicy("recorded.yaml", yaml);
	if (!read.ok) return "refused";
	const entries = Object.entries({ ...read.value.policy, name: "" });
	return JSON.stringify(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
}

const stops = (pattern: RecordedPolicy["blocked_patterns"][number], text: string): boolean =>
	verdict(yamlOf({ blocked_patterns: [pattern] }), { tool: "tool", args: { text }, before: 0 }) === "deny";

interface Call {
	readonly tool: string;
	readonly args: JsonObject;
	/** Calls of the session before it. */
	readonly before: number;
}

function verdict(yaml: string, { tool, args, before }: Call): string {
	const imported = importAgentOs("recorded.yaml", yaml, OPTIONS);
	if (!imported.ok) return "refused";
	const set = compilePolicies([{ name: "imported.yaml", text: imported.value.text }], { budgetRoot: "tenant" });
	if (!set.ok) throw new Error(`an imported policy does not load: ${set.error[0]?.message}`);
	const loop = new DecideLoop(set.value);
	const decide = (id: number, made: JsonObject) =>
		loop.decide({
			id: String(id),
			tenant: "tenant",
			agent: "agent",
			session: "session",
			onBehalfOf: null,
			facts: null,
			tool,
			args: made,
			estimate: { tokens: 0, costMicros: 0 },
			usage: UNKNOWN_USAGE,
			at: null,
		}).verdict;
	for (let id = 0; id < before; id++) decide(id, {});
	return decide(before, args);
}
