/** Topics as the log's file has them, by their names. */
import type { DatabaseSync } from "node:sqlite";
import { counted, grouped } from "../../core/base/count-text.ts";
import { isPartitionCount, PARTITIONS_MAX } from "../../core/model/layout.ts";
import type { TopicPartition, TopicSpec } from "../../ports/log/log.ts";
import { noTopic } from "../../ports/log/problems.ts";
import { corrupt } from "./sqlite.ts";

export interface Topic {
	readonly id: number;
	readonly partitions: number;
	readonly cleanup: TopicSpec["cleanup"];
}

/**
 * Finds the topic of a partition that is there. Throws ASSENT_LOG_TOPIC, and ASSENT_LOG_CORRUPT for one that cannot be. Topics are never
 * removed or changed, so what was found once stays true. `path` is the file's.
 */
export function topicFinder(db: DatabaseSync, path: string): (of: TopicPartition) => Topic {
	const row = db.prepare("SELECT id, partitions, cleanup FROM topics WHERE name = ?");
	const known = new Map<string, Topic>();
	return (of) => {
		let topic = known.get(of.topic);
		if (topic === undefined) {
			topic = row.get(of.topic) as unknown as Topic | undefined;
			if (topic === undefined) throw noTopic(of, null);
			assertPartitions(path, of.topic, topic.partitions);
			known.set(of.topic, topic);
		}
		if (!Number.isSafeInteger(of.partition) || of.partition < 0 || of.partition >= topic.partitions)
			throw noTopic(of, topic.partitions);
		return topic;
	};
}

/** Throws ASSENT_LOG_CORRUPT: whoever walks the partitions of a topic must come to an end. */
export function assertPartitions(path: string, topic: string, count: number): void {
	if (isPartitionCount(count)) return;
	const said = `its table \`topics\` says that \`${topic}\` has ${counted(count, "partition")}`;
	throw corrupt(path, `${said}, and a topic has 1 to ${grouped(PARTITIONS_MAX)}`);
}
