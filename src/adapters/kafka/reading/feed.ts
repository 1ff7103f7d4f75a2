/**
 * Incoming records. Partitions that somebody waits for are followed: one long poll for each topic and broker fetches ahead of
 * their readers and wakes them, so that a busy topic does not ask for the idle ones each time. All other reading goes
 * through a second window of each partition: looking something up does not disturb those that are followed.
 */

import { setImmediate as nextTurn } from "node:timers/promises";
import { AssentError, type ErrorCode } from "../../../core/base/errors.ts";
import type { DurationMs, Offset } from "../../../core/model/units.ts";
import { type LogRecord, READ_DEFAULTS, type ReadOptions, type TopicPartition } from "../../../ports/log/log.ts";
import { PartitionMap } from "../../../ports/log/partition-map.ts";
import { type Position, untilAborted, Waiters, type WaitOptions } from "../../../ports/log/waiters.ts";
import { pause } from "../../../ports/pause.ts";
import { isDense } from "../admin/settings.ts";
import { KAFKA } from "../network/faults.ts";
import type { Topology } from "../network/topology.ts";
import type { Wire } from "../network/wire.ts";
import type { FetchedPartition } from "../protocol/fetched-batches.ts";
import { RequestFrame } from "../protocol/request-frame.ts";
import type { Fetcher } from "./fetcher.ts";
import { Turns } from "./turns.ts";
import { Window } from "./window.ts";

/** Longest wait of one poll. A reader that begins to follow a partition meanwhile is served from the next one on. */
const POLL_MS: DurationMs = 200;
/** The poll waits this long when a partition was left out because its reader is behind. */
const POLL_BEHIND_MS: DurationMs = 5;
/** Of one partition; records that are ready are young garbage that many collections have to copy. */
const POLL_BYTES = 256 * 1024;
/** Not fetched further ahead than this. */
const AHEAD_BYTES_MAX = 256 * 1024;
/** Stop following after this long without a reader. */
const FORGOTTEN_MS: DurationMs = 30_000;
const ROUND_MS: DurationMs = 100;
const FAULT_PAUSE_MS: DurationMs = 100;
/** A reader that asks for a few records is looking something up. */
const LOOKUP_RECORDS = 16;
const LOOKUP_BYTES = 64 * 1024;

interface Lane extends TopicPartition {
	readonly window: Window;
	/** Not asked for before this moment (performance.now), after a fault. */
	restsUntil: number;
}

export class Feed {
	readonly #wire: Wire;
	readonly #topology: Topology;
	readonly #fetcher: Fetcher;
	readonly #waiters = new Waiters();
	/** Followed partitions, and those that are only read. */
	readonly #lanes = new PartitionMap<Lane>();
	readonly #aside = new PartitionMap<Window>();
	readonly #turns = new Turns();
	readonly #flush: () => void;
	/** Topics and brokers with a poll under way: `intents@1`. */
	readonly #polling = new Set<string>();
	#rounds: NodeJS.Timeout | undefined;
	readonly #closing = new AbortController();

	/** `flush` is called before records are read: what was handed over until then does not wait for what comes of them. */
	constructor(parts: { wire: Wire; topology: Topology; fetcher: Fetcher; flush: () => void }) {
		this.#flush = parts.flush;
		this.#wire = parts.wire;
		this.#topology = parts.topology;
		this.#fetcher = parts.fetcher;
	}

	get #isClosed(): boolean {
		return this.#closing.signal.aborted;
	}

	async read(from: TopicPartition, offset: Offset, options: ReadOptions): Promise<readonly LogRecord[]> {
		const limits = { ...READ_DEFAULTS, ...options };
		const turn = this.#turns.next();
		if (turn !== null) await turn;
		this.#flush();
		const followed = this.#lanes.get(from)?.window;
		if (followed?.holds(offset) === true) return this.#readFrom(followed, from, offset, limits);
		const isLookup = limits.recordsMax <= LOOKUP_RECORDS;
		let aside = this.#aside.get(from);
		if (aside?.holds(offset) === true && !isLookup) return this.#readFrom(aside, from, offset, limits);
		const bytesMax = isLookup ? LOOKUP_BYTES : Math.min(limits.bytesMax, READ_DEFAULTS.bytesMax);
		const fetched = await this.#fetch(from, offset, bytesMax);
		if (isLookup || aside === undefined) aside = new Window(offset);
		else aside.reset(offset);
		if (fetched !== null) aside.add(fetched);
		const records = this.#readFrom(aside, from, offset, limits);
		if (!isLookup) {
			if (aside.holds((records.at(-1)?.offset ?? offset) + 1)) this.#aside.set(from, aside);
			else this.#aside.delete(from);
		}
		return records;
	}

	/** What was known of a log that ends before what was read of it is known of another one. */
	async #fetch(from: TopicPartition, offset: Offset, bytesMax: number): Promise<FetchedPartition | null> {
		try {
			return await this.#fetcher.fetch(from, offset, bytesMax);
		} catch (thrown) {
			if (hasCode(thrown, "ASSENT_LOG_REWOUND")) {
				this.#lanes.delete(from);
				this.#aside.delete(from);
			}
			throw thrown;
		}
	}

	#readFrom(window: Window, from: TopicPartition, offset: Offset, limits: Required<ReadOptions>): LogRecord[] {
		window.usedAt = performance.now();
		const records = window.read(from, offset, limits);
		this.#turns.count(records.length);
		return records;
	}

	wait(positions: readonly Position[], options: WaitOptions): Promise<readonly Position[]> {
		const isFollowed = positions.every((position) => this.#isFollowed(position));
		return isFollowed ? this.#waitFollowed(positions, options) : this.#followAndWait(positions, options);
	}

	/** A wait for several is not held up by those whose broker does not answer: records of the others end it. */
	async #followAndWait(positions: readonly Position[], options: WaitOptions): Promise<readonly Position[]> {
		const fresh = positions.filter((position) => !this.#isFollowed(position));
		const following = Promise.all(fresh.map((position) => this.#follow(position)));
		const isOver = new AbortController();
		const { signal } = options;
		const over = AbortSignal.any([isOver.signal, this.#closing.signal, ...(signal === undefined ? [] : [signal])]);
		// With no time at all this waits for the records there.
		if (options.timeoutMs <= 0) await untilAborted(following, over);
		if (this.#isClosed) return [];
		const met = this.#waitFollowed(positions, { ...options, signal: over });
		const refused = following.then(() => met);
		try {
			return await Promise.race([met, refused]);
		} finally {
			isOver.abort();
		}
	}

	#waitFollowed(positions: readonly Position[], options: WaitOptions): Promise<readonly Position[]> {
		const now = performance.now();
		for (const position of positions) {
			const lane = this.#lanes.get(position);
			if (lane === undefined) continue;
			lane.window.usedAt = now;
			// A reader that waits here has read all before it; a window that is full of that would never be filled again.
			lane.window.passOver(position.offset);
		}
		return this.#waiters.wait(positions, options);
	}

	close(): void {
		this.#closing.abort();
		clearInterval(this.#rounds);
		this.#waiters.wakeAll();
		this.#lanes.clear();
		this.#aside.clear();
	}

	#isFollowed(position: Position): boolean {
		const lane = this.#lanes.get(position);
		return lane !== undefined && position.offset <= lane.window.next;
	}

	/** Begins at the position, with what is there at once. */
	async #follow({ topic, partition, offset }: Position): Promise<void> {
		const lane = this.#lanes.get({ topic, partition }) ?? {
			topic,
			partition,
			window: new Window(offset),
			restsUntil: 0,
		};
		lane.window.reset(offset);
		lane.window.usedAt = performance.now();
		this.#lanes.set(lane, lane);
		// An end that was heard of before may be that of a log which is gone.
		this.#waiters.retreat(topic, partition, offset);
		try {
			const fetched = await this.#fetch({ topic, partition }, offset, POLL_BYTES);
			if (fetched !== null) this.#came(lane, fetched, offset);
			this.#poll();
		} catch (thrown) {
			// Out of reach for now: the polls go on asking.
			if (hasCode(thrown, "ASSENT_LOG_UNAVAILABLE")) return this.#poll();
			this.#lanes.delete(lane);
			// What is gone can be "read": reading says that it is gone.
			if (!hasCode(thrown, "ASSENT_LOG_OFFSET_GONE") && !hasCode(thrown, "ASSENT_LOG_REWOUND")) throw thrown;
			this.#waiters.advance(topic, partition, offset + 1);
		}
	}

	#came(lane: Lane, fetched: FetchedPartition, askedOffset: Offset): void {
		// The reader started again elsewhere meanwhile.
		if (this.#isClosed || lane.window.next !== askedOffset) return;
		if (fetched.next === null) return;
		lane.window.add(fetched);
		// Asked for last from now on: of those before it the broker gives each what fits, and only the first a batch that does not.
		if (this.#lanes.get(lane) === lane) this.#lanes.set(lane, lane);
		if ((fetched.records.at(-1)?.offset ?? -1) >= askedOffset)
			this.#waiters.advance(lane.topic, lane.partition, lane.window.next);
	}

	/** Every topic has a poll at each broker that leads a followed partition of it. */
	#poll(): void {
		if (this.#isClosed) return;
		for (const topic of this.#lanes.topics()) {
			for (const lane of this.#lanes.ofTopic(topic)) {
				const node = this.#topology.knownLeader(lane);
				const key = `${topic}@${node}`;
				if (node === null || this.#polling.has(key)) continue;
				this.#polling.add(key);
				void this.#pollTopic(topic, node).finally(() => this.#polling.delete(key));
			}
		}
		this.#rounds ??= setInterval(() => void this.#round(), ROUND_MS);
	}

	/** Now and then: doubted leaders are asked for again, what nobody wants is let go, polls that ended start again. */
	async #round(): Promise<void> {
		this.#forget();
		const topics = this.#lanes.topics();
		if (topics.length === 0 && this.#aside.topics().length === 0) {
			clearInterval(this.#rounds);
			this.#rounds = undefined;
			return;
		}
		await Promise.all(topics.map((topic) => this.#topology.refreshed(topic).catch((why) => this.#lost(topic, why))));
		this.#poll();
	}

	/** A reader waiting for a topic that is gone follows again, and is told. */
	#lost(topic: string, why: unknown): void {
		if (!hasCode(why, "ASSENT_LOG_TOPIC") && !hasCode(why, "ASSENT_LOG_DENIED")) return;
		for (const lane of this.#lanes.ofTopic(topic)) this.#lanes.delete(lane);
		this.#waiters.wakeAll();
	}

	/** One long poll after the other, as long as this broker leads anything of the topic that is followed. */
	async #pollTopic(topic: string, node: number): Promise<void> {
		const frame = new RequestFrame();
		const role = `poll ${topic}` as const;
		const name = this.#topology.nameOf(topic);
		while (!this.#isClosed) {
			const now = performance.now();
			const mine = this.#lanes
				.ofTopic(topic)
				.filter((lane) => lane.restsUntil <= now && this.#topology.knownLeader(lane) === node);
			const wanted = mine
				.filter(({ window }) => window.bytes < AHEAD_BYTES_MAX)
				.map((lane) => ({
					lane,
					topic: name,
					partition: lane.partition,
					offset: lane.window.next,
					bytesMax: POLL_BYTES,
					isDense: isDense(topic),
				}));
			if (wanted.length === 0) {
				if (mine.length === 0) return;
				await pause(POLL_BEHIND_MS);
				continue;
			}
			const waitMs = wanted.length < mine.length ? POLL_BEHIND_MS : POLL_MS;
			try {
				const broker = this.#wire.connected(role, node) ?? (await this.#wire.broker(role, node));
				const answer = await this.#wire.fetch(broker, frame, wanted, waitMs);
				for (const fetched of answer.partitions) {
					const one = wanted.find(({ partition }) => partition === fetched.partition);
					if (one === undefined || fetched.topic !== name) continue;
					const isWhole = fetched.holeUntil === null && fetched.damaged === null;
					if (fetched.errorCode === KAFKA.none && isWhole) this.#came(one.lane, fetched, one.offset);
					else this.#failed(one.lane, fetched, one.offset);
				}
				// Woken readers decide first; what they hand over goes out before the broker is asked for more.
				await nextTurn();
				this.#flush();
			} catch {
				this.#topology.doubtNode(node);
				await pause(FAULT_PAUSE_MS);
				return;
			}
		}
	}

	#failed(lane: Lane, fetched: FetchedPartition, askedOffset: Offset): void {
		lane.restsUntil = performance.now() + FAULT_PAUSE_MS;
		if (fetched.next !== null) this.#came(lane, fetched, askedOffset);
		// Reading says why: it was removed, is missing, lies beyond the end, or cannot be believed.
		else if (fetched.holeUntil !== null || fetched.damaged !== null || fetched.errorCode === KAFKA.offsetOutOfRange)
			void this.#wakeIfGone(lane);
		else if (fetched.errorCode === KAFKA.topicDenied) {
			// A waiting reader follows again, and is told.
			this.#lanes.delete(lane);
			this.#waiters.wakeAll();
		} else this.#topology.doubt(lane);
	}

	async #wakeIfGone(lane: Lane): Promise<void> {
		const next = lane.window.next;
		const { begin, end } = await this.#fetcher.bounds(lane).catch(() => ({ begin: next, end: next }));
		if (next > end) this.#lanes.delete(lane);
		if (next < begin || next !== end) this.#waiters.advance(lane.topic, lane.partition, next + 1);
	}

	/** Lets go of partitions that nobody has waited for or read for a while. */
	#forget(): void {
		const before = performance.now() - FORGOTTEN_MS;
		for (const [of, { window }] of this.#lanes.entries())
			if (window.usedAt < before && !this.#waiters.awaits(of)) this.#lanes.delete(of);
		for (const [of, window] of this.#aside.entries()) if (window.usedAt < before) this.#aside.delete(of);
	}
}

const hasCode = (thrown: unknown, code: ErrorCode): boolean => thrown instanceof AssentError && thrown.code === code;
