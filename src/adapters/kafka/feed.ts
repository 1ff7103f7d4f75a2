/**
 * What comes in. Partitions that somebody waits for are followed: one long poll for each topic and broker fetches ahead of
 * their readers and wakes them, so that a busy topic does not ask for the idle ones each time. All other reading goes
 * through a second window of each partition: looking something up does not disturb who follows.
 */

import { AssentError, type ErrorCode } from "../../core/base/errors.ts";
import type { DurationMs, Offset } from "../../core/model/units.ts";
import { type LogRecord, READ_DEFAULTS, type ReadOptions, type TopicPartition } from "../../ports/log.ts";
import { placeOf } from "../../ports/log-problems.ts";
import { type Position, TIMER_MAX_MS, untilAborted, Waiters, type WaitOptions } from "../../ports/waiters.ts";
import { pause } from "../../processor/pause.ts";
import { KAFKA } from "./faults.ts";
import { encodeFetch } from "./fetch-request.ts";
import type { FetchedPartition } from "./fetch-response.ts";
import type { Fetcher } from "./fetcher.ts";
import type { Topology } from "./topology.ts";
import { Window } from "./window.ts";
import type { Wire } from "./wire.ts";

/** Longest wait of one poll. Who begins to follow a partition meanwhile is served from the next one on. */
const POLL_MS: DurationMs = 200;
/** The poll waits so long when a partition was left out because its reader is behind. */
const POLL_BEHIND_MS: DurationMs = 5;
const POLL_BYTES = 1024 * 1024;
/** Not fetched further ahead than this. */
const AHEAD_BYTES_MAX = 2 * 1024 * 1024;
/** Nobody waited for it for so long: no longer followed. */
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
	readonly #lanes = new Map<string, Lane>();
	readonly #aside = new Map<string, Window>();
	/** Topics and brokers with a poll under way: `intents@1`. */
	readonly #polling = new Set<string>();
	#rounds: NodeJS.Timeout | undefined;
	readonly #closing = new AbortController();

	constructor(of: { wire: Wire; topology: Topology; fetcher: Fetcher }) {
		this.#wire = of.wire;
		this.#topology = of.topology;
		this.#fetcher = of.fetcher;
	}

	get #isClosed(): boolean {
		return this.#closing.signal.aborted;
	}

	async read(from: TopicPartition, at: Offset, options: ReadOptions): Promise<readonly LogRecord[]> {
		const limits = { ...READ_DEFAULTS, ...options };
		const key = placeOf(from);
		const followed = this.#lanes.get(key)?.window;
		if (followed?.holds(at) === true) return this.#readFrom(followed, from, at, limits);
		const isLookup = limits.recordsMax <= LOOKUP_RECORDS;
		let aside = this.#aside.get(key);
		if (aside?.holds(at) === true && !isLookup) return this.#readFrom(aside, from, at, limits);
		const bytesMax = isLookup ? LOOKUP_BYTES : Math.min(limits.bytesMax, READ_DEFAULTS.bytesMax);
		const fetched = await this.#fetcher.fetch(from, at, bytesMax);
		if (isLookup || aside === undefined) aside = new Window(at);
		else aside.reset(at);
		if (fetched !== null) aside.add(fetched);
		const records = this.#readFrom(aside, from, at, limits);
		if (!isLookup) {
			if (aside.holds((records.at(-1)?.offset ?? at) + 1)) this.#aside.set(key, aside);
			else this.#aside.delete(key);
		}
		return records;
	}

	#readFrom(window: Window, from: TopicPartition, at: Offset, limits: Required<ReadOptions>): LogRecord[] {
		window.usedAt = performance.now();
		return window.read(from, at, limits);
	}

	async wait(positions: readonly Position[], options: WaitOptions): Promise<readonly Position[]> {
		const fresh = positions.filter((position) => !this.#isFollowed(position));
		if (fresh.length > 0) {
			const following = Promise.all(fresh.map((position) => this.#follow(position)));
			await untilDone(following, options, this.#closing.signal);
			if (this.#isClosed) return [];
			this.#poll();
		}
		const now = performance.now();
		for (const position of positions) {
			const lane = this.#lanes.get(placeOf(position));
			if (lane === undefined) continue;
			lane.window.usedAt = now;
			// Who waits here has read all before it; a window that is full of that would never be filled again.
			lane.window.passOver(position.at);
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
		const lane = this.#lanes.get(placeOf(position));
		return lane !== undefined && position.at <= lane.window.next;
	}

	/** Begins at the position, with what is there at once. */
	async #follow({ topic, partition, at }: Position): Promise<void> {
		const key = placeOf({ topic, partition });
		const lane = this.#lanes.get(key) ?? { topic, partition, window: new Window(at), restsUntil: 0 };
		lane.window.reset(at);
		lane.window.usedAt = performance.now();
		this.#lanes.set(key, lane);
		try {
			const fetched = await this.#fetcher.fetch({ topic, partition }, at, POLL_BYTES);
			if (fetched !== null) this.#came(lane, fetched, at);
		} catch (thrown) {
			// Out of reach for now: the polls go on asking.
			if (hasCode(thrown, "ASSENT_LOG_UNAVAILABLE")) return;
			this.#lanes.delete(key);
			// What is gone can be "read": reading says that it is gone.
			if (!hasCode(thrown, "ASSENT_LOG_OFFSET_GONE")) throw thrown;
			this.#waiters.advance(topic, partition, at + 1);
		}
	}

	#came(lane: Lane, fetched: FetchedPartition, askedAt: Offset): void {
		// Somebody began anew elsewhere meanwhile.
		if (this.#isClosed || lane.window.next !== askedAt) return;
		lane.window.add(fetched);
		if (fetched.records.some((record) => record.offset >= askedAt))
			this.#waiters.advance(lane.topic, lane.partition, lane.window.next);
	}

	/** Every topic has a poll at each broker that leads a followed partition of it. */
	#poll(): void {
		if (this.#isClosed) return;
		for (const lane of this.#lanes.values()) {
			const node = this.#topology.knownLeader(lane);
			const key = `${lane.topic}@${node}`;
			if (node === null || this.#polling.has(key)) continue;
			this.#polling.add(key);
			void this.#pollTopic(lane.topic, node).finally(() => this.#polling.delete(key));
		}
		this.#rounds ??= setInterval(() => void this.#round(), ROUND_MS);
	}

	/** Now and then: doubted leaders are asked for again, what nobody wants is let go, polls that ended begin anew. */
	async #round(): Promise<void> {
		this.#forget();
		if (this.#lanes.size === 0 && this.#aside.size === 0) {
			clearInterval(this.#rounds);
			this.#rounds = undefined;
			return;
		}
		const topics = new Set([...this.#lanes.values()].map(({ topic }) => topic));
		await Promise.all([...topics].map((topic) => this.#topology.refreshed(topic).catch(() => {})));
		this.#poll();
	}

	/** One long poll after the other, as long as this broker leads anything of the topic that is followed. */
	async #pollTopic(topic: string, node: number): Promise<void> {
		while (!this.#isClosed) {
			const now = performance.now();
			const mine = [...this.#lanes.values()].filter(
				(lane) => lane.topic === topic && lane.restsUntil <= now && this.#topology.knownLeader(lane) === node,
			);
			const wanted = mine
				.filter(({ window }) => window.bytes < AHEAD_BYTES_MAX)
				.map((lane) => ({
					lane,
					topic: this.#topology.nameOf(lane.topic),
					partition: lane.partition,
					at: lane.window.next,
					bytesMax: POLL_BYTES,
				}));
			if (wanted.length === 0) {
				if (mine.length === 0) return;
				await pause(POLL_BEHIND_MS);
				continue;
			}
			const waitMs = wanted.length < mine.length ? POLL_BEHIND_MS : POLL_MS;
			try {
				const broker = await this.#wire.broker(`poll ${topic}`, node);
				const answer = await this.#wire.fetch(broker, encodeFetch(wanted, waitMs), waitMs);
				const asked = new Map(wanted.map((each) => [placeOf(each), each]));
				for (const fetched of answer.partitions) {
					const one = asked.get(placeOf(fetched));
					if (one === undefined) continue;
					if (fetched.errorCode === KAFKA.none && fetched.unreadable === null) this.#came(one.lane, fetched, one.at);
					else this.#failed(one.lane, fetched, one.at);
				}
			} catch {
				this.#topology.refreshAll();
				await pause(FAULT_PAUSE_MS);
				return;
			}
		}
	}

	#failed(lane: Lane, fetched: FetchedPartition, askedAt: Offset): void {
		lane.restsUntil = performance.now() + FAULT_PAUSE_MS;
		if (fetched.records.length > 0) this.#came(lane, fetched, askedAt);
		// Reading says why: it was removed, or it cannot be unpacked.
		else if (fetched.unreadable !== null || fetched.errorCode === KAFKA.offsetOutOfRange) void this.#wakeIfGone(lane);
		else if (fetched.errorCode === KAFKA.topicDenied) {
			// Who waits follows anew, and is told.
			this.#lanes.delete(placeOf(lane));
			this.#waiters.wakeAll();
		} else this.#topology.refresh(lane.topic);
	}

	async #wakeIfGone(lane: Lane): Promise<void> {
		const at = lane.window.next;
		const { begin, end } = await this.#fetcher.bounds(lane).catch(() => ({ begin: 0, end: 0 }));
		if (at < begin || at < end) this.#waiters.advance(lane.topic, lane.partition, at + 1);
	}

	/** Lets go of what nobody has waited for or read for a while. */
	#forget(): void {
		const before = performance.now() - FORGOTTEN_MS;
		const awaited = new Set(this.#waiters.positions().map(placeOf));
		for (const [key, { window }] of this.#lanes)
			if (window.usedAt < before && !awaited.has(key)) this.#lanes.delete(key);
		for (const [key, window] of this.#aside) if (window.usedAt < before) this.#aside.delete(key);
	}
}

/** Resolves with `work`, or as soon as the wait that it was begun for is over; with no time at all it is waited for. */
async function untilDone(
	work: Promise<unknown>,
	{ timeoutMs, signal }: WaitOptions,
	closing: AbortSignal,
): Promise<void> {
	const over = AbortSignal.any([
		closing,
		...(signal === undefined ? [] : [signal]),
		...(timeoutMs > 0 ? [AbortSignal.timeout(Math.min(Math.ceil(timeoutMs), TIMER_MAX_MS))] : []),
	]);
	work.catch(() => {});
	await untilAborted(work, over);
}

const hasCode = (thrown: unknown, code: ErrorCode): boolean => thrown instanceof AssentError && thrown.code === code;
