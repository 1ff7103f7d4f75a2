/** Waiting until a processor decides on every partition that fell to it, with word of what it waits for. */
import { setTimeout as delay } from "node:timers/promises";
import type { DurationMs } from "../../core/model/units.ts";
import type { Processor } from "../../processor/processor.ts";
import { isReady, type PartitionStatus, type ProcessorStatus } from "../../processor/status.ts";
import type { Context } from "../context.ts";

const LOOK_MS: DurationMs = 25;
/** Progress is shown where it takes longer than that, and as often. */
const SHOW_MS: DurationMs = 500;
/** What keeps it from being ready is said again so often. */
const SAY_MS: DurationMs = 30_000;

/** Resolves true when it is ready, false when it ended or the command was told to stop before. */
export async function untilReady(context: Context, processor: Processor): Promise<boolean> {
	const begun = performance.now();
	let shownAt = begun;
	let saidAt = begun + SHOW_MS - SAY_MS;
	try {
		for (;;) {
			const status = processor.status();
			if (status.isEnded || context.stop.aborted) return false;
			if (isReady(status)) return true;
			const now = performance.now();
			if (now - shownAt >= SHOW_MS) {
				shownAt = now;
				context.progress(progressOf(status));
			}
			const obstacles = obstaclesOf(status);
			if (obstacles.length > 0 && now - saidAt >= SAY_MS) {
				saidAt = now;
				for (const each of obstacles) context.note(each);
			}
			await delay(LOOK_MS);
		}
	} finally {
		context.progress(null);
	}
}

/** `restoring: 120000 of 500000 records; 3 of 12 partitions decide`. */
function progressOf({ partitions }: ProcessorStatus): string {
	const restored = partitions.flatMap(({ restored: progress }) => progress ?? []);
	const sum = (of: "records" | "of"): number => restored.reduce((total, each) => total + each[of], 0);
	const deciding = partitions.filter(({ phase }) => phase === "deciding").length;
	const decide = `${deciding} of ${partitions.length} partitions decide`;
	return restored.length === 0 ? decide : `restoring: ${sum("records")} of ${sum("of")} records; ${decide}`;
}

/** What will not pass by waiting alone. */
const obstaclesOf = ({ partitions }: ProcessorStatus): readonly string[] =>
	partitions
		.filter(isObstacle)
		.map(({ partition, phase, why = "" }) => `not ready: partition ${partition} is ${phase}: ${why}`);

const isObstacle = ({ phase }: PartitionStatus): boolean => phase === "paused" || phase === "failed";
