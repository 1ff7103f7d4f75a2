/**
 * Release: what may happen only after an entry is known to be valid. Violations, checkpoints and dead letters go out in the
 * order of the ledger; the next batch of a topic goes out only after the one before it is acknowledged. Replies are handed
 * over at once (replies.ts) and hold up nothing: a log that can writes them with their entries.
 *
 * R1  Nothing is published that does not follow from a valid entry of the ledger: `release` is called after a dense
 *     acknowledgement, or for entries read below the own claim, and replies that are handed over before are the log's to
 *     withhold (`after`).
 */
import { AssentError } from "../core/base/errors.ts";
import { derivedEvent } from "../core/codec/event.ts";
import { replyHeaders } from "../core/codec/headers.ts";
import { headerBytes } from "../core/codec/trace.ts";
import { PROJECTIONS } from "../core/ledger/projections/all.ts";
import { deadLetterOfProjection } from "../core/ledger/projections/dead-letters.ts";
import type { Projected, Released } from "../core/ledger/projections/projection.ts";
import { type Unreported, unreportedBy } from "../core/ledger/unreported.ts";
import type { LedgerEntry } from "../core/model/entries.ts";
import type { DerivedRecord } from "../core/model/records.ts";
import type { Clock } from "../ports/clock.ts";
import { type Followed, type Headers, type Log, type OutRecord, TOPICS } from "../ports/log/log.ts";
import type { Meter } from "../ports/meter.ts";
import { pause } from "../ports/pause.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { cutAppends } from "../publishing/append-bounds.ts";
import { failureOf } from "../publishing/appended.ts";
import { isCheckpointMissing, isLetterMissing, isViolationMissing, type Published } from "../reading/published.ts";
import type { Mint } from "./minting.ts";
import type { Cause, Replies, Reply } from "./replies.ts";
import { tally } from "./tally.ts";

/** What is released, with what its records carry or were spared. */
export interface Releasable extends Released {
	/** Trace context of its input, for the headers of what is derived from it. */
	readonly trace: Headers;
	/** What of an entry of the past was published already, and is not sent again. */
	readonly published: Published;
}

/** What this process has published of a ledger, whichever claims it held. */
export interface ReleasedSoFar {
	/** Everything that entries before this `seq` derive. */
	releasedTo: number;
	/** Its first claim, which names it; null before it was read. */
	ledgerId: string | null;
}

export interface ReleaserOptions {
	readonly log: Log;
	readonly partition: number;
	readonly clock: Clock;
	readonly telemetry: Telemetry;
	readonly meter: Meter;
	readonly known: ReleasedSoFar;
	/** Outlive the claim: they are no reason to wait before the next. */
	readonly replies: Replies;
	/** Null: replies carry no tokens. */
	readonly mint: Mint | null;
}

/** Entries under way before whoever hands them over waits: small batches do not fill it while one broker is away. */
export const BACKLOG_MAX = 8_000;
/** The same for entries of the past, which wait on the log and not in a partition that could decide meanwhile. */
const PAST_BACKLOG_MAX = 400;
const ATTEMPTS_MAX = 8;

export class Releaser {
	readonly #options: ReleaserOptions;
	#last: Promise<void> = Promise.resolve();
	#backlog = 0;
	#failure: string | null = null;
	readonly #failed = new AbortController();
	/** Limits that have been told of. */
	readonly #unreported = new Set<string>();

	constructor(options: ReleaserOptions) {
		this.#options = options;
	}

	/** Entries of batches that are not acknowledged yet. */
	get backlog(): number {
		return this.#backlog;
	}

	/** Why a projection could not be published; the partition then claims again and sends it from the tail on. */
	get failure(): string | null {
		return this.#failure;
	}

	/** Aborts with the first failure, so that whoever waits for something else hears of it. */
	get failed(): AbortSignal {
		return this.#failed.signal;
	}

	/**
	 * Projects entries and hands their replies over. While their own append is under way, that is `after`: the log writes
	 * replies with it or after it, or not at all, and all else waits for `release`.
	 */
	answer(batch: readonly Releasable[], after: Followed | null): Answered {
		const cause: Cause = { after };
		const silent: LedgerEntry[] = [];
		const replies: Reply[] = [];
		const projections = new Projections(replies, cause, {
			onUnwritable: (facts) =>
				this.#options.telemetry.error("projection.unwritable", { partition: this.#options.partition, ...facts }),
			onTaken: (entry) => this.#measure(entry),
			tokenOf: (released) => {
				const { mint, known } = this.#options;
				return mint === null || known.ledgerId === null ? "" : mint.tokenOf(released, known.ledgerId);
			},
		});
		for (const released of batch) {
			const { entry, isOwn } = released;
			const before = replies.length;
			projections.add(released);
			if (isOwn && replies.length === before) silent.push(entry);
		}
		this.#options.replies.send(replies);
		return { batch, cause, byTopic: projections.byTopic, silent };
	}

	/** The entries count: counts what this process decided, and queues what follows from them beside replies. */
	release({ batch, cause, byTopic, silent }: Answered): void {
		cause.after = null;
		for (const { entry, isOwn } of batch) {
			if (!isOwn) continue;
			tally(this.#options.meter, entry);
			for (const each of unreportedBy(entry)) this.#tellUnreported(each);
		}
		const next = (batch.at(-1)?.entry.seq ?? -1) + 1;
		if (byTopic.size === 0 && this.#backlog === 0) {
			this.#released(next, silent);
			return;
		}
		this.#backlog += batch.length;
		this.#last = this.#last
			.then(() => this.#send(byTopic))
			.then(() => this.#released(next, silent))
			.finally(() => {
				this.#backlog -= batch.length;
			});
	}

	/** Once for each limit: a limit that nobody reports to is a mistake of whoever wired it, not of each call. */
	#tellUnreported({ counter: { policy, limit }, measure, amount }: Unreported): void {
		const name = `${policy} ${limit} ${measure}`;
		if (this.#unreported.has(name)) return;
		this.#unreported.add(name);
		const { telemetry, partition } = this.#options;
		const why =
			amount > 0
				? "outcomes do not say it; calls cost what was reserved for them"
				: "outcomes do not say it and nothing was reserved, so calls cost nothing; give the limit a `reserve`";
		telemetry.warn("usage.unreported", { partition, policy, limit, measure, why });
	}

	/** Queues the batch; resolves once few enough are under way. False: what came before could not be published. */
	async releaseSlowly(batch: readonly Releasable[]): Promise<boolean> {
		this.release(this.answer(batch, null));
		if (this.#backlog > PAST_BACKLOG_MAX) await this.settled();
		return this.#failure === null;
	}

	#released(next: number, entries: readonly LedgerEntry[]): void {
		if (this.#failure !== null) return;
		const { known } = this.#options;
		known.releasedTo = Math.max(known.releasedTo, next);
		for (const entry of entries) this.#measure(entry);
	}

	#measure(entry: LedgerEntry): void {
		if (entry.kind !== "decision.made" && entry.kind !== "decision.held") return;
		const { clock, meter } = this.#options;
		meter.released(Math.max(0, clock.now() - entry.causeTime));
	}

	/** Resolves when everything queued so far, but for replies, is acknowledged or given up. */
	settled(): Promise<void> {
		return this.#last;
	}

	/** Checkpoints last: one that is published says that all before it is. */
	async #send(byTopic: ReadonlyMap<string, readonly OutRecord[]>): Promise<void> {
		if (this.#failure !== null) return;
		const others = [...byTopic].filter(([topic]) => topic !== TOPICS.checkpoints);
		await Promise.all(others.map(([topic, records]) => this.#publishAll(topic, records)));
		const checkpoints = byTopic.get(TOPICS.checkpoints);
		if (checkpoints !== undefined && this.#failure === null) await this.#publish(TOPICS.checkpoints, checkpoints);
	}

	async #publishAll(topic: string, records: readonly OutRecord[]): Promise<void> {
		for (const part of cutAppends(records, weightOf)) if (this.#failure === null) await this.#publish(topic, part);
	}

	/** Retried with growing pauses; the first failure that lasts ends the claim. */
	async #publish(topic: string, records: readonly OutRecord[]): Promise<void> {
		const { log, partition, telemetry } = this.#options;
		let why = "";
		for (let attempt = 0; attempt < ATTEMPTS_MAX; attempt++) {
			if (attempt > 0) await pause(10 * 2 ** attempt);
			try {
				const sent = await log.append({ topic, partition }, records, { durability: "ordered" });
				const failure = failureOf(sent);
				if (failure === null) return;
				why = failure;
			} catch (thrown) {
				why = thrown instanceof Error ? thrown.message : String(thrown);
			}
		}
		this.#failure ??= why;
		this.#failed.abort();
		telemetry.error("projection.unpublished", { topic, partition, records: records.length, why });
	}
}

const weightOf = ({ value, headers }: OutRecord): number => value.length + headerBytes(headers);

/** A batch whose replies were handed over. */
export interface Answered {
	readonly batch: readonly Releasable[];
	readonly cause: Cause;
	readonly byTopic: ReadonlyMap<string, readonly OutRecord[]>;
	/** Published once all else is, the others once their replies are taken. */
	readonly silent: readonly LedgerEntry[];
}

interface ProjectionParts {
	/** A projection that cannot be written becomes a dead letter: a fault of one must not end the partition. */
	readonly onUnwritable: (facts: { readonly seq: number; readonly type: string; readonly why: string }) => void;
	/** An entry's reply was taken by its topic. */
	readonly onTaken: (entry: LedgerEntry) => void;
	readonly tokenOf: (released: Releasable) => string;
}

/** The records that follow from a batch. */
class Projections {
	/** All but replies. */
	readonly byTopic = new Map<string, OutRecord[]>();
	readonly #replies: Reply[];
	readonly #cause: Cause;
	readonly #parts: ProjectionParts;

	constructor(replies: Reply[], cause: Cause, parts: ProjectionParts) {
		this.#replies = replies;
		this.#cause = cause;
		this.#parts = parts;
	}

	add(released: Releasable): void {
		for (const project of PROJECTIONS) for (const projected of project(released)) this.#put(released, projected);
	}

	#put(released: Releasable, projected: Projected): void {
		const { entry, published } = released;
		const { to, record, id } = projected;
		if (!isMissing(record, published)) return;
		try {
			const out = outRecord(this.#withToken(projected, released), released);
			if (typeof to === "string") this.#file(TOPICS[to], out);
			else {
				const onTaken = () => this.#parts.onTaken(entry);
				this.#replies.push({ topic: to.topic, record: out, onTaken, cause: this.#cause });
			}
		} catch (thrown) {
			if (!(thrown instanceof AssentError)) throw thrown;
			const why = thrown.message;
			this.#parts.onUnwritable({ seq: entry.seq, type: record.type, why });
			const letter = deadLetterOfProjection(entry, record.type, why);
			if (!isLetterMissing(letter, published)) return;
			const outgoing: Projected = { to: "deadLetters", record: letter, id, key: null, isOfInput: true };
			this.#file(TOPICS.deadLetters, outRecord(outgoing, released));
		}
	}

	/** Only what lets its reader run the call carries one. */
	#withToken(projected: Projected, released: Releasable): Projected {
		const { record } = projected;
		if (record.type !== "decision.replied" || record.verdict !== "allow" || record.status !== "open") return projected;
		const token = this.#parts.tokenOf(released);
		return token === "" ? projected : { ...projected, record: { ...record, token } };
	}

	#file(topic: string, record: OutRecord): void {
		const records = this.byTopic.get(topic);
		if (records === undefined) this.byTopic.set(topic, [record]);
		else records.push(record);
	}
}

function isMissing(record: DerivedRecord, published: Published): boolean {
	if (record.type === "violation.detected") return isViolationMissing(record, published);
	if (record.type === "checkpoint.created") return isCheckpointMissing(record, published);
	return record.type !== "record.dead" || isLetterMissing(record, published);
}

function outRecord({ to, record, id, key, isOfInput }: Projected, { entry, trace }: Releasable): OutRecord {
	const { value, headers } = derivedEvent(record, { id, source: "assent/processor", time: entry.at });
	if (isOfInput) Object.assign(headers, trace);
	if (typeof to !== "string" && record.type === "decision.replied") {
		Object.assign(headers, replyHeaders(to.replyId, record.call.id));
	}
	return { key, value, headers };
}
