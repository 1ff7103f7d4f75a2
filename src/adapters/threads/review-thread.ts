/**
 * Compares policies on a thread of their own. The work is counted in steps, so that every process comes to the same answer, however
 * fast it is; the time is only there for a thread that does not get on.
 */
import type { DurationMs } from "../../core/model/units.ts";
import type { PolicyChange, PolicyReviewer } from "../../ports/policy-reviewer.ts";
import { onThread } from "./thread.ts";

/** Far beyond what the steps of a review take. Edits of a few rules take milliseconds. */
const WAIT_MS: DurationMs = 60_000;

export const threadReviewer = (waitMs: DurationMs = WAIT_MS): PolicyReviewer => ({
	isAsStrict: (change) => askThread(change, waitMs),
});

async function askThread(change: PolicyChange, waitMs: DurationMs): Promise<boolean> {
	let timer: NodeJS.Timeout | undefined;
	try {
		return await onThread(
			{ name: "review", data: change, work: "compares" },
			(worker) =>
				new Promise((resolve, reject) => {
					worker.once("message", resolve);
					const late = (): void => reject(new Error(`the comparison was not finished within ${waitMs} ms`));
					timer = setTimeout(late, waitMs);
				}),
		);
	} finally {
		clearTimeout(timer);
	}
}
