/** Folds long ledgers on threads that each open the log for themselves: one ledger at a time each, the others wait and the longest goes next. */
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { threadFile } from "../adapters/thread-file.ts";
import type { FoldAsked, FoldedTo, FoldListener, LedgerFolder } from "../ports/ledger-folder.ts";

/** What names the log, as the command was given it: plain data. */
export interface FoldJob {
	readonly log: string | undefined;
	readonly config: string | undefined;
}

/** What a thread says of the ledger that it was handed last. It goes on behind a piece once that was received. */
export type FoldNews =
	| { readonly kind: "progress"; readonly next: number }
	| { readonly kind: "piece"; readonly piece: Uint8Array<ArrayBuffer> }
	| { readonly kind: "done"; readonly to: FoldedTo | null };

/** What a thread is told: the ledger to fold, or that its last piece was received. */
export type FoldOrder = FoldAsked | "received";

/** Threads have to begin, and to learn to run the fold fast: below this many entries one that is at work already is done as soon. */
const ENTRIES_MIN = 30_000;

/** Dead objects are collected before they pile up; rows of the state lie outside of it. */
const LIMITS = { maxYoungGenerationSizeMb: 48 };

interface Waiting {
	readonly asked: FoldAsked;
	readonly listener: FoldListener;
	readonly stop: AbortSignal;
	readonly resolve: (to: FoldedTo | null) => void;
}

export function threadFolder(
	job: FoldJob,
	{ entriesMin = ENTRIES_MIN, threadsMax = availableParallelism() } = {},
): LedgerFolder {
	const waiting: Waiting[] = [];
	let threads = 0;
	const begin = (): void => {
		threads += 1;
		void work(job, waiting).finally(() => {
			threads -= 1;
			// One that broke off has left what waited behind it.
			if (waiting.length > 0) begin();
		});
	};
	return {
		entriesMin,
		fold: (asked, listener, stop) =>
			new Promise((resolve) => {
				waiting.push({ asked, listener, stop, resolve });
				if (threads < threadsMax) begin();
			}),
	};
}

/** One thread, which folds until nothing waits, or it breaks off. */
async function work(job: FoldJob, waiting: Waiting[]): Promise<void> {
	let worker: Worker | null = null;
	try {
		for (let next = takeLongest(waiting); next !== undefined; next = takeLongest(waiting)) {
			if (next.stop.aborted) {
				next.resolve(null);
				continue;
			}
			worker ??= begun(job);
			const told = await folded(worker, next);
			next.resolve(told === "broken off" ? null : told);
			if (told === "broken off") return;
		}
	} finally {
		await worker?.terminate();
	}
}

/** What takes longest must not begin last, with all other threads idle. */
function takeLongest(waiting: Waiting[]): Waiting | undefined {
	let longest = 0;
	for (const [place, { asked }] of waiting.entries())
		if (asked.size > (waiting[longest] as Waiting).asked.size) longest = place;
	return waiting.splice(longest, 1)[0];
}

function begun(job: FoldJob): Worker {
	const worker = new Worker(threadFile("fold", import.meta), {
		workerData: job,
		name: "assent-restore",
		resourceLimits: LIMITS,
	});
	// What it throws behind its last ledger is nobody's.
	worker.on("error", () => {});
	return worker;
}

/** Of one ledger. The thread is of no further use where it broke off. */
function folded(worker: Worker, { asked, listener, stop }: Waiting): Promise<FoldedTo | null | "broken off"> {
	return new Promise((resolve) => {
		const end = (told: FoldedTo | null | "broken off"): void => {
			worker.off("message", take);
			worker.off("error", breakOff);
			worker.off("exit", breakOff);
			stop.removeEventListener("abort", breakOff);
			resolve(told);
		};
		const breakOff = (): void => end("broken off");
		const take = (news: FoldNews): void => {
			switch (news.kind) {
				case "progress":
					listener.onProgress(news.next);
					return;
				case "piece":
					try {
						listener.onPiece(news.piece);
					} catch {
						breakOff();
						return;
					}
					worker.postMessage("received" satisfies FoldOrder);
					return;
				case "done":
					end(news.to);
			}
		};
		worker.on("message", take);
		worker.once("error", breakOff);
		worker.once("exit", breakOff);
		stop.addEventListener("abort", breakOff, { once: true });
		worker.postMessage(asked satisfies FoldOrder);
	});
}
