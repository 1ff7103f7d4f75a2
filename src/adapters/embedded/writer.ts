/**
 * A connection that writes. Everything here is synchronous; a group of appends becomes one transaction, and each gets its
 * own answer. registry.ts keeps the processes to wake, housekeeping.ts forgets and makes room.
 */
import type { DatabaseSync } from "node:sqlite";
import { AssentError, problem } from "../../core/base/errors.ts";
import type { EpochMs, Offset } from "../../core/model/units.ts";
import { WITHHELD } from "../../ports/log/after.ts";
import type { Appended, TopicPartition, TopicSpec } from "../../ports/log/log.ts";
import { nothingToAppend } from "../../ports/log/problems.ts";
import type { WritableAppend, WritableRecord } from "./frame.ts";
import type { Settings, Touched } from "./messages.ts";
import {
	asLogError,
	BUSY_MAX_MS,
	openForWriting,
	retryWhileBusy,
	type SqliteFault,
	setDurable,
	sqliteFault,
} from "./sqlite.ts";
import { verifySchema, verifyStructure } from "./structure.ts";
import { Tables } from "./tables.ts";
import type { Topic } from "./topics.ts";

export type AppendAnswer =
	| { readonly id: number; readonly appended: Appended }
	| { readonly id: number; readonly error: AssentError };

export interface GroupAnswer {
	readonly answers: readonly AppendAnswer[];
	readonly touched: readonly Touched[];
	/** What was written, but for compacted topics, whose records may be gone before anybody reads them. */
	readonly written: readonly Written[];
	/** Sockets to poke, as they were registered when the group was written. */
	readonly listeners: readonly Listener[];
	/** Set when the disk failed in a commit: nobody can tell what it holds now, and this connection must not go on. */
	readonly failure: string | null;
	/** Another process kept the lock: nothing was written. */
	readonly isBusy: boolean;
}

export interface Listener {
	readonly id: number;
	readonly path: string;
}

/** Records of one append, as they are in the file. */
export interface Written extends TopicPartition {
	/** Offset of the first. */
	readonly base: Offset;
	readonly timestamp: EpochMs;
	readonly records: readonly WritableRecord[];
}

/** A partition within one transaction. */
interface Tail {
	readonly topic: Topic;
	end: Offset;
	readonly written: Written[];
}

export interface WriterOptions {
	/** Opens the connection; a test hands in one that fails. */
	readonly connect?: (path: string) => DatabaseSync;
	/** How long a transaction is tried for while another process writes. */
	readonly busyMaxMs?: number;
	/** The structure of the file was looked at just before, by another connection. */
	readonly isWhole?: boolean;
}

export class LogWriter {
	readonly path: string;
	readonly db: DatabaseSync;
	readonly tables: Tables;
	readonly #busyMaxMs: number;
	readonly #sql: ReturnType<typeof prepare>;
	#isDurable = true;

	/** Throws ASSENT_LOG_CORRUPT, or ASSENT_LOG_UNAVAILABLE when the file cannot be opened. */
	constructor(
		path: string,
		{ connect = openForWriting, busyMaxMs = BUSY_MAX_MS, isWhole = false }: WriterOptions = {},
	) {
		this.path = path;
		this.#busyMaxMs = busyMaxMs;
		try {
			this.db = retryWhileBusy(() => connect(path), path);
			if (!isWhole) verifyStructure(this.db, path);
			verifySchema(this.db, path);
			this.#sql = prepare(this.db);
			this.tables = new Tables(this.db, this.path);
		} catch (thrown) {
			throw asLogError(thrown, path);
		}
	}

	/** Writes the appends in one transaction, durable if any of them asks for it. Never throws. */
	commit(appends: readonly WritableAppend[]): GroupAnswer {
		const tails = new Map<string, Tail>();
		const answers: AppendAnswer[] = [];
		let listeners: readonly Listener[] = [];
		try {
			this.#begin(appends.some((append) => append.isDurable));
		} catch (thrown) {
			return { ...this.#nothingWritten(appends, thrown), isBusy: thrown instanceof AssentError };
		}
		try {
			for (const append of appends)
				answers.push(isWithheld(append, answers) ? withheld(append) : this.#append(append, tails));
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
		const grown = [...tails.values()].filter(({ written }) => written.length > 0);
		const touched = grown.map(({ written, end }) => ({ ...placeOf(written[0] as Written), end }));
		const written = grown.flatMap((tail) => (tail.topic.cleanup === "compact" ? [] : tail.written));
		return { answers, touched, written, listeners, failure: null, isBusy: false };
	}

	/** Runs `work` in one transaction of its own. Throws what the log throws. */
	transact<T>(work: (db: DatabaseSync) => T, options: { readonly isDurable: boolean }): T {
		try {
			this.#begin(options.isDurable);
			try {
				const result = work(this.db);
				this.#sql.commit.run();
				return result;
			} catch (thrown) {
				this.#rollBack();
				throw thrown;
			}
		} catch (thrown) {
			throw asLogError(thrown, this.path);
		}
	}

	createTopics(specs: readonly TopicSpec[]): void {
		this.transact(
			() => {
				for (const spec of specs) this.tables.createTopic(spec);
			},
			{ isDurable: true },
		);
	}

	settings(): Settings {
		const first = (sql: string) => Object.values(this.db.prepare(sql).get() ?? {})[0];
		setDurable(this.db, true);
		this.#isDurable = true;
		return {
			sqlite: String(first("SELECT sqlite_version()")),
			journalMode: String(first("PRAGMA journal_mode")),
			synchronous: Number(first("PRAGMA synchronous")),
		};
	}

	close(): void {
		this.db.close();
	}

	#append(append: WritableAppend, tails: Map<string, Tail>): AppendAnswer {
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
		for (const record of records) this.tables.insert(tail.topic, to.partition, tail.end++, timestamp, record);
		tail.written.push({ ...to, base, timestamp, records });
		return { id, appended: { kind: "appended", base, timestamp } };
	}

	#tail(to: TopicPartition, tails: Map<string, Tail>): Tail {
		const place = `${to.partition}/${to.topic}`;
		const known = tails.get(place);
		if (known !== undefined) return known;
		const topic = this.tables.topic(to);
		const tail = { topic, end: this.tables.end(topic, to.partition), written: [] };
		tails.set(place, tail);
		return tail;
	}

	#begin(isDurable: boolean): void {
		if (isDurable !== this.#isDurable) {
			setDurable(this.db, isDurable);
			this.#isDurable = isDurable;
		}
		retryWhileBusy(() => this.#sql.begin.run(), this.path, this.#busyMaxMs);
	}

	/** SQLite has rolled back by itself after a full disk. */
	#rollBack(): void {
		if (!this.db.isTransaction) return;
		try {
			this.#sql.rollback.run();
		} catch {
			// The connection is closed by whoever hears of the first error; the file forgets an unfinished transaction anyway.
		}
	}

	#nothingWritten(appends: readonly WritableAppend[], thrown: unknown): GroupAnswer {
		const fault = sqliteFault(thrown);
		const error = asLogError(thrown, this.path);
		const why =
			error instanceof AssentError
				? error.problem
				: problem(
						"ASSENT_LOG_UNAVAILABLE",
						`\`${this.path}\`: ${messageOf(thrown)}`,
						"look at the file, its folder and the disk",
					);
		const answers = appends.map(({ id }) => ({ id, appended: { kind: "failed", problem: why } as const }));
		const isBroken = fault === "io" || fault === "corrupt";
		return { answers, touched: [], written: [], listeners: [], failure: isBroken ? why.message : null, isBusy: false };
	}
}

/** Is it to follow an append of the same group that was not written? */
const isWithheld = ({ after }: WritableAppend, answers: readonly AppendAnswer[]): boolean => {
	if (after === null) return false;
	const before = answers.findLast(({ id }) => id === after);
	return before === undefined || "error" in before || before.appended.kind !== "appended";
};

const withheld = ({ id }: WritableAppend): AppendAnswer => ({ id, appended: WITHHELD });

/**
 * A full disk is noticed while frames are written, before the one that makes them count. Any other trouble can come
 * after it: the frames may be on the disk, or come back after a crash, and a second fsync proves nothing.
 */
const commitIsCertain = (fault: SqliteFault | null): boolean => fault === "full" || fault === "busy";

function inDoubt(appends: readonly WritableAppend[], why: string): GroupAnswer {
	const answers = appends.map(({ id }) => ({ id, appended: { kind: "unknown", why } as const }));
	return { answers, touched: [], written: [], listeners: [], failure: why, isBusy: false };
}

const messageOf = (thrown: unknown): string => (thrown instanceof Error ? thrown.message : String(thrown));

const placeOf = ({ topic, partition }: TopicPartition): TopicPartition => ({ topic, partition });

const prepare = (db: DatabaseSync) => ({
	begin: db.prepare("BEGIN IMMEDIATE"),
	commit: db.prepare("COMMIT"),
	rollback: db.prepare("ROLLBACK"),
	listeners: db.prepare("SELECT id, path FROM listeners"),
});
