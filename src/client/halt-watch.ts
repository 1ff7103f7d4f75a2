/** Halts as they are set and lifted while a program runs: a token that was good when it was minted is not while its agent is halted. */
import { decodeInput } from "../core/codec/decode.ts";
import type { HaltScope } from "../core/model/inputs.ts";
import type { Layout } from "../core/model/layout.ts";
import { type DurationMs, type EpochMs, MINUTE, type Offset } from "../core/model/units.ts";
import { type Log, type LogRecord, readToEnd, TOPICS, type TopicPartition } from "../ports/log/log.ts";
import { TailReader } from "../reading/tail.ts";

/** Tokens of calls that were allowed earlier than this before the watch began are refused: nobody knows what was halted since. */
const BACK_MS: DurationMs = 15 * MINUTE;

export interface HaltSubject {
	readonly tenant: string;
	readonly agent: string;
	readonly session: string;
}

export class HaltWatch {
	readonly #log: Log;
	readonly #layout: Layout;
	/** What is halted, by its scope. */
	readonly #halts = new Map<string, HaltScope>();
	readonly #tail: TailReader;
	#since: EpochMs = Number.POSITIVE_INFINITY;

	private constructor(log: Log, layout: Layout) {
		this.#log = log;
		this.#layout = layout;
		this.#tail = new TailReader({
			log,
			topic: TOPICS.control,
			onRecord: (record) => this.#take(record),
			onLost: () => {
				this.#since = Number.POSITIVE_INFINITY;
			},
		});
	}

	/** Resolves when it knows what was halted lately. Throws what the log throws. */
	static async begin({ log, layout, now }: { log: Log; layout: Layout; now: EpochMs }): Promise<HaltWatch> {
		const watch = new HaltWatch(log, layout);
		// The tail first: what comes meanwhile is read twice rather than not at all.
		await watch.#tail.start(layout.partitions);
		try {
			await watch.#catchUp(now - BACK_MS);
			return watch;
		} catch (thrown) {
			await watch.stop();
			throw thrown;
		}
	}

	async #catchUp(since: EpochMs): Promise<void> {
		for (let partition = 0; partition < this.#layout.partitions; partition++) {
			const at = { topic: TOPICS.control, partition };
			for await (const records of readToEnd(this.#log, at, await offsetAt(this.#log, at, since))) {
				for (const record of records) this.#take(record);
			}
		}
		this.#since = since;
	}

	/** Null: nobody knows whether there was a halt since `issuedAt`. */
	isHalted(subject: HaltSubject, issuedAt: EpochMs): boolean | null {
		if (issuedAt < this.#since) return null;
		for (const scope of this.#halts.values()) if (covers(scope, subject)) return true;
		return false;
	}

	stop(): Promise<void> {
		return this.#tail.stop();
	}

	#take({ value }: LogRecord): void {
		const read = decodeInput(value, "control");
		if (!read.ok) return;
		if (read.value.type === "halt.set") this.#halts.set(keyOf(read.value.scope), read.value.scope);
		if (read.value.type === "halt.lifted") this.#halts.delete(keyOf(read.value.scope));
	}
}

const keyOf = ({ tenant, agent, session }: HaltScope): string => JSON.stringify([tenant, agent, session]);

const covers = (scope: HaltScope, { tenant, agent, session }: HaltSubject): boolean =>
	(scope.tenant === null || scope.tenant === tenant) &&
	(scope.agent === null || scope.agent === agent) &&
	(scope.session === null || scope.session === session);

/** The first record that is not older than `time`, or one before it. */
async function offsetAt(log: Log, at: TopicPartition, time: EpochMs): Promise<Offset> {
	const { begin, end } = await log.bounds(at);
	let low = begin;
	for (let high = end; low < high; ) {
		const middle = Math.floor((low + high) / 2);
		const [record] = await log.read(at, middle);
		if (record === undefined || record.timestamp >= time) high = middle;
		else low = Math.max(middle + 1, record.offset + 1);
	}
	return low;
}
