/** Halts in force, over all partitions. */
import type { Layout } from "../core/model/layout.ts";
import type { Halt } from "../core/state/halt.ts";
import type { Log } from "../ports/log/log.ts";
import type { ReadStateOptions } from "../reading/partition-view.ts";
import { partitionsOf } from "../reading/principal-filter.ts";
import { lookAtCommands } from "./questions.ts";

export interface HaltInForce extends Halt {
	/** How many partitions have recorded it; fewer than there are: it is not in force everywhere yet. */
	readonly partitions: number;
}

/** The oldest first. */
export async function haltsInForce(log: Log, layout: Layout, reading: ReadStateOptions = {}): Promise<HaltInForce[]> {
	const halts = new Map<string, HaltInForce>();
	for (const partition of partitionsOf(layout)) {
		const commands = await lookAtCommands(log, layout, partition, reading);
		for (const [key, halt] of commands.halts.entries()) {
			const known = halts.get(key);
			halts.set(key, {
				...halt,
				since: Math.min(halt.since, known?.since ?? halt.since),
				partitions: (known?.partitions ?? 0) + 1,
			});
		}
	}
	return [...halts.values()].sort((a, b) => a.since - b.since);
}
