/**
 * A log file that is filled with the records of another log. Nobody else has it open, and it counts only once it is whole: it is
 * written without a journal, and who cannot finish it removes it.
 */
import { closeSync, fsyncSync, openSync } from "node:fs";
import type { DatabaseSync } from "node:sqlite";
import type { Offset } from "../../core/model/units.ts";
import type { CopiedRecord, CopyTarget } from "../../ports/log/copy.ts";
import type { TopicPartition, TopicSpec } from "../../ports/log/log.ts";
import { createFile } from "./file.ts";
import { writable } from "./frame.ts";
import { asLogError, openForWriting } from "./sqlite.ts";
import { Tables } from "./tables.ts";

/** Bytes of values that one transaction holds: the file is written as they go out of SQLite's cache. */
const COMMIT_BYTES = 32 * 1024 * 1024;

export class CopyFile implements CopyTarget {
	readonly #path: string;
	readonly #db: DatabaseSync;
	readonly #tables: Tables;
	#bytes = 0;

	private constructor(path: string, db: DatabaseSync) {
		this.#path = path;
		this.#db = db;
		this.#tables = new Tables(db, path);
	}

	/** At a path where nothing is. Throws ASSENT_LOG_FULL and ASSENT_LOG_UNAVAILABLE. */
	static create(path: string): CopyFile {
		createFile(path);
		try {
			const db = openForWriting(path);
			db.exec("PRAGMA journal_mode = DELETE");
			db.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; BEGIN");
			return new CopyFile(path, db);
		} catch (thrown) {
			throw asLogError(thrown, path);
		}
	}

	async createTopics(topics: readonly TopicSpec[]): Promise<void> {
		this.#guarded(() => {
			for (const topic of topics) this.#tables.createTopic(topic);
		});
	}

	async begin(at: TopicPartition, offset: Offset): Promise<void> {
		this.#guarded(() => this.#tables.removeBelow(this.#tables.topic(at), at.partition, offset));
	}

	/** Of a compacted topic, readers expect them. */
	async leaveGaps(topic: string): Promise<void> {
		this.#guarded(() => this.#db.prepare("UPDATE topics SET cleanup = 'compact' WHERE name = ?").run(topic));
	}

	async put(records: readonly CopiedRecord[]): Promise<void> {
		this.#guarded(() => {
			for (const record of records) {
				const topic = this.#tables.topic(record);
				const { partition, offset, timestamp, value } = record;
				this.#tables.insertCopy(topic, partition, offset, timestamp, writable(record));
				this.#bytes += value.length;
			}
			if (this.#bytes < COMMIT_BYTES) return;
			this.#db.exec("COMMIT; BEGIN");
			this.#bytes = 0;
		});
	}

	/** The file is whole, and survives the machine. `isAppendedTo`: a log goes on in it; else it stays as it is. */
	finish({ isAppendedTo }: { readonly isAppendedTo: boolean }): void {
		this.#guarded(() => {
			this.#db.exec("COMMIT; PRAGMA journal_mode = DELETE");
			if (isAppendedTo) this.#db.exec("PRAGMA journal_mode = WAL");
			this.#db.close();
			const file = openSync(this.#path, "r");
			try {
				fsyncSync(file);
			} finally {
				closeSync(file);
			}
		});
	}

	/** It will not be finished. */
	abandon(): void {
		if (this.#db.isOpen) this.#db.close();
	}

	#guarded<Out>(work: () => Out): Out {
		try {
			return work();
		} catch (thrown) {
			throw asLogError(thrown, this.#path);
		}
	}
}
