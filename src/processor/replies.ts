/**
 * Replies of one partition: best effort, each reply topic by itself, in the order of the ledger. Topics are named by whoever
 * asks, so that one which is missing, slow or never answers holds up no other and nothing else; what does not go out in
 * time is dropped and counted, and its client asks again.
 */
import { AssentError } from "../core/base/errors.ts";
import { headerBytes } from "../core/codec/trace.ts";
import type { DurationMs } from "../core/model/units.ts";
import { type Followed, type Log, type OutRecord, TOPICS } from "../ports/log/log.ts";
import type { Meter } from "../ports/meter.ts";
import { pause } from "../ports/pause.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { isFullFor } from "../publishing/append-bounds.ts";
import { failureOf } from "../publishing/appended.ts";

const ATTEMPTS_MAX = 2;
const RETRY_PAUSE_MS: DurationMs = 20;
/** What may wait for one topic that takes replies, and for one of which that is not known. */
const WAITING_MAX = { records: 8_000, bytes: 8_000_000 } as const;
const UNPROVEN_WAITING_MAX = { records: 1_000, bytes: 500_000 } as const;
/** Topics under way of which it is not known whether they take replies. */
const UNPROVEN_MAX = 32;
/** Topics that are remembered for having taken replies. */
const PROVEN_MAX = 1_000;
/** In a period each topic is told of once, and no more topics than `TOLD_MAX`. */
export const TOLD_PERIOD_MS: DurationMs = 30_000;
const TOLD_MAX = 8;
/** How long a drain waits for what is under way. */
const DRAIN_MS: DurationMs = 2_000;

export interface Reply {
	readonly topic: string;
	readonly record: OutRecord;
	/** Called once its topic took it. */
	readonly onTaken: () => void;
	readonly cause: Cause;
}

/** What replies of a batch answer for. */
export interface Cause {
	/** The append of their entries while it is under way: they are written with it or after it, or not at all. */
	after: Followed | null;
}

export interface RepliesOptions {
	readonly log: Log;
	readonly partition: number;
	readonly telemetry: Telemetry;
	readonly meter: Meter;
}

interface Lane {
	readonly topic: string;
	readonly waiting: Reply[];
	/** Bytes of each of `waiting`, and of all. */
	readonly weights: number[];
	bytes: number;
}

export class Replies {
	readonly #options: RepliesOptions;
	/** Topics under way; one that has nothing to send is forgotten. */
	readonly #lanes = new Map<string, Lane>();
	readonly #proven = new Set<string>([TOPICS.replies]);
	readonly #settling: (() => void)[] = [];
	readonly #told = new Set<string>();
	/** Of performance.now: when the topics that were told of are told of again. */
	#toldUntil = 0;
	/** Replies that were given up and not told of. */
	#untold = 0;

	constructor(options: RepliesOptions) {
		this.#options = options;
	}

	/** Hands them over in order; never waits and never throws. */
	send(replies: readonly Reply[]): void {
		const begun: Lane[] = [];
		for (const reply of replies) {
			const known = this.#lanes.get(reply.topic);
			const lane = known ?? this.#begin(reply.topic);
			if (lane === null) {
				this.#undelivered(reply.topic, 1, "too many reply topics that took nothing yet are under way");
				continue;
			}
			if (known === undefined) begun.push(lane);
			const weight = bytesOf(reply);
			const bytes = lane.bytes + weight;
			const max = this.#proven.has(reply.topic) ? WAITING_MAX : UNPROVEN_WAITING_MAX;
			if (lane.waiting.length > 0 && (lane.waiting.length >= max.records || bytes > max.bytes)) {
				this.#undelivered(reply.topic, 1, "too many replies wait for their topic");
				continue;
			}
			lane.bytes = bytes;
			lane.waiting.push(reply);
			lane.weights.push(weight);
		}
		for (const lane of begun) void this.#empty(lane);
	}

	/** Resolves when nothing is under way, or after `ms`: then what still waits is given up. */
	async settled(ms: DurationMs = DRAIN_MS): Promise<void> {
		if (this.#lanes.size === 0) return;
		const over = new AbortController();
		this.#settling.push(() => over.abort());
		await pause(ms, over.signal);
		for (const lane of this.#lanes.values()) {
			const dropped = lane.waiting.splice(0).length;
			lane.weights.length = 0;
			lane.bytes = 0;
			if (dropped > 0) this.#undelivered(lane.topic, dropped, "the partition is let go of");
		}
	}

	/** Null: there is no room for one more topic that may not exist. */
	#begin(topic: string): Lane | null {
		if (!this.#proven.has(topic)) {
			let unproven = 0;
			for (const name of this.#lanes.keys()) if (!this.#proven.has(name)) unproven += 1;
			if (unproven >= UNPROVEN_MAX) return null;
		}
		const lane: Lane = { topic, waiting: [], weights: [], bytes: 0 };
		this.#lanes.set(topic, lane);
		return lane;
	}

	async #empty(lane: Lane): Promise<void> {
		const { topic } = lane;
		while (lane.waiting.length > 0) {
			const part = partOf(lane);
			const fate = await this.#append(topic, part);
			// Nobody is owed an answer by entries that do not count.
			if (fate === "withheld") continue;
			this.#prove(topic, fate === "taken");
			if (fate !== "taken") this.#undelivered(topic, part.length, fate.lostWhy);
			else for (const { onTaken } of part) onTaken();
		}
		this.#lanes.delete(topic);
		if (this.#lanes.size === 0) for (const settle of this.#settling.splice(0)) settle();
	}

	#prove(topic: string, isTaken: boolean): void {
		if (topic === TOPICS.replies) return;
		this.#proven.delete(topic);
		if (!isTaken) return;
		this.#proven.add(topic);
		// The one that took replies least lately goes; the first is the topic that is always there.
		if (this.#proven.size > PROVEN_MAX) this.#proven.delete([...this.#proven][1] as string);
	}

	async #append(topic: string, part: readonly Reply[]): Promise<"taken" | "withheld" | { readonly lostWhy: string }> {
		const records = part.map(({ record }) => record);
		const after = part[0]?.cause.after ?? null;
		let why = "";
		for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
			if (attempt > 0) await pause(RETRY_PAUSE_MS);
			try {
				const to = { topic, partition: this.#options.partition };
				const options = { durability: "ordered", ...(after === null ? {} : { after }) } as const;
				const appended = await this.#options.log.append(to, records, options);
				if (appended.kind === "withheld") return "withheld";
				const failure = failureOf(appended);
				if (failure === null) return "taken";
				why = failure;
			} catch (thrown) {
				why = thrown instanceof Error ? thrown.message : String(thrown);
				if (thrown instanceof AssentError && thrown.code === "ASSENT_LOG_TOPIC") break;
			}
		}
		return { lostWhy: why };
	}

	#undelivered(topic: string, records: number, why: string): void {
		const { partition, telemetry, meter } = this.#options;
		meter.repliesUndelivered(records);
		const now = performance.now();
		if (now >= this.#toldUntil) {
			this.#told.clear();
			this.#toldUntil = now + TOLD_PERIOD_MS;
		}
		if (this.#told.has(topic) || this.#told.size >= TOLD_MAX) {
			this.#untold += records;
			return;
		}
		this.#told.add(topic);
		telemetry.warn("reply.undelivered", { topic, partition, records, untold: this.#untold, why });
		this.#untold = 0;
	}
}

/** Takes what goes out in one append: what follows from entries that are acknowledged, or from those of one append. */
function partOf(lane: Lane): readonly Reply[] {
	const after = lane.waiting[0]?.cause.after ?? null;
	let records = 0;
	let bytes = 0;
	for (const weight of lane.weights) {
		if (isFullFor({ records, bytes }, weight) || lane.waiting[records]?.cause.after !== after) break;
		records += 1;
		bytes += weight;
	}
	lane.bytes -= bytes;
	lane.weights.splice(0, records);
	return lane.waiting.splice(0, records);
}

const bytesOf = ({ record }: Reply): number => record.value.length + headerBytes(record.headers);
