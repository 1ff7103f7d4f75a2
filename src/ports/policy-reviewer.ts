/** Says whether a set of policies may come into force by the word of one operator, beside what the process decides meanwhile. */
import type { BudgetRoot } from "../core/model/ids.ts";
import type { PolicySourceText } from "../core/model/records.ts";

export interface PolicyChange {
	readonly inForce: readonly PolicySourceText[];
	readonly next: readonly PolicySourceText[];
	readonly budgetRoot: BudgetRoot;
}

export interface PolicyReviewer {
	/** Is `next` proven to be at least as strict as what is in force, and does it go on with all that counts there? False where nobody knows within the steps of a review. Rejects where no answer came. */
	isAsStrict(change: PolicyChange): Promise<boolean>;
}
