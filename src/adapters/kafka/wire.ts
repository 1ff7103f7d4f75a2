/**
 * Which brokers there are, and single requests to them. Beside connections.ts the only file that holds kafkajs by its
 * inside: its connections, its SASL and its protocol's encoders, pinned to one version. What kafkajs does beyond one request (retries, metadata,
 * groups) is not used, so that it is known of every request whether it can have reached the broker. What is sent for every
 * decision, Produce and Fetch, is written and read here and not by kafkajs.
 */
import type Broker from "kafkajs/src/broker/index.js";
import apiKeys from "kafkajs/src/protocol/requests/apiKeys.js";
import definitions from "kafkajs/src/protocol/requests/index.js";
import { AssentError, problem } from "../../core/base/errors.ts";
import type { DurationMs } from "../../core/model/units.ts";
import { Connections, connectionOf, hangUp } from "./connections.ts";
import { refusedBecause, unreachable, whyOf } from "./faults.ts";
import { type Wanted, writeFetch } from "./fetch-request.ts";
import { decodeFetch, type Fetched } from "./fetch-response.ts";
import type { KafkaLogOptions } from "./options.ts";
import { type ProducedBatch, writeProduce } from "./produce-request.ts";
import { decodeProduced, type Produced } from "./produce-response.ts";
import type { RequestFrame } from "./request-frame.ts";
import type { Writer } from "./writer.ts";

/**
 * What a connection is for. A broker answers the requests of one connection one after the other, so that what may wait
 * there (a long poll, a join) never stands before what must not.
 */
export type Role = "ledger" | "publish" | "ask" | "group" | `poll ${string}`;

export interface TopicMetadata {
	readonly topicErrorCode: number;
	readonly topic: string;
	readonly partitionMetadata: readonly {
		readonly partitionErrorCode: number;
		readonly partitionId: number;
		readonly leader: number;
		readonly replicas: readonly number[];
		readonly isr: readonly number[];
	}[];
}

export interface Metadata {
	readonly brokers: readonly { readonly nodeId: number; readonly host: string; readonly port: number }[];
	readonly controllerId: number;
	readonly topicMetadata: readonly TopicMetadata[];
}

interface Answers {
	Metadata: Metadata;
	ListOffsets: {
		readonly responses: readonly {
			readonly topic: string;
			readonly partitions: readonly {
				readonly partition: number;
				readonly errorCode: number;
				readonly offset: string;
			}[];
		}[];
	};
	GroupCoordinator: { readonly errorCode: number; readonly coordinator: { readonly nodeId: number } };
	JoinGroup: {
		readonly errorCode: number;
		readonly generationId: number;
		readonly leaderId: string;
		readonly memberId: string;
		readonly members: readonly { readonly memberId: string; readonly memberMetadata: Buffer }[];
	};
	SyncGroup: { readonly errorCode: number; readonly memberAssignment: Buffer };
	Heartbeat: { readonly errorCode: number };
	OffsetCommit: object;
	LeaveGroup: { readonly errorCode: number };
	CreateTopics: {
		readonly topicErrors: readonly {
			readonly topic: string;
			readonly errorCode: number;
			readonly errorMessage: string | null;
		}[];
	};
	DescribeConfigs: {
		readonly resources: readonly {
			readonly errorCode: number;
			readonly errorMessage: string | null;
			readonly resourceName: string;
			readonly configEntries: readonly { readonly configName: string; readonly configValue: string }[];
		}[];
	};
	DeleteRecords: {
		readonly topics: readonly { readonly partitions: readonly { readonly errorCode: number }[] }[];
	};
}

/** A long poll may take so much longer than it waits. */
const NETWORK_MS: DurationMs = 5_000;

/** A request of which nothing is kafkajs's. */
interface Exchange<Answer> {
	readonly frame: RequestFrame;
	readonly write: (to: Writer) => void;
	readonly decode: (payload: Buffer) => Answer;
	/** Null: the connection's own, which is the least. */
	readonly timeoutMs: DurationMs | null;
}

/** Nothing was sent: there is no connection. */
export class NotSent extends Error {}

export class Wire {
	readonly #options: KafkaLogOptions;
	readonly #connections: Connections;
	/** Addresses by node, as the last metadata said. */
	readonly #nodes = new Map<number, { host: string; port: number }>();
	readonly #brokers = new Map<string, Broker>();
	#seed: Broker | null = null;
	/** Several that find none look for one together. */
	#seeking: Promise<Broker> | null = null;
	#isClosed = false;

	constructor(options: KafkaLogOptions) {
		this.#options = options;
		this.#connections = new Connections(options);
	}

	/** Metadata of these topics, or of all; remembers where brokers are. Throws ASSENT_LOG_UNAVAILABLE and ASSENT_LOG_DENIED. */
	async metadata(topics: readonly string[] | null): Promise<Metadata> {
		const broker = await this.anyBroker();
		const metadata = await this.request(broker, "Metadata", {
			topics: topics ?? [],
			allowAutoTopicCreation: false,
		});
		for (const { nodeId, host, port } of metadata.brokers) {
			const known = this.#nodes.get(nodeId);
			if (known?.host === host && known.port === port) continue;
			this.#nodes.set(nodeId, { host, port });
			for (const [key, connected] of this.#brokers) if (key.endsWith(`@${nodeId}`)) this.drop(connected);
		}
		return metadata;
	}

	/** A connected broker. Throws NotSent when it cannot be reached now. */
	async broker(role: Role, nodeId: number): Promise<Broker> {
		const key = `${role}@${nodeId}`;
		let broker = this.#brokers.get(key);
		if (broker === undefined) {
			const address = this.#nodes.get(nodeId);
			if (address === undefined) throw new NotSent(`broker ${nodeId} is not known`);
			broker = await this.#connections.to(address, nodeId);
			// Another caller may have been quicker while the pool was built.
			broker = this.#brokers.get(key) ?? broker;
			this.#brokers.set(key, broker);
		}
		if (this.#isClosed) throw new NotSent("the log was closed");
		if (broker.isConnected()) return broker;
		try {
			await broker.connect();
		} catch (thrown) {
			this.drop(broker);
			const refused = refusedBecause(thrown);
			if (refused !== null) throw notLetIn(`broker ${nodeId}`, refused);
			throw new NotSent(whyOf(thrown));
		}
		if (this.#brokers.get(key) === broker) return broker;
		// Closed, or given up, while it was connecting.
		hangUp(broker);
		throw new NotSent("the connection was given up");
	}

	/** The broker that `broker` would resolve with, if that is connected; null when it has to be waited for. */
	connected(role: Role, nodeId: number): Broker | null {
		const broker = this.#brokers.get(`${role}@${nodeId}`);
		return broker?.isConnected() === true ? broker : null;
	}

	/** Sends batches once. The frame is in use until the answer comes. */
	async produce(
		broker: Broker,
		frame: RequestFrame,
		batches: readonly ProducedBatch[],
		timeoutMs: DurationMs,
	): Promise<Produced> {
		const produced = await this.#exchange(broker, "Produce", {
			frame,
			write: (to) => writeProduce(to, batches, timeoutMs),
			decode: decodeProduced,
			timeoutMs: null,
		});
		connectionOf(broker).requestQueue.maybeThrottle(produced.throttleMs);
		return produced;
	}

	/** Asks once. The frame is in use until the answer comes. */
	fetch(broker: Broker, frame: RequestFrame, wanted: readonly Wanted[], maxWaitMs: DurationMs): Promise<Fetched> {
		return this.#exchange(broker, "Fetch", {
			frame,
			write: (to) => writeFetch(to, wanted, maxWaitMs),
			decode: (payload) => decodeFetch(payload, wanted),
			timeoutMs: maxWaitMs + NETWORK_MS,
		});
	}

	/** Sends a request once: the socket has it when this returns, unless the broker asked for a pause. */
	async #exchange<Answer>(broker: Broker, name: keyof typeof VERSIONS, of: Exchange<Answer>): Promise<Answer> {
		const connection = connectionOf(broker);
		try {
			if (!connection.isConnected()) throw new NotSent("not connected");
			const apiKey = apiKeys[name] ?? -1;
			const apiVersion = versionOf(broker, name);
			const { frame } = of;
			of.write(frame.begin({ apiKey, apiVersion, clientId: connection.clientId }));
			const payload = await new Promise<Buffer>((resolve, reject) => {
				const correlationId = connection.nextCorrelationId();
				connection.requestQueue.push({
					entry: {
						apiKey,
						apiName: name,
						apiVersion,
						correlationId,
						resolve: (answer) => resolve(answer.payload),
						reject,
					},
					expectResponse: true,
					requestTimeout: of.timeoutMs,
					sendRequest: () => connection.socket?.write(frame.bytes(correlationId)),
				});
			});
			frame.cameBack();
			return of.decode(payload);
		} catch (thrown) {
			// After a time-out nobody knows what else is stuck on this connection.
			this.drop(broker);
			throw thrown;
		}
	}

	/** Sends one request once. Its answer's error codes are the caller's to read; a lost connection is thrown. */
	async request<Name extends keyof Answers>(broker: Broker, name: Name, args: object): Promise<Answers[Name]> {
		const protocol = broker.lookupRequest(apiKeys[name] ?? -1, definitions.requests[name])(args);
		try {
			const answer = await broker.connectionPool.send({
				...protocol,
				response: { decode: protocol.response.decode, parse: async (decoded) => decoded },
				logResponseError: false,
			});
			return answer as Answers[Name];
		} catch (thrown) {
			this.drop(broker);
			if (thrown instanceof Error && thrown.message === "Not connected") throw new NotSent(thrown.message);
			throw thrown;
		}
	}

	/** Forgets a connection: what is under way on it fails, the next request makes another. */
	drop(broker: Broker): void {
		for (const [key, each] of this.#brokers) if (each === broker) this.#brokers.delete(key);
		if (this.#seed === broker) this.#seed = null;
		hangUp(broker);
	}

	close(): void {
		this.#isClosed = true;
		const brokers = [...this.#brokers.values(), ...(this.#seed === null ? [] : [this.#seed])];
		this.#brokers.clear();
		this.#seed = null;
		for (const broker of brokers) hangUp(broker);
	}

	/** One that is connected, else the first that answers: of those named by the URL, then of those learned since. */
	anyBroker(): Promise<Broker> {
		if (this.#isClosed) return Promise.reject(new NotSent("the log was closed"));
		if (this.#seed?.isConnected() === true) return Promise.resolve(this.#seed);
		this.#seeking ??= this.#seek().finally(() => {
			this.#seeking = null;
		});
		return this.#seeking;
	}

	async #seek(): Promise<Broker> {
		const named = this.#options.brokers.map((address) => {
			const colon = address.lastIndexOf(":");
			return { host: address.slice(0, colon).replace(/^\[|\]$/g, ""), port: Number(address.slice(colon + 1)) };
		});
		const tried = new Set<string>();
		let why = "";
		for (const address of [...named, ...this.#nodes.values()]) {
			const key = `${address.host}:${address.port}`;
			if (tried.has(key)) continue;
			tried.add(key);
			const broker = await this.#connections.to(address, null);
			try {
				await broker.connect();
				if (this.#isClosed) throw new NotSent("the log was closed");
				if (this.#seed !== null) hangUp(this.#seed);
				this.#seed = broker;
				return broker;
			} catch (thrown) {
				hangUp(broker);
				const refused = refusedBecause(thrown);
				if (refused !== null) throw notLetIn(key, refused);
				why = whyOf(thrown);
			}
		}
		throw unreachable(`no broker of ${this.#options.brokers.join(", ")} answers`, why);
	}
}

const notLetIn = (who: string, why: string): AssentError =>
	new AssentError(problem("ASSENT_LOG_DENIED", `no way in at ${who}: ${why}`, "check `kafka.sasl` and `kafka.tls`"));

/** What the answers' decoders read, and the request's encoders write. */
const VERSIONS = { Produce: { min: 5, max: 7 }, Fetch: { min: 11, max: 11 } } as const;

/** The newest version that the broker speaks, too. */
function versionOf(broker: Broker, name: keyof typeof VERSIONS): number {
	const { min, max } = VERSIONS[name];
	const spoken = broker.versions?.[apiKeys[name] ?? -1];
	const version = Math.min(max, spoken?.maxVersion ?? -1);
	if (version >= min && version >= (spoken?.minVersion ?? 0)) return version;
	throw new AssentError(
		problem(
			"ASSENT_LOG_VERSION",
			`the broker speaks version ${spoken?.maxVersion ?? "none"} of ${name}`,
			"Apache Kafka 2.3 or newer is needed",
		),
	);
}
