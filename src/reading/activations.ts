/** The activations on the log: which policies were put into force, and when. */
import { decodeInput } from "../core/codec/decode.ts";
import { isLaterActivation } from "../core/model/inputs.ts";
import type { EpochMs } from "../core/model/units.ts";
import { type Log, readToEnd, TOPICS } from "../ports/log/log.ts";

/** An activation that counts: greater than all before it. */
export interface PastActivation {
	readonly id: string;
	readonly generation: number;
	readonly digest: string;
	readonly by: string;
	/** The log's time of the control record. */
	readonly at: EpochMs;
}

/** The activations of a partition in the order in which they are adopted; late repetitions are left out. */
export async function activationsOn(log: Log, partition: number): Promise<readonly PastActivation[]> {
	const from = { topic: TOPICS.control, partition };
	const { begin } = await log.bounds(from);
	const found: PastActivation[] = [];
	for await (const records of readToEnd(log, from, begin)) {
		for (const record of records) {
			const read = decodeInput(record.value, "control");
			if (!read.ok || read.value.type !== "policy.activated") continue;
			const { id, generation, digest, issuedBy } = read.value;
			if (isLaterActivation(read.value, found.at(-1)))
				found.push({ id, generation, digest, by: issuedBy, at: record.timestamp });
		}
	}
	return found;
}

/** The last one on the log, which every partition has or is about to get; null when there was none. */
export const latestActivation = async (log: Log): Promise<PastActivation | null> =>
	(await activationsOn(log, 0)).at(-1) ?? null;
