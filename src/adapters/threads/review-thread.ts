/**
 * Compares policies on a thread of their own. The work is counted in steps, so that every process comes to the same answer, however
 * fast it is; the time is only there for a thread that does not get on.
 */
import type { DurationMs } from "../../core/model/units.ts";
import type { PolicyReviewer } from "../../ports/policy-reviewer.ts";
import { comparedOnThread } from "./thread.ts";

/** Far beyond what the steps of a review take. Edits of a few rules take milliseconds. */
const WAIT_MS: DurationMs = 60_000;

export const threadReviewer = (waitMs: DurationMs = WAIT_MS): PolicyReviewer => ({
	isAsStrict: (change) => comparedOnThread<boolean>("review", change, { waitMs }),
});
