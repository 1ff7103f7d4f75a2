/**
 * A partition that calls itself deciding while inputs wait and none is taken: something is broken that nobody has noticed.
 * Looked at now and then from outside its life, which may be what stands still.
 */
import type { DurationMs, EpochMs } from "../core/model/units.ts";
import type { Log } from "../ports/log.ts";
import { type Lag, lagOf } from "./lag.ts";
import type { PartitionStatus } from "./status.ts";

/** How often is looked. */
export const LOOK_MS: DurationMs = 2_500;
/** Inputs that wait for so long without one being taken. Longer than any append takes that is answered. */
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
		const lags = await lagOf(this.#log, partitions);
		for (const status of partitions) {
			const { partition, phase, entries } = status;
			const behind = lags.filter((lag) => lag.partition === partition && lag.records > 0);
			const isWaiting = phase === "deciding" && (await this.#hasAny(status, behind));
			if (!isWaiting) this.#waiting.delete(partition);
			else if (this.#waiting.get(partition)?.entries !== entries) this.#waiting.set(partition, { entries, since: now });
		}
	}

	/** What the log counts may be no records: a transaction's marks, for one. */
	async #hasAny({ consumed }: PartitionStatus, behind: readonly Lag[]): Promise<boolean> {
		for (const { topic, partition } of behind) {
			const [record] = await this.#log.read({ topic, partition }, consumed[topic], { recordsMax: 1 });
			if (record !== undefined) return true;
		}
		return false;
	}
}
