/** Work on partitions side by side, on threads that each open the log for themselves. */
import { availableParallelism } from "node:os";
import { parentPort, Worker } from "node:worker_threads";
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

/** One thread, which takes partitions until there are none. */
async function work<Result, More>(
	{ file, name, job, onProgress, onMore, onResult, signal }: ThreadsOptions<Result, More>,
	queue: number[],
): Promise<void> {
	const worker = new Worker(file, { workerData: job, name });
	try {
		await new Promise<void>((resolve, reject) => {
			let partition = -1;
			const next = (): void => {
				const taken = queue.shift();
				if (taken === undefined) resolve();
				else {
					partition = taken;
					worker.postMessage(taken);
				}
			};
			const fail = (thrown: unknown): void => {
				queue.length = 0;
				reject(thrown);
			};
			worker.on("message", (news: ThreadNews<Result, More>) => {
				switch (news.kind) {
					case "progress":
						onProgress?.(news.records);
						return;
					case "more":
						onMore?.(news.more);
						return;
					case "done":
						onResult(partition, news.result);
						next();
						return;
					case "failed":
						fail(new AssentError(news.problem));
				}
			});
			worker.once("error", fail);
			worker.once("exit", () => fail(new Error(`the thread ${name} ended before it was finished`)));
			signal?.addEventListener("abort", () => fail(interrupted()), { once: true });
			if (signal?.aborted === true) fail(interrupted());
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
