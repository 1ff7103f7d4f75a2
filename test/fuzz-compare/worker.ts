/** Tries pairs of a range, every so many of them, and tells how it goes. */
import { parentPort, workerData } from "node:worker_threads";
import { type Fault, tryNumber } from "./numbered.ts";
import { count, emptyTally, type Tally } from "./tally.ts";

export interface WorkerTask {
	readonly seed: number;
	readonly from: number;
	readonly below: number;
	readonly step: number;
}

export interface WorkerReport {
	readonly tally: Tally;
	readonly faults: readonly Fault[];
}

const REPORT_MS = 1_000;

const { seed, from, below, step } = workerData as WorkerTask;
let [tally, faults]: [Tally, Fault[]] = [emptyTally(), []];
let reportedAt = performance.now();
for (let number = from; number < below; number += step) {
	const result = tryNumber(seed, number);
	if ("why" in result) {
		faults.push(result);
		tally.pairs += 1;
	} else {
		count(tally, result.label, result.tried);
		tally.passed += result.passed;
	}
	if (performance.now() - reportedAt > REPORT_MS || number + step >= below) {
		parentPort?.postMessage({ tally, faults } satisfies WorkerReport);
		[tally, faults, reportedAt] = [emptyTally(), [], performance.now()];
	}
}
