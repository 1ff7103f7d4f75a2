/** The valid entries of a ledger as they are stored, from its first on: for whoever needs their bytes and no state. */
import { AssentError, problem } from "../core/base/errors.ts";
import { emptyHead, judgeRecord } from "../core/ledger/validity.ts";
import { type Log, readToEnd } from "../ports/log/log.ts";
import { assertDense } from "./dense.ts";
import { interrupted, ledgerOf } from "./partition-view.ts";

export interface StoredEntry {
	readonly seq: number;
	readonly value: Uint8Array;
}

/** Up to the end that the ledger had when reading began. Throws what the log throws, ASSENT_LEDGER_INVALID and ASSENT_STOPPED. */
export async function* validEntries(
	log: Log,
	partition: number,
	options: {
		/** Called now and then with the number of records read since the last call. */
		readonly onProgress?: (records: number) => void;
		readonly signal?: AbortSignal;
	} = {},
): AsyncGenerator<StoredEntry> {
	let head = emptyHead;
	let next = 0;
	for await (const records of readToEnd(log, ledgerOf(partition), 0)) {
		if (options.signal?.aborted === true) throw interrupted();
		assertDense(records, next);
		next += records.length;
		for (const { headers, value, offset, unreadable } of records) {
			if (unreadable !== undefined) throw unread(partition, offset, unreadable);
			const judged = judgeRecord(head, headers);
			head = judged.head;
			if (judged.kind === "valid") yield { seq: head.seq, value };
		}
		options.onProgress?.(records.length);
	}
}

const unread = (partition: number, offset: number, why: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_LEDGER_INVALID",
			`decisions/${partition} cannot be read at offset ${offset}: ${why}`,
			"what is behind it cannot be shown to follow: find out who wrote it",
		),
	);
