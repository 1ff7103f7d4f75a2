/** The body of Fetch (version 11), without a fetch session: kafka.apache.org/protocol. */
import type { DurationMs } from "../../../core/model/units.ts";
import type { Asked } from "./fetched-batches.ts";
import type { Writer } from "./writer.ts";

export interface Wanted extends Asked {
	readonly bytesMax: number;
}

/** Most bytes of one answer; a first batch that is larger comes anyway. */
const ANSWER_BYTES_MAX = 16 * 1024 * 1024;
/** Nothing here is written in a transaction, but another client's input may be: it counts once that is committed. */
const READ_COMMITTED = 1;

/** Answered as soon as there is a byte of any of them, or after `maxWaitMs`. */
export function writeFetch(to: Writer, wanted: readonly Wanted[], maxWaitMs: DurationMs): void {
	to.int32(-1);
	to.int32(maxWaitMs);
	to.int32(1);
	to.int32(ANSWER_BYTES_MAX);
	to.int8(READ_COMMITTED);
	to.int32(0);
	to.int32(-1);
	const byTopic = Map.groupBy(wanted, ({ topic }) => topic);
	to.int32(byTopic.size);
	for (const [topic, partitions] of byTopic) {
		to.string(topic);
		to.int32(partitions.length);
		for (const { partition, offset, bytesMax } of partitions) {
			to.int32(partition);
			to.int32(-1);
			to.int64(offset);
			to.int64(-1);
			to.int32(bytesMax);
		}
	}
	to.int32(0);
	to.string("");
}
