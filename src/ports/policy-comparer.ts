/** Says how two sets of policies relate, beside what the process does meanwhile. */

import type { Relation } from "../core/analysis/comparison/relation.ts";
import type { Problem } from "../core/base/errors.ts";
import type { Result } from "../core/base/result.ts";
import type { BudgetRoot } from "../core/model/ids.ts";
import type { PolicySourceText } from "../core/model/records.ts";

export interface PolicyPair {
	readonly first: readonly PolicySourceText[];
	readonly second: readonly PolicySourceText[];
	readonly budgetRoot: BudgetRoot;
}

export interface PolicyRelation {
	/** What the first set is, seen from the second. */
	readonly relation: Relation;
	/** The relation in a sentence without full stop. */
	readonly summary: string;
	/** What the second stops and the first lets through, or may let through: a rule of the second, and why. */
	readonly looser: readonly { readonly dimension: string; readonly rule: string; readonly why: string }[];
}

/** There was no answer within the time or the memory that there is for one comparison. */
export class ComparisonUnfinished extends Error {}

export interface PolicyComparer {
	/** The first set compiles; what is wrong with the second is told. Rejects with ComparisonUnfinished, and where no answer came. */
	compare(pair: PolicyPair): Promise<Result<PolicyRelation, readonly Problem[]>>;
}
