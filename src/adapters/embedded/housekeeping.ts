/** What a log forgets, and the room that it makes for what is to come: always in small steps, so that appends never wait long. */
import type { EpochMs, Offset } from "../../core/model/units.ts";
import type { TopicPartition } from "../../ports/log/log.ts";
import { CHECKPOINT_PAGES } from "./sqlite.ts";
import type { Topic } from "./topics.ts";
import { growWal } from "./wal.ts";
import type { LogWriter } from "./writer.ts";

/** Rows that one transaction of retention or trimming removes at most. */
const REMOVED_MAX = 2_000;

/** Pages of the write-ahead log, and how many of them are in the file. */
interface WalState {
	readonly log: number;
	readonly checkpointed: number;
}

export class Housekeeping {
	readonly #writer: LogWriter;

	constructor(writer: LogWriter) {
		this.#writer = writer;
	}

	/** Removes records below `offset`, a chunk per transaction. */
	trim(from: TopicPartition, offset: Offset): void {
		const { tables } = this.#writer;
		const topic = tables.topic(from);
		const trimChunk = (): boolean => {
			const { begin, end } = tables.bounds(topic, from.partition);
			const goal = Math.min(offset, end);
			if (goal <= begin) return false;
			const beyond = tables.oldest(topic, from.partition, REMOVED_MAX + 1)[REMOVED_MAX];
			const next = beyond === undefined ? goal : Math.min(goal, beyond.off);
			tables.removeBelow(topic, from.partition, next);
			return next < goal;
		};
		while (this.#writer.transact(trimChunk, { isDurable: false }));
	}

	/** Forgets what `delete` topics have kept for long enough, one chunk of each partition; true if more may be left. */
	retain(now: EpochMs): boolean {
		const { tables } = this.#writer;
		let isMoreLeft = false;
		for (const topic of tables.retained()) {
			for (let partition = 0; partition < topic.partitions; partition++) {
				const [first] = tables.oldest(topic, partition, 1);
				if (first === undefined || first.ts >= now - topic.retention_ms) continue;
				isMoreLeft = this.#forget(topic, partition, now - topic.retention_ms) || isMoreLeft;
			}
		}
		return isMoreLeft;
	}

	/** Prepares a piece of the write-ahead log for appends to come; false when there is nothing left to prepare. */
	growWal(): boolean {
		return this.#writer.transact(() => growWal(this.#writer.path), { isDurable: false });
	}

	/**
	 * Moves the write-ahead log into the file once it is long. What others write meanwhile is left, and it begins again at its
	 * start when a later round finds nothing left; one that still grows is ended under the lock. A reader can hold
	 * that back; it is tried again later.
	 */
	checkpoint(): void {
		if (this.#wal("NOOP").log < CHECKPOINT_PAGES) return;
		const { log, checkpointed } = this.#wal("PASSIVE");
		if (log > checkpointed && log > 2 * CHECKPOINT_PAGES) this.#wal("RESTART");
	}

	/** After a checkpoint of that mode; NOOP only looks. */
	#wal(mode: "NOOP" | "PASSIVE" | "RESTART"): WalState {
		return this.#writer.db.prepare(`PRAGMA wal_checkpoint(${mode})`).get() as unknown as WalState;
	}

	#forget(topic: Topic, partition: number, before: EpochMs): boolean {
		const { tables } = this.#writer;
		const forgetChunk = (): boolean => {
			const rows = tables.oldest(topic, partition, REMOVED_MAX);
			const young = rows.find((row) => row.ts >= before);
			const last = rows.at(-1);
			if (last === undefined) return false;
			tables.removeBelow(topic, partition, young === undefined ? last.off + 1 : young.off);
			return young === undefined && rows.length === REMOVED_MAX;
		};
		return this.#writer.transact(forgetChunk, { isDurable: false });
	}
}
