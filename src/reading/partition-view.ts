/**
 * The state of a partition as anybody can fold it from the ledger: what operators' commands and `doctor` look at. Memory is
 * bounded by the state, never by the ledger's length.
 */

import { AssentError, type Problem, problem } from "../core/base/errors.ts";
import { type Folded, type FoldedRecord, foldRecord } from "../core/ledger/fold.ts";
import type { Layout } from "../core/model/layout.ts";
import type { Offset } from "../core/model/units.ts";
import { type Log, type LogRecord, readToEnd, TOPICS } from "../ports/log/log.ts";
import { type FoldStart, foldStart } from "./fold-start.ts";
import { readSnapshot } from "./snapshot-reader.ts";

/** A partition's fold up to the end that its ledger had when reading began. */
export interface PartitionView {
	readonly partition: number;
	readonly folded: Folded;
	/** Next offset of `decisions/p` to read. */
	readonly next: Offset;
	/** `seq` from which on the ledger was read; 0 when it was read from its beginning. */
	readonly fromSeq: number;
}

export interface ReadStateOptions {
	/** `snapshot` (default) begins at the newest whole one; `beginning` reads every entry that retention has left. */
	readonly from?: "snapshot" | "beginning";
	/** False: the state keeps no digest, for whoever asks for none. Default true. */
	readonly isDigested?: boolean;
	/** Called for each record after it was folded. */
	readonly onFolded?: (read: FoldedRecord, folded: Folded, record: LogRecord) => void;
	/** Called now and then with the number of records read since the last call. */
	readonly onProgress?: (records: number) => void;
	readonly signal?: AbortSignal;
}

/** Throws what the fold says (ASSENT_LEDGER_INVALID, ASSENT_LEDGER_VERSION) and ASSENT_LOG_OFFSET_GONE. */
export async function readState(
	log: Log,
	layout: Layout,
	partition: number,
	options: ReadStateOptions = {},
): Promise<PartitionView> {
	const begun = await beginReading(log, layout, partition, options);
	const { folded } = begun;
	let { next } = begun;
	for await (const records of readToEnd(log, ledgerOf(partition), next)) {
		if (options.signal?.aborted) throw interrupted();
		for (const record of records) {
			const read = folding(folded, record);
			options.onFolded?.(read, folded, record);
			next = record.offset + 1;
		}
		options.onProgress?.(records.length);
	}
	return { partition, folded, next, fromSeq: begun.fromSeq };
}

export const ledgerOf = (partition: number) => ({ topic: TOPICS.decisions, partition });

/** Where a fold can begin. Throws ASSENT_LOG_OFFSET_GONE when neither the ledger's head nor a snapshot is left. */
export async function beginReading(
	log: Log,
	layout: Layout,
	partition: number,
	{ from = "snapshot", isDigested = true }: Pick<ReadStateOptions, "from" | "isDigested">,
): Promise<FoldStart> {
	const isHeadWanted = from === "beginning" && (await log.bounds(ledgerOf(partition))).begin === 0;
	const snapshot = isHeadWanted ? null : await readSnapshot(log, partition, layout, { isDigested });
	return foldStart(log, { layout, partition, isDigested }, snapshot);
}

function folding(folded: Folded, record: LogRecord): FoldedRecord {
	const read = foldRecord(folded, record);
	if (read.ok) return read.value;
	throw ofPartition(record.partition, read.error);
}

/** What is wrong with a record, and in which partition. */
export const ofPartition = (partition: number, { code, message, help }: Problem): AssentError =>
	new AssentError(problem(code, `partition ${partition}: ${message}`, help));

/** A signal came before the end of a ledger. */
export const interrupted = (): AssentError =>
	new AssentError(problem("ASSENT_STOPPED", "stopped before it was finished", "run the command again"));
