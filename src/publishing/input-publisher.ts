/**
 * Publishing inputs: what is handed over within one turn of the event loop goes out together for each partition, in appends
 * of at most 500 records and 900 KB. A publisher may repeat (the processor deduplicates by id); it never gives up silently.
 */
import { AssentError, problem } from "../core/base/errors.ts";
import { checkPublishable } from "../core/codec/encode.ts";
import { inputEvent } from "../core/codec/event.ts";
import type { InputRecord, InputTopic } from "../core/model/inputs.ts";
import type { EpochMs, Offset } from "../core/model/units.ts";
import type { Headers, Log, OutRecord } from "../ports/log/log.ts";

export interface Published {
	readonly partition: number;
	readonly offset: Offset;
}

/** Appends are cut here (docs/design/topics.md#bounds); one record may have 900 KB alone. */
const APPEND_RECORDS_MAX = 500;
const APPEND_BYTES_MAX = 900_000;

interface Waiting {
	readonly record: OutRecord;
	readonly resolve: (at: Published) => void;
	readonly reject: (why: unknown) => void;
}

export class InputPublisher {
	readonly #log: Log;
	readonly #source: string;
	readonly #waiting = new Map<string, { topic: InputTopic; partition: number; queue: Waiting[] }>();
	#isScheduled = false;

	/** `source` is the CloudEvents source: `assent/client`, `assent/cli`, … */
	constructor(log: Log, source: string) {
		this.#log = log;
		this.#source = source;
	}

	/** Throws RECORD_OVERSIZED before anything is sent, and what the log throws. */
	publish(
		topic: InputTopic,
		partition: number,
		record: InputRecord,
		of: { readonly id: string; readonly now: EpochMs; readonly key: string | null; readonly headers?: Headers },
	): Promise<Published> {
		const { value, headers } = inputEvent(record, { id: of.id, source: this.#source, time: of.now });
		const fault = checkPublishable(value);
		if (!fault.ok)
			return Promise.reject(
				new AssentError(problem(fault.error.code, fault.error.message, "send less in the arguments")),
			);
		return this.#enqueue(topic, partition, { key: of.key, value, headers: { ...headers, ...of.headers } });
	}

	#enqueue(topic: InputTopic, partition: number, record: OutRecord): Promise<Published> {
		return new Promise((resolve, reject) => {
			const key = `${topic}/${partition}`;
			const lane = this.#waiting.get(key) ?? { topic, partition, queue: [] };
			this.#waiting.set(key, lane);
			lane.queue.push({ record, resolve, reject });
			if (this.#isScheduled) return;
			this.#isScheduled = true;
			queueMicrotask(() => this.#flush());
		});
	}

	#flush(): void {
		this.#isScheduled = false;
		const lanes = [...this.#waiting.values()];
		this.#waiting.clear();
		for (const { topic, partition, queue } of lanes) {
			// Not awaited one by one: a log carries appends out in the order in which they were called.
			for (const part of cut(queue)) void this.#send({ topic, partition }, part);
		}
	}

	async #send(to: { topic: InputTopic; partition: number }, queue: readonly Waiting[]): Promise<void> {
		try {
			// Durable at the latest with the ledger's append that answers it: until then nobody has acted on it.
			const records = queue.map((each) => each.record);
			const appended = await this.#log.append(to, records, { durability: "ordered" });
			if (appended.kind !== "appended") {
				const why =
					appended.kind === "failed"
						? appended.problem
						: problem(
								"ASSENT_LOG_UNAVAILABLE",
								"the record may not have been published",
								"publish it again under the same id",
							);
				throw new AssentError(why);
			}
			for (const [index, each] of queue.entries())
				each.resolve({ partition: to.partition, offset: appended.base + index });
		} catch (thrown) {
			for (const each of queue) each.reject(thrown);
		}
	}
}

function cut(queue: readonly Waiting[]): Waiting[][] {
	const parts: Waiting[][] = [];
	let part: Waiting[] = [];
	let bytes = 0;
	for (const each of queue) {
		const { length } = each.record.value;
		if (part.length > 0 && (part.length >= APPEND_RECORDS_MAX || bytes + length > APPEND_BYTES_MAX)) {
			parts.push(part);
			part = [];
			bytes = 0;
		}
		part.push(each);
		bytes += length;
	}
	return part.length === 0 ? parts : [...parts, part];
}
