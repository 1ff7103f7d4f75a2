/** The answer to Produce (versions 5 to 7): kafka.apache.org/protocol. */
import type { DurationMs, EpochMs, Offset } from "../../../core/model/units.ts";
import { Reader } from "./reader.ts";

export interface ProducedPartition {
	/** With the deployment's prefix. */
	readonly topic: string;
	readonly partition: number;
	readonly errorCode: number;
	/** The first record's offset. */
	readonly base: Offset;
	/** Negative where the topic has CreateTime. */
	readonly appendTime: EpochMs;
}

export interface Produced {
	readonly partitions: readonly ProducedPartition[];
	/** How long the broker asks its client not to send. */
	readonly throttleMs: DurationMs;
}

export function decodeProduced(payload: Buffer): Produced {
	const from = new Reader(payload);
	const partitions: ProducedPartition[] = [];
	for (let topics = from.int32(); topics > 0; topics--) {
		const topic = from.text(from.int16());
		for (let count = from.int32(); count > 0; count--) {
			partitions.push({
				topic,
				partition: from.int32(),
				errorCode: from.int16(),
				base: from.int64(),
				appendTime: from.int64(),
			});
			// Where the partition begins.
			from.skip(8);
		}
	}
	return { partitions, throttleMs: from.int32() };
}
