/**
 * The log's file before SQLite sees it: whose it is, whether it is whole, and how a new one comes to be. A file that is
 * not a log of Assent is never opened, because opening alone can change it.
 */
import { randomBytes } from "node:crypto";
import { closeSync, fsyncSync, linkSync, openSync, readSync, renameSync, rmSync, statfsSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { AssentError, problem } from "../../core/base/errors.ts";
import { APPLICATION_ID, FORMAT_VERSION, PAGE_BYTES, SCHEMA } from "./schema.ts";
import { asLogError, corrupt, emptyFile, foreign, openForWriting } from "./sqlite.ts";

const HEADER_BYTES = 100;

/** Its owner alone reads and writes a new log; `chmod` opens it to others, and is not undone. */
const FILE_MODE = 0o600;

/** How many logs of this process have the file open, by its identity. */
const openHere = new Map<string, number>();

/**
 * Whether this process has the file open already. Then it must not be opened and closed beside SQLite: closing any
 * descriptor of a file drops all locks that the process holds on it (POSIX), and another process would take itself for
 * the last one and remove the write-ahead log.
 */
export function isOpenHere(path: string): boolean {
	const identity = identityOf(path);
	return identity !== null && openHere.has(identity);
}

/** Remembers that this process has the file open; returns how to forget it. */
export function holdOpen(path: string): () => void {
	const identity = identityOf(path);
	if (identity === null) return () => {};
	openHere.set(identity, (openHere.get(identity) ?? 0) + 1);
	return () => {
		const left = (openHere.get(identity) ?? 1) - 1;
		if (left === 0) openHere.delete(identity);
		else openHere.set(identity, left);
	};
}

/** Which file lies at a path, as long as it does; null when none does. */
export function identityOf(path: string): string | null {
	const stat = statSync(path, { throwIfNoEntry: false, bigint: true });
	return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
}

/** Throws ASSENT_LOG_FOREIGN, _CORRUPT or _VERSION, from the first 100 bytes (sqlite.org/fileformat2.html); false if there is no file. */
export function inspectFile(path: string): boolean {
	const header = readHeader(path);
	if (header === null) return false;
	if (header.length === 0) throw emptyFile(path);
	if (header.toString("latin1", 0, 16) !== "SQLite format 3\0") {
		const isZero = header.every((byte) => byte === 0);
		throw isZero ? corrupt(path, "it begins with zeros") : foreign(path, "it is not an SQLite file");
	}
	if (header.length < HEADER_BYTES) throw corrupt(path, `it ends after ${header.length} bytes`);
	if (header.readUInt32BE(68) !== APPLICATION_ID) throw foreign(path, "it is an SQLite file of another program");
	const version = header.readUInt32BE(60);
	if (version !== FORMAT_VERSION) throw otherFormat(path, version);
	const bytes = header.readUInt16BE(16) * header.readUInt32BE(28);
	if (sizeOf(`${path}-wal`) === 0 && sizeOf(path) < bytes)
		throw corrupt(path, `${sizeOf(path)} bytes are left of ${bytes}`);
	return true;
}

/**
 * Makes an empty log. It is written under another name and linked into place when it is whole, so that a crash leaves
 * nothing that looks like a log, and of two processes that begin at once one finds the other's. Throws ASSENT_LOG_FULL
 * or ASSENT_LOG_UNAVAILABLE.
 */
export function createFile(path: string): void {
	const draft = `${path}.${randomBytes(6).toString("hex")}.new`;
	try {
		// It holds the arguments of every call. SQLite gives the files beside it the mode of the log itself.
		closeSync(openSync(draft, "wx", FILE_MODE));
		const db = openForWriting(draft);
		try {
			db.exec("PRAGMA journal_mode = DELETE");
			db.exec(`PRAGMA page_size = ${PAGE_BYTES}; VACUUM;`);
			db.exec(`BEGIN; ${SCHEMA} PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${FORMAT_VERSION};`);
			const put = db.prepare("INSERT INTO meta VALUES (?, ?)");
			put.run("format", String(FORMAT_VERSION));
			put.run("about", "a log of Assent; records_by_name and decisions_index are for reading");
			db.exec("COMMIT; PRAGMA journal_mode = WAL;");
		} finally {
			db.close();
		}
		syncFile(draft);
		place(draft, path);
	} catch (thrown) {
		throw asLogError(thrown, path);
	} finally {
		for (const suffix of ["", "-wal", "-shm", "-journal"]) rmSync(draft + suffix, { force: true });
	}
	syncFile(dirname(path));
}

/** Throws ASSENT_LOG_UNAVAILABLE on a network file system: SQLite's shared memory does not work between machines. */
export function checkFileSystem(path: string): void {
	const kind = fileSystemKind(dirname(path));
	if (kind === null || kind.isLocal) return;
	throw new AssentError(
		problem(
			"ASSENT_LOG_UNAVAILABLE",
			`\`${path}\` is on ${kind.name}, where SQLite cannot keep several processes apart`,
			"put the log on a local disk",
		),
	);
}

/** Numbers of Linux's statfs(2); those that are not named are taken to be local. */
const FILE_SYSTEMS: Readonly<Record<number, { readonly name: string; readonly isLocal: boolean }>> = {
	26985: { name: "NFS", isLocal: false },
	20859: { name: "SMB", isLocal: false },
	4283649346: { name: "CIFS", isLocal: false },
	4266872130: { name: "SMB2", isLocal: false },
	1397113167: { name: "AFS", isLocal: false },
	12805120: { name: "Ceph", isLocal: false },
	198183888: { name: "Lustre", isLocal: false },
	1196443219: { name: "GPFS", isLocal: false },
	1702057286: { name: "FUSE", isLocal: true },
	16914839: { name: "9p", isLocal: true },
	16914836: { name: "tmpfs", isLocal: true },
};

/** The kind of file system below `folder` if it is one that matters; null elsewhere than on Linux. */
export function fileSystemKind(folder: string): { readonly name: string; readonly isLocal: boolean } | null {
	if (process.platform !== "linux") return null;
	try {
		return FILE_SYSTEMS[statfsSync(folder).type >>> 0] ?? null;
	} catch {
		return null;
	}
}

/** Bytes of a file; 0 if it is not there. */
export const sizeOf = (path: string): number => statSync(path, { throwIfNoEntry: false })?.size ?? 0;

function readHeader(path: string): Buffer | null {
	let file: number;
	try {
		const found = statSync(path);
		// Opening a pipe waits for whoever writes to it.
		if (!(found.isFile() || found.isDirectory())) throw foreign(path, "it is a pipe, a device or a socket");
		file = openSync(path, "r");
	} catch (thrown) {
		if (thrown instanceof AssentError) throw thrown;
		if (thrown instanceof Error && "code" in thrown && thrown.code === "ENOENT") return null;
		throw unreadable(path, thrown);
	}
	try {
		const header = Buffer.alloc(HEADER_BYTES);
		return header.subarray(0, readSync(file, header, 0, HEADER_BYTES, 0));
	} catch (thrown) {
		throw unreadable(path, thrown);
	} finally {
		closeSync(file);
	}
}

/** A hard link never replaces a file; where there are none (FAT), a rename after a look. */
function place(draft: string, path: string): void {
	try {
		linkSync(draft, path);
	} catch (thrown) {
		const code = thrown instanceof Error && "code" in thrown ? thrown.code : "";
		if (code === "EEXIST") return;
		if (statSync(path, { throwIfNoEntry: false }) === undefined) renameSync(draft, path);
	}
}

/** Makes content, or a folder's names, survive power loss; where folders cannot be opened (Windows) there is no need. */
function syncFile(path: string): void {
	try {
		const file = openSync(path, "r");
		try {
			fsyncSync(file);
		} finally {
			closeSync(file);
		}
	} catch (thrown) {
		if (process.platform !== "win32") throw thrown;
	}
}

const otherFormat = (path: string, version: number): AssentError =>
	new AssentError(
		problem(
			"ASSENT_LOG_VERSION",
			`\`${path}\` has format ${version}; this version reads format ${FORMAT_VERSION}`,
			version > FORMAT_VERSION ? "upgrade Assent" : "open it with the version that made it, or begin a new log",
		),
	);

const unreadable = (path: string, thrown: unknown): AssentError =>
	new AssentError(
		problem(
			"ASSENT_LOG_UNAVAILABLE",
			`\`${path}\` cannot be read: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
			"check that it is a file and that you may read and write it",
		),
	);
