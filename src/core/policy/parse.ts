/** From the text of a policy file to a checked document, or to everything that is wrong with it. */
import type { Problem } from "../base/errors.ts";
import type { Json, JsonObject } from "../base/json.ts";
import { err, ok, type Result } from "../base/result.ts";
import { checkPolicy } from "./checks.ts";
import { type PolicyDocument, policySchema } from "./document.ts";
import { PROBLEMS_MAX, schemaProblems } from "./schema-problems.ts";
import { readYaml, type YamlSource } from "./yaml-source.ts";

/** A policy that was read, with what its digest and its messages need. */
export interface ReadPolicy {
	readonly document: PolicyDocument;
	/** The document as written, without defaults: what the digest is made of. */
	readonly data: JsonObject;
	readonly yaml: YamlSource;
}

/** Every problem has a place; they come in the order of the file. */
export function parsePolicy(source: {
	readonly name: string;
	readonly text: string;
}): Result<PolicyDocument, Problem[]> {
	const read = readPolicy(source);
	return read.ok ? ok(read.value.document) : read;
}

export function readPolicy(source: { readonly name: string; readonly text: string }): Result<ReadPolicy, Problem[]> {
	const yaml = readYaml(source.name, source.text);
	if (!yaml.ok) return err(inOrder(yaml.error));
	const parsed = policySchema.safeParse(yaml.value.data);
	if (parsed.success) {
		const problems = checkPolicy(parsed.data, yaml.value);
		if (problems.length > 0) return err(inOrder(problems));
		return ok({ document: parsed.data, data: yaml.value.data as JsonObject, yaml: yaml.value });
	}
	const problems = schemaProblems(parsed.error.issues, yaml.value);
	return err(inOrder([...problems, ...beyondUnknownKeys(parsed.error.issues, yaml.value)]));
}

/** A misspelt key must not hide what else is wrong: the rest is checked as if the key were not there. */
function beyondUnknownKeys(
	issues: readonly { code: string; path: PropertyKey[]; keys?: string[] }[],
	yaml: YamlSource,
): Problem[] {
	if (!issues.every((issue) => issue.code === "unrecognized_keys")) return [];
	const copy = structuredClone(yaml.data) as Json;
	for (const issue of issues) {
		let parent = copy as unknown as Record<PropertyKey, unknown>;
		for (const step of issue.path) parent = parent[step] as Record<PropertyKey, unknown>;
		for (const key of issue.keys ?? []) delete parent[key];
	}
	const parsed = policySchema.safeParse(copy);
	return parsed.success ? checkPolicy(parsed.data, yaml) : [];
}

function inOrder(problems: readonly Problem[]): Problem[] {
	const at = (of: Problem): number => (of.place?.line ?? 0) * 1_000_000 + (of.place?.column ?? 0);
	return [...problems].sort((a, b) => at(a) - at(b)).slice(0, PROBLEMS_MAX);
}
