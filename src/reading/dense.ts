/** The ledger is never compacted or written in transactions: a gap means that records were lost, and going on would be going on without them. */
import { AssentError, problem } from "../core/base/errors.ts";
import type { Offset } from "../core/model/units.ts";
import type { LogRecord } from "../ports/log/log.ts";

/** Throws ASSENT_LOG_OFFSET_GONE unless the records lie at `at`, `at + 1`, … */
export function assertDense(records: readonly LogRecord[], at: Offset): void {
	for (const [index, record] of records.entries()) {
		if (record.offset === at + index) continue;
		throw new AssentError(
			problem(
				"ASSENT_LOG_OFFSET_GONE",
				`${record.topic}/${record.partition} has offset ${record.offset} where ${at + index} is due`,
				"`decisions` must not be compacted or written in transactions: restore the ledger from an export",
			),
		);
	}
}
