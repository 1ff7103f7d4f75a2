/** A topic's settings as Assent needs them, and what the settings of a topic that is there amount to. */
import { TOPICS, type TopicSpec } from "../../../ports/log/log.ts";

/** Consumed or folded: every record of them counts, in its place and with the broker's time. */
const DENSE: ReadonlySet<string> = new Set([TOPICS.intents, TOPICS.control, TOPICS.decisions]);

/** Is a hole in it a loss? `topic` is without the deployment's prefix. */
export const isDense = (topic: string): boolean => DENSE.has(topic);

/** Room for 500 entries of an append with their headers (docs/design/topics.md#bounds cuts at 900 KB of values). */
export const MESSAGE_BYTES_MAX = 2 * 1024 * 1024;

const SEGMENT_BYTES = 64 * 1024 * 1024;

/** Without these a topic is not what Assent needs it to be. Every managed Kafka takes them. */
export function neededSettings({ cleanup, retentionMs }: TopicSpec): Readonly<Record<string, string>> {
	return {
		"cleanup.policy": cleanup === "compact" ? "compact" : "delete",
		"retention.ms": String(cleanup === "delete" ? (retentionMs ?? -1) : -1),
		"message.timestamp.type": "LogAppendTime",
		"max.message.bytes": String(MESSAGE_BYTES_MAX),
	};
}

/** Asked for as well. A managed Kafka may have its own mind about them, and not let anybody set them. */
export function wantedSettings({ cleanup }: TopicSpec, minInsync: number): Readonly<Record<string, string>> {
	return {
		"retention.bytes": "-1",
		"min.insync.replicas": String(minInsync),
		"unclean.leader.election.enable": "false",
		// The broker unpacks what other clients pack, once for all readers.
		"compression.type": "uncompressed",
		// Snapshots are written over and over: old ones are cleaned away while they are few.
		...(cleanup === "compact" ? { "segment.bytes": String(SEGMENT_BYTES), "min.cleanable.dirty.ratio": "0.1" } : {}),
	};
}

export function cleanupOf(settings: ReadonlyMap<string, string>): Pick<TopicSpec, "cleanup" | "retentionMs"> {
	if (settings.get("cleanup.policy")?.includes("compact") === true) return { cleanup: "compact" };
	const retentionMs = Number(settings.get("retention.ms") ?? -1);
	return retentionMs < 0 ? { cleanup: "keep" } : { cleanup: "delete", retentionMs };
}
