/** Compares policies on a thread of their own, one pair at a time: whoever asks for many waits, and nobody else does. */
import type { Problem } from "../../core/base/errors.ts";
import type { Result } from "../../core/base/result.ts";
import type { DurationMs } from "../../core/model/units.ts";
import type { PolicyComparer, PolicyRelation } from "../../ports/policy-comparer.ts";
import { type ComparisonLimits, comparedOnThread } from "./thread.ts";

type Compared = Result<PolicyRelation, readonly Problem[]>;

/** Far beyond what policies as people write them take; others wait for their comparisons meanwhile. */
const WAIT_MS: DurationMs = 20_000;

export function threadComparer({ waitMs = WAIT_MS, ...limits }: Partial<ComparisonLimits> = {}): PolicyComparer {
	let last: Promise<unknown> = Promise.resolve();
	return {
		compare(pair) {
			const compared = last.then(() => comparedOnThread<Compared>("compare", pair, { waitMs, ...limits }));
			last = compared.catch(() => {});
			return compared;
		},
	};
}
