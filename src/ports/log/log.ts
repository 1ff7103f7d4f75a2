/**
 * The log: one partitioned, append-only sequence of records per topic. Three adapters are behind it (memory, embedded,
 * kafka) and one contract suite before it; nothing here leans on any of them.
 *
 * L1  Offsets of a partition are assigned densely from 0 and a record, once readable at an offset, never changes. A reader
 *     sees every offset of `begin … end - 1` that holds a record, except in a compacted topic, where superseded records
 *     leave gaps. No record is at an offset that a transaction's mark took, or a record that was not committed (kafka).
 * L2  `append` writes all of its records or none, at consecutive offsets.
 * L3  With `expected`: `appended` means that the first record got exactly that offset. `superseded` means that it did
 *     not: somebody wrote in between. Nothing was written (memory, embedded), or what was written is void by the
 *     validity rule of core/ledger (kafka). `unknown` means that nobody can tell; the caller claims again. `failed` means
 *     that certainly nothing was written; the caller may try again.
 * L4  An acknowledged append survives the crash of every process, and (embedded, kafka) of the machine.
 * L5  The timestamp is the log's (append time), never the writer's; it may go backwards when a clock does.
 * L6  Readers see a record only after it is durable to the degree of L4 (a projection: to the degree that it asked for),
 *     in offset order. Appends of one `Log` are carried out in the order in which they were called, but for those that wait
 *     for another (`after`).
 */

import type { AssentError, Problem } from "../../core/base/errors.ts";
import type { EntrySummary } from "../../core/ledger/projections/summary.ts";
import type { EpochMs, Offset } from "../../core/model/units.ts";
import { Breath } from "../breath.ts";
import type { PayloadKeys } from "../payload-keys.ts";
import type { Questions } from "../questions.ts";

export interface TopicPartition {
	/** Topic name without the deployment's prefix: `intents`, `decisions`, `replies.gateway-1`, … */
	readonly topic: string;
	readonly partition: number;
}

export type Headers = Readonly<Record<string, string>>;

/** Headers of the records of one read, read when somebody asks for them. */
export interface LateHeaders {
	/** Throws where they are damaged. */
	of(offset: Offset): Headers;
}

/** The record with its headers. */
export function withHeaders(record: LogRecord): LogRecord {
	const { late, ...others } = record;
	return late === undefined ? record : { ...others, headers: late.of(record.offset) };
}

export interface OutRecord {
	/** UTF-8 text; null for none. In a compacted topic the newest record of a key is kept, and every record without one. */
	readonly key: string | null;
	readonly value: Uint8Array;
	readonly headers: Headers;
	/** A flat row about the record, for adapters that keep an index beside the log (`decisions_index` of SQLite tools); others ignore it. */
	readonly index?: EntrySummary;
}

export interface LogRecord {
	readonly topic: string;
	readonly partition: number;
	readonly offset: Offset;
	readonly timestamp: EpochMs;
	readonly key: string | null;
	readonly value: Uint8Array;
	readonly headers: Headers;
	/** The headers are empty, and here are those that it has. Only for readers that asked for no headers. */
	readonly late?: LateHeaders;
	/**
	 * A record lies here, and the log cannot say what it is (a client packed it in a way that does not unpack): why, in
	 * words that are the same for every reader. Then key, value and headers are empty.
	 */
	readonly unreadable?: string;
}

export type Appended =
	/** `base` is the first record's offset, `timestamp` the log's time for all of them. */
	| { readonly kind: "appended"; readonly base: Offset; readonly timestamp: EpochMs }
	/** `end` is the offset that would have been right. */
	| { readonly kind: "superseded"; readonly end: Offset }
	| { readonly kind: "unknown"; readonly why: string }
	/** Nothing was written, because the append that this one was to follow was not `appended`. */
	| { readonly kind: "withheld" }
	/**
	 * Certainly nothing was written: the disk is full (ASSENT_LOG_FULL), the log is busy or out of reach
	 * (ASSENT_LOG_UNAVAILABLE), or does not take it (ASSENT_LOG_DENIED, ASSENT_LOG_SETTINGS, RECORD_OVERSIZED).
	 */
	| { readonly kind: "failed"; readonly problem: Problem };

export interface AppendOptions {
	/** The offset that the first record must get (guards the ledger). Without it any process may append. */
	readonly expected?: Offset;
	/**
	 * `durable` (default) resolves after the record survives power loss. `ordered` resolves when it is readable and
	 * survives a process crash; it becomes durable with the next durable append of the same log, never out of order
	 * with it. For projections, which can be derived again.
	 */
	readonly durability?: "durable" | "ordered";
	/**
	 * These records follow from those of an earlier append of this log, and are written with them or after them, or not at all:
	 * then the answer is `withheld`. What is called in one turn with that append may be one transaction with it (embedded). The
	 * records must not change until the answer.
	 */
	readonly after?: Followed;
}

export interface Followed {
	/** What `append` returned. */
	readonly append: Promise<Appended>;
	/** Where its first record must be: the offset that it expected. */
	readonly base: Offset;
}

export interface ReadOptions {
	/** Most records in one array; default 500. */
	readonly recordsMax?: number;
	/** Most bytes (values + keys) in one array, at least one record; default 4 MiB. */
	readonly bytesMax?: number;
	/** False: who asks looks at the headers of few records or of none, and they may be left to `late`. Default true. */
	readonly hasHeaders?: boolean;
}

export const READ_DEFAULTS = { recordsMax: 500, bytesMax: 4 * 1024 * 1024, hasHeaders: true } as const;

/** Why partitions are lost when members come and go, and nothing is wrong. */
export const REBALANCED = "the group rebalanced";

/** The partitions that this member owns, as it learns of them. Every callback only enqueues: none may throw, reject or block. */
export interface AssignmentListener {
	/** The member now owns these partitions, too, of every topic of the group. */
	onAssigned(partitions: readonly number[]): void;
	/**
	 * These are somebody else's from now on, or will be. Resolves when nothing more of them is under way here: where the log can,
	 * nobody is given them before. Liveness only: safety rests on the claims in the ledger.
	 */
	onLost(partitions: readonly number[], why: string): void | Promise<void>;
	/** On one machine the newest member owns everything: this one has lost for good, unless that one leaves. */
	onSuperseded?(why: string): void;
	/**
	 * The group does not count this member in: it refuses it (ASSENT_LOG_DENIED, ASSENT_LOG_SETTINGS), or has not answered for
	 * as long as a session (ASSENT_LOG_UNAVAILABLE). Told once, again at intervals while it lasts, and null when it is over.
	 * What is owned stays so until `onLost`.
	 */
	onFault?(fault: AssentError | null): void;
	/** The next offset of each input, asked for now and then so that a group's lag can be shown. Nothing is ever resumed from it. */
	consumed?(): readonly (TopicPartition & { readonly offset: Offset })[];
}

export interface Assignment {
	/**
	 * Asks the group again whether this member is one of it, and resolves when the listener has heard of all that changed.
	 * A member that was superseded in the ledger asks before claiming again: two that believe they own a partition must not take it
	 * from each other.
	 */
	confirm(): Promise<void>;
	/** Leaves the group, so that the members that remain take over at once. The listener hears nothing more. Idempotent. */
	leave(): Promise<void>;
}

export interface TopicSpec {
	readonly name: string;
	readonly partitions: number;
	/** `compact` keeps the newest record of each key; `delete` forgets records older than `retentionMs`; `keep` keeps all. */
	readonly cleanup: "keep" | "delete" | "compact";
	readonly retentionMs?: number;
}

export interface TopicState extends TopicSpec {
	/** Offset of the oldest record still there and of the next to be written, by partition. */
	readonly begin: readonly Offset[];
	readonly end: readonly Offset[];
}

export interface LogAdmin {
	/**
	 * Makes topics that do not exist. One that exists keeps its cleanup and retention; with another partition count it is
	 * an error (ASSENT_LOG_TOPIC) and none is made. Resolves with what is to know of those that were made, such as settings
	 * that the log did not take. Idempotent.
	 */
	createTopics(topics: readonly TopicSpec[]): Promise<readonly LogFinding[]>;
	topics(): Promise<readonly TopicState[]>;
	/** The same without their offsets: no partition is asked, and none that does not answer is waited for. */
	shapes(): Promise<readonly TopicSpec[]>;
	/** Forgets records before `offset` (at most up to the end): what retention does, asked for by hand. */
	trim(from: TopicPartition, offset: Offset): Promise<void>;
	/** Findings about the log itself, for `doctor`: file integrity, versions, free space, settings; those that are well, too. */
	diagnose(): Promise<readonly LogFinding[]>;
}

export interface LogFinding {
	readonly level: "ok" | "warning" | "error";
	readonly subject: string;
	readonly message: string;
	readonly help: string;
}

export interface Log {
	/** Human name of where it lies: `file:.assent/log.db`, `memory:`, `kafka://…`. */
	readonly url: string;
	/**
	 * Writes at least one record. Throws what no second try can fix: ASSENT_LOG_TOPIC for a topic or partition that does
	 * not exist, ASSENT_LOG_CLOSED after `close` or after the log has closed itself because its disk failed.
	 */
	append(to: TopicPartition, records: readonly OutRecord[], options?: AppendOptions): Promise<Appended>;
	/**
	 * Records from `offset` on, at most what the options allow; an empty array at the end. Offsets that the log itself explains
	 * are passed over (marks of transactions, and what was written in one that was not committed). Throws
	 * ASSENT_LOG_OFFSET_GONE when `offset` is gone: retention has eaten it, or records are missing (the error carries `begin`, the
	 * first offset that is left); ASSENT_LOG_REWOUND when `offset` lies beyond the end, so that this is not the log that was
	 * read before (the error carries `end`).
	 */
	read(from: TopicPartition, offset: Offset, options?: ReadOptions): Promise<readonly LogRecord[]>;
	/** Offset of the oldest record there is (= end when empty) and of the next one to be written. */
	bounds(of: TopicPartition): Promise<{ readonly begin: Offset; readonly end: Offset }>;
	/**
	 * Resolves with those of the positions that may have records at or after their offset: at once if there are any, else
	 * when one has; with none when `signal` aborts or `timeoutMs` has passed. It may wake early, and name a partition whose
	 * records are gone again, or that ends before the position: reading says so.
	 */
	waitFor(
		any: readonly (TopicPartition & { readonly offset: Offset })[],
		options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
	): Promise<readonly TopicPartition[]>;
	/** Joins a group of processors that share the partitions of `intents` and `control`. */
	assign(group: string, member: string, listener: AssignmentListener): Promise<Assignment>;
	admin(): LogAdmin;
	/** Keys of sealed arguments on it, where whoever opened it has them. */
	readonly payloads?: PayloadKeys;
	/** To whoever decides on this log. */
	readonly questions: Questions;
	/** Waits for appends under way, leaves its groups, ends its waits, then lets go of files and sockets. Idempotent. */
	close(): Promise<void>;
}

/** Topic names, without prefix. */
export const TOPICS = {
	intents: "intents",
	control: "control",
	decisions: "decisions",
	violations: "violations",
	checkpoints: "checkpoints",
	snapshots: "snapshots",
	policies: "policies",
	replies: "replies",
	deadLetters: "dead-letters",
} as const;

/** Bundles of policies, and keys, are in partition 0: they are few, and every processor reads all of them. */
export const POLICIES_AT = { topic: TOPICS.policies, partition: 0 } as const;

/** Reads a partition from `offset` to the end that it had when reading began. Others have their turn in between. */
export async function* readToEnd(
	log: Log,
	from: TopicPartition,
	offset: Offset,
	until?: Offset,
): AsyncGenerator<readonly LogRecord[]> {
	const end = until ?? (await log.bounds(from)).end;
	const breath = new Breath();
	let next = offset;
	while (next < end) {
		const records = await log.read(from, next);
		if (records.length === 0) return;
		const wanted = records.filter((record) => record.offset < end);
		if (wanted.length > 0) yield wanted;
		next = (records.at(-1)?.offset ?? next) + 1;
		await breath.next();
	}
}
