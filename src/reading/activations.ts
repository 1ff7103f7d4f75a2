/** The activations on the log: which policies were put into force, and when. */
import { decodeInput } from "../core/codec/decode.ts";
import { isLaterActivation } from "../core/model/inputs.ts";
import type { EpochMs, Offset } from "../core/model/units.ts";
import { type Log, readToEnd, TOPICS } from "../ports/log/log.ts";

/** An activation that is greater than all before it: it comes into force, or is proposed, unless a processor refuses it. */
export interface PastActivation {
	readonly id: string;
	readonly generation: number;
	readonly digest: string;
	readonly by: string;
	/** Whoever sent it asked for a second operator. */
	readonly needsReview: boolean;
	/** The log's time of the control record, and its offset in the partition's `control`. */
	readonly at: EpochMs;
	readonly offset: Offset;
}

/** The activations of a partition in the order in which they are adopted; late repetitions are left out. */
export async function activationsOn(
	log: Log,
	partition: number,
	{ from = 0 }: { readonly from?: Offset } = {},
): Promise<readonly PastActivation[]> {
	const control = { topic: TOPICS.control, partition };
	const { begin } = await log.bounds(control);
	const found: PastActivation[] = [];
	for await (const records of readToEnd(log, control, Math.max(begin, from))) {
		for (const record of records) {
			const read = decodeInput(record.value, "control");
			if (!read.ok || read.value.type !== "policy.activated") continue;
			const { id, generation, digest, needsReview, issuedBy: by } = read.value;
			if (!isLaterActivation(read.value, found.at(-1))) continue;
			found.push({ id, generation, digest, by, needsReview, at: record.timestamp, offset: record.offset });
		}
	}
	return found;
}

/** The last one on the log, which every partition has or is about to get; null when there was none. */
export const latestActivation = async (log: Log): Promise<PastActivation | null> =>
	(await activationsOn(log, 0)).at(-1) ?? null;
