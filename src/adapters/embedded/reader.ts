/** A connection that only reads, on the caller's own thread: a hop to another one would cost more than most reads. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Offset } from "../../core/model/units.ts";
import type { Headers, LogRecord, ReadOptions, TopicPartition, TopicState } from "../../ports/log/log.ts";
import { offsetGone, placeOf, rewound } from "../../ports/log/problems.ts";
import { checksum } from "./checksum.ts";
import { isTime, PageReader, wrongChecksum, wrongHeaders, wrongTime } from "./page.ts";
import { asLogError, corrupt, openForReading, retryWhileBusy } from "./sqlite.ts";
import { headersFrom } from "./stored-headers.ts";
import { verifySchema } from "./structure.ts";
import { assertPartitions, type Topic, topicFinder } from "./topics.ts";

type ReadLimits = Required<ReadOptions>;

/** Fewer cost more as a page than row by row. */
const PAGE_RECORDS_MIN = 64;

/** offset, timestamp, key, headers, value, checksum. */
type Row = [number, number, Uint8Array | null, Uint8Array, Uint8Array, number];

/** A reader waits only for another process's recovery of the file, which takes milliseconds. */
const BUSY_MAX_MS = 1_000;

export class LogReader {
	readonly db: DatabaseSync;
	readonly #path: string;
	readonly #topic: (of: TopicPartition) => Topic;
	readonly #sql: ReturnType<typeof prepare>;
	readonly #pages: PageReader;
	/** Where the last read ended before the log did: the next one reads a page. */
	readonly #behind = new Map<string, Offset>();

	/** `isFrozen`: nobody writes the file any more. */
	constructor(path: string, options: { readonly isFrozen?: boolean } = {}) {
		this.#path = path;
		const opened = this.#guarded(() => {
			const db = openForReading(path, options);
			verifySchema(db, path);
			return { db, sql: prepare(db), topic: topicFinder(db, path), pages: new PageReader(db, path) };
		});
		this.db = opened.db;
		this.#sql = opened.sql;
		this.#topic = opened.topic;
		this.#pages = opened.pages;
	}

	read(from: TopicPartition, offset: Offset, options: ReadLimits): LogRecord[] {
		return this.#guarded(() => {
			const topic = this.#topic(from);
			const place = placeOf(from);
			const isMany = options.recordsMax >= PAGE_RECORDS_MIN;
			const isBehind = isMany && this.#behind.get(place) === offset;
			const page = isBehind ? this.#pages.read({ from, topic: topic.id, offset, ...options }) : [];
			const records = page.length > 0 ? page : this.#rows(from, topic, offset, options);
			this.#verifyPlaces(from, topic, offset, records);
			if (isMany) this.#behind.set(place, records.length < options.recordsMax ? -1 : offset + records.length);
			return records;
		});
	}

	bounds(of: TopicPartition): { readonly begin: Offset; readonly end: Offset } {
		return this.#guarded(() => this.#bounds(this.#topic(of), of.partition));
	}

	topics(): readonly TopicState[] {
		return this.#guarded(() => {
			const rows = this.db.prepare("SELECT name, partitions, cleanup, retention_ms FROM topics ORDER BY id").all();
			return rows.map((row) => {
				const topic = String(row["name"]);
				const partitions = Number(row["partitions"]);
				assertPartitions(this.#path, topic, partitions);
				const bounds = Array.from({ length: partitions }, (_, partition) => this.bounds({ topic, partition }));
				return {
					name: topic,
					partitions,
					cleanup: row["cleanup"] as TopicState["cleanup"],
					...(row["retention_ms"] === null ? {} : { retentionMs: Number(row["retention_ms"]) }),
					begin: bounds.map((each) => each.begin),
					end: bounds.map((each) => each.end),
				};
			});
		});
	}

	/** Changes whenever another connection has committed, this process's writer included. */
	version(): number {
		return this.#guarded(() => pragmaOf(this.#sql.version));
	}

	/** Members of a group, the oldest first. */
	members(group: string): readonly { readonly id: number; readonly member: string }[] {
		return this.#guarded(() => this.#sql.members.all(group) as unknown as { id: number; member: string }[]);
	}

	close(): void {
		this.db.close();
	}

	/** Row by row: for the few at the log's end. */
	#rows(from: TopicPartition, topic: Topic, offset: Offset, options: ReadLimits): LogRecord[] {
		const { recordsMax, bytesMax } = options;
		const records: LogRecord[] = [];
		let bytes = 0;
		const { id } = topic;
		const rows = this.#sql.rows.iterate(id, from.partition, offset, recordsMax);
		for (const [off, timestamp, key, headers, value, crc] of rows as unknown as Iterable<Row>) {
			bytes += value.length + (key?.length ?? 0);
			if (bytes > bytesMax && records.length > 0) break;
			const place = { topic: id, partition: from.partition, offset: off, timestamp };
			if (checksum(place, { key, headers, value }) !== crc) throw wrongChecksum(this.#path, from, off);
			if (!isTime(timestamp)) throw wrongTime(this.#path, from, off);
			const texts = { key: key === null ? null : text(key), headers: this.#headers(from, off, headers) };
			records.push({ topic: from.topic, partition: from.partition, offset: off, timestamp, value, ...texts });
		}
		return records;
	}

	#headers(from: TopicPartition, offset: Offset, stored: Uint8Array): Headers {
		try {
			return headersFrom(text(stored));
		} catch {
			throw wrongHeaders(this.#path, from, offset);
		}
	}

	/** A gap means that retention has eaten `offset`, or that rows are missing which nobody removed. */
	#verifyPlaces(from: TopicPartition, topic: Topic, offset: Offset, records: readonly LogRecord[]): void {
		const first = records[0]?.offset;
		if (first !== offset) {
			const begin = this.#begin(topic, from.partition);
			if (offset < begin) throw offsetGone(from, offset, begin);
			if (first === undefined) {
				const { end } = this.#bounds(topic, from.partition);
				if (offset > end) throw rewound(from, offset, end);
			}
		}
		if (topic.cleanup === "compact" || first === undefined) return;
		const last = records.at(-1)?.offset ?? first;
		if (first !== offset || last - first + 1 !== records.length)
			throw corrupt(this.#path, `records are missing in \`${placeOf(from)}\` between ${offset} and ${last}`);
	}

	#bounds(topic: Topic, partition: number): { readonly begin: Offset; readonly end: Offset } {
		// The end first: a trim between the two may move the beginning, but never past the end.
		const last = this.#sql.last.get(topic.id, partition)?.["off"];
		const begin = this.#begin(topic, partition);
		return { begin, end: typeof last === "number" ? Math.max(last + 1, begin) : begin };
	}

	#begin(topic: Topic, partition: number): Offset {
		return Number(this.#sql.begin.get(topic.id, partition)?.["off"] ?? 0);
	}

	#guarded<T>(work: () => T): T {
		try {
			return retryWhileBusy(work, this.#path, BUSY_MAX_MS);
		} catch (thrown) {
			throw asLogError(thrown, this.#path);
		}
	}
}

const text = (bytes: Uint8Array): string =>
	Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf8");

const pragmaOf = (statement: StatementSync): number => Number(statement.get()?.["data_version"]);

function prepare(db: DatabaseSync) {
	const rows = db.prepare(
		"SELECT off, ts, CAST(key AS BLOB), CAST(headers AS BLOB), value, crc FROM records " +
			"WHERE topic = ? AND part = ? AND off >= ? ORDER BY off LIMIT ?",
	);
	rows.setReturnArrays(true);
	return {
		rows,
		begin: db.prepare("SELECT off FROM begins WHERE topic = ? AND part = ?"),
		last: db.prepare("SELECT max(off) AS off FROM records WHERE topic = ? AND part = ?"),
		members: db.prepare("SELECT id, member FROM members WHERE grp = ? ORDER BY id"),
		version: db.prepare("PRAGMA data_version"),
	};
}
