/**
 * Secrets of sealed arguments in one SQLite file, for all processes that share it. Opened when it is first needed: whoever only reads the
 * log need not have it.
 *
 * Secrets that are drawn within one turn of the event loop are flushed to the disk together, before any of them is handed out. What is erased
 * is written over with zeros in the file (`secure_delete`), and the write-ahead log is emptied after it.
 */
import { randomBytes } from "node:crypto";
import { closeSync, existsSync, openSync, statSync } from "node:fs";
import { DatabaseSync, type SQLInputValue, type StatementSync } from "node:sqlite";
import { AssentError, problem } from "../../core/base/errors.ts";
import { SECRET_BYTES } from "../../core/codec/sealed.ts";
import type { ErasureScope } from "../../core/model/inputs.ts";
import {
	erasedCall,
	type PayloadCall,
	type PayloadCount,
	type PayloadKeys,
	type PayloadSecrets,
} from "../../ports/payload-keys.ts";
import { BUSY_MAX_MS } from "./sqlite.ts";

/** "asPK": other programs' files are refused. */
const APPLICATION_ID = 0x6173_504b;

/** A secret that is null was erased. */
const SCHEMA = `
CREATE TABLE IF NOT EXISTS intents (tenant TEXT NOT NULL, agent TEXT NOT NULL, session TEXT NOT NULL, id TEXT NOT NULL, secret BLOB, PRIMARY KEY (tenant, agent, session, id)) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS sessions (tenant TEXT NOT NULL, agent TEXT NOT NULL, session TEXT NOT NULL, secret BLOB NOT NULL, PRIMARY KEY (tenant, agent, session)) STRICT, WITHOUT ROWID;
`;

/** Drawn in one transaction at most. */
const DRAWS_MAX = 500;

interface Waiting {
	readonly call: PayloadCall;
	readonly resolve: (secrets: PayloadSecrets) => void;
	readonly reject: (why: unknown) => void;
}

interface Opened {
	readonly database: DatabaseSync;
	readonly inode: number;
	readonly find: StatementSync;
	readonly findSession: StatementSync;
	readonly put: StatementSync;
	readonly putSession: StatementSync;
}

export class SqlitePayloadKeys implements PayloadKeys {
	readonly #path: string;
	#opened: Opened | null = null;
	#waiting: Waiting[] = [];

	/** The file is made when a first secret is drawn; its folder must be there. */
	constructor(path: string) {
		this.#path = path;
	}

	draw(call: PayloadCall): Promise<PayloadSecrets> {
		return new Promise((resolve, reject) => {
			this.#waiting.push({ call, resolve, reject });
			if (this.#waiting.length === 1) setImmediate(() => this.#drawAll());
		});
	}

	find({ tenant, agent, session, id }: PayloadCall): Uint8Array | "erased" | null {
		return this.#tried(() => {
			const row = this.#there()?.find.get(tenant, agent, session, id) as { secret: Uint8Array | null } | undefined;
			return row === undefined ? null : (row.secret ?? "erased");
		});
	}

	count(scope: ErasureScope): PayloadCount {
		return this.#tried(() => {
			const opened = this.#there();
			return opened === null ? NOTHING : countIn(opened.database, scope);
		});
	}

	knows(scope: ErasureScope): boolean {
		return this.#tried(() => {
			const opened = this.#there();
			if (opened === null) return false;
			const { where, names } = whereIn(scope);
			return opened.database.prepare(`SELECT 1 FROM intents WHERE ${where} LIMIT 1`).get(...names) !== undefined;
		});
	}

	named(by: { readonly id: string } | { readonly session: string }): readonly PayloadCall[] {
		return this.#tried(() => {
			const opened = this.#there();
			if (opened === null) return [];
			const [column, name] = "id" in by ? ["id", by.id] : ["session", by.session];
			const found = opened.database.prepare(`SELECT tenant, agent, session, id FROM intents WHERE ${column} = ?`);
			return found.all(name as string) as unknown as PayloadCall[];
		});
	}

	erase(scope: ErasureScope): PayloadCount {
		return this.#tried(() => {
			const opened = this.#there();
			if (opened === null) return NOTHING;
			const { database } = opened;
			const { where, names } = whereIn(scope);
			const count = inTransaction(database, () => {
				const before = countIn(database, scope);
				database.prepare(`UPDATE intents SET secret = NULL WHERE ${where} AND secret IS NOT NULL`).run(...names);
				if (scope.intent === null) database.prepare(`DELETE FROM sessions WHERE ${where}`).run(...names);
				return before;
			});
			truncate(database);
			return count;
		});
	}

	close(): void {
		this.#opened?.database.close();
		this.#opened = null;
	}

	#drawAll(): void {
		const waiting = this.#waiting;
		this.#waiting = [];
		for (let at = 0; at < waiting.length; at += DRAWS_MAX) this.#draw(waiting.slice(at, at + DRAWS_MAX));
	}

	#draw(waiting: readonly Waiting[]): void {
		try {
			const drawn = this.#tried(() => {
				const opened = this.#there() ?? this.#made();
				const known = waiting.map(({ call }) => secretsIn(opened, call));
				if (!known.includes(null)) return known;
				return inTransaction(opened.database, () => waiting.map(({ call }) => made(opened, call)));
			});
			for (const [index, { call, resolve, reject }] of waiting.entries()) {
				const secrets = drawn[index];
				if (secrets === "erased" || secrets == null) reject(erasedCall(call));
				else resolve(secrets);
			}
		} catch (thrown) {
			for (const { reject } of waiting) reject(thrown);
		}
	}

	/** Null where there is no file. */
	#there(): Opened | null {
		if (this.#opened !== null) {
			// A file that was removed or replaced still takes what is written to it, and nobody else reads it.
			if (statSync(this.#path, { throwIfNoEntry: false })?.ino === this.#opened.inode) return this.#opened;
			this.close();
		}
		return existsSync(this.#path) ? this.#open() : null;
	}

	#made(): Opened {
		// SQLite gives what it keeps beside a file the same rights.
		closeSync(openSync(this.#path, "a", 0o600));
		return this.#open();
	}

	#open(): Opened {
		const database = new DatabaseSync(this.#path, { timeout: BUSY_MAX_MS });
		try {
			prepare(database);
			this.#opened = {
				database,
				inode: statSync(this.#path).ino,
				find: database.prepare("SELECT secret FROM intents WHERE tenant = ? AND agent = ? AND session = ? AND id = ?"),
				findSession: database.prepare("SELECT secret FROM sessions WHERE tenant = ? AND agent = ? AND session = ?"),
				put: database.prepare("INSERT OR IGNORE INTO intents VALUES (?, ?, ?, ?, ?)"),
				putSession: database.prepare("INSERT OR IGNORE INTO sessions VALUES (?, ?, ?, ?)"),
			};
			return this.#opened;
		} catch (thrown) {
			database.close();
			throw thrown;
		}
	}

	#tried<Out>(work: () => Out): Out {
		try {
			return work();
		} catch (thrown) {
			if (thrown instanceof AssentError) throw thrown;
			throw new AssentError(
				problem(
					"ASSENT_PAYLOAD_KEYS",
					`the keys of sealed arguments in \`${this.#path}\` cannot be used: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
					"name a file that this user may read and write, on a disk with room: `privacy.keys` of the configuration",
				),
			);
		}
	}
}

const NOTHING: PayloadCount = { intents: 0, sessions: 0 };

function prepare(database: DatabaseSync): void {
	const { application_id: id } = database.prepare("PRAGMA application_id").get() as { application_id: number };
	const { tables } = database.prepare("SELECT count(*) AS tables FROM sqlite_schema").get() as { tables: number };
	if (id !== APPLICATION_ID && (id !== 0 || tables > 0)) throw new Error("the file belongs to another program");
	database.exec("PRAGMA secure_delete = ON; PRAGMA synchronous = FULL");
	if (tables > 0) return;
	database.exec("PRAGMA journal_mode = WAL");
	inTransaction(database, () => database.exec(`PRAGMA application_id = ${APPLICATION_ID}; ${SCHEMA}`));
}

function inTransaction<Out>(database: DatabaseSync, work: () => Out): Out {
	database.exec("BEGIN IMMEDIATE");
	try {
		const out = work();
		database.exec("COMMIT");
		return out;
	} catch (thrown) {
		if (database.isTransaction) database.exec("ROLLBACK");
		throw thrown;
	}
}

/** Null where one of the two is missing. */
function secretsIn({ find, findSession }: Opened, call: PayloadCall): PayloadSecrets | "erased" | null {
	const { tenant, agent, session, id } = call;
	const intent = find.get(tenant, agent, session, id) as { secret: Uint8Array | null } | undefined;
	if (intent?.secret === null) return "erased";
	const of = findSession.get(tenant, agent, session) as { secret: Uint8Array } | undefined;
	return intent === undefined || of === undefined ? null : { intent: intent.secret, session: of.secret };
}

function made(opened: Opened, call: PayloadCall): PayloadSecrets | "erased" | null {
	const { tenant, agent, session, id } = call;
	opened.put.run(tenant, agent, session, id, randomBytes(SECRET_BYTES));
	opened.putSession.run(tenant, agent, session, randomBytes(SECRET_BYTES));
	return secretsIn(opened, call);
}

interface Where {
	readonly where: string;
	readonly names: readonly SQLInputValue[];
}

function whereIn({ tenant, agent, session, intent }: ErasureScope): Where {
	const parts: [string, string | null][] = [
		["tenant", tenant],
		["agent", agent],
		["session", session],
		["id", intent],
	];
	const given = parts.filter(([, name]) => name !== null);
	return { where: given.map(([column]) => `${column} = ?`).join(" AND "), names: given.map(([, name]) => name) };
}

function countIn(database: DatabaseSync, scope: ErasureScope): PayloadCount {
	const { where, names } = whereIn(scope);
	const counted = (sql: string): number => (database.prepare(sql).get(...names) as { n: number }).n;
	const intents = counted(`SELECT count(*) AS n FROM intents WHERE ${where} AND secret IS NOT NULL`);
	return {
		intents,
		sessions: scope.intent === null ? counted(`SELECT count(*) AS n FROM sessions WHERE ${where}`) : 0,
	};
}

/** Empties the write-ahead log, in which erased secrets may stand. Throws where others read it for longer than it waits. */
function truncate(database: DatabaseSync): void {
	const { busy } = database.prepare("PRAGMA wal_checkpoint(TRUNCATE)").get() as { busy: number };
	if (busy === 0) return;
	throw new Error("the secrets are erased, and others keep its write-ahead log open: run the erasure once more");
}
