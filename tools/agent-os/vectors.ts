/** Recorded calls of Agent-OS 2.0.1 with what it answered, one JSON object a line; the data is no part of this project. */
import type { Json, JsonObject } from "../../src/core/base/json.ts";
import type { PatternType, WrittenGovernancePolicy } from "../../src/core/policy/import/agent-os-form.ts";

/** A policy as the recording has it: a pattern with its type is a pair. */
export type RecordedPolicy = Omit<WrittenGovernancePolicy, "blocked_patterns"> & {
	readonly allowed_tools: string[];
	readonly blocked_patterns: readonly (string | readonly [pattern: string, type: PatternType])[];
};

interface Raises {
	readonly raises: string;
}

export type Vector =
	| { readonly api: "policy.validate"; readonly input: RecordedPolicy; readonly output: null | Raises }
	| {
			readonly api: "policy.from_yaml";
			readonly input: { readonly yaml: string };
			readonly output: RecordedPolicy | Raises;
	  }
	| {
			readonly api: "policy.matches_pattern";
			readonly input: { readonly patterns: RecordedPolicy["blocked_patterns"]; readonly text: string };
			readonly output: readonly string[];
	  }
	| {
			readonly api: "base.pre_execute";
			readonly input: { readonly policy: RecordedPolicy; readonly call_count: number; readonly input: string };
			readonly output: readonly [allowed: boolean, reason: string | null];
	  }
	| {
			readonly api: "policy.compose";
			readonly input: { readonly policies: readonly RecordedPolicy[] };
			readonly output: RecordedPolicy;
	  }
	| {
			readonly api: "policy.chain";
			readonly input: { readonly base: RecordedPolicy; readonly policies: readonly RecordedPolicy[] };
			readonly output: RecordedPolicy;
	  }
	| {
			readonly api: "policy.extend";
			readonly input: { readonly base: RecordedPolicy };
			readonly output: RecordedPolicy;
	  }
	| {
			readonly api: "policy.is_stricter_than";
			readonly input: { readonly a: RecordedPolicy; readonly b: RecordedPolicy };
			readonly output: boolean;
	  }
	| {
			readonly api: "policy.diff";
			readonly input: { readonly a: RecordedPolicy; readonly b: RecordedPolicy };
			readonly output: Readonly<Record<string, readonly [Json, Json]>>;
	  }
	| {
			readonly api: "interceptor.intercept";
			readonly input: {
				readonly policy: RecordedPolicy;
				/** Null: without a context, so that calls are not counted. */
				readonly call_count: number | null;
				readonly request: { readonly tool_name: string; readonly arguments: JsonObject };
			};
			readonly output: { readonly allowed: boolean; readonly reason: string | null };
	  };

/** In one word each. */
export interface Answers {
	readonly theirs: string;
	readonly ours: string;
}

export interface NumberedVector {
	/** Of the file, from 1. */
	readonly line: number;
	readonly vector: Vector | { readonly api: string; readonly input: Json; readonly output: Json };
}

export const readVectors = (text: string): readonly NumberedVector[] =>
	text
		.split("\n")
		.filter((line) => line !== "")
		.map((line, index) => ({ line: index + 1, vector: JSON.parse(line) as Vector }));

/** As YAML has it. */
export const yamlOf = (policy: Partial<RecordedPolicy>): string =>
	JSON.stringify({
		...policy,
		blocked_patterns: (policy.blocked_patterns ?? []).map((entry) =>
			typeof entry === "string" ? entry : { pattern: entry[0], type: entry[1] },
		),
	});
