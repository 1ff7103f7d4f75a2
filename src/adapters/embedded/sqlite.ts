/** SQLite connections as the log needs them, and what SQLite's errors mean for it. */
import { statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { pathToFileURL } from "node:url";
import { AssentError, problem } from "../../core/base/errors.ts";

/** The first release without the WAL-reset bug (sqlite.org/wal.html#walresetbug). */
const SQLITE_FLOOR = "3.51.3";

/** How long a transaction is tried for while other processes write. */
export const BUSY_MAX_MS = 5_000;

/** Pages of the write-ahead log after which it is moved into the file: 8,000 × 4 KiB = 33 MB. */
export const CHECKPOINT_PAGES = 8_000;

export type SqliteFault = "busy" | "full" | "io" | "corrupt" | "denied" | "other";

/** Primary result codes (sqlite.org/rescode.html); the extended ones carry them in the low byte. */
const FAULTS: Readonly<Record<number, SqliteFault>> = {
	5: "busy",
	6: "busy",
	8: "denied",
	10: "io",
	11: "corrupt",
	13: "full",
	14: "denied",
	26: "corrupt",
};

/** What kind of trouble a thrown value is; null if it is none of SQLite's. */
export function sqliteFault(thrown: unknown): SqliteFault | null {
	if (!(thrown instanceof Error) || !("errcode" in thrown) || typeof thrown.errcode !== "number") return null;
	if (/^no such (table|column)/.test(thrown.message)) return "corrupt";
	return FAULTS[thrown.errcode & 0xff] ?? "other";
}

/** The error to throw for SQLite's or the file system's; anything else passes through. */
export function asLogError(thrown: unknown, path: string): unknown {
	const fault = sqliteFault(thrown);
	if (!(thrown instanceof Error)) return thrown;
	// Of the file system itself, around SQLite.
	if ("syscall" in thrown && "code" in thrown)
		return thrown.code === "ENOSPC" ? diskFull(path) : unusable(path, thrown);
	// Numbers in the file that no log counts to.
	if ("code" in thrown && thrown.code === "ERR_OUT_OF_RANGE") return corrupt(path, thrown.message);
	if (fault === null) return thrown;
	if (fault === "busy") return busy(path, 0);
	if (fault === "full") return diskFull(path);
	if (fault === "corrupt") return corrupt(path, thrown.message);
	return unusable(path, thrown);
}

const unusable = (path: string, thrown: Error): AssentError =>
	new AssentError(
		problem(
			"ASSENT_LOG_UNAVAILABLE",
			`\`${path}\` cannot be used: ${thrown.message}`,
			"check that its folder is there and that you may write it",
		),
	);

const busy = (path: string, waitedMs: number): AssentError =>
	new AssentError(
		problem(
			"ASSENT_LOG_UNAVAILABLE",
			`\`${path}\` was locked by another process for longer than ${waitedMs} ms`,
			"end the program that holds it, such as an open SQLite shell in a transaction",
		),
	);

const diskFull = (path: string): AssentError =>
	new AssentError(
		problem("ASSENT_LOG_FULL", `there is no space left for \`${path}\``, "free space; the log then goes on by itself"),
	);

export const corrupt = (path: string, why: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_LOG_CORRUPT",
			`\`${path}\` is damaged: ${why}`,
			"keep a copy of the file and its `-wal`, restore a backup, and see whether `assent doctor` finds that one whole",
		),
	);

/** Nobody can tell a file that never held a log from one that lost it, so it is not begun again by itself. */
export const emptyFile = (path: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_LOG_CORRUPT",
			`\`${path}\` is empty: no log was written to it, or it has lost it`,
			"remove it to begin a new log, or restore a backup",
		),
	);

export const foreign = (path: string, why: string): AssentError =>
	new AssentError(
		problem("ASSENT_LOG_FOREIGN", `\`${path}\` is not a log of Assent: ${why}`, "name another path: `file:PATH`"),
	);

/** Throws ASSENT_LOG_VERSION for a SQLite that can damage a file shared by processes. */
export function checkSqliteVersion(version: string): void {
	if (compareVersions(version, SQLITE_FLOOR) >= 0) return;
	throw new AssentError(
		problem(
			"ASSENT_LOG_VERSION",
			`SQLite ${version} can damage a log that several processes write`,
			`use a Node with SQLite ${SQLITE_FLOOR} or newer: 22.22.3, 24.15.0, 26.0.0`,
		),
	);
}

function compareVersions(a: string, b: string): number {
	const left = a.split(".").map(Number);
	const right = b.split(".").map(Number);
	for (let part = 0; part < 3; part++) {
		const difference = (left[part] ?? 0) - (right[part] ?? 0);
		if (difference !== 0) return difference;
	}
	return 0;
}

/**
 * A connection that writes; with `checkpointPages` 0 it leaves moving the write-ahead log into the file to others. Busy is
 * answered at once: the caller waits in steps finer than SQLite's own.
 */
export function openForWriting(path: string, { checkpointPages = CHECKPOINT_PAGES } = {}): DatabaseSync {
	const db = new DatabaseSync(path, { timeout: 0 });
	try {
		configure(db);
		db.exec(`PRAGMA journal_mode = WAL; PRAGMA wal_autocheckpoint = ${checkpointPages};`);
		setDurable(db, true);
		if (process.platform === "darwin") db.exec("PRAGMA fullfsync = ON");
		return db;
	} catch (thrown) {
		db.close();
		throw thrown;
	}
}

/** `isFrozen`: nobody writes the file any more. Then it is read without locks and without files beside it, on any file system. */
export function openForReading(path: string, { isFrozen = false } = {}): DatabaseSync {
	if (isFrozen) return openedForReading(immutable(path));
	try {
		return openedForReading(path);
	} catch (thrown) {
		// Without the right to make the files beside it, SQLite reads a log only if it is told that nobody writes it.
		if (sqliteFault(thrown) !== "denied") throw thrown;
		if ((statSync(`${path}-wal`, { throwIfNoEntry: false })?.size ?? 0) > 0) throw unmerged(path);
		return openedForReading(immutable(path));
	}
}

function immutable(path: string): URL {
	const url = pathToFileURL(path);
	url.searchParams.set("immutable", "1");
	return url;
}

function openedForReading(path: string | URL): DatabaseSync {
	const db = new DatabaseSync(path, { timeout: 0, readOnly: true });
	try {
		configure(db);
		db.prepare("SELECT count(*) FROM sqlite_schema").get();
		return db;
	} catch (thrown) {
		db.close();
		throw thrown;
	}
}

const unmerged = (path: string): AssentError =>
	new AssentError(
		problem(
			"ASSENT_LOG_UNAVAILABLE",
			`\`${path}\` has records in its \`-wal\`, which cannot be read without the right to write the folder`,
			"copy the log and its `-wal` to a folder of your own and read the copy, or read it while its processor runs",
		),
	);

/** A file may come from anywhere: nothing in its schema may run code, and cells are checked as they are read. */
function configure(db: DatabaseSync): void {
	db.exec("PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA mmap_size = 0;");
}

/** Whether commits from now on survive power loss (an fsync each) or only the crash of processes. */
export function setDurable(db: DatabaseSync, isDurable: boolean): void {
	db.exec(isDurable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
}

const sleeper = new Int32Array(new SharedArrayBuffer(4));

/** Blocks this thread: SQLite's own busy handler sleeps whole milliseconds, where a commit takes a fifth of one. */
const pause = (ms: number): void => {
	Atomics.wait(sleeper, 0, 0, ms);
};

/** Runs `work` again while it answers busy. `spread` (0–1) keeps processes from trying in step. */
export function retryWhileBusy<T>(work: () => T, path: string, maxMs = BUSY_MAX_MS, spread = Math.random): T {
	const start = performance.now();
	for (;;) {
		try {
			return work();
		} catch (thrown) {
			if (sqliteFault(thrown) !== "busy") throw thrown;
			const waited = performance.now() - start;
			if (waited >= maxMs) throw busy(path, maxMs);
			pause(waited < 20 ? 0.05 + 0.2 * spread() : 1);
		}
	}
}
