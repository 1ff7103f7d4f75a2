/** A thread of a restore: opens the log for itself, folds the ledgers that it is handed, and hands over their state piece by piece. */
import { parentPort, workerData } from "node:worker_threads";
import type { FoldAsked, FoldedTo } from "../ports/ledger-folder.ts";
import type { Log } from "../ports/log/log.ts";
import { foldTo } from "../reading/fold-pieces.ts";
import { openConfigured, readConfig } from "./config/config.ts";
import type { FoldJob, FoldNews, FoldOrder } from "./fold-threads.ts";

const say = (news: FoldNews, transfer: readonly ArrayBuffer[] = []): void => parentPort?.postMessage(news, transfer);

/** Opened for the first ledger. */
let opened: Promise<Log> | null = null;
let pieces: Iterator<Uint8Array> | null = null;
let to: FoldedTo | null = null;

parentPort?.on("message", (order: FoldOrder) => {
	if (order === "received") sayNext();
	else fold(order).then(sayNext, sayNothing);
});

async function open(): Promise<Log> {
	const { log, config: file } = workerData as FoldJob;
	return openConfigured(await readConfig({ file, log, env: process.env }), { create: false, readOnly: true });
}

async function fold(asked: FoldAsked): Promise<void> {
	opened ??= open();
	const done = await foldTo(await opened, asked, (next) => say({ kind: "progress", next }));
	to = done?.to ?? null;
	pieces = done?.pieces[Symbol.iterator]() ?? null;
}

/** The next piece when the one before has been received: what is received is copied into a state, and must not pile up. */
function sayNext(): void {
	const next = pieces?.next();
	if (next === undefined || next.done === true) {
		pieces = null;
		say({ kind: "done", to });
		return;
	}
	const piece = Uint8Array.from(next.value);
	say({ kind: "piece", piece }, [piece.buffer]);
}

/** Whoever asked reads the ledger, and says what is wrong with it. */
function sayNothing(): void {
	pieces = null;
	say({ kind: "done", to: null });
}
