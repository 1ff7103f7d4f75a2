/** The ledger is never compacted or written in transactions: a gap means that records were lost, and going on would be going on without them. */
import { AssentError, problem } from "../core/base/errors.ts";
import type { Offset } from "../core/model/units.ts";
import type { LogRecord } from "../ports/log/log.ts";

/** Throws ASSENT_LOG_OFFSET_GONE unless the records are at `offset`, `offset + 1`, … */
export function assertDense(records: readonly LogRecord[], offset: Offset): void {
	for (const [index, record] of records.entries()) {
		if (record.offset === offset + index) continue;
		throw new AssentError(
			problem(
				"ASSENT_LOG_OFFSET_GONE",
				`${record.topic}/${record.partition} has offset ${record.offset} where ${offset + index} is due`,
				"`decisions` must not be compacted or written in transactions: restore the ledger from a backup",
			),
		);
	}
}
