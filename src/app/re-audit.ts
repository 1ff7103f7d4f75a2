/** A re-audit of a deployment: its partitions side by side on threads, each of which opens the log for itself. */
import { availableParallelism } from "node:os";
import { extname } from "node:path";
import { type ResourceLimits, Worker } from "node:worker_threads";
import { AssentError, type Problem } from "../core/base/errors.ts";
import type { Layout } from "../core/model/layout.ts";
import type { PolicySourceText } from "../core/model/records.ts";
import type { EpochMs } from "../core/model/units.ts";
import { interrupted } from "../reading/partition-view.ts";
import type { PrincipalFilter } from "../reading/principal-filter.ts";
import { partitionsOf } from "../reading/principal-filter.ts";
import { type ReAudit, together } from "../replay/re-audit.ts";
import type { ReplayedCall } from "../replay/tally.ts";
import { FRUGAL, isOutOfMemory } from "./partition-threads.ts";

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
	/** What each thread may have of memory at first; default: what most partitions need. */
	readonly limits?: ResourceLimits;
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

/** How far the partition has come that a thread is at. */
interface Progress {
	readonly partition: number;
	records: number;
	differences: number;
	/** Settles when all differences so far were taken in. */
	taken: Promise<void>;
}

const progressIn = (partition: number): Progress => ({
	partition,
	records: 0,
	differences: 0,
	taken: Promise.resolve(),
});

/** One thread, which takes partitions until there are none; a partition for which its memory does not do begins again on one without bounds. */
async function work(
	job: ReAuditJob,
	run: ReAuditRun,
	queue: number[],
	onResult: (partition: number, result: ReAudit) => void,
): Promise<void> {
	let limits: ResourceLimits | undefined = run.limits ?? FRUGAL;
	for (let at: Progress | null = null; ; limits = undefined) {
		at = await onThread(job, run, { queue, onResult, limits, again: at });
		if (at === null) return;
		await at.taken;
	}
}

interface ThreadWork {
	readonly queue: number[];
	readonly onResult: (partition: number, result: ReAudit) => void;
	readonly limits: ResourceLimits | undefined;
	/** What was told of this partition is not told again. */
	readonly again: Progress | null;
}

/** Resolves with where it was when its memory was not enough, else with null. */
async function onThread(
	job: ReAuditJob,
	{ onProgress, onDifferences, signal }: ReAuditRun,
	{ queue, onResult, limits, again }: ThreadWork,
): Promise<Progress | null> {
	const url = new URL(`./re-audit-worker${extname(import.meta.filename)}`, import.meta.url);
	const ahead = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
	const of = { workerData: { job, ahead } satisfies ReAuditWork, name: "assent-replay" };
	const worker = new Worker(url, limits === undefined ? of : { ...of, resourceLimits: limits });
	try {
		return await new Promise<Progress | null>((resolve, reject) => {
			let at = progressIn(-1);
			let told = again ?? at;
			let isSpent = false;
			const begin = (partition: number): void => {
				at = progressIn(partition);
				worker.postMessage(partition);
			};
			const next = (): void => {
				const following = queue.shift();
				if (following === undefined) resolve(null);
				else begin(following);
			};
			const fail = (thrown: unknown): void => {
				queue.length = 0;
				reject(thrown);
			};
			const take = async (calls: readonly ReplayedCall[], isTold: number): Promise<void> => {
				if (isTold < calls.length) await onDifferences?.(calls.slice(isTold));
				Atomics.sub(ahead, 0, calls.length);
				Atomics.notify(ahead, 0);
			};
			const end = async (result: ReAudit): Promise<void> => {
				await at.taken;
				onResult(at.partition, result);
				told = progressIn(-1);
				next();
			};
			worker.on("message", (news: ReAuditNews) => {
				switch (news.kind) {
					case "progress": {
						const isTold = within(told.records - at.records, news.records);
						at.records += news.records;
						if (isTold < news.records) onProgress?.(news.records - isTold);
						return;
					}
					case "differences": {
						const isTold = within(told.differences - at.differences, news.calls.length);
						at.differences += news.calls.length;
						at.taken = at.taken.then(() => take(news.calls, isTold));
						at.taken.catch(fail);
						return;
					}
					case "done":
						end(news.result).catch(fail);
						return;
					case "failed":
						fail(new AssentError(news.problem));
				}
			});
			worker.once("error", (thrown) => {
				isSpent = limits !== undefined && isOutOfMemory(thrown);
				if (isSpent) resolve(at);
				else fail(thrown);
			});
			worker.once("exit", () => {
				if (!isSpent) fail(new Error("the thread that replays a partition ended before it was finished"));
			});
			signal?.addEventListener("abort", () => fail(interrupted()), { once: true });
			if (signal?.aborted === true) fail(interrupted());
			else if (again !== null) begin(again.partition);
			else next();
		});
	} finally {
		await worker.terminate();
	}
}

const within = (count: number, max: number): number => Math.min(Math.max(count, 0), max);
