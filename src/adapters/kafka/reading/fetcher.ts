/**
 * Single fetches and bounds: questions that are answered at once, on a connection that nothing waits on. Every error of a
 * partition is either fixed here (another leader) or said in the port's words.
 */

import { AssentError } from "../../../core/base/errors.ts";
import type { DurationMs, Offset } from "../../../core/model/units.ts";
import type { TopicPartition } from "../../../ports/log/log.ts";
import { holed, offsetGone, placeOf, rewound } from "../../../ports/log/problems.ts";
import { pause } from "../../../ports/pause.ts";
import { isDense } from "../admin/settings.ts";
import { denied, isPassing, isUnavailable, KAFKA, nameOf, unreachable } from "../network/faults.ts";
import type { Topology } from "../network/topology.ts";
import type { Wire } from "../network/wire.ts";
import type { FetchedPartition } from "../protocol/fetched-batches.ts";
import { RequestFrame } from "../protocol/request-frame.ts";
import { OffsetQuestions, type Which } from "./offset-questions.ts";

const RETRY_PAUSE_MS: DurationMs = 50;

export interface Bounds {
	readonly begin: Offset;
	readonly end: Offset;
}

export class Fetcher {
	readonly #wire: Wire;
	readonly #topology: Topology;
	readonly #timeoutMs: DurationMs;
	readonly #offsets: OffsetQuestions;

	constructor(parts: { wire: Wire; topology: Topology; timeoutMs: DurationMs }) {
		this.#wire = parts.wire;
		this.#offsets = new OffsetQuestions(parts.wire, parts.topology);
		this.#topology = parts.topology;
		this.#timeoutMs = parts.timeoutMs;
	}

	/**
	 * What is at `offset`, at most about `bytesMax` (whole batches, at least one). Null at the end. Throws
	 * ASSENT_LOG_OFFSET_GONE, ASSENT_LOG_REWOUND, ASSENT_LOG_TOPIC, ASSENT_LOG_UNAVAILABLE, ASSENT_LOG_DENIED.
	 */
	async fetch(from: TopicPartition, offset: Offset, bytesMax: number): Promise<FetchedPartition | null> {
		await this.#topology.assertThere(from);
		for (let next = offset; ; ) {
			const fetched = await this.#asking(from, async (node) => {
				const broker = await this.#wire.broker("ask", node);
				const topic = this.#topology.nameOf(from.topic);
				const wanted = [{ topic, partition: from.partition, offset: next, bytesMax, isDense: isDense(from.topic) }];
				const answer = await this.#wire.fetch(broker, new RequestFrame(), wanted, 0);
				const [partition = null] = answer.partitions;
				if (partition !== null && partition.damaged !== null && partition.next === null)
					throw new RangeError(partition.damaged);
				return partition;
			});
			if (fetched === null) return null;
			if (fetched.errorCode === KAFKA.offsetOutOfRange) {
				const { begin, end } = await this.bounds(from);
				if (next < begin) throw offsetGone(from, next, begin);
				if (next > end) throw rewound(from, next, end);
				return null;
			}
			if (fetched.records.length > 0) return fetched;
			if (fetched.next === null && fetched.holeUntil !== null) throw holed(from, next, fetched.holeUntil);
			// Batches without records, such as a transaction's end: what comes after them is asked for.
			if (fetched.next === null || fetched.next <= next) return null;
			next = fetched.next;
		}
	}

	async bounds(place: TopicPartition): Promise<Bounds> {
		const [begin, end] = await Promise.all([this.#offset(place, "earliest"), this.#offset(place, "readable")]);
		return { begin, end: Math.max(begin, end) };
	}

	/** The offsets that a transaction holds back which is neither committed nor given up. */
	async heldBack(place: TopicPartition): Promise<number> {
		const [end, replicated] = await Promise.all([this.#offset(place, "readable"), this.#offset(place, "replicated")]);
		return Math.max(0, replicated - end);
	}

	async #offset(place: TopicPartition, which: Which): Promise<Offset> {
		await this.#topology.assertThere(place);
		const found = await this.#asking(place, (node) => this.#offsets.ask(node, place, which));
		return Number(found?.offset ?? 0);
	}

	/** Asks the leader, and again while what it says passes: reading twice harms nobody. */
	async #asking<Out extends { readonly errorCode: number }>(
		place: TopicPartition,
		ask: (node: number) => Promise<Out | null>,
	): Promise<Out | null> {
		const deadline = performance.now() + this.#timeoutMs;
		for (;;) {
			const node = await this.#topology.leaderOf(place, deadline);
			let why: string;
			try {
				const answer = await this.#topology.whileLed(place, node, ask(node));
				const code = answer?.errorCode ?? KAFKA.none;
				if (code === KAFKA.none || code === KAFKA.offsetOutOfRange) return answer;
				if (code === KAFKA.topicDenied) throw new AssentError(denied(`reading \`${placeOf(place)}\``));
				this.#topology.doubt(place);
				why = nameOf(code);
				if (!isPassing(code) && code !== KAFKA.unknownTopic) throw new Unreadable(place, why);
			} catch (thrown) {
				if (!isUnavailable(thrown) || thrown instanceof Unreadable) throw thrown;
				this.#topology.doubtNode(node);
				why = thrown.problem.message;
			}
			if (performance.now() > deadline) throw unreachable(`\`${placeOf(place)}\``, why);
			await pause(RETRY_PAUSE_MS);
		}
	}
}

/** The broker does not give what no second try would get. */
class Unreadable extends AssentError {
	constructor(place: TopicPartition, why: string) {
		super(unreachable(`\`${placeOf(place)}\``, why).problem);
	}
}
