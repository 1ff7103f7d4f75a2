/**
 * What several memory logs share, as several processes share a broker: topics, partitions and members. Everything here
 * happens at once and in the order of the calls, so that a simulation decides every interleaving.
 */
import type { EpochMs, Offset } from "../../core/model/units.ts";
import type { Appended, LogRecord, OutRecord, TopicPartition, TopicSpec, TopicState } from "../../ports/log/log.ts";
import {
	assertPartitionCount,
	noTopic,
	nothingToAppend,
	offsetGone,
	otherPartitionCount,
	rewound,
} from "../../ports/log/problems.ts";
import { MemoryGroups } from "./groups.ts";

interface Partition {
	begin: Offset;
	end: Offset;
	/** Ascending by offset; dense but for superseded records of a compacted topic. */
	records: LogRecord[];
}

interface Topic {
	readonly spec: TopicSpec;
	readonly partitions: readonly Partition[];
}

export interface MemoryStoreOptions {
	/**
	 * What happens to an append whose expected offset is taken: `refused` (nothing is written, as SQLite does) or
	 * `written` (it lands at the end and the answer says `superseded`, as on Kafka). Default `refused`.
	 */
	readonly mismatched?: "refused" | "written";
}

export class MemoryStore {
	readonly groups = new MemoryGroups();
	readonly #topics = new Map<string, Topic>();
	readonly #watchers = new Set<(to: TopicPartition, end: Offset) => void>();
	readonly #isMismatchWritten: boolean;

	constructor(options: MemoryStoreOptions = {}) {
		this.#isMismatchWritten = options.mismatched === "written";
	}

	/** Calls `watcher` after every append with the partition's new end; returns how to stop. */
	watch(watcher: (to: TopicPartition, end: Offset) => void): () => void {
		this.#watchers.add(watcher);
		return () => this.#watchers.delete(watcher);
	}

	createTopics(specs: readonly TopicSpec[]): void {
		for (const { name, partitions } of specs) {
			assertPartitionCount(name, partitions);
			const existing = this.#topics.get(name);
			if (existing !== undefined && existing.spec.partitions !== partitions)
				throw otherPartitionCount(name, existing.spec.partitions, partitions);
		}
		for (const spec of specs) {
			if (this.#topics.has(spec.name)) continue;
			const partitions = Array.from({ length: spec.partitions }, () => ({ begin: 0, end: 0, records: [] }));
			this.#topics.set(spec.name, { spec, partitions });
		}
	}

	topics(): readonly TopicState[] {
		return [...this.#topics.values()].map(({ spec, partitions }) => ({
			...spec,
			begin: partitions.map((each) => each.begin),
			end: partitions.map((each) => each.end),
		}));
	}

	/** Keeps the records' bytes and headers as they are: the caller hands over copies. */
	append(to: TopicPartition, records: readonly OutRecord[], expected: Offset | undefined, now: EpochMs): Appended {
		if (records.length === 0) throw nothingToAppend(to);
		const { spec } = this.#topic(to);
		const partition = this.#partition(to);
		const base = partition.end;
		const isMismatch = expected !== undefined && expected !== base;
		if (isMismatch && !this.#isMismatchWritten) return { kind: "superseded", end: base };
		for (const { key, value, headers } of records) {
			const record = {
				...to,
				offset: partition.end,
				timestamp: now,
				key,
				value,
				headers,
			};
			if (spec.cleanup === "compact" && key !== null)
				partition.records = partition.records.filter((each) => each.key !== key);
			partition.records.push(record);
			partition.end += 1;
		}
		if (spec.cleanup === "delete" && spec.retentionMs !== undefined) forget(partition, now - spec.retentionMs);
		for (const watcher of [...this.#watchers]) watcher(to, partition.end);
		return isMismatch ? { kind: "superseded", end: base } : { kind: "appended", base, timestamp: now };
	}

	read(from: TopicPartition, offset: Offset, recordsMax: number, bytesMax: number): readonly LogRecord[] {
		const { begin, end, records } = this.#partition(from);
		if (offset < begin) throw offsetGone(from, offset, begin);
		if (offset > end) throw rewound(from, offset, end);
		const found: LogRecord[] = [];
		let bytes = 0;
		for (let index = firstFrom(records, offset); index < records.length && found.length < recordsMax; index++) {
			const record = records[index] as LogRecord;
			bytes += record.value.length + Buffer.byteLength(record.key ?? "");
			if (bytes > bytesMax && found.length > 0) break;
			found.push(record);
		}
		return found;
	}

	bounds(of: TopicPartition): { readonly begin: Offset; readonly end: Offset } {
		const { begin, end } = this.#partition(of);
		return { begin, end };
	}

	trim(from: TopicPartition, offset: Offset): void {
		const partition = this.#partition(from);
		cut(partition, Math.min(offset, partition.end));
	}

	#topic(of: TopicPartition): Topic {
		const topic = this.#topics.get(of.topic);
		if (topic === undefined) throw noTopic(of, null);
		return topic;
	}

	#partition(of: TopicPartition): Partition {
		const { partitions } = this.#topic(of);
		const partition = partitions[of.partition];
		if (partition === undefined) throw noTopic(of, partitions.length);
		return partition;
	}
}

/** Drops records older than `before` from the front; one that is young keeps all that follow it. */
function forget(partition: Partition, before: EpochMs): void {
	const young = partition.records.findIndex((record) => record.timestamp >= before);
	cut(partition, young === -1 ? partition.end : (partition.records[young] as LogRecord).offset);
}

function cut(partition: Partition, begin: Offset): void {
	if (begin <= partition.begin) return;
	partition.records.splice(0, firstFrom(partition.records, begin));
	partition.begin = begin;
}

/** Index of the first record at or after `offset`, by halving. */
function firstFrom(records: readonly LogRecord[], offset: Offset): number {
	let low = 0;
	let high = records.length;
	while (low < high) {
		const middle = (low + high) >>> 1;
		if ((records[middle] as LogRecord).offset < offset) low = middle + 1;
		else high = middle;
	}
	return low;
}
