/** Compares policies on a thread of their own, one pair at a time: whoever asks for many waits, and nobody else does. */
import type { Problem } from "../../core/base/errors.ts";
import type { Result } from "../../core/base/result.ts";
import type { DurationMs } from "../../core/model/units.ts";
import type { PolicyComparer, PolicyRelation } from "../../ports/policy-comparer.ts";
import { comparedOnThread } from "./thread.ts";

type Compared = Result<PolicyRelation, readonly Problem[]>;

/** Far beyond what the steps of a comparison take. */
const WAIT_MS: DurationMs = 60_000;

export function threadComparer(waitMs: DurationMs = WAIT_MS): PolicyComparer {
	let last: Promise<unknown> = Promise.resolve();
	return {
		compare(pair) {
			const compared = last.then(() => comparedOnThread<Compared>("compare", pair, waitMs));
			last = compared.catch(() => {});
			return compared;
		},
	};
}
