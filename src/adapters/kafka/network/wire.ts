/**
 * Single requests to brokers. Beside connections.ts the only file that holds kafkajs by its inside: its connections, its SASL
 * and its protocol's encoders, pinned to one version. What kafkajs does beyond one request (retries, metadata, groups) is not
 * used, so that it is known of every request whether it can have reached the broker. What is sent for every decision, Produce
 * and Fetch, is written and read here and not by kafkajs.
 *
 * Whatever is thrown here is said in the port's words: nothing that kafkajs throws gets further.
 */
import type Broker from "kafkajs/src/broker/index.js";
import type { Connection } from "kafkajs/src/network/connectionPool.js";
import apiKeys from "kafkajs/src/protocol/requests/apiKeys.js";
import definitions from "kafkajs/src/protocol/requests/index.js";
import { AssentError, problem } from "../../../core/base/errors.ts";
import type { DurationMs } from "../../../core/model/units.ts";
import { KAFKA_DEFAULTS, type KafkaLogOptions } from "../options.ts";
import { type Wanted, writeFetch } from "../protocol/fetch-request.ts";
import { decodeFetch, type Fetched } from "../protocol/fetch-response.ts";
import { type ProducedBatch, writeProduce } from "../protocol/produce-request.ts";
import { decodeProduced, type Produced } from "../protocol/produce-response.ts";
import type { RequestFrame } from "../protocol/request-frame.ts";
import type { Writer } from "../protocol/writer.ts";
import type { Answers, Metadata } from "./answers.ts";
import { type Address, addressOf, Brokers, keyOf, NotSent, type Role } from "./brokers.ts";
import { connectionOf } from "./connections.ts";
import { isUnavailable, unreachable, whyOf } from "./faults.ts";

/** A broker that owes an answer for this long may be gone: others are asked what it led. */
const LATE_MS: DurationMs = 1_000;
/** What any broker can answer is asked of another one, too, when the one before owes its answer for this long. */
const NEXT_MS: DurationMs = 250;

/** A request of which nothing is kafkajs's. */
interface Exchange<Answer> {
	readonly frame: RequestFrame;
	readonly write: (to: Writer) => void;
	readonly decode: (payload: Buffer) => Answer;
	readonly limits: Limits;
}

/** How long an answer may take. */
export interface Limits {
	/** Beyond it the connection is given up. */
	readonly limitMs: DurationMs;
	/** How long its broker waits on purpose. */
	readonly waitMs?: DurationMs;
}

export class Wire {
	readonly #brokers: Brokers;
	readonly #requestMs: DurationMs;
	/** As the URL names the brokers. */
	readonly #named: string;
	#late: (node: number) => void = () => {};

	constructor(options: KafkaLogOptions) {
		this.#brokers = new Brokers(options);
		this.#named = options.brokers.join(", ");
		this.#requestMs = options.requestTimeoutMs ?? KAFKA_DEFAULTS.requestTimeoutMs;
	}

	/** `late` hears of a node that owes an answer, again for each second. */
	onLate(late: (node: number) => void): void {
		this.#late = late;
	}

	/** Metadata of these topics, or of all; remembers where brokers are. Throws ASSENT_LOG_UNAVAILABLE and ASSENT_LOG_DENIED. */
	async metadata(topics: readonly string[] | null): Promise<Metadata> {
		const args = { topics: topics ?? [], allowAutoTopicCreation: false };
		const { answer } = await this.ask("Metadata", args);
		this.#brokers.learn(answer.brokers);
		return answer;
	}

	/** A connected broker. Throws NotSent when it cannot be reached now. */
	broker(role: Role, nodeId: number): Promise<Broker> {
		return this.#brokers.node(role, nodeId);
	}

	/** The broker that `broker` would resolve with, if that is connected; null when it has to be waited for. */
	connected(role: Role, nodeId: number): Broker | null {
		return this.#brokers.connected(role, nodeId);
	}

	/** One that answers now. */
	async anyBroker(): Promise<Broker> {
		const { answer, broker } = await this.ask("Metadata", { topics: [], allowAutoTopicCreation: false });
		this.#brokers.learn(answer.brokers);
		return broker;
	}

	/**
	 * Asks what any broker can answer and nobody minds to be asked twice: one broker after the other, without waiting long for
	 * those before. The first answer counts. Throws ASSENT_LOG_UNAVAILABLE when none of them answers, ASSENT_LOG_DENIED.
	 */
	ask<Name extends "Metadata" | "GroupCoordinator">(
		name: Name,
		args: object,
	): Promise<{ readonly answer: Answers[Name]; readonly broker: Broker }> {
		const left = [...this.#brokers.candidates()];
		const { promise, resolve, reject } = Promise.withResolvers<{ answer: Answers[Name]; broker: Broker }>();
		let underWay = 0;
		let timer: NodeJS.Timeout | undefined;
		const failed = (thrown: unknown): void => {
			underWay -= 1;
			if (!isUnavailable(thrown)) reject(thrown);
			else if (left.length > 0) askNext();
			else if (underWay === 0) reject(unreachable(`no broker of ${this.#named} answers`, thrown.problem.message));
		};
		const askNext = (): void => {
			clearTimeout(timer);
			const address = left.shift();
			if (address === undefined) return;
			underWay += 1;
			const next = (): void => {
				this.#brokers.markLate(address);
				askNext();
			};
			if (left.length > 0) timer = setTimeout(next, NEXT_MS);
			this.#askAt(address, name, args).then(resolve, failed);
		};
		askNext();
		return promise.finally(() => {
			clearTimeout(timer);
			left.length = 0;
		});
	}

	async #askAt<Name extends keyof Answers>(address: Address, name: Name, args: object) {
		const broker = await this.#brokers.at("ask", address);
		return { answer: await this.request(broker, name, args), broker };
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
			limits: { limitMs: timeoutMs },
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
			limits: { limitMs: maxWaitMs + this.#requestMs, waitMs: maxWaitMs },
		});
	}

	/** Sends a request once: the socket has it when this returns, unless the broker asked for a pause. */
	#exchange<Answer>(broker: Broker, name: keyof typeof VERSIONS, exchange: Exchange<Answer>): Promise<Answer> {
		const { frame, limits } = exchange;
		return this.#answered(broker, name, limits, async (connection) => {
			const apiKey = apiKeys[name] ?? -1;
			const apiVersion = versionOf(broker, name);
			exchange.write(frame.begin({ apiKey, apiVersion, clientId: connection.clientId }));
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
					requestTimeout: null,
					sendRequest: () => connection.socket?.write(frame.bytes(correlationId)),
				});
			});
			frame.cameBack();
			return exchange.decode(payload);
		});
	}

	/** Sends one request once. Its answer's error codes are the caller's to read; a lost connection is thrown. */
	request<Name extends keyof Answers>(
		broker: Broker,
		name: Name,
		args: object,
		limits: Limits = { limitMs: this.#requestMs },
	): Promise<Answers[Name]> {
		return this.#answered(broker, name, limits, async (connection) => {
			const protocol = broker.lookupRequest(apiKeys[name] ?? -1, definitions.requests[name])(args);
			const answer = await connection.send({
				...protocol,
				response: { decode: protocol.response.decode, parse: async (decoded) => decoded },
				logResponseError: false,
			});
			return answer as Answers[Name];
		});
	}

	/** The answer to what `send` sends. Throws NotSent, ASSENT_LOG_UNAVAILABLE when it was sent and not answered, ASSENT_LOG_VERSION. */
	async #answered<Answer>(
		broker: Broker,
		what: string,
		{ limitMs, waitMs = 0 }: Limits,
		send: (connection: Connection) => Promise<Answer>,
	): Promise<Answer> {
		const connection = connectionOf(broker);
		if (!connection.isConnected()) {
			this.drop(broker);
			throw new NotSent(keyOf(addressOf(broker)), "not connected");
		}
		// What the broker asked to be sent later is answered later.
		const heldBackMs = Math.max(0, connection.requestQueue.throttledUntil - Date.now());
		let leftMs = limitMs + heldBackMs;
		let timer: NodeJS.Timeout | undefined;
		const late = new Promise<never>((_, reject) => {
			const watch = (ms: DurationMs): void => {
				timer = setTimeout(() => {
					leftMs -= ms;
					if (leftMs <= 0) reject(new Error(`${what} was not answered within ${limitMs} ms`));
					else {
						this.#markLate(broker);
						watch(Math.min(leftMs, LATE_MS));
					}
				}, ms);
			};
			watch(Math.min(leftMs, waitMs + heldBackMs + LATE_MS));
		});
		try {
			const answer = await Promise.race([send(connection), late]);
			this.#brokers.markAnswering(broker);
			return answer;
		} catch (thrown) {
			// After a time-out nobody knows what else is stuck on this connection.
			this.drop(broker);
			if (thrown instanceof AssentError) throw thrown;
			throw unreachable(keyOf(addressOf(broker)), whyOf(thrown));
		} finally {
			clearTimeout(timer);
		}
	}

	#markLate(broker: Broker): void {
		this.#brokers.markLate(addressOf(broker));
		const node = this.#brokers.nodeOf(broker);
		if (node !== null) this.#late(node);
	}

	/** Forgets a connection: what is under way on it fails, the next request makes another. */
	drop(broker: Broker): void {
		this.#brokers.drop(broker);
	}

	close(): void {
		this.#brokers.close();
	}
}

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
