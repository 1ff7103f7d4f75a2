/** Where the records of another log are put as they were: at their offsets, with their times. */
import type { EntrySummary } from "../../core/ledger/projections/summary.ts";
import type { Offset } from "../../core/model/units.ts";
import type { LogRecord, TopicPartition, TopicSpec } from "./log.ts";

export interface CopiedRecord extends LogRecord {
	/** As `index` of what is appended. */
	readonly index?: EntrySummary;
}

/** Nobody reads it, or writes anything else to it, before it is whole. */
export interface CopyTarget {
	createTopics(topics: readonly TopicSpec[]): Promise<void>;
	/** The first offset of a partition; called before its records, if it is not 0. */
	begin(at: TopicPartition, offset: Offset): Promise<void>;
	/** Called before records behind offsets that are missing in a topic which is not compacted. Throws where readers would take them for lost. */
	leaveGaps(topic: string): Promise<void>;
	/** Records of one partition, which follow those before. Throws what the log throws where they cannot be kept as they were. */
	put(records: readonly CopiedRecord[]): Promise<void>;
}
