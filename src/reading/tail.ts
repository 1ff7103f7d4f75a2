/** The tail of a topic, read by one loop from its end on, through every loss that passes. */
import { AssentError, type ErrorCode } from "../core/base/errors.ts";
import type { Offset } from "../core/model/units.ts";
import type { Log, LogRecord, TopicPartition } from "../ports/log/log.ts";
import { pause } from "../ports/pause.ts";

const RETRY_MS = 200;
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["ASSENT_LOG_UNAVAILABLE", "ASSENT_LOG_TOPIC"]);
const GONE: ReadonlySet<ErrorCode> = new Set<ErrorCode>(["ASSENT_LOG_OFFSET_GONE", "ASSENT_LOG_REWOUND"]);

/** Reads every partition of a topic from the end that it had at `start`, until `stop`. */
export class TailReader {
	readonly #log: Log;
	readonly #topic: string;
	readonly #onRecord: (record: LogRecord) => void;
	readonly #onLost: (why: unknown) => void;
	readonly #stop = new AbortController();
	/** Of each partition, the offset to be read next. */
	readonly #next: Offset[] = [];
	#loop: Promise<void> = Promise.resolve();

	constructor(options: {
		log: Log;
		topic: string;
		onRecord: (record: LogRecord) => void;
		onLost: (why: unknown) => void;
	}) {
		this.#log = options.log;
		this.#topic = options.topic;
		this.#onRecord = options.onRecord;
		this.#onLost = options.onLost;
	}

	/** Resolves when the ends are known: what is published from then on is seen. */
	async start(partitions: number): Promise<void> {
		const ends = await Promise.all(
			Array.from({ length: partitions }, (_, partition) => this.#log.bounds({ topic: this.#topic, partition })),
		);
		this.#next.push(...ends.map(({ end }) => end));
		this.#loop = this.#run().catch((thrown: unknown) => {
			if (!this.#stop.signal.aborted) this.#onLost(thrown);
		});
	}

	async stop(): Promise<void> {
		this.#stop.abort();
		await this.#loop;
	}

	async #run(): Promise<void> {
		const { signal } = this.#stop;
		while (!signal.aborted) {
			const positions = this.#next.map((next, partition) => ({ topic: this.#topic, partition, offset: next }));
			try {
				const ready = await this.#log.waitFor(positions, { timeoutMs: 30_000, signal });
				if (signal.aborted) return;
				await Promise.all(ready.map(({ partition }) => this.#take(partition)));
			} catch (thrown) {
				// Out of reach, or not there for now: the tail goes on where it stood.
				if (!(thrown instanceof AssentError) || !PASSING.has(thrown.code)) throw thrown;
				await pause(RETRY_MS, signal);
			}
		}
	}

	/** One read: what is left is named by the next wait, at once. */
	async #take(partition: number): Promise<void> {
		const records = await this.#readFrom({ topic: this.#topic, partition }, this.#next[partition] as Offset);
		for (const record of records) {
			this.#next[partition] = record.offset + 1;
			this.#onRecord(record);
		}
	}

	/**
	 * A tail that fell behind retention, or whose topic was recreated, goes on where records are left: whoever missed an
	 * answer asks again.
	 */
	async #readFrom(from: TopicPartition, offset: Offset): Promise<readonly LogRecord[]> {
		try {
			return await this.#log.read(from, offset);
		} catch (thrown) {
			if (!(thrown instanceof AssentError) || !GONE.has(thrown.code)) throw thrown;
			const { begin } = await this.#log.bounds(from);
			this.#next[from.partition] = begin;
			return this.#log.read(from, begin);
		}
	}
}
