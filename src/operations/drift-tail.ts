/**
 * Drift of one partition from a place on, for all who listen there: what came a while before the place is looked at, and not the whole
 * log, so that the first output of a tool is the first that is remembered.
 */
import { AssentError } from "../core/base/errors.ts";
import type { DriftDetected } from "../core/ledger/projections/events.ts";
import type { Offset } from "../core/model/units.ts";
import { type Log, type LogRecord, TOPICS } from "../ports/log/log.ts";
import { DriftWatch } from "./drift.ts";
import { RECORDS_MAX, readShared } from "./shared-reads.ts";

/** Records that are looked at before a place. */
export const DRIFT_LOOKBACK = 4_096;
/** Drift that is remembered for those who listen further back. */
const DRIFTS_MAX = 1_000;

export class DriftTail {
	readonly #log: Log;
	readonly #partition: number;
	readonly #watch: DriftWatch;
	readonly #drifts = new Map<Offset, DriftDetected>();
	#since: Offset;
	#next: Offset;
	#turn: Promise<unknown> = Promise.resolve();

	private constructor(log: Log, partition: number, place: Offset) {
		this.#log = log;
		this.#partition = partition;
		this.#watch = new DriftWatch(partition);
		this.#next = evenly(place - DRIFT_LOOKBACK);
		// Whoever comes from a little further back is told, too.
		this.#since = evenly(place - DRIFT_LOOKBACK / 2);
	}

	/** The one that others of this process follow, where it is near the place; else one that begins there. */
	static from(log: Log, partition: number, place: Offset): DriftTail {
		const tails = tailsOf.get(log) ?? new Map<number, DriftTail>();
		tailsOf.set(log, tails);
		const shared = tails.get(partition);
		if (shared?.tells(place) === true) return shared;
		const tail = new DriftTail(log, partition, place);
		// Whoever listens far back has it alone.
		if (shared === undefined || place > shared.#next) tails.set(partition, tail);
		return tail;
	}

	private tells(place: Offset): boolean {
		return place >= this.#since && place - this.#next <= DRIFT_LOOKBACK;
	}

	/** By offset, the drift that these records tell; null where that is not remembered any more. Throws what reading the log throws. */
	async see(records: readonly LogRecord[]): Promise<ReadonlyMap<Offset, DriftDetected> | null> {
		const [first] = records;
		if (first === undefined) return new Map();
		const seen = this.#turn.then(() => this.#catchUp(first.offset, records));
		// Who comes next tries again.
		this.#turn = seen.catch(() => {});
		await seen;
		if (first.offset < this.#since) return null;
		const found = records.flatMap(({ offset }) => {
			const drift = this.#drifts.get(offset);
			return drift === undefined ? [] : [[offset, drift] as const];
		});
		return new Map(found);
	}

	/** In the order of the log, whoever brings them. */
	async #catchUp(first: Offset, records: readonly LogRecord[]): Promise<void> {
		while (this.#next < first) {
			const before = await this.#read();
			if (before.length === 0) break;
			for (const record of before) this.#take(record);
		}
		for (const record of records) this.#take(record);
	}

	/** Nothing where retention has eaten it. */
	async #read(): Promise<readonly LogRecord[]> {
		try {
			return await readShared(this.#log, { topic: TOPICS.intents, partition: this.#partition }, this.#next);
		} catch (thrown) {
			if (!(thrown instanceof AssentError) || thrown.code !== "ASSENT_LOG_OFFSET_GONE") throw thrown;
			return [];
		}
	}

	#take(record: LogRecord): void {
		if (record.offset < this.#next) return;
		this.#next = record.offset + 1;
		const drift = this.#watch.see(record);
		if (drift === null) return;
		this.#drifts.set(record.offset, drift);
		const [oldest] = this.#drifts.keys();
		if (this.#drifts.size <= DRIFTS_MAX || oldest === undefined) return;
		this.#drifts.delete(oldest);
		this.#since = oldest + 1;
	}
}

const tailsOf = new WeakMap<Log, Map<number, DriftTail>>();

/** So that whoever begins at about the same place reads the same batches. */
const evenly = (offset: Offset): Offset => Math.max(0, Math.floor(offset / RECORDS_MAX) * RECORDS_MAX);
