/** Topics: made as Assent needs them, read as they are, and what is wrong with them. */

import { AssentError, problem } from "../../../core/base/errors.ts";
import type { DurationMs, Offset } from "../../../core/model/units.ts";
import { warning } from "../../../ports/log/findings.ts";
import type { LogAdmin, LogFinding, TopicPartition, TopicSpec, TopicState } from "../../../ports/log/log.ts";
import { assertPartitionCount, otherPartitionCount } from "../../../ports/log/problems.ts";
import { pause } from "../../../ports/pause.ts";
import { KAFKA, nameOf, unreachable } from "../network/faults.ts";
import type { Topology } from "../network/topology.ts";
import type { Wire } from "../network/wire.ts";
import type { KafkaLogOptions } from "../options.ts";
import type { Fetcher } from "../reading/fetcher.ts";
import { ask, check, TOPIC_RESOURCE } from "./errand.ts";
import { clusterFindings, type Described, saidOnce, topicFindings } from "./findings.ts";
import { cleanupOf, isDense, neededSettings, wantedSettings } from "./settings.ts";

/** How long a topic that was just made may take to have leaders everywhere. */
const VISIBLE_MS: DurationMs = 15_000;
const VISIBLE_PAUSE_MS: DurationMs = 50;

export interface AdminOptions {
	readonly options: KafkaLogOptions;
	readonly wire: Wire;
	readonly topology: Topology;
	readonly fetcher: Fetcher;
	/** Throws when the log was closed. */
	readonly refuseIfClosed: () => void;
}

export class KafkaAdmin implements LogAdmin {
	readonly #parts: AdminOptions;

	constructor(parts: AdminOptions) {
		this.#parts = parts;
	}

	async createTopics(specs: readonly TopicSpec[]): Promise<readonly LogFinding[]> {
		this.#parts.refuseIfClosed();
		const { options, wire, topology } = this.#parts;
		const { brokers, topicMetadata } = await wire.metadata(null);
		const existing = new Map(topicMetadata.map(({ topic, partitionMetadata }) => [topic, partitionMetadata.length]));
		for (const { name, partitions } of specs) {
			assertPartitionCount(name, partitions);
			const has = existing.get(topology.nameOf(name));
			if (has !== undefined && has !== partitions) throw otherPartitionCount(name, has, partitions);
		}
		const missing = specs.filter(({ name }) => !existing.has(topology.nameOf(name)));
		if (missing.length === 0) return [];
		const replication = options.replication ?? Math.min(3, brokers.length);
		const minInsync = options.minInsync ?? Math.max(1, replication - 1);
		const refused = await this.#create(missing, replication, (spec) => ({
			...neededSettings(spec),
			...wantedSettings(spec, minInsync),
		}));
		const findings: LogFinding[] = [];
		if (refused.size > 0) {
			const again = missing.filter(({ name }) => refused.has(name));
			const [why = ""] = refused.values();
			const [first] = (await this.#create(again, replication, neededSettings)).entries();
			if (first !== undefined) throw notMade(first, again, { replication, nameOf: (name) => topology.nameOf(name) });
			findings.push(bareSettings(again, why));
		}
		for (const { name } of missing) topology.forget(name);
		await this.#untilLed(missing);
		return findings;
	}

	/** The topics that the broker does not make with such settings, and why. Throws what no other settings would fix. */
	async #create(
		specs: readonly TopicSpec[],
		replication: number,
		settings: (spec: TopicSpec) => Readonly<Record<string, string>>,
	): Promise<ReadonlyMap<string, string>> {
		const { topology } = this.#parts;
		const { topicErrors } = await ask(this.#parts.wire, "creating topics", "CreateTopics", {
			timeout: VISIBLE_MS,
			topics: specs.map((spec) => ({
				topic: topology.nameOf(spec.name),
				numPartitions: spec.partitions,
				replicationFactor: replication,
				configEntries: Object.entries(settings(spec)).map(([name, value]) => ({ name, value })),
			})),
		});
		const refused = new Map<string, string>();
		for (const { topic, errorCode, errorMessage } of topicErrors) {
			// Somebody else was quicker: their shape is checked when they are used.
			if (errorCode === KAFKA.topicExists) continue;
			const why = errorMessage ?? nameOf(errorCode);
			if (REFUSALS.has(errorCode)) refused.set(topology.topicOf(topic) ?? topic, why);
			else check(`creating \`${topic}\``, errorCode, why);
		}
		return refused;
	}

	async topics(): Promise<readonly TopicState[]> {
		return Promise.all(
			(await this.shapes()).map(async (shape) => {
				const all = Array.from({ length: shape.partitions }, (_, partition) => ({ topic: shape.name, partition }));
				const bounds = await Promise.all(all.map((each) => this.#parts.fetcher.bounds(each)));
				return { ...shape, begin: bounds.map(({ begin }) => begin), end: bounds.map(({ end }) => end) };
			}),
		);
	}

	async shapes(): Promise<readonly TopicSpec[]> {
		this.#parts.refuseIfClosed();
		const described = await this.#described();
		return described.map(({ topic, partitions, settings }) => ({
			name: topic,
			partitions: partitions.length,
			...cleanupOf(settings),
		}));
	}

	async trim(from: TopicPartition, offset: Offset): Promise<void> {
		this.#parts.refuseIfClosed();
		const { begin, end } = await this.#parts.fetcher.bounds(from);
		const upTo = Math.min(offset, end);
		if (upTo <= begin) return;
		const what = `deleting records of \`${from.topic}\``;
		const node = await this.#parts.topology.leaderOf(from, performance.now() + VISIBLE_MS);
		const topic = this.#parts.topology.nameOf(from.topic);
		const partitions = [{ partition: from.partition, offset: String(upTo) }];
		const answer = await ask(
			this.#parts.wire,
			what,
			"DeleteRecords",
			{ timeout: VISIBLE_MS, topics: [{ topic, partitions }] },
			node,
		);
		for (const { errorCode } of answer.topics.flatMap((each) => each.partitions))
			check(what, errorCode, nameOf(errorCode));
	}

	async diagnose(): Promise<readonly LogFinding[]> {
		this.#parts.refuseIfClosed();
		const { options, wire, topology } = this.#parts;
		const { brokers } = await wire.metadata([]);
		const described = await this.#described();
		return [
			...clusterFindings(options, brokers.length),
			...saidOnce(
				described.flatMap((each) => topicFindings(each, topology.nameOf(each.topic), options.brokers[0] ?? "")),
			),
			...(await this.#heldBack(described)),
		];
	}

	/** Inputs that wait for the end of somebody's transaction. */
	async #heldBack(described: readonly Described[]): Promise<readonly LogFinding[]> {
		const asked = described
			.filter(({ topic }) => isDense(topic))
			.flatMap(({ topic, partitions }) => partitions.map((_, partition) => ({ topic, partition })));
		const found = await Promise.all(
			asked.map(async (of): Promise<LogFinding | null> => {
				// A user who may not ask, or gets no answer, is told elsewhere.
				const offsets = await this.#parts.fetcher.heldBack(of).catch(() => 0);
				return offsets === 0 ? null : openTransaction(of, offsets);
			}),
		);
		return found.filter((each) => each !== null);
	}

	/** Topics of this deployment with their settings. */
	async #described(): Promise<readonly Described[]> {
		const { wire, topology } = this.#parts;
		const { topicMetadata } = await wire.metadata(null);
		const own = topicMetadata.flatMap(({ topic: name, partitionMetadata, topicErrorCode }) => {
			const topic = topology.topicOf(name);
			return topic === null || topicErrorCode !== KAFKA.none ? [] : [{ topic, name, partitionMetadata }];
		});
		if (own.length === 0) return [];
		const what = "reading the settings of topics";
		const { resources } = await ask(this.#parts.wire, what, "DescribeConfigs", {
			resources: own.map(({ name }) => ({ type: TOPIC_RESOURCE, name })),
		});
		const settings = new Map<string, ReadonlyMap<string, string>>();
		for (const { errorCode, errorMessage, resourceName, configEntries } of resources) {
			check(what, errorCode, errorMessage ?? nameOf(errorCode));
			settings.set(
				resourceName,
				new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
			);
		}
		return own
			.map(({ topic, name, partitionMetadata }) => ({
				topic,
				partitions: partitionMetadata.map(({ replicas, isr }) => ({ replicas: replicas.length, inSync: isr.length })),
				settings: settings.get(name) ?? new Map(),
			}))
			.sort((a, b) => (a.topic < b.topic ? -1 : 1));
	}

	async #untilLed(specs: readonly TopicSpec[]): Promise<void> {
		const { wire, topology } = this.#parts;
		const names = specs.map(({ name }) => topology.nameOf(name));
		const deadline = performance.now() + VISIBLE_MS;
		for (;;) {
			const { topicMetadata } = await wire.metadata(names);
			const isThere = names.every((name) => {
				const found = topicMetadata.find(({ topic }) => topic === name);
				if (found === undefined || found.topicErrorCode !== KAFKA.none) return false;
				return found.partitionMetadata.length > 0 && found.partitionMetadata.every(({ leader }) => leader >= 0);
			});
			if (isThere) break;
			if (performance.now() > deadline) throw unreachable("the topics that were made", "they have no leaders yet");
			await pause(VISIBLE_PAUSE_MS);
		}
		// A broker learns of its leadership a moment after the others: it is asked until it knows.
		const all = specs.flatMap(({ name: topic, partitions }) =>
			Array.from({ length: partitions }, (_, partition) => ({ topic, partition })),
		);
		await Promise.all(all.map((each) => this.#untilAnswered(each, deadline)));
	}

	/** A cluster that is busy making topics may take longer for that than one request may. */
	async #untilAnswered(of: TopicPartition, deadline: number): Promise<void> {
		for (;;) {
			try {
				await this.#parts.fetcher.bounds(of);
				return;
			} catch (thrown) {
				const code = thrown instanceof AssentError ? thrown.code : null;
				// A user who may create topics may not be allowed to read them.
				if (code === "ASSENT_LOG_DENIED") return;
				if (code !== "ASSENT_LOG_UNAVAILABLE" || performance.now() > deadline) throw thrown;
				await pause(VISIBLE_PAUSE_MS);
			}
		}
	}
}

/** A policy of the cluster, or the broker itself, does not take such a topic. */
const REFUSALS: ReadonlySet<number> = new Set<number>([
	KAFKA.policyViolation,
	KAFKA.invalidConfig,
	KAFKA.invalidRequest,
	KAFKA.invalidReplication,
]);

const openTransaction = ({ topic, partition }: TopicPartition, offsets: number): LogFinding =>
	warning(
		`topic ${topic}`,
		`a transaction that is still open holds back ${offsets} offsets of partition ${partition}: they wait for its end`,
		"end it, or wait until it times out: `kafka-transactions.sh find-hanging` names it",
	);

const bareSettings = (made: readonly TopicSpec[], why: string): LogFinding =>
	warning(
		"settings",
		`the broker does not let everything be set (${why}): ${made.map(({ name }) => `\`${name}\``).join(", ")} were created with the settings that Assent cannot do without, and the cluster's own otherwise`,
		"a managed Kafka does so: `assent topics check` says whether its settings will do",
	);

/** Not even with the least: what a person can make by another way. */
function notMade(
	[name, why]: readonly [string, string],
	specs: readonly TopicSpec[],
	options: { readonly replication: number; readonly nameOf: (name: string) => string },
): AssentError {
	const spec = specs.find((each) => each.name === name);
	const settings = spec === undefined ? {} : neededSettings(spec);
	const needs = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
	return new AssentError(
		problem(
			"ASSENT_LOG_SETTINGS",
			`the broker does not create \`${options.nameOf(name)}\` with ${options.replication} copies and ${needs.join(", ")}: ${why}`,
			"create the topics with the cluster's own tools and at least these settings (docs/kafka.md, managed Kafka), or name another number of copies with `--replication`",
		),
	);
}
