/** A re-audit of a deployment: its partitions, of a larger one side by side on threads, then together. */
import type { ResourceLimits } from "node:worker_threads";
import { threadFile } from "../adapters/thread-file.ts";
import type { Log } from "../ports/log/log.ts";
import { partitionsOf } from "../reading/principal-filter.ts";
import { type ReAudit, together } from "../replay/re-audit.ts";
import type { ReplayedCall } from "../replay/tally.ts";
import { onThreads } from "./partition-threads.ts";
import { beginReAudit, type ReAuditJob } from "./re-audit-work.ts";

export interface ReAuditRun {
	/** A log so small that a thread takes longer to begin than all of it: it is read through this. */
	readonly small?: Log | undefined;
	readonly threads?: number;
	/** What each thread may have of memory at first; default: what most partitions need. */
	readonly limits?: ResourceLimits;
	readonly onProgress?: (records: number) => void;
	/** In the order of the ledger of each partition, those of one partition one after the other. */
	readonly onDifferences?: (calls: readonly ReplayedCall[]) => void | Promise<void>;
	readonly signal?: AbortSignal;
}

/** Throws what a thread met: what opening and reading a log throw, and ASSENT_STOPPED where the signal ended it. */
export async function reAuditAll(job: ReAuditJob, run: ReAuditRun = {}): Promise<ReAudit> {
	const partitions = partitionsOf(job.layout, job.filter);
	const results = new Map<number, ReAudit>();
	const { onDifferences, small, ...rest } = run;
	if (small !== undefined) {
		const replay = await beginReAudit(small, job);
		for (const partition of partitions) {
			const differences: ReplayedCall[] = [];
			const onDifference = (call: ReplayedCall): void => void differences.push(call);
			results.set(partition, await replay(partition, { ...rest, onDifference }));
			if (differences.length > 0) await onDifferences?.(differences);
		}
		return together([...results.values()]);
	}
	await onThreads<ReAudit, ReplayedCall>({
		...rest,
		file: threadFile("re-audit", import.meta),
		name: "assent-replay",
		job,
		partitions,
		onMore: onDifferences,
		onResult: (partition, result) => results.set(partition, result),
	});
	return together(partitions.flatMap((partition) => results.get(partition) ?? []));
}
