/** Inputs and ledger are never compacted: a gap means that records were lost, and going on would be going on without them. */
import { AssentError, problem } from "../core/base/errors.ts";
import type { Offset } from "../core/model/units.ts";
import type { LogRecord } from "../ports/log.ts";

/** Those that lie at `at`, `at + 1`, … before the first gap. Throws ASSENT_LOG_OFFSET_GONE when the gap is at `at` itself. */
export function beforeGap(records: readonly LogRecord[], at: Offset): readonly LogRecord[] {
	const gap = records.findIndex((record, index) => record.offset !== at + index);
	if (gap === 0) assertDense(records, at);
	return gap === -1 ? records : records.slice(0, gap);
}

/** Throws ASSENT_LOG_OFFSET_GONE unless the records lie at `at`, `at + 1`, … */
export function assertDense(records: readonly LogRecord[], at: Offset): void {
	for (const [index, record] of records.entries()) {
		if (record.offset === at + index) continue;
		throw new AssentError(
			problem(
				"ASSENT_LOG_OFFSET_GONE",
				`${record.topic}/${record.partition} has offset ${record.offset} where ${at + index} is due`,
				"`intents`, `control` and `decisions` must not be compacted or written in transactions, and are kept alike",
			),
		);
	}
}
