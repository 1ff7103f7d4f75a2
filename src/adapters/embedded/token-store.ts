/**
 * Used tokens in one SQLite file, for all processes of a machine that share an executor's name.
 *
 * A use is one insert in a transaction of its own. It survives the process, not the machine: the file is not flushed for each
 * use. So the file knows since when it is whole; where the machine was started since, or the file is new, what was issued before
 * that is `unknown`. Where the system does not tell of its start, each use is flushed.
 */
import { readFileSync, statSync } from "node:fs";
import { DatabaseSync, type StatementSync } from "node:sqlite";
import { AssentError, problem } from "../../core/base/errors.ts";
import type { EpochMs } from "../../core/model/units.ts";
import { SWEEP_EVERY, TOKENS_MAX, type TokenStore, type TokenUse, type TokenUsed } from "../../ports/token-store.ts";

/** "asTK": other programs' files are refused. */
const APPLICATION_ID = 0x6173_544b;
const BUSY_MAX_MS = 1_000;

/** A token always says the same: what it runs out with is as good a key as its id, and keeps together what is forgotten together. */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS whole (one INTEGER PRIMARY KEY CHECK (one = 1), since INTEGER NOT NULL, boot TEXT NOT NULL, swept INTEGER NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS used (until INTEGER NOT NULL, id TEXT NOT NULL, PRIMARY KEY (until, id)) STRICT, WITHOUT ROWID;
`;

export class SqliteTokenStore implements TokenStore {
	readonly #path: string;
	readonly #inode: number;
	readonly #database: DatabaseSync;
	readonly #insert: StatementSync;
	readonly #find: StatementSync;
	readonly #tokensMax: number;
	#uses = 0;
	#isClosed = false;

	/** Makes the file where there is none. Throws TOKEN_STORE where it cannot be used. */
	constructor(path: string, now: EpochMs, { tokensMax = TOKENS_MAX, boot = bootOf() } = {}) {
		this.#path = path;
		this.#tokensMax = tokensMax;
		let database: DatabaseSync | null = null;
		try {
			database = new DatabaseSync(path);
			prepare(database, now, boot);
			this.#database = database;
			this.#inode = statSync(path).ino;
			// One statement, so that nobody comes between the look and the use.
			this.#insert = database.prepare(
				"INSERT OR IGNORE INTO used SELECT ?3, ?1 FROM whole WHERE ?2 >= since AND ?3 > swept",
			);
			this.#find = database.prepare("SELECT 1 FROM used WHERE until = ? AND id = ?");
		} catch (thrown) {
			database?.close();
			throw this.#unusable(thrown);
		}
	}

	consume({ id, issuedAt, until }: TokenUse, now: EpochMs): TokenUsed {
		try {
			this.#assertThere();
			if (this.#uses++ % SWEEP_EVERY === 0) this.#sweep(now);
			if (this.#insert.run(id, issuedAt, until).changes === 1) return "consumed";
			return this.#find.get(until, id) === undefined ? "unknown" : "used";
		} catch (thrown) {
			throw this.#unusable(thrown);
		}
	}

	close(): void {
		if (this.#isClosed) return;
		this.#isClosed = true;
		this.#database.close();
	}

	/** A file that was removed or replaced still takes what is written to it, and nobody else reads it. */
	#assertThere(): void {
		if (statSync(this.#path).ino !== this.#inode) throw new Error("it was replaced by another file");
	}

	#sweep(now: EpochMs): void {
		this.#database.exec("BEGIN IMMEDIATE");
		try {
			this.#database.prepare("UPDATE whole SET swept = max(swept, ?)").run(now);
			this.#database.exec("DELETE FROM used WHERE until <= (SELECT swept FROM whole)");
			const { uses } = this.#database.prepare("SELECT count(*) AS uses FROM used").get() as { uses: number };
			this.#database.exec("COMMIT");
			if (uses >= this.#tokensMax) throw new Error(`it holds ${uses} tokens, and there is no room for more`);
		} catch (thrown) {
			if (this.#database.isTransaction) this.#database.exec("ROLLBACK");
			// The next use looks once more.
			this.#uses = 0;
			throw thrown;
		}
	}

	#unusable(thrown: unknown): AssentError {
		if (thrown instanceof AssentError) return thrown;
		return new AssentError(
			problem(
				"TOKEN_STORE",
				`used tokens cannot be kept in \`${this.#path}\`: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
				"name a file that this user may write, on a disk with room; nothing runs until then",
			),
		);
	}
}

function prepare(database: DatabaseSync, now: EpochMs, boot: string): void {
	database.exec(`PRAGMA busy_timeout = ${BUSY_MAX_MS}`);
	const { application_id: id } = database.prepare("PRAGMA application_id").get() as { application_id: number };
	const { pages } = database.prepare("SELECT count(*) AS pages FROM sqlite_schema").get() as { pages: number };
	if (id !== APPLICATION_ID && (id !== 0 || pages > 0)) throw new Error("the file belongs to another program");
	database.exec("PRAGMA journal_mode = WAL");
	database.exec(`PRAGMA synchronous = ${boot === "" ? "FULL" : "NORMAL"}`);
	database.exec("BEGIN IMMEDIATE");
	try {
		database.exec(`PRAGMA application_id = ${APPLICATION_ID}`);
		database.exec(SCHEMA);
		// Tokens date from whole seconds.
		const since = Math.floor(now / 1_000) * 1_000;
		database
			.prepare(
				"INSERT INTO whole VALUES (1, ?1, ?2, 0) ON CONFLICT DO UPDATE SET since = max(since, ?1), boot = ?2 WHERE boot <> ?2",
			)
			.run(since, boot);
		database.exec("COMMIT");
	} catch (thrown) {
		if (database.isTransaction) database.exec("ROLLBACK");
		throw thrown;
	}
}

/** Another at each start of the machine; empty where the system does not tell. */
function bootOf(): string {
	try {
		return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
	} catch {
		return "";
	}
}
