/** The form of a GovernancePolicy of Agent-OS 2.0.1 as YAML, read as strictly as a policy. */
import { z } from "zod";
import type { Problem } from "../../base/errors.ts";
import { err, ok, type Result } from "../../base/result.ts";
import { inOrder } from "../parse.ts";
import { type DocumentForm, schemaProblems } from "../schema-problems.ts";
import { readYaml, type YamlKind, type YamlSource } from "../yaml-source.ts";

const count = (least: number) => z.int().min(least);
const share = z.number().min(0).max(1);
const text = z.string().min(1).max(1_000);

export const PATTERN_TYPES = ["substring", "regex", "glob"] as const;

const governancePolicy = z.strictObject({
	name: z.string().min(1).max(200).optional(),
	max_tokens: count(1).default(4_096),
	max_tool_calls: count(0).default(10),
	allowed_tools: z.array(z.string().min(1).max(200)).max(1_000).default([]),
	blocked_patterns: z
		.array(z.union([text, z.strictObject({ pattern: text, type: z.enum(PATTERN_TYPES) })]))
		.max(1_000)
		.default([]),
	require_human_approval: z.boolean().default(false),
	timeout_seconds: count(1).default(300),
	confidence_threshold: share.optional(),
	drift_threshold: share.optional(),
	log_all_calls: z.boolean().optional(),
	checkpoint_frequency: count(1).optional(),
	max_concurrent: count(1).optional(),
	backpressure_threshold: count(1).optional(),
	version: z.union([z.string().min(1).max(200), z.number()]).optional(),
});

export type GovernancePolicy = z.output<typeof governancePolicy>;

/** As it is written: what is left out has the default of Agent-OS. */
export type WrittenGovernancePolicy = z.input<typeof governancePolicy>;

export type PatternType = (typeof PATTERN_TYPES)[number];

const KIND: YamlKind = {
	noun: "GovernancePolicy",
	begin: "it has keys such as `allowed_tools` and `blocked_patterns`",
};

const FORM: DocumentForm = {
	schema: governancePolicy,
	schemaCode: "POLICY_SCHEMA",
	unknownKeyCode: "POLICY_UNKNOWN_KEY",
	required: {},
	reference: "see docs/policies/import.md",
	secrets: [],
};

export interface ReadGovernancePolicy {
	readonly policy: GovernancePolicy;
	/** Keys that the file has. */
	readonly written: ReadonlySet<string>;
	readonly yaml: YamlSource;
}

export function readGovernancePolicy(file: string, source: string): Result<ReadGovernancePolicy, Problem[]> {
	const read = readYaml(file, source, KIND);
	if (!read.ok) return err(inOrder(read.error));
	const yaml = read.value;
	const parsed = governancePolicy.safeParse(yaml.data);
	if (!parsed.success) return err(inOrder(schemaProblems(parsed.error.issues, yaml, FORM)));
	return ok({ policy: parsed.data, written: new Set(Object.keys(yaml.data as object)), yaml });
}
