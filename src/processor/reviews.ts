/**
 * Whether an activation needs a second operator, for a processor that was told to ask for one (`requireReview`).
 *
 * The answer is found before the step and is a mark of its input: no step compares, and no recomputation does. Whatever is not
 * proven to be as strict as the set in force needs a review, and so does all that cannot be compared. The first set needs none.
 */
import type { BudgetRoot } from "../core/model/ids.ts";
import type { PolicyActivated } from "../core/model/inputs.ts";
import type { PolicyInForce } from "../core/state/head.ts";
import type { PolicyReviewer } from "../ports/policy-reviewer.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { LogCatalogue } from "../reading/catalogue.ts";

export interface ReviewsOptions {
	/** Null: no activation needs a second operator, unless its record says so. */
	readonly reviewer: PolicyReviewer | null;
	readonly catalogue: LogCatalogue;
	readonly budgetRoot: BudgetRoot;
	readonly telemetry: Telemetry;
}

export class Reviews {
	readonly #options: ReviewsOptions;
	/** By both digests. Partitions that come to the same two share the comparison, and its answer. */
	readonly #comparisons = new Map<string, Promise<void>>();
	readonly #asStrict = new Map<string, boolean>();

	constructor(options: ReviewsOptions) {
		this.#options = options;
	}

	/**
	 * Does the processor ask for a second operator? Null: nobody knows before `compare` has found out. An activation that needs one
	 * anyway, by its own word or because it was proposed before, is not compared.
	 */
	isNeeded(inForce: PolicyInForce, { digest, needsReview }: PolicyActivated): boolean | null {
		const { reviewer, catalogue } = this.#options;
		if (reviewer === null || inForce.digest === "" || inForce.digest === digest) return false;
		if (needsReview || inForce.proposed?.digest === digest) return false;
		const isAsStrict = this.#asStrict.get(keyOf(inForce.digest, digest));
		if (isAsStrict !== undefined) return !isAsStrict;
		return catalogue.isGood(inForce.digest) && catalogue.isGood(digest) ? null : true;
	}

	/** Never rejects: what cannot be compared is not known to be as strict. */
	compare({ digest: inForce }: PolicyInForce, { digest }: PolicyActivated): Promise<void> {
		const key = keyOf(inForce, digest);
		const comparison = this.#comparisons.get(key) ?? this.#find(inForce, digest);
		this.#comparisons.set(key, comparison);
		return comparison;
	}

	async #find(inForce: string, digest: string): Promise<void> {
		const { reviewer, catalogue, budgetRoot, telemetry } = this.#options;
		const change = { inForce: catalogue.sourcesOf(inForce), next: catalogue.sourcesOf(digest), budgetRoot };
		let isAsStrict = false;
		try {
			isAsStrict = reviewer !== null && (await reviewer.isAsStrict(change));
		} catch (thrown) {
			telemetry.warn("policy.review.failed", { digest, why: (thrown as Error).message });
		}
		this.#asStrict.set(keyOf(inForce, digest), isAsStrict);
	}
}

const keyOf = (inForce: string, next: string): string => `${inForce} ${next}`;
