/** From the text of a policy file to a checked document, or to everything that is wrong with it. */
import type { Problem } from "../base/errors.ts";
import type { JsonObject } from "../base/json.ts";
import { err, ok, type Result } from "../base/result.ts";
import { checkPolicy } from "./checks.ts";
import { type PolicyDocument, policySchema } from "./document.ts";
import { repaired } from "./repair.ts";
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
export function readPolicy(source: { readonly name: string; readonly text: string }): Result<ReadPolicy, Problem[]> {
	const read = readYaml(source.name, source.text);
	if (!read.ok) return err(inOrder(read.error));
	const yaml = read.value;
	const parsed = policySchema.safeParse(yaml.data);
	if (parsed.success) {
		const problems = checkPolicy(parsed.data, yaml);
		if (problems.length > 0) return err(inOrder(problems));
		return ok({ document: parsed.data, data: yaml.data as JsonObject, yaml });
	}
	// What is wrong with the form must not hide what else is wrong.
	const rest = repaired(yaml.data);
	const beyond = rest === null ? [] : checkPolicy(rest.document, yaml, rest.isRepaired);
	return err(inOrder([...schemaProblems(parsed.error.issues, yaml), ...beyond]));
}

/** In the order of the file, and not too many. */
export function inOrder(problems: readonly Problem[]): Problem[] {
	const rank = ({ place }: Problem): number => (place?.line ?? 0) * 1_000_000 + (place?.column ?? 0);
	return [...problems].sort((a, b) => rank(a) - rank(b)).slice(0, PROBLEMS_MAX);
}
