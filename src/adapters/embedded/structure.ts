/** Whether an opened file is whole: enough to refuse a torn one at once, without reading all of a large one. */
import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { SCHEMA } from "./schema.ts";
import { corrupt, foreign, sqliteFault } from "./sqlite.ts";

/** Files up to this size are checked wholly when they are opened; larger ones by `doctor`. */
const CHECKED_BYTES = 16 * 1024 * 1024;

/** Throws ASSENT_LOG_CORRUPT. `db` may move the write-ahead log into the file. */
export function verifyStructure(db: DatabaseSync, path: string): void {
	const bytes = pragma(db, "page_count") * pragma(db, "page_size");
	if (statSync(path).size < bytes && moveWalIntoFile(db)) {
		const size = statSync(path).size;
		if (size < bytes) throw corrupt(path, `${size} bytes are left of ${bytes}`);
	}
	if (bytes <= CHECKED_BYTES) {
		const finding = checkIntegrity(db);
		if (finding !== null) throw corrupt(path, finding);
	}
}

/**
 * Throws ASSENT_LOG_CORRUPT when a table is missing, and ASSENT_LOG_FOREIGN when one is another than this version makes, or
 * when a trigger is there: it would run with every append, and change what is read after what was written. Indexes, views
 * and tables that somebody added for their own queries are left alone.
 */
export function verifySchema(db: DatabaseSync, path: string): void {
	const found = new Map<string, string>();
	for (const { type, name, sql } of db.prepare("SELECT type, name, sql FROM sqlite_schema").all()) {
		if (type === "trigger") throw foreign(path, `it has a trigger, \`${String(name)}\`, which no log has`);
		found.set(String(name), String(sql));
	}
	for (const [name, sql] of expectedSchema()) {
		const there = found.get(name);
		if (there === undefined) throw corrupt(path, `no such table: ${name}`);
		if (there !== sql) throw foreign(path, `its table \`${name}\` is not the one that this version makes`);
	}
}

let expected: ReadonlyMap<string, string> | null = null;

/** The texts of this version's tables and views, as SQLite keeps them. */
function expectedSchema(): ReadonlyMap<string, string> {
	if (expected !== null) return expected;
	const db = new DatabaseSync(":memory:");
	try {
		db.exec(SCHEMA);
		const rows = db.prepare("SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL").all();
		expected = new Map(rows.map(({ name, sql }) => [String(name), String(sql)]));
		return expected;
	} finally {
		db.close();
	}
}

/** The end of the file may be in the write-ahead log; once all of that is in the file, the file has no excuse. */
function moveWalIntoFile(db: DatabaseSync): boolean {
	try {
		const moved = db.prepare("PRAGMA wal_checkpoint(PASSIVE)").get();
		return moved?.["busy"] === 0 && moved["log"] === moved["checkpointed"];
	} catch (thrown) {
		if (sqliteFault(thrown) === "full") return false;
		throw thrown;
	}
}

/** SQLite's own check of the pages, and of the rows against their index; null if it finds nothing. */
export function checkIntegrity(db: DatabaseSync): string | null {
	try {
		const found = db.prepare("PRAGMA integrity_check(1)").get()?.["integrity_check"];
		return found === "ok" ? null : String(found).replaceAll("\n", " ");
	} catch (thrown) {
		if (sqliteFault(thrown) === "corrupt" && thrown instanceof Error) return thrown.message;
		throw thrown;
	}
}

const pragma = (db: DatabaseSync, name: "page_count" | "page_size"): number =>
	Number(db.prepare(`PRAGMA ${name}`).get()?.[name]);
