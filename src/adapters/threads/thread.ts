/** A thread for one piece of work: begun for it, and ended with it. */
import { extname } from "node:path";
import { Worker } from "node:worker_threads";

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
