/** A thread for one piece of work: begun for it, and ended with it. */
import { extname } from "node:path";
import { Worker } from "node:worker_threads";
import type { DurationMs } from "../../core/model/units.ts";

/**
 * Resolves with what `answer` does. Rejects where the thread throws, or ends before that. `NAME-worker` beside this file is what it
 * runs; `work` says what it does.
 */
export async function onThread<Answer>(
	{
		name,
		data,
		work,
	}: { readonly name: "compare" | "compile" | "review"; readonly data: unknown; readonly work: string },
	answer: (worker: Worker) => Promise<Answer>,
): Promise<Answer> {
	// `new URL` with a literal would not be rewritten to `.js` by the build.
	const url = new URL(`./${name}-worker${extname(import.meta.filename)}`, import.meta.url);
	const worker = new Worker(url, { workerData: data, name: `assent-${name}` });
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

/** What the thread says first. Rejects, too, where it has said nothing after `waitMs`. */
export async function comparedOnThread<Answer>(
	name: "compare" | "review",
	data: unknown,
	waitMs: DurationMs,
): Promise<Answer> {
	let timer: NodeJS.Timeout | undefined;
	try {
		return await onThread<Answer>(
			{ name, data, work: "compares" },
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
