/** A copy that was begun before, and stopped: what is there is compared, and only the rest is put behind it. */
import { sha256Hex } from "../core/base/digest.ts";
import { AssentError, problem } from "../core/base/errors.ts";
import type { Offset } from "../core/model/units.ts";
import type { CopiedRecord, CopyTarget } from "../ports/log/copy.ts";
import { type Log, type LogRecord, readToEnd, type TopicPartition, type TopicSpec } from "../ports/log/log.ts";
import { PartitionMap } from "../ports/log/partition-map.ts";

export class ResumedCopy implements CopyTarget {
	readonly #log: Log;
	readonly #target: CopyTarget;
	readonly #ends = new PartitionMap<Offset>();
	readonly #compacted = new PartitionMap<ReadonlySet<string>>();
	#topics: readonly TopicSpec[] = [];

	/** `log` is where the target puts its records. */
	constructor(log: Log, target: CopyTarget) {
		this.#log = log;
		this.#target = target;
	}

	async createTopics(topics: readonly TopicSpec[]): Promise<void> {
		this.#topics = topics;
		await this.#target.createTopics(topics);
	}

	begin(at: TopicPartition, offset: Offset): Promise<void> {
		return this.#target.begin(at, offset);
	}

	leaveGaps(topic: string): Promise<void> {
		return this.#target.leaveGaps(topic);
	}

	/** Throws ASSENT_USAGE where something else is there. */
	async put(records: readonly CopiedRecord[]): Promise<void> {
		const [first] = records;
		if (first === undefined) return;
		const isCompacted = this.#topics.some(({ name, cleanup }) => name === first.topic && cleanup === "compact");
		const missing = isCompacted ? await this.#notKept(first, records) : await this.#behindEnd(first, records);
		if (missing.length > 0) await this.#target.put(missing);
	}

	async #behindEnd(at: TopicPartition, records: readonly CopiedRecord[]): Promise<readonly CopiedRecord[]> {
		const end = this.#ends.get(at) ?? (await this.#log.bounds(at)).end;
		this.#ends.set(at, end);
		const there = records.filter(({ offset }) => offset < end);
		const found = new Map<Offset, LogRecord>();
		const [first] = there;
		if (first !== undefined)
			for await (const page of readToEnd(this.#log, at, first.offset, (there.at(-1)?.offset ?? 0) + 1))
				for (const record of page) found.set(record.offset, record);
		for (const record of there) if (!isSame(record, found.get(record.offset))) throw otherRecord(this.#log, record);
		return records.slice(there.length);
	}

	/** A compacted topic has offsets of its own. */
	async #notKept(at: TopicPartition, records: readonly CopiedRecord[]): Promise<readonly CopiedRecord[]> {
		const kept = this.#compacted.get(at) ?? new Set((await this.#all(at)).map(identity));
		this.#compacted.set(at, kept);
		return records.filter((record) => !kept.has(identity(record)));
	}

	async #all(at: TopicPartition): Promise<readonly LogRecord[]> {
		const found: LogRecord[] = [];
		const { begin } = await this.#log.bounds(at);
		for await (const page of readToEnd(this.#log, at, begin)) found.push(...page);
		return found;
	}
}

const identity = ({ key, timestamp, value }: LogRecord): string => JSON.stringify([key, timestamp, sha256Hex(value)]);

const isSame = (one: LogRecord, other: LogRecord | undefined): boolean =>
	other !== undefined &&
	identity(one) === identity(other) &&
	JSON.stringify(Object.entries(one.headers).sort()) === JSON.stringify(Object.entries(other.headers).sort());

const otherRecord = (log: Log, { topic, partition, offset }: LogRecord): AssentError =>
	new AssentError(
		problem(
			"ASSENT_USAGE",
			`${log.url} is not empty, and was not begun from this export: \`${topic}/${partition}\` has another record at offset ${offset}`,
			"name the export that the import was begun from, or delete the topics and begin again",
		),
	);
