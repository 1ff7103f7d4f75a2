/** Compiles a set of policies beside what the process decides meanwhile. */
import type { Problem } from "../core/base/errors.ts";
import type { Result } from "../core/base/result.ts";
import type { BudgetRoot } from "../core/model/ids.ts";
import type { PolicySourceText } from "../core/model/records.ts";
import type { CompiledPolicySet } from "../core/policy/compiled.ts";

export interface PolicyCompiler {
	/** What `compilePolicies` says of the sources. Rejects where it cannot be asked; they are then compiled where they are needed. */
	compile(
		sources: readonly PolicySourceText[],
		budgetRoot: BudgetRoot,
	): Promise<Result<CompiledPolicySet, readonly Problem[]>>;
}
