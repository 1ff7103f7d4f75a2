/** Progress of a command that reads ledgers, on a terminal. */
import { counted } from "../../core/base/count-text.ts";
import type { ReadStateOptions } from "../../reading/partition-view.ts";
import type { Context } from "../context.ts";

const PROGRESS_FIRST_MS = 300;
const PROGRESS_EVERY_MS = 100;

/** Runs `use` with options for reading ledgers: progress on a terminal once it takes long, and an end on SIGINT. */
export async function whileReading<Out>(
	context: Context,
	use: (reading: ReadStateOptions) => Promise<Out>,
): Promise<Out> {
	const startedAt = performance.now();
	let records = 0;
	let shownAt = 0;
	const onProgress = (more: number): void => {
		records += more;
		const now = performance.now();
		if (!context.isTerminal || now - startedAt < PROGRESS_FIRST_MS || now - shownAt < PROGRESS_EVERY_MS) return;
		shownAt = now;
		context.progress(`reading the ledger: ${counted(records, "record")}`);
	};
	try {
		return await use({ onProgress, signal: context.stop });
	} finally {
		context.progress(null);
	}
}
