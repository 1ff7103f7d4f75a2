/** The body of Produce (versions 3 to 8): kafka.apache.org/protocol. */
import type { DurationMs } from "../../../core/model/units.ts";
import type { Writer } from "./writer.ts";

export interface ProducedBatch {
	/** With the deployment's prefix. */
	readonly topic: string;
	readonly partition: number;
	/** A record batch. */
	readonly bytes: Uint8Array;
}

const ACKS_ALL = -1;
const NO_TRANSACTION = -1;

export function writeProduce(to: Writer, batches: readonly ProducedBatch[], timeoutMs: DurationMs): void {
	to.int16(NO_TRANSACTION);
	to.int16(ACKS_ALL);
	to.int32(timeoutMs);
	const byTopic = Map.groupBy(batches, ({ topic }) => topic);
	to.int32(byTopic.size);
	for (const [topic, partitions] of byTopic) {
		to.string(topic);
		to.int32(partitions.length);
		for (const { partition, bytes } of partitions) {
			to.int32(partition);
			to.int32(bytes.length);
			to.copy(bytes);
		}
	}
}
