/** Progress of a command that reads ledgers, or waits for answers, on a terminal. */
import { counted, grouped } from "../../core/base/count-text.ts";
import { durationText } from "../../core/model/duration.ts";
import type { DurationMs } from "../../core/model/units.ts";
import type { ReadStateOptions } from "../../reading/partition-view.ts";
import type { Context } from "../context.ts";
import { Seldom } from "./seldom.ts";

/** Runs `use` with options for reading ledgers: progress on a terminal once it takes long, and an end on SIGINT. */
export const whileReading = <Out>(context: Context, use: (reading: ReadStateOptions) => Promise<Out>): Promise<Out> =>
	whileTold(context, (records) => `reading the ledger: ${counted(records, "record")}`, use);

/** Runs `use` with what counts records of how many there are: on a terminal the part that is done, the rate and the time that is left. */
export const whileCounting = <Out>(
	context: Context,
	total: number | (() => number),
	use: (counting: Counting) => Promise<Out>,
): Promise<Out> =>
	whileTold(
		context,
		(records, ms) => {
			const perSecond = (records / ms) * 1_000;
			const all = typeof total === "number" ? total : total();
			const left = Math.ceil(Math.max(0, all - records) / perSecond);
			const part = all === 0 ? 100 : Math.min(100, Math.floor((records / all) * 100));
			return `${part} % of ${counted(all, "record")}, ${grouped(Math.round(perSecond))}/s, ${left === 0 ? "0s" : durationText(left * 1_000)} left`;
		},
		use,
	);

/** Takes the number of records since it was told last, and tells when to stop. */
interface Counting {
	readonly onProgress: (records: number) => void;
	readonly signal: AbortSignal;
}

/** Runs `use`; what it tells of is a line on a terminal, now and then, once it takes long. */
async function whileTold<Out>(
	context: Context,
	lineOf: (records: number, ms: DurationMs) => string,
	use: (counting: Counting) => Promise<Out>,
): Promise<Out> {
	const seldom = new Seldom();
	let records = 0;
	const onProgress = (more: number): void => {
		records += more;
		if (context.isTerminal && seldom.isDue()) context.progress(lineOf(records, seldom.ms));
	};
	try {
		return await use({ onProgress, signal: context.stop });
	} finally {
		context.progress(null);
	}
}

/** Runs `use` with what tells how many of the partitions have answered. */
export async function whileWaiting<Out>(
	context: Context,
	partitions: number,
	use: (onAnswers: (count: number) => void) => Promise<Out>,
): Promise<Out> {
	try {
		return await use((count) =>
			context.progress(`waiting for a processor: ${count} of ${counted(partitions, "partition")} answered`),
		);
	} finally {
		context.progress(null);
	}
}
