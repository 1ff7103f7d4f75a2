/** A re-audit of a deployment: its partitions side by side on threads, each of which opens the log for itself. */
import { availableParallelism } from "node:os";
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import { AssentError, type Problem } from "../core/base/errors.ts";
import type { Layout } from "../core/model/layout.ts";
import type { PolicySourceText } from "../core/model/records.ts";
import type { EpochMs } from "../core/model/units.ts";
import { interrupted } from "../reading/partition-view.ts";
import type { PrincipalFilter } from "../reading/principal-filter.ts";
import { partitionsOf } from "../reading/principal-filter.ts";
import { type ReAudit, together } from "../replay/re-audit.ts";
import type { ReplayedCall } from "../replay/tally.ts";

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

/** What one thread is handed. */
export interface ReAuditWork {
	readonly job: ReAuditJob;
	/** Differences that were told and not taken in yet: a thread that is too far ahead waits on it. */
	readonly ahead: Int32Array;
}

/** What a thread says. */
export type ReAuditNews =
	| { readonly kind: "progress"; readonly records: number }
	| { readonly kind: "differences"; readonly calls: readonly ReplayedCall[] }
	| { readonly kind: "done"; readonly result: ReAudit }
	| { readonly kind: "failed"; readonly problem: Problem };

export interface ReAuditRun {
	readonly threads?: number;
	readonly onProgress?: (records: number) => void;
	/** In the order of the ledger of each partition, those of one partition one after the other. */
	readonly onDifferences?: (calls: readonly ReplayedCall[]) => void | Promise<void>;
	readonly signal?: AbortSignal;
}

/** Throws what a thread met: what opening and reading a log throw, and ASSENT_STOPPED where the signal ended it. */
export async function reAuditAll(job: ReAuditJob, run: ReAuditRun = {}): Promise<ReAudit> {
	const partitions = [...partitionsOf(job.layout, job.filter)];
	const results = new Map<number, ReAudit>();
	const threads = Math.max(1, Math.min(run.threads ?? availableParallelism(), partitions.length));
	const queue = [...partitions];
	const ends = await Promise.allSettled(
		Array.from({ length: threads }, () => work(job, run, queue, (partition, result) => results.set(partition, result))),
	);
	const failed = ends.find((end) => end.status === "rejected");
	if (failed !== undefined) throw failed.reason;
	return together(partitions.flatMap((partition) => results.get(partition) ?? []));
}

/** One thread, which takes partitions until there are none. */
async function work(
	job: ReAuditJob,
	{ onProgress, onDifferences, signal }: ReAuditRun,
	queue: number[],
	onResult: (partition: number, result: ReAudit) => void,
): Promise<void> {
	const url = new URL(`./re-audit-worker${extname(import.meta.filename)}`, import.meta.url);
	const ahead = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
	const worker = new Worker(url, { workerData: { job, ahead } satisfies ReAuditWork, name: "assent-replay" });
	try {
		await new Promise<void>((resolve, reject) => {
			let partition = -1;
			const next = (): void => {
				const following = queue.shift();
				if (following === undefined) resolve();
				else {
					partition = following;
					worker.postMessage(following);
				}
			};
			const fail = (thrown: unknown): void => {
				queue.length = 0;
				reject(thrown);
			};
			let taken = Promise.resolve();
			const take = async (calls: readonly ReplayedCall[]): Promise<void> => {
				await onDifferences?.(calls);
				Atomics.sub(ahead, 0, calls.length);
				Atomics.notify(ahead, 0);
			};
			const end = async (result: ReAudit): Promise<void> => {
				await taken;
				onResult(partition, result);
				next();
			};
			worker.on("message", (news: ReAuditNews) => {
				switch (news.kind) {
					case "progress":
						onProgress?.(news.records);
						return;
					case "differences":
						taken = taken.then(() => take(news.calls));
						taken.catch(fail);
						return;
					case "done":
						end(news.result).catch(fail);
						return;
					case "failed":
						fail(new AssentError(news.problem));
				}
			});
			worker.once("error", fail);
			worker.once("exit", () => fail(new Error("the thread that replays a partition ended before it was finished")));
			signal?.addEventListener("abort", () => fail(interrupted()), { once: true });
			if (signal?.aborted === true) fail(interrupted());
			else next();
		});
	} finally {
		await worker.terminate();
	}
}
