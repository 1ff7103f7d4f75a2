/** Compares policies on a thread of their own, one pair at a time: whoever asks for many waits, and nobody else does. */
import type { Problem } from "../../core/base/errors.ts";
import type { Result } from "../../core/base/result.ts";
import type { DurationMs } from "../../core/model/units.ts";
import type { PolicyComparer, PolicyPair, PolicyRelation } from "../../ports/policy-comparer.ts";
import { onThread } from "./thread.ts";

/** Far beyond what the steps of a comparison take. */
const WAIT_MS: DurationMs = 60_000;

export function threadComparer(waitMs: DurationMs = WAIT_MS): PolicyComparer {
	let last: Promise<unknown> = Promise.resolve();
	return {
		compare(pair) {
			const compared = last.then(() => askThread(pair, waitMs));
			last = compared.catch(() => {});
			return compared;
		},
	};
}

async function askThread(pair: PolicyPair, waitMs: DurationMs): Promise<Result<PolicyRelation, readonly Problem[]>> {
	let timer: NodeJS.Timeout | undefined;
	try {
		return await onThread(
			{ name: "compare", data: pair, work: "compares" },
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
