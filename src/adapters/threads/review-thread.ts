/**
 * Compares policies on a thread of their own. The work is counted in steps, so that every process comes to the same answer, however
 * fast it is; the time is only there for a thread that does not get on.
 */
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { DurationMs } from "../../core/model/units.ts";
import type { PolicyChange, PolicyReviewer } from "../../ports/policy-reviewer.ts";

/** Far beyond what the steps of a review take. Edits of a few rules take milliseconds. */
const WAIT_MS: DurationMs = 60_000;

export const threadReviewer = (waitMs: DurationMs = WAIT_MS): PolicyReviewer => ({
	isAsStrict: (change) => askThread(change, waitMs),
});

async function askThread(change: PolicyChange, waitMs: DurationMs): Promise<boolean> {
	// `new URL` with a literal would not be rewritten to `.js` by the build.
	const url = new URL(`./review-worker${extname(import.meta.filename)}`, import.meta.url);
	const worker = new Worker(url, { workerData: change, name: "assent-review" });
	let timer: NodeJS.Timeout | undefined;
	try {
		return await new Promise<boolean>((resolve, reject) => {
			worker.once("message", resolve);
			worker.once("error", reject);
			worker.once("exit", () => reject(new Error("the thread that compares policies ended before it was finished")));
			const late = (): void => reject(new Error(`the comparison was not finished within ${waitMs} ms`));
			timer = setTimeout(late, waitMs);
		});
	} finally {
		clearTimeout(timer);
		await worker.terminate();
	}
}
