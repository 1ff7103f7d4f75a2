/** Policies from files: read and compiled. */
import { type Problem, problem } from "../core/base/errors.ts";
import { err, ok, type Result } from "../core/base/result.ts";
import type { BudgetRoot } from "../core/model/ids.ts";
import type { PolicySourceText } from "../core/model/records.ts";
import { compilePolicies } from "../core/policy/compile.ts";
import type { CompiledPolicySet } from "../core/policy/compiled.ts";
import { baselinePath } from "../operations/baseline.ts";
import { type PolicyFiles, readPolicyFiles } from "./policy-files.ts";

export interface LoadedPolicies {
	readonly sources: readonly PolicySourceText[];
	readonly compiled: CompiledPolicySet;
	/** The files that were read, in order. */
	readonly files: readonly string[];
}

/** Does the work, in which nothing is waited for and nobody is heard. */
export type Compute = <Out>(work: () => Out) => Out;

/** Reads and compiles policy files; a folder stands for those in it (see `readPolicyFiles`). Every problem is reported. */
export async function loadPolicies(
	paths: readonly string[],
	budgetRoot: BudgetRoot,
	compute: Compute = (work) => work(),
): Promise<Result<LoadedPolicies, readonly Problem[]>> {
	const files = await readPolicyFiles(paths);
	return compute(() => compileFiles(files, budgetRoot));
}

export function compileFiles(
	{ sources, problems }: PolicyFiles,
	budgetRoot: BudgetRoot,
): Result<LoadedPolicies, readonly Problem[]> {
	if (problems.length > 0) return err(problems);
	const compiled = compilePolicies(sources, { budgetRoot });
	if (!compiled.ok) return compiled;
	if (compiled.value.policies.length === 0) {
		return err([
			problem(
				"POLICY_EMPTY",
				"no policy was given, so that everything would be denied",
				`name a policy file, or a folder with one in it, such as ${baselinePath()}`,
			),
		]);
	}
	return ok({ sources, compiled: compiled.value, files: sources.map(({ name }) => name) });
}
