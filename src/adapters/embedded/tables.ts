/** The rows of the log's file: a partition's bounds, writing a record, removing from the front. */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { EpochMs, Offset } from "../../core/model/units.ts";
import type { TopicPartition, TopicSpec } from "../../ports/log/log.ts";
import { assertPartitionCount, otherPartitionCount } from "../../ports/log/problems.ts";
import { checksum } from "./checksum.ts";
import type { WritableRecord } from "./frame.ts";
import { assertPartitions, type Topic, topicFinder } from "./topics.ts";

export interface Bounds {
	readonly begin: Offset;
	readonly end: Offset;
}

/** Every method is one step of a transaction that the caller holds. */
export class Tables {
	readonly #sql: ReturnType<typeof prepare>;
	readonly #path: string;
	readonly topic: (of: TopicPartition) => Topic;

	/** `path` is the file's. */
	constructor(db: DatabaseSync, path: string) {
		this.#sql = prepare(db);
		this.#path = path;
		this.topic = topicFinder(db, path);
	}

	/** Throws ASSENT_LOG_TOPIC for a topic that cannot be, or is otherwise. */
	createTopic({ name, partitions, cleanup, retentionMs }: TopicSpec): void {
		assertPartitionCount(name, partitions);
		const existing = this.#sql.topic.get(name);
		if (existing === undefined) this.#sql.createTopic.run(name, partitions, cleanup, retentionMs ?? null);
		else if (existing["partitions"] !== partitions)
			throw otherPartitionCount(name, Number(existing["partitions"]), partitions);
	}

	bounds(topic: Topic, partition: number): Bounds {
		const begin = Number(this.#sql.begin.get(topic.id, partition)?.["off"] ?? 0);
		const last = this.#sql.last.get(topic.id, partition)?.["off"];
		return { begin, end: typeof last === "number" ? last + 1 : begin };
	}

	/** The offset of the next record. */
	end(topic: Topic, partition: number): Offset {
		const last = this.#sql.last.get(topic.id, partition)?.["off"];
		return typeof last === "number" ? last + 1 : this.bounds(topic, partition).begin;
	}

	insert(topic: Topic, partition: number, offset: Offset, timestamp: EpochMs, record: WritableRecord): void {
		const { key } = record;
		if (topic.cleanup === "compact" && key !== null) this.#supersede(topic.id, partition, bytesOf(key), offset);
		this.#put(topic, partition, offset, timestamp, record);
	}

	/** The same, and what it supersedes is kept: another log has kept it, too. */
	insertCopy(topic: Topic, partition: number, offset: Offset, timestamp: EpochMs, record: WritableRecord): void {
		const { key } = record;
		if (topic.cleanup === "compact" && key !== null) this.#sql.setNewest.run(topic.id, partition, bytesOf(key), offset);
		this.#put(topic, partition, offset, timestamp, record);
	}

	#put(topic: Topic, partition: number, offset: Offset, timestamp: EpochMs, record: WritableRecord): void {
		const { key, headers, value, index } = record;
		const crc = checksum({ topic: topic.id, partition, offset, timestamp }, record);
		const { lastInsertRowid } = this.#sql.insert.run(topic.id, partition, offset, timestamp, key, headers, value, crc);
		if (index === null) return;
		const { seq, kind, at, tenant, agent, session, intent, tool, verdict, code, policy, rule } = index;
		const row = [seq, kind, at, tenant, agent, session, intent, tool, verdict, code, policy, rule];
		this.#sql.index.run(lastInsertRowid, topic.id, partition, offset, ...row);
	}

	/** Offset and time of the oldest records, at most `count`. */
	oldest(topic: Topic, partition: number, count: number): readonly { readonly off: Offset; readonly ts: EpochMs }[] {
		return this.#sql.oldest.all(topic.id, partition, count) as unknown as { off: Offset; ts: EpochMs }[];
	}

	/** Makes `offset` the partition's beginning. */
	removeBelow(topic: Topic, partition: number, offset: Offset): void {
		this.#sql.setBegin.run(topic.id, partition, offset);
		for (const remove of this.#sql.removeBelow) remove.run(topic.id, partition, offset);
	}

	/** Topics that forget by age. */
	retained(): readonly (Topic & { readonly retention_ms: number })[] {
		const topics = this.#sql.retained.all() as unknown as (Topic & { name: string; retention_ms: number })[];
		for (const { name, partitions } of topics) assertPartitions(this.#path, name, partitions);
		return topics;
	}

	/** The newest record of a key is kept, so the one before it goes. */
	#supersede(topic: number, partition: number, key: Uint8Array, offset: Offset): void {
		const before = this.#sql.newest.get(topic, partition, key);
		if (before !== undefined) this.#sql.removeOne.run(topic, partition, Number(before["off"]));
		this.#sql.setNewest.run(topic, partition, key, offset);
	}
}

const bytesOf = (key: string | Uint8Array): Uint8Array => (typeof key === "string" ? Buffer.from(key) : key);

function prepare(db: DatabaseSync) {
	const of = (sql: string): StatementSync => db.prepare(sql);
	const below = "WHERE topic = ? AND part = ? AND off < ?";
	return {
		topic: of("SELECT partitions FROM topics WHERE name = ?"),
		createTopic: of("INSERT INTO topics (name, partitions, cleanup, retention_ms) VALUES (?, ?, ?, ?)"),
		retained: of(
			"SELECT id, name, partitions, cleanup, retention_ms FROM topics WHERE cleanup = 'delete' AND retention_ms NOT NULL",
		),
		begin: of("SELECT off FROM begins WHERE topic = ? AND part = ?"),
		last: of("SELECT max(off) AS off FROM records WHERE topic = ? AND part = ?"),
		oldest: of("SELECT off, ts FROM records WHERE topic = ? AND part = ? ORDER BY off LIMIT ?"),
		insert: of("INSERT INTO records VALUES (NULL, ?, ?, ?, ?, CAST(? AS TEXT), CAST(? AS TEXT), ?, ?)"),
		index: of("INSERT INTO decisions_index VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"),
		newest: of("SELECT off FROM newest WHERE topic = ? AND part = ? AND key = ?"),
		setNewest: of(
			"INSERT INTO newest VALUES (?, ?, ?, ?) ON CONFLICT (topic, part, key) DO UPDATE SET off = excluded.off",
		),
		removeOne: of("DELETE FROM records WHERE topic = ? AND part = ? AND off = ?"),
		setBegin: of("INSERT INTO begins VALUES (?, ?, ?) ON CONFLICT (topic, part) DO UPDATE SET off = excluded.off"),
		removeBelow: [
			of(`DELETE FROM decisions_index WHERE id IN (SELECT id FROM records ${below})`),
			of(`DELETE FROM records ${below}`),
			of(`DELETE FROM newest ${below}`),
		],
	};
}
