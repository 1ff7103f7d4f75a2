/**
 * A deployment's topics that are filled with the records of another log, at their offsets and with their times. As long as that is not
 * finished `intents` has records with times of their own, over which no processor starts.
 */
import { AssentError, problem } from "../../core/base/errors.ts";
import type { CopiedRecord, CopyTarget } from "../../ports/log/copy.ts";
import { type Appended, type Log, TOPICS, type TopicPartition, type TopicSpec } from "../../ports/log/log.ts";
import { placeOf } from "../../ports/log/problems.ts";
import { cutAppends } from "../../publishing/append-bounds.ts";
import { TopicTimes } from "./admin/topic-times.ts";
import type { Appender } from "./appender.ts";
import type { Topology } from "./network/topology.ts";
import type { Wire } from "./network/wire.ts";
import { TIMES_MAX_MS } from "./protocol/record-batch.ts";

export class KafkaCopy implements CopyTarget {
	readonly #log: Log;
	readonly #appender: Appender;
	readonly #times: TopicTimes;
	#topics: readonly TopicSpec[] = [];

	constructor(parts: { log: Log; wire: Wire; topology: Topology; appender: Appender }) {
		this.#log = parts.log;
		this.#appender = parts.appender;
		this.#times = new TopicTimes(parts.wire, parts.topology);
	}

	/** Whether a copy was begun here and not finished. */
	async isBegun(): Promise<boolean> {
		return (await this.#times.of(TOPICS.intents)) === "CreateTime";
	}

	/** Throws what making and setting topics throws. */
	async createTopics(topics: readonly TopicSpec[]): Promise<void> {
		await this.#log.admin().createTopics(topics);
		this.#topics = topics;
		await this.#times.set(
			topics.map(({ name }) => name),
			"CreateTime",
		);
	}

	async begin(at: TopicPartition): Promise<void> {
		throw new AssentError(
			problem("ASSENT_LOG_OFFSET_GONE", `the head of \`${placeOf(at)}\` is gone, and Kafka counts offsets from 0`),
		);
	}

	async leaveGaps(topic: string): Promise<void> {
		throw new AssentError(
			problem("ASSENT_LOG_OFFSET_GONE", `records of \`${topic}\` are missing, and Kafka leaves no offset out`),
		);
	}

	/** Offsets of a compacted topic, which nothing refers to, become dense. */
	async put(records: readonly CopiedRecord[]): Promise<void> {
		for (const appends of cutAppends(records, ({ key, value }) => value.length + (key?.length ?? 0)))
			for (const together of cutByTime(appends)) await this.#append(together);
	}

	/** The topics go by the broker's time, as a deployment needs it: `intents` last. */
	async finish(): Promise<void> {
		const names = this.#topics.map(({ name }) => name);
		await this.#times.set(
			names.filter((name) => name !== TOPICS.intents),
			"LogAppendTime",
		);
		await this.#times.set([TOPICS.intents], "LogAppendTime");
	}

	async #append(records: readonly CopiedRecord[]): Promise<void> {
		const [first] = records;
		if (first === undefined) return;
		const { topic, partition, offset, timestamp } = first;
		const isCompacted = this.#topics.some(({ name, cleanup }) => name === topic && cleanup === "compact");
		const appended = await this.#appender.appendDated({ topic, partition }, records, isCompacted ? undefined : offset);
		if (appended.kind === "appended" && appended.timestamp === timestamp) return;
		throw notCopied({ topic, partition }, appended);
	}
}

/** What is so far apart that one batch cannot hold it is in two. */
function cutByTime(records: readonly CopiedRecord[]): readonly (readonly CopiedRecord[])[] {
	const appends: CopiedRecord[][] = [];
	for (const record of records) {
		const open = appends.at(-1);
		const first = open?.[0];
		if (open === undefined || first === undefined || Math.abs(record.timestamp - first.timestamp) > TIMES_MAX_MS)
			appends.push([record]);
		else open.push(record);
	}
	return appends;
}

const AGAIN = "what is there is no whole log yet: run the command again with the same export, and it goes on";

function notCopied(at: TopicPartition, appended: Appended): AssentError {
	const to = `\`${placeOf(at)}\``;
	switch (appended.kind) {
		case "appended":
			return new AssentError(
				problem(
					"ASSENT_LOG_SETTINGS",
					`${to} was given other times than its records had`,
					"delete the topics, and begin again",
				),
			);
		case "superseded":
			return new AssentError(
				problem(
					"ASSENT_LOG_OTHER",
					`somebody else writes to ${to}`,
					"end whoever publishes, delete the topics, and begin again",
				),
			);
		case "failed":
			return new AssentError({ ...appended.problem, help: AGAIN });
		case "unknown":
		case "withheld":
			return new AssentError(problem("ASSENT_LOG_UNAVAILABLE", `nobody can tell what was written to ${to}`, AGAIN));
	}
}
