/** What is queued for a partition, in the order in which it is taken: control before intents. */
import { AssentError } from "../core/base/errors.ts";
import type { InputTopic } from "../core/model/inputs.ts";
import type { Offset } from "../core/model/units.ts";
import type { State } from "../core/state/state.ts";
import { type Log, type LogRecord, readToEnd, TOPICS, type TopicPartition } from "../ports/log/log.ts";
import { APPEND_BYTES_MAX, APPEND_RECORDS_MAX } from "../publishing/append-bounds.ts";
import { consume } from "../reading/consumed.ts";
import type { IsIssued } from "./step.ts";

/** Records of one topic, not decoded: what is decoded ahead of its turn is garbage that collections have to copy. */
export interface Inputs {
	readonly topic: InputTopic;
	readonly records: readonly LogRecord[];
}

/** Which inputs wait for something else: intents for policies, control for policies that are being compiled. */
export type Waiting = InputTopic | "none";

export class InputQueue {
	readonly #log: Log;
	readonly #partition: number;
	readonly #isIssued: IsIssued;
	/** Says what was taken. */
	readonly #state: Pick<State, "inputs">;
	/** End of control when the partition was claimed, or went on: intents wait until it is reached. */
	#controlFirst: Offset = 0;

	constructor({ log, partition }: { log: Log; partition: number }, state: Pick<State, "inputs">, isIssued: IsIssued) {
		this.#isIssued = isIssued;
		this.#log = log;
		this.#partition = partition;
		this.#state = state;
	}

	/** Control that has been received and must go first has all been taken. */
	get isControlTaken(): boolean {
		return this.#state.inputs.control >= this.#controlFirst;
	}

	/** Intents wait until control is read to the end that it has now. */
	async putControlFirst(): Promise<void> {
		this.#controlFirst = (await this.#log.bounds({ topic: TOPICS.control, partition: this.#partition })).end;
	}

	/** Control that has been received goes first; intents wait until it is read to the end that it had. */
	async next(waiting: Waiting): Promise<Inputs> {
		// Answered at once from what the log has heard: a topic that gained nothing is not read.
		const ready = await this.#log.waitFor(this.positions(waiting), { timeoutMs: 0 });
		for (const topic of ["control", "intents"] as const) {
			if (!ready.some((each) => each.topic === topic)) continue;
			const records = await this.#read(topic);
			if (records.length > 0) return { topic, records };
		}
		return NOTHING;
	}

	/** What to wait for. While control comes first, intents that are there already are not asked for. */
	positions(waiting: Waiting): readonly (TopicPartition & { readonly offset: Offset })[] {
		const { inputs } = this.#state;
		const isControlAlone = waiting === "intents" || !this.isControlTaken;
		const topics: readonly InputTopic[] =
			waiting === "control" ? ["intents"] : isControlAlone ? ["control"] : ["control", "intents"];
		return topics.map((topic) => ({ topic, partition: this.#partition, offset: inputs[topic] }));
	}

	async #read(topic: InputTopic): Promise<readonly LogRecord[]> {
		const next = this.#state.inputs[topic];
		try {
			// Awaited here, where what it throws is caught.
			return await this.#log.read({ topic, partition: this.#partition }, next, {
				recordsMax: APPEND_RECORDS_MAX,
				bytesMax: 4 * APPEND_BYTES_MAX,
			});
		} catch (thrown) {
			if (topic !== "control" || !isGone(thrown)) throw thrown;
			// What lets a partition go on behind missing control records is behind them.
			const gap = { next, begin: Number(thrown.facts["begin"]) };
			const skip = await skipOf(this.#log, this.#partition, gap, this.#isIssued);
			if (skip === null) throw thrown;
			return [skip];
		}
	}
}

const NOTHING: Inputs = { topic: "control", records: [] };

const isGone = (thrown: unknown): thrown is AssentError =>
	thrown instanceof AssentError && thrown.code === "ASSENT_LOG_OFFSET_GONE";

/** The first record on `control` that lets the partition go on where control records are gone from `next` on; null when there is none. */
async function skipOf(
	log: Log,
	partition: number,
	{ next, begin }: { next: Offset; begin: Offset },
	isIssued: IsIssued,
): Promise<LogRecord | null> {
	const from = { topic: TOPICS.control, partition };
	for await (const records of readToEnd(log, from, begin)) {
		for (const record of records) {
			const { read } = consume(record, "control");
			if (!read.ok || read.value.type !== "inputs.skipped") continue;
			const { topic, from: first, until } = read.value;
			const fits = topic === "control" && first === next && until === begin;
			if (fits && isIssued(record, read.value)) return record;
		}
	}
	return null;
}
