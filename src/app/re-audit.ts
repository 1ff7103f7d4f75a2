/** A re-audit of a deployment: its partitions side by side on threads, then together. */
import { extname } from "node:path";
import type { ResourceLimits } from "node:worker_threads";
import type { Layout } from "../core/model/layout.ts";
import type { PolicySourceText } from "../core/model/records.ts";
import type { EpochMs } from "../core/model/units.ts";
import { type PrincipalFilter, partitionsOf } from "../reading/principal-filter.ts";
import { type ReAudit, together } from "../replay/re-audit.ts";
import type { ReplayedCall } from "../replay/tally.ts";
import { onThreads } from "./partition-threads.ts";

/** What every thread is told: plain data. */
export interface ReAuditJob {
	/** What names the log, as the command was given it. */
	readonly log: string | undefined;
	readonly config: string | undefined;
	readonly layout: Layout;
	/** The candidate. */
	readonly sources: readonly PolicySourceText[];
	readonly from: EpochMs | null;
	readonly to: EpochMs | null;
	readonly filter: PrincipalFilter;
	/** Whether each difference is told of, beside the counts. */
	readonly isEachTold: boolean;
	/** Whether reports show arguments of calls. */
	readonly areArgumentsShown?: boolean;
}

export interface ReAuditRun {
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
	const { onDifferences, ...rest } = run;
	await onThreads<ReAudit, ReplayedCall>({
		...rest,
		file: new URL(`./re-audit-worker${extname(import.meta.filename)}`, import.meta.url),
		name: "assent-replay",
		job,
		partitions,
		onMore: onDifferences,
		onResult: (partition, result) => results.set(partition, result),
	});
	return together(partitions.flatMap((partition) => results.get(partition) ?? []));
}
