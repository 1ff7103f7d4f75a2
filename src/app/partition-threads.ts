/** Work on partitions side by side, on threads that each open the log for themselves. */
import { availableParallelism } from "node:os";
import { type ResourceLimits, Worker } from "node:worker_threads";
import { AssentError } from "../core/base/errors.ts";
import { interrupted } from "../reading/partition-view.ts";
import type { ThreadNews, ThreadStart } from "./thread-work.ts";

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
	/** What a thread tells before it is done with a partition: in its order, that of one partition one after the other. */
	readonly onMore?: ((more: readonly More[]) => void | Promise<void>) | undefined;
	readonly onResult: (partition: number, result: Result) => void;
	readonly signal?: AbortSignal | undefined;
}

/** Throws what a thread met and what `onMore` throws, and ASSENT_STOPPED where the signal ended it. `onMore` is not under way then. */
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
 * take many times what the living do; with a third of it, all that lives is looked through twice as often. Rows of the state lie outside of
 * it, so that a state which needs more is one of very many sessions.
 */
const FRUGAL: ResourceLimits = { maxYoungGenerationSizeMb: 24, maxOldGenerationSizeMb: 1_024 };

const isOutOfMemory = (thrown: unknown): boolean =>
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
	const ahead = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT));
	const of = { workerData: { job, ahead } satisfies ThreadStart, name };
	const worker = new Worker(file, limits === undefined ? of : { ...of, resourceLimits: limits });
	let isOver = false;
	/** Settles when all that was told so far is taken in. */
	let taken: Promise<void> = Promise.resolve();
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
				const following = queue.shift();
				if (following === undefined) resolve(null);
				else begin(following);
			};
			const fail = (thrown: unknown): void => {
				isOver = true;
				queue.length = 0;
				reject(thrown);
			};
			const take = async (more: readonly More[], known: number): Promise<void> => {
				if (isOver) return;
				if (known < more.length) await onMore?.(more.slice(known));
				Atomics.sub(ahead, 0, more.length);
				Atomics.notify(ahead, 0);
			};
			const end = async (result: Result): Promise<void> => {
				await taken;
				if (isOver) return;
				onResult(at.partition, result);
				before = toldOf(-1);
				next();
			};
			worker.on("message", (news: ThreadNews<Result, More>) => {
				switch (news.kind) {
					case "progress": {
						const known = within(before.records - at.records, news.records);
						at.records += news.records;
						if (known < news.records) onProgress?.(news.records - known);
						return;
					}
					case "more": {
						const known = within(before.more - at.more, news.more.length);
						at.more += news.more.length;
						taken = taken.then(() => take(news.more, known));
						taken.catch(fail);
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
				if (!isSpent) fail(new Error(`the thread ${name} ended before it was finished`));
			});
			signal?.addEventListener("abort", () => fail(interrupted()), { once: true });
			if (signal?.aborted === true) fail(interrupted());
			else if (again !== null) begin(again.partition);
			else next();
		});
	} finally {
		await worker.terminate();
		await taken.catch(() => undefined);
	}
}

const within = (count: number, max: number): number => Math.min(Math.max(count, 0), max);
