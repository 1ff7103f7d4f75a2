/**
 * A deployment on a real Kafka, for one test: topics under a prefix of its own, policies in force, processors that tell
 * what they say, clients, and a foreign client that keeps to no rule. `close` lets go of all of it.
 */

import { type Admin, CompressionTypes, type Kafka, type Message, type Producer } from "kafkajs";
import { Topology } from "../../../src/adapters/kafka/network/topology.ts";
import { Wire } from "../../../src/adapters/kafka/network/wire.ts";
import { openKafkaLog } from "../../../src/adapters/kafka/open.ts";
import type { KafkaLogOptions } from "../../../src/adapters/kafka/options.ts";
import { RequestFrame } from "../../../src/adapters/kafka/protocol/request-frame.ts";
import { verifierOf } from "../../../src/adapters/keys/ed25519.ts";
import { AssentClient, type CallRequest } from "../../../src/client/client.ts";
import type { Decision } from "../../../src/client/decision.ts";
import { type Layout, partitionFor } from "../../../src/core/model/layout.ts";
import { DAY, HOUR } from "../../../src/core/model/units.ts";
import { compilePolicies } from "../../../src/core/policy/compile.ts";
import { activatePolicies } from "../../../src/operations/activation.ts";
import { systemClock } from "../../../src/ports/clock.ts";
import { type Log, type LogRecord, readToEnd } from "../../../src/ports/log/log.ts";
import { topicSpecs } from "../../../src/ports/log/topics.ts";
import { Processor, type ProcessorOptions } from "../../../src/processor/processor.ts";
import { Heard, TEST_POLICY, until } from "../world.ts";
import { kafkaClient } from "./access.ts";
import type { KafkaCluster } from "./cluster.ts";
import { freshPrefix, sharedKafka } from "./shared.ts";

/** Small enough to look at every partition. */
export const KAFKA_LAYOUT: Layout = { partitions: 3, budgetRoot: "tenant/agent", dedupeMs: HOUR, sessionMs: 7 * DAY };

/** Who asks in these deployments. */
export const WHO = { tenant: "acme", session: "run-1" } as const;

const DECIDE_MS = 30_000;
const TOPIC_RESOURCE = 2;
/** ConfigSource of the protocol: what was set for this topic. */
const SET_FOR_TOPIC = 1;

export interface DeploymentOptions {
	/** The run's shared broker unless said. */
	readonly cluster?: KafkaCluster;
	readonly layout?: Layout;
	/** Put into force on every partition; TEST_POLICY unless said, null for none. */
	readonly policy?: string | null;
	/** Of every log that is opened here. */
	readonly log?: Partial<KafkaLogOptions>;
}

/** A processor that was started, and what it has told its operators. */
export interface Running {
	readonly processor: Processor;
	readonly heard: Heard;
}

export class Deployment {
	readonly layout: Layout;
	readonly prefix: string;
	/** The operators' and agents' handle. */
	readonly log: Log;
	readonly #options: KafkaLogOptions;
	readonly #foreign: Kafka;
	/** Made when they are first needed, once. */
	#producer: Promise<Producer> | null = null;
	#admin: Promise<Admin> | null = null;
	#client: Promise<AssentClient> | null = null;
	/** In the order in which they were opened; let go of in reverse. */
	readonly #open: (() => Promise<unknown>)[] = [];

	private constructor(of: { layout: Layout; log: Log; options: KafkaLogOptions; foreign: Kafka }) {
		this.layout = of.layout;
		this.prefix = of.options.prefix;
		this.log = of.log;
		this.#options = of.options;
		this.#foreign = of.foreign;
		this.#open.push(() => of.log.close());
	}

	static async make(of: DeploymentOptions = {}): Promise<Deployment> {
		const { layout = KAFKA_LAYOUT, policy = TEST_POLICY } = of;
		const cluster = of.cluster ?? (await sharedKafka());
		const options = { brokers: cluster.brokers, prefix: freshPrefix(), heartbeatMs: 100, ...of.log };
		const log = await openKafkaLog(options);
		const foreign = kafkaClient(cluster, { retry: { retries: 8, initialRetryTime: 50 } });
		const made = new Deployment({ layout, log, options, foreign });
		await log.admin().createTopics(topicSpecs(layout));
		if (policy !== null) await made.activate(policy);
		return made;
	}

	/** The address of a broker, `host:port`. */
	get broker(): string {
		return this.#options.brokers[0] ?? "";
	}

	/** Puts a policy into force; its digest. */
	async activate(text: string): Promise<string> {
		const sources = [{ name: "policy.yaml", text }];
		const compiled = compilePolicies(sources, { budgetRoot: this.layout.budgetRoot });
		if (!compiled.ok) throw new Error(compiled.error.map(({ message }) => message).join("\n"));
		const { digest } = compiled.value;
		await activatePolicies(this.log, { layout: this.layout, sources, digest, by: "ops", now: systemClock.now() });
		return digest;
	}

	/** A handle of its own, as another process would have one. */
	async openLog(options: Partial<KafkaLogOptions> = {}): Promise<Log> {
		const log = await openKafkaLog({ ...this.#options, ...options });
		this.#open.push(() => log.close());
		return log;
	}

	/** Starts a processor, on a log of its own unless one is given. */
	async startProcessor(
		of: Partial<Omit<ProcessorOptions, "layout" | "telemetry" | "verifierOf">> = {},
	): Promise<Running> {
		const heard = new Heard();
		const log = of.log ?? (await this.openLog());
		const processor = new Processor({
			instance: "p1",
			clock: systemClock,
			...of,
			log,
			layout: this.layout,
			telemetry: heard,
			verifierOf,
		});
		this.#open.push(() => processor.drain());
		await processor.start();
		return { processor, heard };
	}

	/** Asks as the agent of a partition: a call that TEST_POLICY allows, unless said otherwise. */
	async decide(partition: number, request: Partial<CallRequest> = {}): Promise<Decision> {
		this.#client ??= this.#startClient();
		const client = await this.#client;
		const agent = this.agentOf(partition);
		return client.decide({ ...WHO, agent, tool: "shell.run", args: {}, deadlineMs: DECIDE_MS, ...request });
	}

	/** The name of an agent whose records belong into a partition. */
	agentOf(partition: number): string {
		for (let at = 0; ; at++) {
			const agent = `agent-${at}`;
			if (partitionFor(this.layout, { ...WHO, agent }) === partition) return agent;
		}
	}

	/** Every partition, by number. */
	get partitions(): readonly number[] {
		return Array.from({ length: this.layout.partitions }, (_, partition) => partition);
	}

	async records(topic: string, partition: number): Promise<LogRecord[]> {
		const from = { topic, partition };
		const found: LogRecord[] = [];
		const { begin } = await this.log.bounds(from);
		for await (const records of readToEnd(this.log, from, begin)) found.push(...records);
		return found;
	}

	/** Waits until a processor has decided all that is on the log now. */
	async consumed(running: Pick<Running, "processor">): Promise<void> {
		await Promise.all(
			this.partitions.map(async (partition) => {
				const intents = (await this.log.bounds({ topic: "intents", partition })).end;
				const control = (await this.log.bounds({ topic: "control", partition })).end;
				await this.consumedUpTo(running, partition, { intents, control });
			}),
		);
	}

	/** Waits until a processor has decided the inputs of a partition before these offsets. */
	async consumedUpTo(
		{ processor }: Pick<Running, "processor">,
		partition: number,
		{ intents = 0, control = 0 }: { readonly intents?: number; readonly control?: number },
	): Promise<void> {
		const isConsumed = (): boolean => {
			const { consumed } = processor.status().partitions.find((each) => each.partition === partition) ?? {};
			return consumed !== undefined && consumed.intents >= intents && consumed.control >= control;
		};
		await until(isConsumed, `partition ${partition} to be consumed`, DECIDE_MS);
	}

	/** Writes as a client that knows nothing of Assent. The first offset. */
	async put(
		topic: string,
		partition: number,
		messages: readonly Omit<Message, "partition">[],
		compression: CompressionTypes = CompressionTypes.None,
	): Promise<number> {
		this.#producer ??= this.foreignProducer();
		const [sent] = await (await this.#producer).send({
			topic: this.prefix + topic,
			acks: -1,
			compression,
			messages: messages.map((message) => ({ ...message, partition })),
		});
		return Number(sent?.baseOffset);
	}

	/** Writes the bytes of a record batch as they are; throws the broker's error. */
	async putBatch(topic: string, partition: number, bytes: Buffer): Promise<number> {
		const wire = new Wire(this.#options);
		try {
			const topology = new Topology(wire, this.prefix);
			const node = await topology.leaderOf({ topic, partition }, performance.now() + DECIDE_MS);
			const broker = await wire.broker("publish", node);
			const batches = [{ topic: this.prefix + topic, partition, bytes }];
			const [produced] = (await wire.produce(broker, new RequestFrame(), batches, DECIDE_MS)).partitions;
			if (produced?.errorCode !== 0) throw new Error(`the broker refuses the batch: error ${produced?.errorCode}`);
			return produced.base;
		} finally {
			wire.close();
		}
	}

	/** A producer of kafkajs, connected; transactional when it is given an id. */
	async foreignProducer(transactionalId?: string): Promise<Producer> {
		const transactional = transactionalId === undefined ? {} : { transactionalId, maxInFlightRequests: 1 };
		const producer = this.#foreign.producer({ allowAutoTopicCreation: false, ...transactional });
		await producer.connect();
		this.#open.push(() => producer.disconnect());
		return producer;
	}

	/** Changes settings of a topic; the others stay. */
	async settings(topic: string, changed: Readonly<Record<string, string>>): Promise<void> {
		this.#admin ??= this.#foreignAdmin();
		const admin = await this.#admin;
		const resource = { type: TOPIC_RESOURCE, name: this.prefix + topic };
		const { resources } = await admin.describeConfigs({ resources: [resource], includeSynonyms: false });
		// The request sets a topic's settings as a whole.
		const set = (resources[0]?.configEntries ?? []).filter(({ configSource }) => configSource === SET_FOR_TOPIC);
		const merged = { ...Object.fromEntries(set.map((each) => [each.configName, each.configValue])), ...changed };
		const configEntries = Object.entries(merged).map(([name, value]) => ({ name, value }));
		await admin.alterConfigs({ validateOnly: false, resources: [{ ...resource, configEntries }] });
	}

	/** Deletes topics, as an operator may by mistake; none of them is there when this returns. */
	async deleteTopics(topics: readonly string[]): Promise<void> {
		this.#admin ??= this.#foreignAdmin();
		const admin = await this.#admin;
		const names = topics.map((topic) => this.prefix + topic);
		await admin.deleteTopics({ topics: names });
		const isGone = async (): Promise<boolean> => {
			const there = await admin.listTopics();
			return names.every((name) => !there.includes(name));
		};
		await until(isGone, "the topics to go", DECIDE_MS);
	}

	/** Makes what is missing of the layout's topics. */
	async createTopics(): Promise<void> {
		await this.log.admin().createTopics(topicSpecs(this.layout));
	}

	/** Ends clients and processors, closes logs, leaves the topics behind. */
	async close(): Promise<void> {
		for (const close of this.#open.splice(0).reverse()) await close();
	}

	async #startClient(): Promise<AssentClient> {
		const client = new AssentClient({ log: await this.openLog(), layout: this.layout });
		this.#open.push(() => client.close());
		return client.start();
	}

	async #foreignAdmin(): Promise<Admin> {
		const admin = this.#foreign.admin();
		await admin.connect();
		this.#open.push(() => admin.disconnect());
		return admin;
	}
}
