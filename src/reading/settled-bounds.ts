/** Bounds of all partitions of a topic as they were at one moment, while others append to them. */
import type { Offset } from "../core/model/units.ts";
import type { Log } from "../ports/log/log.ts";

interface Bounds {
	readonly begin: Offset;
	readonly end: Offset;
}

/** Where so much is appended that they are never the same twice, the last ones count. */
const ASKED_MAX = 50;

/** Asks until two answers are the same: then nothing was appended in between. Throws what the log throws. */
export async function settledBounds(log: Log, topic: string, partitions: number): Promise<readonly Bounds[]> {
	const ask = (): Promise<readonly Bounds[]> =>
		Promise.all(Array.from({ length: partitions }, (_, partition) => log.bounds({ topic, partition })));
	let bounds = await ask();
	for (let asked = 1; asked < ASKED_MAX; asked++) {
		const again = await ask();
		if (again.every(({ end }, partition) => end === bounds[partition]?.end)) return again;
		bounds = again;
	}
	return bounds;
}
