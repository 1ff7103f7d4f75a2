/**
 * A partition that calls itself deciding while inputs wait and none is taken: something is broken that nobody has noticed.
 * Looked at now and then from outside its life, which may be what stands still.
 */
import type { DurationMs, EpochMs } from "../core/model/units.ts";
import type { Log } from "../ports/log/log.ts";
import { lagOf } from "./lag.ts";
import type { PartitionStatus } from "./status.ts";

/** How often is looked. */
export const LOOK_MS: DurationMs = 2_500;
/** Inputs that wait this long without one being taken. Longer than any append takes that is answered. */
export const STALLED_MS: DurationMs = 15_000;

interface Seen {
	/** Entries that the ledger had when this began. */
	readonly entries: number;
	readonly since: EpochMs;
}

export class StallWatch {
	readonly #log: Log;
	readonly #waiting = new Map<number, Seen>();

	constructor(log: Log) {
		this.#log = log;
	}

	/** Since when inputs of the partition have waited in vain, where that is too long; else null. */
	stalledSince({ partition, phase, entries }: PartitionStatus, now: EpochMs): EpochMs | null {
		const seen = this.#waiting.get(partition);
		const isStalled = phase === "deciding" && seen?.entries === entries && now - seen.since >= STALLED_MS;
		return isStalled ? seen.since : null;
	}

	/** Looks which partitions have inputs to take. Throws what the log throws. */
	async look(partitions: readonly PartitionStatus[], now: EpochMs): Promise<void> {
		// The others are not asked about: what they wait for is known.
		const lags = await lagOf(
			this.#log,
			partitions.filter(({ phase }) => phase === "deciding"),
		);
		const here = new Set(partitions.map(({ partition }) => partition));
		for (const partition of this.#waiting.keys()) if (!here.has(partition)) this.#waiting.delete(partition);
		for (const { partition, entries } of partitions) {
			const isWaiting = lags.some((lag) => lag.partition === partition && lag.records > 0);
			if (!isWaiting) this.#waiting.delete(partition);
			else if (this.#waiting.get(partition)?.entries !== entries) this.#waiting.set(partition, { entries, since: now });
		}
	}
}
