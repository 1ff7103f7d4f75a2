/** Where the topics of a log begin: one that keeps everything begins with its first record. */
import type { Finding } from "../core/audit/finding.ts";
import { type Log, TOPICS } from "../ports/log/log.ts";
import type { VerifiedPartition } from "./partition.ts";

/** Topics of which nothing is dropped. */
export const KEPT: readonly string[] = [
	TOPICS.intents,
	TOPICS.control,
	TOPICS.decisions,
	TOPICS.violations,
	TOPICS.checkpoints,
	TOPICS.deadLetters,
];

/** What an operator has said to be lost, on the log, is no finding. Throws what the log throws. */
export async function verifyBeginnings(
	log: Log,
	verified: readonly Pick<VerifiedPartition, "partition" | "skips">[],
	found: (finding: Finding) => void,
): Promise<void> {
	for (const { name: topic, cleanup, partitions } of await log.admin().shapes()) {
		if (!KEPT.includes(topic) || cleanup !== "keep") continue;
		for (let partition = 0; partition < partitions; partition++) {
			const { begin } = await log.bounds({ topic, partition });
			const skips = verified.find((each) => each.partition === partition)?.skips ?? [];
			if (begin === 0 || skips.some((skip) => skip.topic === topic && skip.from < begin && begin <= skip.until))
				continue;
			const message = `${topic}/${partition} begins at offset ${begin}, and keeps everything: it has no retention`;
			found({ code: "record.lost", partition, topic, offset: 0, seq: null, message });
		}
	}
}
