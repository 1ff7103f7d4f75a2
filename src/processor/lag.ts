/** How far a processor is behind its inputs. */
import type { InputTopic } from "../core/model/inputs.ts";
import type { Log } from "../ports/log/log.ts";
import { waitingAt } from "../ports/log/waiting.ts";
import type { PartitionStatus } from "./status.ts";

export interface Lag {
	readonly topic: InputTopic;
	readonly partition: number;
	/** Records that are there and, as far as is known, not consumed. */
	readonly records: number;
}

/** Asks the log for the ends of the partitions' inputs; throws what it throws. */
export async function lagOf(log: Log, partitions: readonly PartitionStatus[]): Promise<readonly Lag[]> {
	const ofTopic = async (topic: InputTopic, { partition, consumed }: PartitionStatus): Promise<Lag> => {
		const { records } = await waitingAt(log, { topic, partition }, consumed[topic]);
		return { topic, partition, records };
	};
	return Promise.all(partitions.flatMap((each) => [ofTopic("intents", each), ofTopic("control", each)]));
}
