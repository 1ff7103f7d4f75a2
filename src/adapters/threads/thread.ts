/** A thread for one piece of work: begun for it, and ended with it. */
import { Worker } from "node:worker_threads";
import type { DurationMs } from "../../core/model/units.ts";
import { ComparisonUnfinished } from "../../ports/policy-comparer.ts";
import { threadFile } from "../thread-file.ts";

/** Of a thread: several times what policies of thousands of rules take. */
const HEAP_MB = 512;

/**
 * Resolves with what `answer` does. Rejects where the thread throws, or ends before that. `NAME-worker` beside this file is what it
 * runs; `work` says what it does.
 */
export async function onThread<Answer>(
	{
		name,
		data,
		work,
		heapMb = HEAP_MB,
	}: {
		readonly name: "compare" | "compile" | "review";
		readonly data: unknown;
		readonly work: string;
		/** Megabytes. */
		readonly heapMb?: number;
	},
	answer: (worker: Worker) => Promise<Answer>,
): Promise<Answer> {
	// Without a limit of its own a thread that runs out of memory takes the process with it.
	const resourceLimits = { maxOldGenerationSizeMb: heapMb };
	const worker = new Worker(threadFile(name, import.meta), {
		workerData: data,
		name: `assent-${name}`,
		resourceLimits,
	});
	const ended = new Promise<never>((_, reject) => {
		worker.once("error", reject);
		worker.once("exit", () => reject(new Error(`the thread that ${work} policies ended before it was finished`)));
	});
	try {
		return await Promise.race([answer(worker), ended]);
	} finally {
		await worker.terminate();
	}
}

/** What one comparison may take. */
export interface ComparisonLimits {
	readonly waitMs: DurationMs;
	/** Megabytes. */
	readonly heapMb: number;
}

/** What the thread says first. Rejects, too, and with ComparisonUnfinished, where it takes more than it may. */
export async function comparedOnThread<Answer>(
	name: "compare" | "review",
	data: unknown,
	{ waitMs, heapMb = HEAP_MB }: Pick<ComparisonLimits, "waitMs"> & Partial<ComparisonLimits>,
): Promise<Answer> {
	let timer: NodeJS.Timeout | undefined;
	try {
		return await onThread<Answer>(
			{ name, data, work: "compares", heapMb },
			(worker) =>
				new Promise((resolve, reject) => {
					worker.once("message", resolve);
					const why = `the comparison was not finished within ${waitMs} ms`;
					const late = (): void => reject(new ComparisonUnfinished(why));
					timer = setTimeout(late, waitMs);
				}),
		);
	} catch (thrown) {
		if ((thrown as NodeJS.ErrnoException).code !== "ERR_WORKER_OUT_OF_MEMORY") throw thrown;
		throw new ComparisonUnfinished(`the comparison took more than ${heapMb} MB`);
	} finally {
		clearTimeout(timer);
	}
}
