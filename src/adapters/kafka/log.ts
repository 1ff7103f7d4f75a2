/**
 * The log on Apache Kafka. It tells after the fact where an append landed (`superseded` was written and is void by the
 * validity rule), never sends anything twice, and reads by single fetches and one long poll for each topic and broker.
 */

import type { Offset } from "../../core/model/units.ts";
import { appendAfter } from "../../ports/log/after.ts";
import {
	type Appended,
	type AppendOptions,
	type Assignment,
	type AssignmentListener,
	type Log,
	type LogAdmin,
	type LogRecord,
	type OutRecord,
	type ReadOptions,
	TOPICS,
	type TopicPartition,
} from "../../ports/log/log.ts";
import { logClosed, nothingToAppend } from "../../ports/log/problems.ts";
import type { Position, WaitOptions } from "../../ports/log/waiters.ts";
import { noQuestions } from "../../ports/questions.ts";
import { KafkaAdmin } from "./admin/admin.ts";
import { Appender } from "./appender.ts";
import { KafkaCopy } from "./copy.ts";
import { Membership } from "./group/membership.ts";
import { Topology } from "./network/topology.ts";
import { Wire } from "./network/wire.ts";
import { KAFKA_DEFAULTS, type KafkaLogOptions, kafkaUrl } from "./options.ts";
import { Feed } from "./reading/feed.ts";
import { type Bounds, Fetcher } from "./reading/fetcher.ts";

export class KafkaLog implements Log {
	readonly url: string;
	readonly questions = noQuestions;
	readonly #options: KafkaLogOptions;
	readonly #wire: Wire;
	readonly #topology: Topology;
	readonly #appender: Appender;
	/** Appends that wait for another one's answer. */
	readonly #following = new Set<Promise<Appended>>();
	readonly #fetcher: Fetcher;
	readonly #feed: Feed;
	readonly #memberships = new Set<Membership>();
	#closing: Promise<void> | null = null;

	constructor(options: KafkaLogOptions) {
		this.url = kafkaUrl(options);
		this.#options = options;
		const timeoutMs = options.requestTimeoutMs ?? KAFKA_DEFAULTS.requestTimeoutMs;
		const wire = new Wire(options);
		const topology = new Topology(wire, options.prefix);
		wire.onLate((node) => topology.doubtNode(node));
		this.#wire = wire;
		this.#topology = topology;
		this.#appender = new Appender({ wire, topology, timeoutMs });
		this.#fetcher = new Fetcher({ wire, topology, timeoutMs });
		this.#feed = new Feed({ wire, topology, fetcher: this.#fetcher, flush: () => this.#appender.flush() });
	}

	/** Throws when no broker answers, or none lets this user in. */
	async connect(): Promise<this> {
		await this.#wire.metadata([]);
		return this;
	}

	async append(to: TopicPartition, records: readonly OutRecord[], options: AppendOptions = {}): Promise<Appended> {
		this.#refuseIfClosed();
		if (records.length === 0) throw nothingToAppend(to);
		const append = () => this.#appender.append(to, records, options.expected);
		if (options.after === undefined) return append();
		const following = appendAfter(options.after, append);
		this.#following.add(following);
		try {
			return await following;
		} finally {
			this.#following.delete(following);
		}
	}

	async read(from: TopicPartition, offset: Offset, options: ReadOptions = {}): Promise<readonly LogRecord[]> {
		this.#refuseIfClosed();
		return this.#orClosed(this.#feed.read(from, offset, options));
	}

	async bounds(place: TopicPartition): Promise<Bounds> {
		this.#refuseIfClosed();
		return this.#orClosed(this.#fetcher.bounds(place));
	}

	async waitFor(any: readonly Position[], options: WaitOptions): Promise<readonly Position[]> {
		this.#refuseIfClosed();
		return this.#feed.wait(any, options);
	}

	async assign(group: string, member: string, listener: AssignmentListener): Promise<Assignment> {
		this.#refuseIfClosed();
		const { sessionTimeoutMs, heartbeatMs } = { ...KAFKA_DEFAULTS, ...this.#options };
		const partitions = await this.#orClosed(this.#topology.partitionsOf(TOPICS.intents));
		// No member would leave for one that begins to join only now.
		this.#refuseIfClosed();
		const membership = new Membership({
			wire: this.#wire,
			topology: this.#topology,
			group: this.#topology.nameOf(group),
			member,
			partitions,
			listener,
			sessionMs: sessionTimeoutMs,
			heartbeatMs,
		});
		this.#memberships.add(membership);
		await membership.start();
		return membership;
	}

	admin(): LogAdmin {
		return new KafkaAdmin({
			options: this.#options,
			wire: this.#wire,
			topology: this.#topology,
			fetcher: this.#fetcher,
			refuseIfClosed: () => this.#refuseIfClosed(),
		});
	}

	/** Puts records of another log onto this one. */
	copying(): KafkaCopy {
		return new KafkaCopy({ log: this, wire: this.#wire, topology: this.#topology, appender: this.#appender });
	}

	close(): Promise<void> {
		this.#closing ??= this.#close();
		return this.#closing;
	}

	async #close(): Promise<void> {
		await Promise.allSettled(this.#following);
		await this.#appender.settled();
		await Promise.all([...this.#memberships].map((membership) => membership.leave()));
		this.#feed.close();
		this.#wire.close();
	}

	#refuseIfClosed(): void {
		if (this.#closing !== null) throw logClosed(this.url);
	}

	/** What fails because the log was closed meanwhile says that. */
	async #orClosed<Out>(asked: Promise<Out>): Promise<Out> {
		try {
			return await asked;
		} catch (thrown) {
			this.#refuseIfClosed();
			throw thrown;
		}
	}
}
