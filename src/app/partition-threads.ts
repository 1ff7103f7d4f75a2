/** Work on partitions side by side, on threads that each open the log for themselves. */
import { availableParallelism } from "node:os";
import { parentPort, type ResourceLimits, Worker } from "node:worker_threads";
import { AssentError, type Problem, problem } from "../core/base/errors.ts";
import { interrupted } from "../reading/partition-view.ts";

/** What a thread says of the partition that it was handed last. */
export type ThreadNews<Result, More = never> =
	| { readonly kind: "progress"; readonly records: number }
	| { readonly kind: "more"; readonly more: More }
	| { readonly kind: "done"; readonly result: Result }
	| { readonly kind: "failed"; readonly problem: Problem };

export interface ThreadsOptions<Result, More> {
	/** The thread's file. */
	readonly file: URL;
	readonly name: string;
	/** What every thread is told: plain data. */
	readonly job: unknown;
	readonly partitions: readonly number[];
	readonly threads?: number | undefined;
	/** What each thread may have of memory at first; default: what most partitions need. */
	readonly limits?: ResourceLimits | undefined;
	readonly onProgress?: ((records: number) => void) | undefined;
	/** What a thread tells before it is done with a partition. */
	readonly onMore?: ((more: More) => void) | undefined;
	readonly onResult: (partition: number, result: Result) => void;
	readonly signal?: AbortSignal | undefined;
}

/** Throws what a thread met, and ASSENT_STOPPED where the signal ended it. */
export async function onThreads<Result, More = never>(options: ThreadsOptions<Result, More>): Promise<void> {
	const { partitions } = options;
	const queue = [...partitions];
	const count = Math.max(1, Math.min(options.threads ?? availableParallelism(), partitions.length));
	const ends = await Promise.allSettled(Array.from({ length: count }, () => work(options, queue)));
	const failed = ends.find((end) => end.status === "rejected");
	if (failed !== undefined) throw failed.reason;
}

/**
 * What a thread may have on its heap. It is rather what the collector is told to begin with: without it, dead objects pile up until they
 * take many times what the living do. Rows of the state lie outside of it, so that a state which needs more is one of very many sessions.
 */
export const FRUGAL: ResourceLimits = { maxYoungGenerationSizeMb: 24, maxOldGenerationSizeMb: 192 };

export const isOutOfMemory = (thrown: unknown): boolean =>
	thrown instanceof Error && "code" in thrown && thrown.code === "ERR_WORKER_OUT_OF_MEMORY";

/** How far the partition has come that a thread is at. */
interface Told {
	readonly partition: number;
	records: number;
	more: number;
}

const toldOf = (partition: number): Told => ({ partition, records: 0, more: 0 });

/** One thread, which takes partitions until there are none; a partition for which its memory does not do begins again on one without bounds. */
async function work<Result, More>(options: ThreadsOptions<Result, More>, queue: number[]): Promise<void> {
	let limits: ResourceLimits | undefined = options.limits ?? FRUGAL;
	let again: Told | null = null;
	do {
		again = await onThread(options, queue, limits, again);
		limits = undefined;
	} while (again !== null);
}

/** Resolves with where it was when its memory was not enough, else with null. `again`: what was told of this partition is not told again. */
async function onThread<Result, More>(
	{ file, name, job, onProgress, onMore, onResult, signal }: ThreadsOptions<Result, More>,
	queue: number[],
	limits: ResourceLimits | undefined,
	again: Told | null,
): Promise<Told | null> {
	const of = { workerData: job, name };
	const worker = new Worker(file, limits === undefined ? of : { ...of, resourceLimits: limits });
	try {
		return await new Promise<Told | null>((resolve, reject) => {
			let at = toldOf(-1);
			let before = again ?? at;
			let isSpent = false;
			const begin = (partition: number): void => {
				at = toldOf(partition);
				worker.postMessage(partition);
			};
			const next = (): void => {
				const taken = queue.shift();
				if (taken === undefined) resolve(null);
				else begin(taken);
			};
			const fail = (thrown: unknown): void => {
				queue.length = 0;
				reject(thrown);
			};
			worker.on("message", (news: ThreadNews<Result, More>) => {
				switch (news.kind) {
					case "progress": {
						const isTold = Math.min(Math.max(before.records - at.records, 0), news.records);
						at.records += news.records;
						if (isTold < news.records) onProgress?.(news.records - isTold);
						return;
					}
					case "more":
						at.more += 1;
						if (at.more > before.more) onMore?.(news.more);
						return;
					case "done":
						onResult(at.partition, news.result);
						before = toldOf(-1);
						next();
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
				if (!isSpent) fail(new Error(`the thread ${name} ended before it was finished`));
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

/** In a thread: does the work for each partition that it is handed. */
export function takePartitions<Result, More = never>(
	work: (partition: number, say: (news: ThreadNews<Result, More>) => void) => Promise<Result>,
): void {
	const say = (news: ThreadNews<Result, More>): void => parentPort?.postMessage(news);
	parentPort?.on("message", (partition: number) => {
		work(partition, say).then(
			(result) => say({ kind: "done", result }),
			(thrown: unknown) => say({ kind: "failed", problem: problemOf(thrown) }),
		);
	});
}

const problemOf = (thrown: unknown): Problem =>
	thrown instanceof AssentError
		? thrown.problem
		: problem("ASSENT_INTERNAL", thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown));
