/**
 * The one connection of a process that writes. Everything here is synchronous and runs on the log's own thread; a group
 * of appends becomes one transaction, and each gets its own answer.
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { AssentError, problem } from "../../core/base/errors.ts";
import type { EpochMs, Offset } from "../../core/model/units.ts";
import type { Appended, TopicPartition, TopicSpec } from "../../ports/log.ts";
import { badTopic, noTopic, nothingToAppend, otherPartitionCount } from "../../ports/log-problems.ts";
import { checksum } from "./checksum.ts";
import type { PackedAppend, PackedRecord } from "./frame.ts";
import type { Settings } from "./messages.ts";
import { asLogError, openForWriting, retryWhileBusy, type SqliteFault, setDurable, sqliteFault } from "./sqlite.ts";
import { verifyStructure } from "./structure.ts";

/** A partition that an append touched and the offset at which it now ends. */
export interface Touched extends TopicPartition {
	readonly end: Offset;
}

export type AppendAnswer =
	| { readonly id: number; readonly appended: Appended }
	| { readonly id: number; readonly error: AssentError };

export interface GroupAnswer {
	readonly answers: readonly AppendAnswer[];
	readonly touched: readonly Touched[];
	/** Sockets to poke, as they were registered when the group was written. */
	readonly listeners: readonly Listener[];
	/** Set when the disk failed in a commit: nobody can tell what it holds now, and this connection must not go on. */
	readonly failure: string | null;
}

export interface Listener {
	readonly id: number;
	readonly path: string;
}

interface Topic {
	readonly id: number;
	readonly partitions: number;
	readonly cleanup: TopicSpec["cleanup"];
}

/** A partition within one transaction. */
interface Tail {
	readonly topic: Topic;
	end: Offset;
	hasGrown: boolean;
}

/** Rows that one transaction of retention or trimming removes at most, so that appends never wait long. */
const REMOVED_MAX = 2_000;

export class LogWriter {
	readonly #path: string;
	readonly #db: DatabaseSync;
	readonly #sql: Statements;
	readonly #topics = new Map<string, Topic>();
	#isDurable = true;

	/** Throws ASSENT_LOG_CORRUPT, or ASSENT_LOG_UNAVAILABLE when the file cannot be opened. `connect` is for tests of faults. */
	constructor(path: string, connect: (path: string) => DatabaseSync = openForWriting) {
		this.#path = path;
		try {
			this.#db = retryWhileBusy(() => connect(path), path);
			verifyStructure(this.#db, path);
			this.#sql = prepare(this.#db);
		} catch (thrown) {
			throw asLogError(thrown, path);
		}
	}

	/** Writes the appends in one transaction, durable if any of them asks for it. Never throws. */
	commit(appends: readonly PackedAppend[]): GroupAnswer {
		const tails = new Map<string, Tail>();
		let answers: AppendAnswer[] = [];
		let listeners: readonly Listener[] = [];
		try {
			this.#begin(appends.some((append) => append.isDurable));
			answers = appends.map((append) => this.#append(append, tails));
			listeners = this.#sql.listeners.all() as unknown as Listener[];
		} catch (thrown) {
			this.#rollBack();
			return this.#nothingWritten(appends, thrown);
		}
		try {
			this.#sql.commit.run();
		} catch (thrown) {
			this.#rollBack();
			return commitIsCertain(sqliteFault(thrown))
				? this.#nothingWritten(appends, thrown)
				: inDoubt(appends, messageOf(thrown));
		}
		const grown = [...tails].filter(([, tail]) => tail.hasGrown);
		const touched = grown.map(([place, { end }]) => ({ ...placeFrom(place), end }));
		return { answers, touched, listeners, failure: null };
	}

	/** Runs `work` in one transaction of its own. Throws what the log throws. */
	transact<T>(work: (db: DatabaseSync) => T, options: { readonly isDurable: boolean }): T {
		try {
			this.#begin(options.isDurable);
			try {
				const result = work(this.#db);
				this.#sql.commit.run();
				return result;
			} catch (thrown) {
				this.#rollBack();
				throw thrown;
			}
		} catch (thrown) {
			throw asLogError(thrown, this.#path);
		}
	}

	createTopics(specs: readonly TopicSpec[]): void {
		this.transact(
			(db) => {
				const find = db.prepare("SELECT partitions FROM topics WHERE name = ?");
				const put = db.prepare("INSERT INTO topics (name, partitions, cleanup, retention_ms) VALUES (?, ?, ?, ?)");
				for (const { name, partitions, cleanup, retentionMs } of specs) {
					if (!Number.isSafeInteger(partitions) || partitions < 1)
						throw badTopic(name, "it needs at least one partition");
					const existing = find.get(name);
					if (existing === undefined) put.run(name, partitions, cleanup, retentionMs ?? null);
					else if (existing["partitions"] !== partitions)
						throw otherPartitionCount(name, Number(existing["partitions"]), partitions);
				}
			},
			{ isDurable: true },
		);
	}

	/** Removes records below `offset`, a chunk per transaction. */
	trim(from: TopicPartition, offset: Offset): void {
		const topic = this.#topic(from);
		let more = true;
		while (more) {
			more = this.transact(
				() => {
					const { begin, end } = this.#bounds(topic, from.partition);
					const goal = Math.min(offset, end);
					if (goal <= begin) return false;
					const next = Math.min(goal, this.#chunkEnd(topic, from.partition));
					this.#removeBelow(topic, from.partition, next);
					return next < goal;
				},
				{ isDurable: false },
			);
		}
	}

	/** Forgets what `delete` topics have kept for long enough, one chunk of each partition; true if more may be left. */
	retain(now: EpochMs): boolean {
		const topics = this.#sql.retained.all() as unknown as { id: number; partitions: number; retention_ms: number }[];
		let isMoreLeft = false;
		for (const { id, partitions, retention_ms } of topics) {
			const topic: Topic = { id, partitions, cleanup: "delete" };
			for (let partition = 0; partition < partitions; partition++) {
				const first = this.#sql.oldest.get(id, partition, 1);
				if (first === undefined || Number(first["ts"]) >= now - retention_ms) continue;
				isMoreLeft = this.#forget(topic, partition, now - retention_ms) || isMoreLeft;
			}
		}
		return isMoreLeft;
	}

	listeners(): readonly Listener[] {
		return this.#sql.listeners.all() as unknown as Listener[];
	}

	listen(path: string): void {
		this.#write("INSERT INTO listeners (path) VALUES (?)", path);
	}

	/** Forgets a socket and the members behind it. */
	unlisten(path: string): void {
		this.transact(
			(db) => {
				db.prepare("DELETE FROM listeners WHERE path = ?").run(path);
				db.prepare("DELETE FROM members WHERE socket = ?").run(path);
			},
			{ isDurable: false },
		);
	}

	/** Answers with the member's number; the greatest of a group is its newest. */
	join({
		group,
		member,
		socket,
	}: {
		readonly group: string;
		readonly member: string;
		readonly socket: string;
	}): number {
		return this.#write("INSERT INTO members (grp, member, socket) VALUES (?, ?, ?)", group, member, socket);
	}

	leave(number: number): void {
		this.#write("DELETE FROM members WHERE id = ?", number);
	}

	settings(): Settings {
		const first = (sql: string) => Object.values(this.#db.prepare(sql).get() ?? {})[0];
		setDurable(this.#db, true);
		this.#isDurable = true;
		return {
			sqlite: String(first("SELECT sqlite_version()")),
			journalMode: String(first("PRAGMA journal_mode")),
			synchronous: Number(first("PRAGMA synchronous")),
		};
	}

	close(): void {
		this.#db.close();
	}

	/** One statement in a transaction of its own; answers with the last row's number. */
	#write(sql: string, ...values: (string | number)[]): number {
		return this.transact((db) => Number(db.prepare(sql).run(...values).lastInsertRowid), { isDurable: false });
	}

	#forget(topic: Topic, partition: number, before: EpochMs): boolean {
		return this.transact(
			() => {
				const rows = this.#sql.oldest.all(topic.id, partition, REMOVED_MAX) as unknown as { off: number; ts: number }[];
				const young = rows.find((row) => row.ts >= before);
				const last = rows.at(-1);
				if (last === undefined) return false;
				this.#removeBelow(topic, partition, young === undefined ? last.off + 1 : young.off);
				return young === undefined && rows.length === REMOVED_MAX;
			},
			{ isDurable: false },
		);
	}

	#append(append: PackedAppend, tails: Map<string, Tail>): AppendAnswer {
		const { id, to, records, expected } = append;
		let tail: Tail;
		try {
			if (records.length === 0) throw nothingToAppend(to);
			tail = this.#tail(to, tails);
		} catch (thrown) {
			if (thrown instanceof AssentError) return { id, error: thrown };
			throw thrown;
		}
		if (expected !== null && expected !== tail.end) return { id, appended: { kind: "superseded", end: tail.end } };
		const base = tail.end;
		const timestamp = append.now ?? Date.now();
		for (const record of records) this.#insert(tail, to.partition, timestamp, record);
		return { id, appended: { kind: "appended", base, timestamp } };
	}

	#insert(tail: Tail, partition: number, timestamp: EpochMs, record: PackedRecord): void {
		const { topic, end } = tail;
		if (topic.cleanup === "compact" && record.key !== null) this.#supersede(topic.id, partition, record.key, end);
		const { key, headers, value, index } = record;
		const crc = checksum(end, timestamp, record);
		this.#sql.insert.run(topic.id, partition, end, timestamp, key, headers, value, crc);
		if (index !== null) {
			const { seq, kind, at, tenant, agent, session, intent, tool, verdict, code, policy, rule } = index;
			const row = [seq, kind, at, tenant, agent, session, intent, tool, verdict, code, policy, rule];
			this.#sql.index.run(topic.id, partition, end, ...row);
		}
		tail.end = end + 1;
		tail.hasGrown = true;
	}

	/** The newest record of a key is kept, so the one before it goes. */
	#supersede(topic: number, partition: number, key: Uint8Array, offset: Offset): void {
		const before = this.#sql.newest.get(topic, partition, key);
		if (before !== undefined) this.#sql.removeOne.run(topic, partition, Number(before["off"]));
		this.#sql.setNewest.run(topic, partition, key, offset);
	}

	#tail(to: TopicPartition, tails: Map<string, Tail>): Tail {
		const place = `${to.partition}/${to.topic}`;
		const known = tails.get(place);
		if (known !== undefined) return known;
		const topic = this.#topic(to);
		const tail = { topic, end: this.#bounds(topic, to.partition).end, hasGrown: false };
		tails.set(place, tail);
		return tail;
	}

	/** Topics are never removed or changed, so what was found once stays true. */
	#topic(of: TopicPartition): Topic {
		let topic = this.#topics.get(of.topic);
		if (topic === undefined) {
			topic = this.#sql.topic.get(of.topic) as unknown as Topic | undefined;
			if (topic === undefined) throw noTopic(of, null);
			this.#topics.set(of.topic, topic);
		}
		if (!Number.isSafeInteger(of.partition) || of.partition < 0 || of.partition >= topic.partitions)
			throw noTopic(of, topic.partitions);
		return topic;
	}

	#bounds(topic: Topic, partition: number): { readonly begin: Offset; readonly end: Offset } {
		const begin = Number(this.#sql.begin.get(topic.id, partition)?.["off"] ?? 0);
		const last = this.#sql.last.get(topic.id, partition)?.["off"];
		return { begin, end: typeof last === "number" ? last + 1 : begin };
	}

	/** Offset below which one chunk of rows lies. */
	#chunkEnd(topic: Topic, partition: number): Offset {
		const rows = this.#sql.oldest.all(topic.id, partition, REMOVED_MAX + 1);
		return rows.length > REMOVED_MAX ? Number(rows.at(-1)?.["off"]) : Number.MAX_SAFE_INTEGER;
	}

	#removeBelow(topic: Topic, partition: number, offset: Offset): void {
		this.#sql.setBegin.run(topic.id, partition, offset);
		for (const remove of this.#sql.removeBelow) remove.run(topic.id, partition, offset);
	}

	#begin(isDurable: boolean): void {
		if (isDurable !== this.#isDurable) {
			setDurable(this.#db, isDurable);
			this.#isDurable = isDurable;
		}
		retryWhileBusy(() => this.#sql.begin_.run(), this.#path);
	}

	/** SQLite has rolled back by itself after a full disk. */
	#rollBack(): void {
		if (!this.#db.isTransaction) return;
		try {
			this.#sql.rollback.run();
		} catch {
			// The connection is closed by whoever hears of the first error; the file forgets an unfinished transaction anyway.
		}
	}

	#nothingWritten(appends: readonly PackedAppend[], thrown: unknown): GroupAnswer {
		const fault = sqliteFault(thrown);
		const error = asLogError(thrown, this.#path);
		const why =
			error instanceof AssentError
				? error.problem
				: problem("ASSENT_LOG_UNAVAILABLE", `\`${this.#path}\`: ${messageOf(thrown)}`, "run `assent doctor`");
		const answers = appends.map(({ id }) => ({ id, appended: { kind: "failed", problem: why } as const }));
		const isBroken = fault === "io" || fault === "corrupt";
		return { answers, touched: [], listeners: [], failure: isBroken ? why.message : null };
	}
}

/**
 * A full disk is noticed while frames are written, before the one that makes them count. Any other trouble can come
 * after it: the frames may be on the disk, or come back after a crash, and a second fsync proves nothing.
 */
const commitIsCertain = (fault: SqliteFault | null): boolean => fault === "full" || fault === "busy";

function inDoubt(appends: readonly PackedAppend[], why: string): GroupAnswer {
	const answers = appends.map(({ id }) => ({ id, appended: { kind: "unknown", why } as const }));
	return { answers, touched: [], listeners: [], failure: why };
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

function placeFrom(place: string): TopicPartition {
	const slash = place.indexOf("/");
	return { topic: place.slice(slash + 1), partition: Number(place.slice(0, slash)) };
}

type Statements = ReturnType<typeof prepare>;

function prepare(db: DatabaseSync) {
	const of = (sql: string): StatementSync => db.prepare(sql);
	return {
		begin_: of("BEGIN IMMEDIATE"),
		commit: of("COMMIT"),
		rollback: of("ROLLBACK"),
		topic: of("SELECT id, partitions, cleanup FROM topics WHERE name = ?"),
		retained: of("SELECT id, partitions, retention_ms FROM topics WHERE cleanup = 'delete' AND retention_ms NOT NULL"),
		begin: of("SELECT off FROM begins WHERE topic = ? AND part = ?"),
		last: of("SELECT max(off) AS off FROM records WHERE topic = ? AND part = ?"),
		oldest: of("SELECT off, ts FROM records WHERE topic = ? AND part = ? ORDER BY off LIMIT ?"),
		insert: of("INSERT INTO records VALUES (?, ?, ?, ?, CAST(? AS TEXT), CAST(? AS TEXT), ?, ?)"),
		index: of("INSERT INTO decisions_index VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
		newest: of("SELECT off FROM newest WHERE topic = ? AND part = ? AND key = ?"),
		setNewest: of(
			"INSERT INTO newest VALUES (?, ?, ?, ?) ON CONFLICT (topic, part, key) DO UPDATE SET off = excluded.off",
		),
		removeOne: of("DELETE FROM records WHERE topic = ? AND part = ? AND off = ?"),
		setBegin: of("INSERT INTO begins VALUES (?, ?, ?) ON CONFLICT (topic, part) DO UPDATE SET off = excluded.off"),
		removeBelow: [
			of("DELETE FROM records WHERE topic = ? AND part = ? AND off < ?"),
			of("DELETE FROM decisions_index WHERE topic = ? AND part = ? AND off < ?"),
			of("DELETE FROM newest WHERE topic = ? AND part = ? AND off < ?"),
		],
		listeners: of("SELECT id, path FROM listeners"),
	};
}
