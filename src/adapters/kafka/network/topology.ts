/**
 * Which broker leads which partition: read when first asked for, and again once it is doubted. Doubt is of one partition, or of
 * all that one broker leads, so that nobody asks again for what other brokers lead; what is doubted is handed out to nobody.
 */

import { AssentError } from "../../../core/base/errors.ts";
import { isReplyTopic } from "../../../core/codec/headers.ts";
import type { DurationMs } from "../../../core/model/units.ts";
import type { TopicPartition } from "../../../ports/log/log.ts";
import { noTopic } from "../../../ports/log/problems.ts";
import { pause } from "../../../ports/pause.ts";
import type { TopicMetadata } from "./answers.ts";
import { denied, isUnavailable, KAFKA, nameOf, unreachable } from "./faults.ts";
import type { Wire } from "./wire.ts";

/** Metadata travels from the controller to the brokers: a topic that was just made may be unknown to one of them. */
const UNKNOWN_TRIES = 4;
const UNKNOWN_PAUSE_MS: DurationMs = 50;
/** For this long a reply topic that was missing is taken for missing without asking: whoever asks names it, as often as they like. */
export const MISSING_MS: DurationMs = 10_000;
const MISSING_MAX = 1_000;
/** Between two looks at metadata that show no leader. */
const LEADERLESS_PAUSE_MS: DurationMs = 100;

/** Between two looks whether a broker that owes an answer still leads. */
export const LOOK_MS: DurationMs = 1_000;

interface Leaders {
	/** Node by partition; -1 where there is none at the moment. */
	readonly nodes: readonly number[];
	/** Partitions whose leader may be another by now. */
	readonly doubted: Set<number>;
}

export class Topology {
	readonly #wire: Wire;
	readonly #prefix: string;
	readonly #known = new Map<string, Leaders>();
	readonly #loading = new Map<string, Promise<Leaders>>();
	/** Reply topics that were missing, in the order in which they were looked for, and until when that is believed (performance.now). */
	readonly #missing = new Map<string, number>();

	constructor(wire: Wire, prefix: string) {
		this.#wire = wire;
		this.#prefix = prefix;
	}

	/** The broker's name of a topic. */
	nameOf(topic: string): string {
		return this.#prefix + topic;
	}

	/** The topic by the broker's name; null for one of another deployment. */
	topicOf(name: string): string | null {
		return name.startsWith(this.#prefix) ? name.slice(this.#prefix.length) : null;
	}

	async partitionsOf(topic: string): Promise<number> {
		return (this.#known.get(topic) ?? (await this.#load(topic))).nodes.length;
	}

	/** Throws ASSENT_LOG_TOPIC when there is no such partition: nobody has to ask again for that. */
	async assertThere(place: TopicPartition): Promise<void> {
		const partitions = await this.partitionsOf(place.topic);
		if (!Number.isInteger(place.partition) || place.partition < 0 || place.partition >= partitions)
			throw noTopic(place, partitions);
	}

	/** The leader's node id; waits for one until `deadline` (of performance.now). Throws ASSENT_LOG_TOPIC, ASSENT_LOG_UNAVAILABLE, ASSENT_LOG_DENIED. */
	async leaderOf(place: TopicPartition, deadline: number): Promise<number> {
		for (;;) {
			let why = "the partition has no leader";
			try {
				const known = this.#known.get(place.topic);
				const { nodes } = known?.doubted.has(place.partition) === false ? known : await this.#load(place.topic);
				const leader = nodes[place.partition];
				if (leader === undefined) throw noTopic(place, nodes.length);
				if (leader >= 0) return leader;
				this.doubt(place);
			} catch (thrown) {
				if (!isUnavailable(thrown) || performance.now() > deadline) throw thrown;
				why = thrown.problem.message;
			}
			if (performance.now() > deadline) throw unreachable(`\`${this.nameOf(place.topic)}/${place.partition}\``, why);
			await pause(LEADERLESS_PAUSE_MS);
		}
	}

	/** Without asking: who leads it; null when nobody does, when it is doubted, or was never asked for. */
	knownLeader({ topic, partition }: TopicPartition): number | null {
		const known = this.#known.get(topic);
		const leader = known?.doubted.has(partition) === false ? (known.nodes[partition] ?? -1) : -1;
		return leader < 0 ? null : leader;
	}

	/** The work's result, as long as it is this node that leads: throws ASSENT_LOG_UNAVAILABLE once another does. */
	async whileLed<Out>(place: TopicPartition, node: number, work: Promise<Out>): Promise<Out> {
		const { promise: moved, reject } = Promise.withResolvers<never>();
		const looking = setInterval(async () => {
			const leader = await this.leaderAfterSilence(place, node);
			if (leader !== null && leader !== node)
				reject(unreachable(`\`${this.nameOf(place.topic)}/${place.partition}\``, `broker ${leader} leads it now`));
		}, LOOK_MS);
		try {
			return await Promise.race([work, moved]);
		} finally {
			clearInterval(looking);
		}
	}

	/** Who leads it, asked of others because this node owes an answer; null when nobody does, or nobody can say. */
	async leaderAfterSilence(place: TopicPartition, node: number): Promise<number | null> {
		this.doubtNode(node);
		await this.refreshed(place.topic).catch(() => {});
		return this.knownLeader(place);
	}

	/** Reads the topic's metadata again if a leader of it is doubted or missing. */
	async refreshed(topic: string): Promise<void> {
		const known = this.#known.get(topic);
		if (known === undefined || known.doubted.size > 0 || known.nodes.includes(-1)) await this.#load(topic);
	}

	/** A broker said that it does not lead it, or nobody does: whoever asks next reads it again. */
	doubt({ topic, partition }: TopicPartition): void {
		this.#known.get(topic)?.doubted.add(partition);
	}

	/** A broker does not answer: whatever it led may be led by another. */
	doubtNode(node: number): void {
		for (const { nodes, doubted } of this.#known.values())
			for (const [partition, leader] of nodes.entries()) if (leader === node) doubted.add(partition);
	}

	/** It is made or taken away: whoever asks next reads it again. */
	forget(topic: string): void {
		this.#known.delete(topic);
		this.#missing.delete(topic);
	}

	#rememberMissing(topic: string): void {
		if (!isReplyTopic(topic)) return;
		this.#missing.delete(topic);
		this.#missing.set(topic, performance.now() + MISSING_MS);
		if (this.#missing.size <= MISSING_MAX) return;
		for (const first of this.#missing.keys()) {
			this.#missing.delete(first);
			break;
		}
	}

	#load(topic: string): Promise<Leaders> {
		const loading = this.#loading.get(topic) ?? this.#ask(topic).finally(() => this.#loading.delete(topic));
		this.#loading.set(topic, loading);
		return loading;
	}

	async #ask(topic: string): Promise<Leaders> {
		if ((this.#missing.get(topic) ?? 0) > performance.now()) throw noTopic({ topic, partition: 0 }, null);
		for (let attempt = 1; ; attempt++) {
			const metadata = await this.#wire.metadata([this.nameOf(topic)]);
			const found = metadata.topicMetadata[0];
			const code = found?.topicErrorCode ?? KAFKA.unknownTopic;
			if (found !== undefined && code === KAFKA.none) {
				const leaders = { nodes: leadersOf(found), doubted: new Set<number>() };
				this.#known.set(topic, leaders);
				return leaders;
			}
			this.#known.delete(topic);
			if (code === KAFKA.topicDenied) throw new AssentError(denied(`this user to see \`${this.nameOf(topic)}\``));
			const isUnknown = code === KAFKA.unknownTopic || code === KAFKA.invalidTopic;
			if (!isUnknown && code !== KAFKA.leaderNotAvailable)
				throw unreachable(`metadata of \`${this.nameOf(topic)}\``, nameOf(code));
			if (attempt >= UNKNOWN_TRIES) {
				if (isUnknown) {
					this.#rememberMissing(topic);
					throw noTopic({ topic, partition: 0 }, null);
				}
				throw unreachable(`metadata of \`${this.nameOf(topic)}\``, nameOf(code));
			}
			await pause(UNKNOWN_PAUSE_MS);
		}
	}
}

function leadersOf({ partitionMetadata }: TopicMetadata): readonly number[] {
	const nodes = new Array<number>(partitionMetadata.length).fill(-1);
	for (const { partitionId, leader, partitionErrorCode } of partitionMetadata) {
		const isLed = partitionErrorCode === KAFKA.none || partitionErrorCode === KAFKA.replicaNotAvailable;
		nodes[partitionId] = isLed ? leader : -1;
	}
	return nodes;
}
